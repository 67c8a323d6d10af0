/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot explain: why the configuration of the full system makes a disk a path, or does not.
 */
#ifndef MPATH_CONFIG_EXPLAIN_H
#define MPATH_CONFIG_EXPLAIN_H

#include "create.h"

/* @names: disks ("sda", "/dev/sda", "8:0") and maps (by name, alias or WWID), none: all disks. Returns an exit code; everything has been reported. */
int config_explain(const struct create_options *options, char *const *names, size_t n, bool is_json);

#endif
