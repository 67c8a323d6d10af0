/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which paths of a live map multipathd would take for it by the configuration: those that no blacklist names and whose WWID is the map's.
 */
#ifndef MPATH_TAKEN_H
#define MPATH_TAKEN_H

#include "config.h"
#include "facts.h"
#include "udev-db.h"

/*
 * Move the paths that multipathd would leave alone behind the others of @m, where they are not counted as its paths any more, and warn of each. If it would
 * leave all of them alone, none is moved, and the result is -EPERM, which has been reported; with @is_quiet, which reports nothing, it is 0. -ENOMEM.
 */
int taken_filter(const struct host *host, const struct config *config, bool is_quiet, struct map_info *m);

/* The udev property that multipathd looks at for the WWID of this path alone (uid_attrs goes by its kernel name), and where that is said. */
void taken_uid_attribute(const struct config *config, const char *wwid, const struct path_facts *facts, struct setting *out);

/*
 * The WWID that multipathd would find for the path, "" if none: udev's property; if udev has none, what /sys shows, but only where the attribute is
 * the one that its bus has anyway, or none.
 */
void taken_find_wwid(const struct host *host, const struct path_facts *facts, const char *attribute, const struct udev_properties *properties,
		     char *wwid, size_t size);

#endif
