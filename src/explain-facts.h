/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What explain.c needs to know of one device, read from /sys, /proc, the guard's state and the kernel's table. Sends no command to any path.
 */
#ifndef MPATH_EXPLAIN_FACTS_H
#define MPATH_EXPLAIN_FACTS_H

#include "conf.h"
#include "dm.h"
#include "explain.h"
#include "sysroot.h"

/* What is the same for all devices. */
struct explain_scene {
	const struct sysroot *root;
	const struct snapshot *snap;	/* NULL: there is no good one */
	const char *snapshot_problem;
	bool is_off;
	struct dm *dm;		/* NULL: not to be had */
	const struct conf *state;	/* NULL: no guard has run */
	bool guard_runs;
};

/* The kernel name behind @text: "sda", "/dev/sda", a link below /dev, "8:0". 0, or -ENOENT if no block device is called so. */
int explain_find_name(const struct sysroot *root, const char *text, char *name, size_t size);

/* The map that @text names by alias, WWID, kernel name or a path below /dev; NULL. */
const struct snap_map *explain_find_map(const struct explain_scene *scene, const char *text);

/* Read about the device with kernel name @name; @asked is what it was asked for as. @out's strings live as long as @scene and @asked do. */
void explain_read(const struct explain_scene *scene, const char *name, const char *asked, struct explain_facts *out);

#endif
