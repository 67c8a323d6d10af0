/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nest.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define SETTINGS "/etc/iscsi"

/* Directories of @path below the working directory, which @path (absolute) is taken from. */
static int make_parents(const char *path)
{
	char dir[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path - 1), path + 1);
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int copy_file(const char *path)
{
	_auto_close_ int in = open(path, O_RDONLY | O_CLOEXEC), out = -1;
	struct stat st;
	ssize_t n;
	int r;

	if (in < 0 || fstat(in, &st) < 0)
		return -errno;
	r = make_parents(path);
	if (r)
		return r;
	out = open(path + 1, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, st.st_mode & 0700);
	if (out < 0)
		return -errno;
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	return n < 0 ? -errno : 0;
}

static int copy_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	return type == FTW_F ? copy_file(path) : 0;
}

static int copy_listed(const char *list)
{
	char path[PATH_MAX];
	FILE *f = fopen(list, "re");
	int r = f ? 0 : -errno;

	while (!r && fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		if (path[0] == '/')
			r = copy_file(path);
	}
	if (f)
		fclose(f);
	return r;
}

static int write_file(const char *name, const char *text)
{
	_auto_close_ int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* In the working directory. iscsid wants to know what user 0 is called; /run is not the machine's: open-iscsi's lock lies there. */
static int furnish(const char *list)
{
	static const char *const dirs[] = { "etc", "dev", "proc", "sys", "run", "run/lock", "run/lock/iscsi", "var", "var/lib" };
	static const char *const machines[] = { "dev", "proc", "sys" };
	char from[16];
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mkdir(dirs[i], 0700) < 0)
			return -errno;
	/* open-iscsi has its records in /etc/iscsi (2.1.8) or in /var/lib/iscsi (2.1.11, 2.1.13), without which iscsid ends at once */
	if (symlink("../run/lock", "var/lock") < 0 || symlink("../run", "var/run") < 0 || symlink("../../etc/iscsi", "var/lib/iscsi") < 0)
		return -errno;
	r = copy_listed(list);
	if (!r)
		r = nftw(SETTINGS, copy_entry, 8, FTW_PHYS);
	if (!r)
		r = write_file("etc/passwd", "root:x:0:0:root:/:/bin/sh\n");
	for (size_t i = 0; !r && i < ARRAY_SIZE(machines); i++) {
		snprintf(from, sizeof(from), "/%s", machines[i]);
		if (mount(from, machines[i], NULL, MS_BIND, NULL) < 0)
			r = -errno;
	}
	return r;
}

int nest_make(const char *place, const char *list, const char **what)
{
	int r;

	*what = "make a mount namespace";
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	*what = "mount a file system of our own";
	/* not tmpfs: its pages can be swapped out, to the very disk that iscsid is started for */
	if ((mkdir(place, 0700) < 0 && errno != EEXIST) || mount("mpath-keeper", place, "ramfs", MS_NOSUID, "mode=0700") < 0 || chdir(place) < 0)
		return -errno;
	*what = "copy what iscsid needs";
	r = furnish(list);
	if (r)
		return r > 0 ? -EIO : r;
	*what = "make it the root";
	return mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0 ? -errno : 0;
}
