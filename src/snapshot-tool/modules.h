/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel modules that a device needs.
 */
#ifndef MPATH_MODULES_H
#define MPATH_MODULES_H

#include "../conf.h"
#include "facts.h"

/* Add the modules of the drivers of device directory @dir ("sys/devices/…") and of all above it. 0 or -ENOMEM. */
int modules_add_drivers(const struct host *host, const char *dir, struct names *modules);

/* Add dm-multipath, the path selector's and the device handler's module. 0 or -ENOMEM. */
int modules_add_map(const char *selector, const char *hwhandler, struct names *modules);

/* What the maps of any machine may need: the path selectors that @conf names anywhere, and every device handler. 0 or -ENOMEM. */
int modules_add_any(const struct conf *conf, struct names *modules);

#endif
