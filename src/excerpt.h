/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The few maps of a snapshot that somebody asks for, without the whole of it in memory: udev calls claim for every disk of a SAN, at the same time.
 */
#ifndef MPATH_EXCERPT_H
#define MPATH_EXCERPT_H

#include "snapshot.h"

/* Which maps to keep. */
struct excerpt_filter {
	bool (*wants)(const struct snap_map *m, void *arg);
	bool (*wants_other)(const char *designator, void *arg);	/* and which LUNs that are no map's */
	void *arg;
};

/*
 * All of the snapshot in @file but the maps and other LUNs that nobody wants. Everything in it is checked all the same. 0; -EAGAIN: it is not to be had that way, so
 * snapshot_load() it, which says what is wrong if something is. Line numbers are those of the excerpt.
 */
int excerpt_load(const char *file, const struct excerpt_filter *filter, struct snapshot **out);

#endif
