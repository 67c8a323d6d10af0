/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The properties of a block device in udev's database.
 */
#ifndef MPATH_UDEV_DB_H
#define MPATH_UDEV_DB_H

#include "host.h"

struct udev_properties {
	char **names;	/* NULL behind the last */
	char **values;
	size_t n;
};

/* Of the device @name ("sda"). 0, -ENOENT if udev does not know it, -ENOMEM. Owned: udev_properties_clear(). */
int udev_properties_read(const struct host *host, const char *name, struct udev_properties *out);
void udev_properties_clear(struct udev_properties *p);

/* "" if there is none. */
const char *udev_property(const struct udev_properties *p, const char *name);

#endif
