/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptors of /sys, /dev, /run and /proc, and typed readers of small files in them. After switch_root paths go dead
 * and these descriptors do not. --sysroot points them at a recorded machine. Nothing here allocates.
 */
#ifndef MPATH_SYSROOT_H
#define MPATH_SYSROOT_H

#include "util.h"

struct sysroot {
	int block_fd;	/* /sys/block */
	int sys_fd;	/* /sys */
	int dev_fd;	/* /dev; -1 in a fixture */
	int run_fd;	/* /run; -1 if there is none */
	int proc_fd;	/* /proc; -1 if there is none */
};

#define SYSROOT_INIT { .block_fd = -1, .sys_fd = -1, .dev_fd = -1, .run_fd = -1, .proc_fd = -1 }

/* Open what there is below @prefix ("" for the running system). 0, or -errno if there is no sys/block. Owned: sysroot_close(). */
int sysroot_open(struct sysroot *root, const char *prefix);
void sysroot_close(struct sysroot *root);

/* Read the file @name below @dirfd whole into @buf. Bytes read (at most @size), or -errno. */
ssize_t sys_read(int dirfd, const char *name, void *buf, size_t size);

/* The same of what comes whole in one read, as attributes in /sys do. */
ssize_t sys_read_once(int dirfd, const char *name, void *buf, size_t size);

/* The same as text: NUL-terminated, cut at the first newline, trailing blanks dropped. Length or -errno; -E2BIG if it does not fit. */
ssize_t sys_read_str(int dirfd, const char *name, char *buf, size_t size);

/* The same of an attribute that is open already: what it says now. */
ssize_t sys_read_again(int fd, char *buf, size_t size);

/* A decimal number. 0 or -errno, -EBADMSG if it is none. */
int sys_read_u64(int dirfd, const char *name, uint64_t *out);

/* Target of a symbolic link, NUL-terminated. Length or -errno. */
ssize_t sys_read_link(int dirfd, const char *name, char *buf, size_t size);

/* Write @text to an existing attribute. 0 or -errno. */
int sys_write(int dirfd, const char *name, const char *text);

/* Call @each for every name in directory @name below @dirfd but . and .. until one returns non-zero, which is then returned; or -errno. */
int sys_each(int dirfd, const char *name, int (*each)(const char *entry, void *arg), void *arg);

#endif
