/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's view of one path: what it is, where it is found, which drivers it needs.
 */
#ifndef MPATH_PATH_INFO_H
#define MPATH_PATH_INFO_H

#include "facts.h"

/* Read path @name ("sda") and add its drivers to @modules. 0 or -errno. */
int path_info_read(const struct host *host, const char *name, struct path_info *p, struct names *modules);

#endif
