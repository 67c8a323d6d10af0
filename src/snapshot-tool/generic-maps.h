/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a generic snapshot, which has rules and no maps, would make of the maps that root has now, so that it can be compared like any other.
 */
#ifndef MPATH_GENERIC_MAPS_H
#define MPATH_GENERIC_MAPS_H

#include "../rules.h"
#include "created.h"
#include "drift.h"

bool generic_is(const struct conf *snapshot);

/*
 * The text of a snapshot with the maps of @now as the rules of @generic resolve them; @rules are the same ones. Maps that these rules would not make, and
 * names that are not certain, are added to @out as findings. 0 or -ENOMEM; *text is owned.
 */
int generic_make_maps(const struct host *host, const struct conf *generic, const struct rules *rules, const struct created *now, const struct conf *now_tree,
		      char **text, size_t *len, struct drift *out);

#endif
