/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where no udevd runs: what its rules would do for a map, so that the real root's udevd, systemd and multipathd find it as they would expect.
 */
#ifndef MPATH_BOOT_UDEVLESS_H
#define MPATH_BOOT_UDEVLESS_H

#include "dm.h"

/* Makes the link in /dev/mapper and the record in udev's database; does nothing when there is a udevd. Of a map the record says that it may be used. */
int udevless_announce(const struct sysroot *root, const struct dm_info *info, bool is_map);

#endif
