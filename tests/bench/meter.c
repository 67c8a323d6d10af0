/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * meter [-c] [-t SECONDS] [-m MAPS] COMMAND [ARGUMENT]... - what a command costs, in one line of KEY=VALUE:
 *
 *	wall_us cpu_us faults exit	of the command and its threads; processes that it starts count in calls and forks only
 *	calls opens reads ioctls maps forks rss_kb	with -c: system calls of the command, its threads and its children, and its peak of memory
 *						(by ptrace: no times then)
 *	live_us					with -m: until so many device-mapper devices have a table and are not suspended; the command may have gone
 *						to the background or live on: it is killed then
 *
 * meter -p PID -t SECONDS: calls ... of a process that runs, all its threads, within that time.
 * meter -C PID: cpu_us of a process that runs, with what those of its threads used that have ended.
 *
 * -t: killed after so long; exit=timeout. The command's output goes to standard error.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef __WALL
#define __WALL 0x40000000
#endif

static unsigned long rss_kb, n_calls, n_opens, n_reads, n_ioctls, n_maps, n_forks;

static uint64_t clock_us(clockid_t clock)
{
	struct timespec now;

	if (clock_gettime(clock, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void count(long nr)
{
	n_calls++;
	switch (nr) {
	case SYS_open:
	case SYS_openat:
		n_opens++;
		break;
	case SYS_read:
	case SYS_pread64:
	case SYS_readlink:
	case SYS_readlinkat:
	case SYS_getdents64:
		n_reads++;
		break;
	case SYS_ioctl:
		n_ioctls++;
		break;
	case SYS_mmap:
	case SYS_brk:
		n_maps++;
		break;
	case SYS_fork:
	case SYS_vfork:
	case SYS_clone:
	case SYS_execve:
		n_forks++;
		break;
	}
}

/* Entry and exit of a call look the same, but that at its entry the result is what a call that does not exist would give (arch/x86/entry). */
static void count_stop(pid_t pid)
{
	errno = 0;
	if (ptrace(PTRACE_PEEKUSER, pid, (void *)(RAX * sizeof(long)), NULL) == -ENOSYS && !errno)
		count(ptrace(PTRACE_PEEKUSER, pid, (void *)(ORIG_RAX * sizeof(long)), NULL));
}

/* Its own peak: what wait4() tells is at least what we had when we forked. */
static unsigned long peak_kb(pid_t pid)
{
	char file[32], text[4096], *at;
	ssize_t n;
	int fd;

	snprintf(file, sizeof(file), "/proc/%d/status", (int)pid);
	fd = open(file, O_RDONLY);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	at = strstr(text, "VmHWM:");
	return at ? strtoul(at + 6, NULL, 10) : 0;
}

static int trace(pid_t first)
{
	int status, result = -1;
	pid_t pid;

	waitpid(first, &status, __WALL);
	ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
							PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL));
	ptrace(PTRACE_SYSCALL, first, NULL, NULL);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int sig = 0;

		if (!WIFSTOPPED(status)) {
			if (pid == first) {
				result = status;
				break;	/* what it left behind is no part of its cost */
			}
			continue;
		}
		if (pid == first && status >> 16 == PTRACE_EVENT_EXIT)
			rss_kb = peak_kb(pid);
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			count_stop(pid);
		else if (WSTOPSIG(status) != SIGTRAP && WSTOPSIG(status) != SIGSTOP)
			sig = WSTOPSIG(status);
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)sig);
	}
	return result;
}

/* All threads of a process; those that come later are followed. */
static int seize(pid_t pid)
{
	char dir[64];
	struct dirent *e;
	DIR *d;

	snprintf(dir, sizeof(dir), "/proc/%d/task", (int)pid);
	d = opendir(dir);
	if (!d)
		return -1;
	while ((e = readdir(d))) {
		pid_t task = (pid_t)atoi(e->d_name);
		int status;

		if (task <= 0)
			continue;
		if (ptrace(PTRACE_SEIZE, task, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)) < 0 ||
		    ptrace(PTRACE_INTERRUPT, task, NULL, NULL) < 0 || waitpid(task, &status, __WALL) < 0 ||
		    ptrace(PTRACE_SYSCALL, task, NULL, NULL) < 0)
			return -1;
	}
	closedir(d);
	return 0;
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* The process goes on when its tracer is gone. */
static int attach(pid_t pid, unsigned int seconds)
{
	struct sigaction alarm_action = { .sa_handler = on_alarm };
	/* again and again: one that comes while no waitpid() is under way interrupts nothing */
	struct itimerval every = { .it_value = { .tv_sec = seconds }, .it_interval = { .tv_usec = 100000 } };
	uint64_t end;
	int status;
	pid_t task;

	sigaction(SIGALRM, &alarm_action, NULL);
	if (seize(pid) < 0) {
		perror("meter");
		return 111;
	}
	end = clock_us(CLOCK_MONOTONIC) + seconds * UINT64_C(1000000);
	setitimer(ITIMER_REAL, &every, NULL);
	while (clock_us(CLOCK_MONOTONIC) < end && (task = waitpid(-1, &status, __WALL)) > 0) {
		int sig = 0;

		if (!WIFSTOPPED(status))
			continue;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			count_stop(task);
		else if (status >> 16 == 0 && WSTOPSIG(status) != SIGTRAP)
			sig = WSTOPSIG(status);
		ptrace(PTRACE_SYSCALL, task, NULL, (void *)(intptr_t)sig);
	}
	printf("calls=%lu opens=%lu reads=%lu ioctls=%lu maps=%lu forks=%lu\n", n_calls, n_opens, n_reads, n_ioctls, n_maps, n_forks);
	return 0;
}

static int read_number(const char *file, unsigned long *out)
{
	char text[32];
	ssize_t len;
	int fd = open(file, O_RDONLY);

	if (fd < 0)
		return -1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return -1;
	text[len] = '\0';
	*out = strtoul(text, NULL, 10);
	return 0;
}

static int is_live(unsigned int minor)
{
	unsigned long size, suspended;
	char file[64];

	snprintf(file, sizeof(file), "/sys/block/dm-%u/size", minor);
	if (read_number(file, &size) < 0 || !size)
		return 0;
	snprintf(file, sizeof(file), "/sys/block/dm-%u/dm/suspended", minor);
	return read_number(file, &suspended) == 0 && !suspended;
}

static void nap_us(unsigned int us)
{
	struct timespec t = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&t, NULL);
}

/* 0, or 1 when the time is over. */
static int wait_for_maps(unsigned int maps, uint64_t end)
{
	for (unsigned int n = 0; n < maps; ) {
		if (is_live(n))
			n++;
		else if (clock_us(CLOCK_MONOTONIC) >= end)
			return 1;
		else
			nap_us(500);
	}
	return 0;
}

static int wait_for_exit(pid_t pid, uint64_t end)
{
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | (end == UINT64_MAX ? 0 : WNOHANG)) < 0)
			return 1;
		if (info.si_pid)
			return 0;
		if (clock_us(CLOCK_MONOTONIC) >= end)
			return 1;
		nap_us(500);
	}
}

static uint64_t cpu_us(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? clock_us(clock) : 0;
}

int main(int argc, char **argv)
{
	uint64_t start, end = UINT64_MAX, live = 0, cpu;
	int c, counting = 0, over = 0, status = 0;
	unsigned int maps = 0;
	struct rusage usage;
	pid_t pid = 0;

	while ((c = getopt(argc, argv, "+ct:m:p:C:")) >= 0) {
		switch (c) {
		case 'C':
			printf("%llu\n", (unsigned long long)cpu_us((pid_t)atoi(optarg)));
			return 0;
		case 'c':
			counting = 1;
			break;
		case 'p':
			pid = (pid_t)atoi(optarg);
			break;
		case 't':
			end = strtoull(optarg, NULL, 10) * 1000000;
			break;
		case 'm':
			maps = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		default:
			return 100;
		}
	}
	if (pid)
		return attach(pid, end == UINT64_MAX ? 1 : (unsigned int)(end / 1000000));
	if (optind == argc)
		return 100;
	start = clock_us(CLOCK_MONOTONIC);
	end = end == UINT64_MAX ? end : start + end;
	pid = fork();
	if (pid == 0) {
		dup2(2, 1);
		if (counting)
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[optind], argv + optind);
		_exit(127);
	}
	if (counting) {
		status = trace(pid);
		printf("calls=%lu opens=%lu reads=%lu ioctls=%lu maps=%lu forks=%lu rss_kb=%lu exit=%d\n", n_calls, n_opens, n_reads, n_ioctls, n_maps, n_forks, rss_kb,
		       WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		return 0;
	}
	if (maps) {
		over = wait_for_maps(maps, end);
		live = clock_us(CLOCK_MONOTONIC) - start;
		kill(pid, SIGKILL);
		wait_for_exit(pid, clock_us(CLOCK_MONOTONIC) + 500000);	/* its threads may hang in the kernel, and outlive it */
	} else if (wait_for_exit(pid, end)) {
		over = 1;
		kill(pid, SIGKILL);
	}
	start = clock_us(CLOCK_MONOTONIC) - start;
	cpu = cpu_us(pid);
	if (wait4(pid, &status, over || maps ? WNOHANG : 0, &usage) <= 0)
		memset(&usage, 0, sizeof(usage));	/* it hangs in the kernel and cannot even die */
	printf("wall_us=%llu cpu_us=%llu faults=%ld", (unsigned long long)start, (unsigned long long)cpu, usage.ru_minflt + usage.ru_majflt);
	if (maps)
		printf(" live_us=%llu", (unsigned long long)live);
	if (over)
		printf(" exit=timeout\n");
	else
		printf(" exit=%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
