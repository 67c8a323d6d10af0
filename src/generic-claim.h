/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claim where the snapshot is a generic one: is this disk a path, by its rules? Needs no guard, only udev's properties in the environment and a few
 * attributes. What a disk is goes to /run/mpath-boot/claims for the guard; which disks show a LUN, to /run/mpath-boot/seen for the next claim.
 */
#ifndef MPATH_GENERIC_CLAIM_H
#define MPATH_GENERIC_CLAIM_H

#include "snapshot.h"
#include "sysroot.h"

/*
 * The disk @name; @only: see rules_judge(). Prints properties if it is a path. A LUN's second path makes the first one a path, too: udev is made to ask again
 * about it. Exit code.
 */
int generic_claim(const struct sysroot *root, const struct snapshot *snap, const char *only, const char *name);

/* The map @name ("dm-0") with @uuid ("mpath-WWID", mangled), or its partition @part: @print it. Exit code. */
int generic_claim_map(const struct sysroot *root, const char *name, const char *uuid, unsigned int part,
		      void (*print)(const struct snap_map *map, unsigned int part));

#endif
