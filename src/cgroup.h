/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where systemd keeps account of processes.
 */
#ifndef MPATH_BOOT_CGROUP_H
#define MPATH_BOOT_CGROUP_H

/* Away from the service that has started us: systemd ends whom it finds in there. Nothing where there are no control groups. */
void cgroup_leave(void);

#endif
