/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maps that no snapshot names: the rules of a generic one say at boot, disk by disk, which LUNs get a map and with which options.
 *
 * All memory is taken at the start: GENERIC_MAPS_MAX maps of GENERIC_PARTS_MAX partitions, GENERIC_PATHS_MAX paths, GENERIC_DISKS_MAX disks that are looked at. Once the root
 * is mounted no LUN is taken in any more: what else there is is multipathd's business then.
 */
#ifndef MPATH_GENERIC_H
#define MPATH_GENERIC_H

#include "boot.h"

#define GENERIC_MAPS_MAX 64
#define GENERIC_PATHS_MAX 256
#define GENERIC_PARTS_MAX 32	/* of each of these maps */
#define GENERIC_DISKS_MAX 1024

/* Take the memory. 0 or -ENOMEM. */
int generic_init(struct boot *b);

/*
 * The disk @name is there and no map of the snapshot has it: remember it for generic_step(). 1: it is a path of a map that the rules have made, *out is
 * filled. 0: it is not, or not yet. -errno: gone, or its attributes cannot be read.
 */
int generic_disk(struct boot *b, const char *name, struct path *out);

/* The disk @name is gone. */
void generic_forget(struct boot *b, const char *name);

/* Those that are gone without a word. */
void generic_scan(struct boot *b);

/* Decide about the disks that came: make maps of those whose turn has come. */
void generic_step(struct boot *b);

/* The root is mounted. */
void generic_close(struct boot *b);

/* When generic_step() has something to do that no event announces; UINT64_MAX: never. */
uint64_t generic_next_ms(const struct boot *b);

/* No disk has come for a while, every one has been decided about, and the maps are ready or have had their time. */
bool generic_is_settled(const struct boot *b);

/* The job that asks path @p of such a map for its facts; and what came of it. */
void generic_ask(struct boot *b, const struct boot_path *p, struct probe_job *job);
void generic_answer(struct boot *b, struct boot_path *p, const struct path_facts *facts);

#endif
