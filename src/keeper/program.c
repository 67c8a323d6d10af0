/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "program.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define LOG_SIZE_MAX (64 << 10)

/* "DIR" of a file, once: the loader's cache is not in the nest. */
static int add_directory(char **path, const char *file, size_t len)
{
	size_t old = *path ? strlen(*path) : 0;
	char dir[PATH_MAX], *grown;

	snprintf(dir, sizeof(dir), "%.*s:", (int)len, file);
	if (old && strstr(*path, dir))
		return 0;
	grown = realloc(*path, old + len + 2);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + old, dir, len + 2);
	*path = grown;
	return 0;
}

int programs_find(const char *list, struct programs *p)
{
	char file[PATH_MAX];
	FILE *f = fopen(list, "re");
	int r = f ? 0 : -errno;

	while (!r && fgets(file, sizeof(file), f)) {
		const char *base;

		file[strcspn(file, "\n")] = '\0';
		base = strrchr(file, '/');
		if (!base)
			continue;
		if (streq(base, "/iscsid"))
			p->iscsid = strdup(file);
		else if (streq(base, "/iscsiadm"))
			p->iscsiadm = strdup(file);
		else if (streq(base, "/iscsi-private.so"))
			p->preload = strdup(file);
		else
			r = add_directory(&p->library_path, file, (size_t)(base - file));
	}
	if (f)
		fclose(f);
	return r ? r : p->iscsid && p->iscsiadm && p->preload && p->library_path ? 0 : -ENOENT;
}

static int start(const struct programs *p, const char *file, char *const argv[], bool is_private)
{
	struct stat st;
	pid_t parent = getpid(), pid;

	if (fstat(p->log_fd, &st) == 0 && st.st_size > LOG_SIZE_MAX && ftruncate(p->log_fd, 0) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		char libraries[PATH_MAX], preload[PATH_MAX];
		char *env[] = { "PATH=/sbin:/usr/sbin:/bin:/usr/bin", libraries, preload, NULL };
		sigset_t none;

		snprintf(libraries, sizeof(libraries), "LD_LIBRARY_PATH=%s", p->library_path);
		snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", is_private ? p->preload : "");
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_SYSTEM);
		setsid();	/* iscsid signals its process group when it ends */
		dup2(p->log_fd, 1);
		dup2(p->log_fd, 2);
		execve(file, argv, env);
		_exit(EXIT_SYSTEM);
	}
	return pid;
}

int program_start_iscsid(const struct programs *p)
{
	return start(p, p->iscsid, (char *[]) { "@iscsid", "-f", "-n", NULL }, true);
}

int program_start_login(const struct programs *p, const struct portal *portal, bool is_ours)
{
	bool is_v6 = strchr(portal->address, ':');
	char where[96];

	snprintf(where, sizeof(where), "%s%s%s:%u", is_v6 ? "[" : "", portal->address, is_v6 ? "]" : "", portal->port);
	return start(p, p->iscsiadm, (char *[]) { "@iscsiadm", "-m", "node", "-T", (char *)portal->target, "-p", where, "--login", NULL }, is_ours);
}
