/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which multipath maps the machine cannot boot without: those under /, /usr and the device it resumes from. With them, those that the initramfs has another use for.
 */
#ifndef MPATH_ROOTS_H
#define MPATH_ROOTS_H

#include "host.h"

struct root_map {
	char dm[32];		/* kernel name, "dm-0" */
	unsigned int needed_for;	/* enum snap_need */
};

#define GROUP_SIZE 37	/* "LVM-" and 32 characters */

struct roots {
	struct root_map *v;
	size_t n;
	char (*groups)[GROUP_SIZE];	/* of LVM, with what is needed: how the device-mapper uuids of their volumes begin */
	size_t n_groups;
	char root_device[256];	/* what / is on, for messages; "" if it could not be found */
	char native[32];	/* a disk found there that the kernel itself makes multipath (NVMe); "" if none */
};

/* Look below what is mounted; @root_device (a /dev path, UUID=…, LABEL=…, M:N) stands for / if it is not NULL. 0 or -errno, reported. Owned. */
int roots_find(const struct host *host, const char *root_device, struct roots *out);

/* Maps under what fstab has mounted in the initramfs besides (x-initrd.mount). The same results. */
int roots_find_early_mounts(const struct host *host, struct roots *out);

/* The map of @wwid; "" in @dm if there is none. */
void roots_find_wwid(const struct host *host, const char *wwid, char *dm, size_t size);

/* The device-mapper device that has @name, mangled as in /sys; "" in @dm if there is none. */
void roots_find_name(const struct host *host, const char *name, char *dm, size_t size);

/* Add map @dm or what it is needed for. 0 or -ENOMEM. */
int roots_add(struct roots *roots, const char *dm, unsigned int needed_for);
void roots_clear(struct roots *roots);

#endif
