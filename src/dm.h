/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device-mapper: the only file that talks to /dev/mapper/control (linux/dm-ioctl.h, drivers/md/dm-ioctl.c).
 *
 * Direct ioctls instead of libdevmapper: after switch_root the guard may neither open a path nor depend on malloc, and libdm does both in
 * each call; it would also cost 90 kB. Udev is told by flags in event_nr with cookie base 0, the form libdevmapper.h documents for work without a
 * semaphore; whoever needs udev's result waits for the link and the udev database (ready.c), with a deadline.
 */
#ifndef MPATH_DM_H
#define MPATH_DM_H

#include "sysroot.h"

#define DM_NAME_SIZE 128	/* DM_NAME_LEN */
#define DM_UUID_SIZE 129	/* DM_UUID_LEN */
#define DM_MEM_SIZE (24 << 10)

/* Flags for udev's rules, as libdevmapper.h and multipath-tools define them. */
enum dm_udev_flag {
	DM_UDEV_NO_LIBRARY_FALLBACK = 0x0020,
	DM_UDEV_PRIMARY_SOURCE = 0x0040,
	DM_UDEV_MPATH_RELOAD = 0x0100,		/* nothing changed for upper layers */
	DM_UDEV_MPATH_NO_KPARTX = 0x0200,	/* the partition maps are ours */
	DM_UDEV_MPATH_NO_PATHS = 0x0400,	/* no usable path: do not scan */
};

struct dm_info {
	char name[DM_NAME_SIZE], uuid[DM_UUID_SIZE];	/* as in the kernel: mangled */
	unsigned int major, minor;
	int open_count;
	bool ro, suspended, has_table;
};

/* A map to create or whose table to replace: one target from sector 0. */
struct dm_request {
	char name[DM_NAME_SIZE], uuid[DM_UUID_SIZE];	/* mangled: dm_mangle() */
	const char *target;	/* "multipath", "linear" */
	const char *params;	/* borrowed */
	uint64_t size;		/* 512-byte sectors */
	bool ro;
	unsigned int udev_flags;
};

/* One handle for each thread; they share the descriptor. */
struct dm {
	const struct dm_ops *ops;
	int control_fd;		/* borrowed by all but the first */
	_Alignas(8) char mem[DM_MEM_SIZE];
};

/* All return 0 or -errno; -ENXIO: there is no such map. */
struct dm_ops {
	int (*info_by_uuid)(struct dm *dm, const char *uuid, struct dm_info *out);
	int (*info_by_name)(struct dm *dm, const char *name, struct dm_info *out);
	/* The first target's table or status line, for maps of one target of type "multipath"; -EMEDIUMTYPE for others. */
	int (*table)(struct dm *dm, const char *uuid, char *text, size_t size);
	int (*status)(struct dm *dm, const char *uuid, char *text, size_t size);
	/*
	 * Create, load, resume. A map that cannot get its table is removed again; one of this uuid that is there and has none is taken, with the name it has.
	 * *out is what came to be.
	 */
	int (*create)(struct dm *dm, const struct dm_request *req, struct dm_info *out);
	/* Load and resume by uuid, without flushing. If the load fails the old table stays. */
	int (*reload)(struct dm *dm, const struct dm_request *req);
	int (*message)(struct dm *dm, const char *uuid, const char *text);
	/* From now on control_fd polls readable once a map has an event: a path failed, a table was replaced. -ENOTTY before Linux 4.14. */
	int (*arm)(struct dm *dm);
};

/* Open mapper/control below root->dev_fd. 0 or -errno. */
int dm_open(struct dm *dm, const struct sysroot *root);
/* A second handle on the same descriptor. */
void dm_share(struct dm *dm, const struct dm *from);
void dm_close(struct dm *dm);

#endif
