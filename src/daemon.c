/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#ifndef PR_SET_IO_FLUSHER
#define PR_SET_IO_FLUSHER 57
#endif

#define SOON_S 10		/* one that lives longer was well */
#define PAUSE_MS 100
#define PAUSE_MAX_MS 10000

int daemon_fork(int *ready_fd)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		log_warning("unable to fork: %s: staying in the foreground", strerror(errno));
		return -1;
	}
	if (pid > 0) {
		close(ends[1]);
		return ends[0];
	}
	close(ends[0]);
	setsid();
	*ready_fd = ends[1];
	return -1;
}

void daemon_need_no_disk(void)
{
	prctl(PR_SET_IO_FLUSHER, 1, 0, 0, 0);
}

void daemon_close_stdio(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

void daemon_lock(const struct sysroot *root)
{
	int r;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warning("unable to lock memory: %s", strerror(errno));
	r = root->proc_fd >= 0 ? sys_write(root->proc_fd, "self/oom_score_adj", "-1000") : 0;
	if (r < 0)
		log_warning("unable to set the OOM score: %s", strerror(-r));
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Until child @pid is gone. Its status as waitpid() has it. */
static int watch(pid_t pid, const sigset_t *ours, bool *leaving)
{
	int status, sig;

	for (;;) {
		if (*leaving)
			kill(pid, SIGUSR1);
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		sig = sigwaitinfo(ours, NULL);
		if (sig == SIGUSR1)
			*leaving = true;
	}
}

bool daemon_respawn(const struct sysroot *root, int *ready_fd, int *ended_by, int *status)
{
	sigset_t ours, before;
	bool leaving = false;
	int pause_ms = 0;

	sigemptyset(&ours);
	sigaddset(&ours, SIGCHLD);
	sigaddset(&ours, SIGUSR1);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, &before);
	signal(SIGCHLD, SIG_DFL);	/* or the kernel keeps no status for us */
	*ended_by = 0;
	for (;;) {
		time_t start = now_s();
		pid_t pid = fork();

		if (pid == 0 || (pid < 0 && *ready_fd >= 0)) {
			sigprocmask(SIG_SETMASK, &before, NULL);
			return true;
		}
		if (*ready_fd >= 0) {
			close(*ready_fd);
			*ready_fd = -1;
			daemon_lock(root);
			daemon_close_stdio();
		}
		if (pid > 0) {
			*status = watch(pid, &ours, &leaving);
			/* That the first one cannot start is for whoever has started us; a later one may have come when there was no memory. */
			if (WIFEXITED(*status) && (WEXITSTATUS(*status) == 0 || !*ended_by)) {
				*status = WEXITSTATUS(*status);
				return false;
			}
			*ended_by = WIFSIGNALED(*status) ? WTERMSIG(*status) : *ended_by;
		}
		pause_ms = pid > 0 && now_s() - start >= SOON_S ? 0 : pause_ms * 2 < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS;
		if (pause_ms)
			nanosleep(&(struct timespec) { pause_ms / 1000, pause_ms % 1000 * 1000000L }, NULL);
		else
			pause_ms = PAUSE_MS;
	}
}
