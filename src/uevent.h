/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel uevents: "this device came, went, changed". Feeds discover, decides nothing.
 * They come from the kernel's own multicast group, so no udevd is needed and switch_root does not matter.
 */
#ifndef MPATH_UEVENT_H
#define MPATH_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

enum uevent_action {
	UEVENT_ADD,
	UEVENT_REMOVE,
	UEVENT_CHANGE,
	UEVENT_OTHER,
};

struct uevent {
	enum uevent_action action;
	const char *subsystem, *devtype, *devname, *devpath;	/* borrowed from the message; "" if absent */
	const char *dm_action, *dm_path;			/* of dm-multipath: PATH_FAILED, "8:16" */
};

#define UEVENT_SIZE 8192	/* UEVENT_BUFFER_SIZE is 2048 and the environment's pointers (linux/kobject.h) */

/* Parse a message of the kernel: "action@devpath" NUL KEY=value NUL … @text must have room for a NUL at text[len]. 0 or -EBADMSG. */
int uevent_parse(char *text, size_t len, struct uevent *out);

/* A non-blocking netlink socket (owned by the caller), or -errno. */
int uevent_open(void);

/* Next message into @text (UEVENT_SIZE bytes). 1: *out is filled; 0: none left; -EAGAIN: one to ignore; -ENOBUFS: some were lost, look at /sys. */
int uevent_read(int fd, char *text, struct uevent *out);

#endif
