/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine whose snapshot is made: the running one, or one that was recorded below a directory (--sysroot).
 */
#ifndef MPATH_HOST_H
#define MPATH_HOST_H

#include "../sysroot.h"

struct host {
	int fd;		/* its "/"; names below have no leading slash: "sys/block" */
	bool is_live;	/* devices may be asked, programs run */
};

/* @prefix "" is the running system. 0 or -errno. Owned: host_close(). */
int host_open(struct host *host, const char *prefix);
void host_close(struct host *host);

/* The whole file @name, NUL-terminated, in *text (owned); *len may be NULL. 0 or -errno, -EFBIG beyond 16 MB. */
int host_read_file(const struct host *host, const char *name, char **text, size_t *len);

/* Read a one-line attribute whose name is formatted. Length, or -errno; @buf is "" then. */
ssize_t host_attr(const struct host *host, char *buf, size_t size, const char *fmt, ...) _printf_(4, 5);

bool host_has(const struct host *host, const char *fmt, ...) _printf_(2, 3);

/* The real directory of a device in /sys, e.g. "sys/devices/…/block/sda" from "sys/class/block/sda". 0 or -errno. */
int host_device_dir(const struct host *host, const char *link, char *dir, size_t size);

/* Last part of the link @fmt, e.g. a driver's name; "" and -errno if there is none. */
int host_link_name(const struct host *host, char *buf, size_t size, const char *fmt, ...) _printf_(4, 5);

#endif
