/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What names a LUN: the designators that its paths show, and where its WWID comes from.
 */
#ifndef MPATH_IDENTITY_H
#define MPATH_IDENTITY_H

#include "facts.h"

/* Fill the designators of @m, whose paths have been read. 0 or -ENOMEM. */
int identity_read(const struct host *host, struct map_info *m);

/* Does this disk show @designator, by which a map is known? */
bool identity_is_shown(const struct host *host, const struct path_facts *f, const char *designator);

/* The WWID that multipathd makes of what /sys shows of a path where udev has none, in @wwid; "" if nothing there can be one. */
void identity_sys_wwid(const struct host *host, const struct path_facts *f, char *wwid, size_t size);

/* How multipathd came by the WWID if it looks at the udev property @attribute first: "udev ID_SERIAL", "VPD page 0x83", … */
void identity_wwid_from(const struct host *host, const struct map_info *m, const char *attribute, char *buf, size_t size);

#endif
