/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ask the array with REPORT TARGET PORT GROUPS (SPC-4 6.37) for the state of the group this path's port is in. Shared by the prioritizers alua and
 * sysfs, so that a build may have either without the other.
 */
#ifndef MPATH_RTPG_H
#define MPATH_RTPG_H

#include "probe-args.h"

/* alua_prio() of that state. 0 and *prio; -EOPNOTSUPP if INQUIRY says that there are no such groups; other -errno. Uses args->page, may block. */
int rtpg_prio(const struct probe_args *args, int *prio);

#endif
