/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views of a snapshot: for people, and for the hooks that build images. Each returns an exit code; everything has been reported.
 */
#ifndef MPATH_SHOW_H
#define MPATH_SHOW_H

#include <stdio.h>

/* The whole of it, the origin of each value beside it. */
int show_snapshot(const char *file);

/* Kernel modules, one a line. */
int show_modules(const char *file);

/* iSCSI portals, one a line: TARGET PORTAL_IP PORT GROUP IFACE MAC IFACE_ADDR GATEWAY, "-" for what is not known. */
int show_iscsi(const char *file);

/* NVMe/TCP controllers, one a line: NQN ADDRESS PORT IFACE MAC IFACE_ADDR GATEWAY [HOST_TRADDR HOST_IFACE]. */
int show_nvme(const char *file);

/* The same of a snapshot that has been parsed. 0 or -ENOMEM. */
struct conf;
int show_portals(const struct conf *conf, FILE *out);
int show_controllers(const struct conf *conf, FILE *out);

#endif
