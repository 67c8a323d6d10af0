/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The LUNs that are multipath here and not root's. No map is made of them in the initramfs; what looks there for LVM and MD is to know that a disk is one of
 * several paths.
 */
#ifndef MPATH_OTHERS_H
#define MPATH_OTHERS_H

#include "facts.h"

struct other {
	char wwid[WWID_MAX];
	char designator[DESIGNATOR_MAX];	/* the strongest that all its paths show */
};

struct others {
	struct other *v;	/* sorted by WWID */
	size_t n;
};

/*
 * All live multipath maps but @maps (kernel names), and but those with a physical volume of LVM's that nothing uses: its group may be root's. From /sys and
 * udev's database, no device is asked. 0 or -errno. Owned: others_clear().
 */
int others_find(const struct host *host, const struct names *maps, struct others *out);
void others_clear(struct others *others);

#endif
