/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the transport and the kernel's error handling may keep a command of a path before it fails back to the map: fast_io_fail_tmo, dev_loss_tmo and
 * eh_deadline, where multipathd would write them (multipath.conf(5)): FC remote port, iSCSI session, SAS end device, SCSI host. And how large a request may
 * be: a map takes that over from its paths when its table is loaded, and multipathd sees to it only for maps that it makes itself.
 */
#ifndef MPATH_TUNE_H
#define MPATH_TUNE_H

#include "path.h"
#include "snapshot.h"
#include "sysroot.h"

struct tune_error {
	char attr[96];	/* below /sys; "" if all went well */
	int error;	/* -errno */
};

/*
 * How large a request of disk @name may be. Since Linux 6.11 this waits for all that the disk is doing (block/blk-sysfs.c freezes its queue): not for a thread that
 * others need. 0, also where it is so already, or -errno.
 */
int tune_requests(const struct sysroot *root, const char *name, unsigned int max_sectors_kb);

/* Write the rest of them for @path; attributes that the transport does not have are passed over. The first that refuses is told in *err. */
void tune_path(const struct sysroot *root, const struct path *path, const struct snap_map *map, unsigned int polling_interval_s,
	       struct tune_error *err);

#endif
