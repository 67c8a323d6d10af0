/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure: paths and what their probes said, and a policy → ordered path groups.
 */
#ifndef MPATH_GROUP_H
#define MPATH_GROUP_H

#include "path.h"
#include "snapshot.h"

#define MAP_PATHS_MAX 128	/* paths of one map; an array offers 2 to 32 */

/* One path as grouping sees it. */
struct candidate {
	const struct path *path;	/* borrowed */
	enum path_state state;
	int prio;			/* PRIO_UNDEF if unknown */
	bool unsuited;			/* another checker stands in for the map's, which cannot be run on it */
};

struct group {
	unsigned int first, n;	/* slice of order[] */
	int prio;		/* integer mean over the paths that are rated; 0 if none */
	unsigned int usable;	/* paths that are up or ghost */
	unsigned int rated;	/* of these, what multipathd takes for usable: for it one that the map's checker does not fit is not */
};

struct grouping {
	unsigned int order[MAP_PATHS_MAX];	/* indices of candidates, group after group */
	struct group groups[MAP_PATHS_MAX];
	unsigned int n_groups, n_paths;
	unsigned int best;			/* number of the group to start with, from 1; 0 without groups */
};

/*
 * Group @n candidates (at most MAP_PATHS_MAX), which are in multipathd's order (by syspath). Groups are in order of appearance,
 * then stably sorted: higher priority first, then more paths that are rated.
 */
void group_paths(enum pg_policy policy, const struct candidate *cand, size_t n, struct grouping *out);

#endif
