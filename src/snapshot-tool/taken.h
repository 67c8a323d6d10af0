/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which paths of a live map multipathd would take for it by the configuration: those that no blacklist names and whose WWID is the map's.
 */
#ifndef MPATH_TAKEN_H
#define MPATH_TAKEN_H

#include "config.h"
#include "facts.h"

/*
 * Drop the paths that multipathd would leave alone from @m and warn of each. If it would leave all of them alone, none is dropped, and the result
 * is -EPERM, which has been reported. -ENOMEM.
 */
int taken_filter(const struct host *host, const struct config *config, struct map_info *m);

#endif
