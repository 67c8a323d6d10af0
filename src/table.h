/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure: groups → dm-multipath table text, and the kernel's text → what to compare. The grammar is that of
 * drivers/md/dm-mpath.c (parse_features … parse_path); the kernel's text is foreign until parsed.
 */
#ifndef MPATH_TABLE_H
#define MPATH_TABLE_H

#include "buf.h"
#include "group.h"

#define TABLE_SIZE 8192		/* text of one table: MAP_PATHS_MAX paths of about 40 bytes and room */

/*
 * The parameters of the multipath target for @map with these groups. @hwhandler is "" or the device handler that the kernel has attached,
 * which wins over the snapshot's. Check out->overflow.
 */
void table_format(const struct snap_map *map, const struct candidate *cand, const struct grouping *g,
		  const char *hwhandler, struct buf *out);

/* One path in a table or status line of the kernel. */
struct table_path {
	char devno[16];
	unsigned int group;	/* from 1 */
	bool failed;		/* status lines only */
};

struct table {
	struct table_path paths[MAP_PATHS_MAX];
	unsigned int n_paths, n_groups;
	unsigned int current;		/* group that the kernel would use, from 1 */
	bool queueing;			/* table lines: queue_if_no_path is set */
	char features[128], hwhandler[64];	/* with their counts, as in the text; features without queue_if_no_path */
	char selector[64];		/* name and number of arguments of the first group */
};

/* Parse a table line (STATUSTYPE_TABLE). 0, -EBADMSG, -E2BIG. */
int table_parse(const char *text, struct table *out);

/* Parse a status line (STATUSTYPE_INFO): paths with their kernel state. 0, -EBADMSG, -E2BIG. */
int table_parse_status(const char *text, struct table *out);

/* Status lines only. */
bool table_has_active_path(const struct table *status);

/*
 * NULL if @have has the paths and groups of @want; else what differs, in a few words, for the log. Order of paths in a group does not matter, order of
 * groups does. Features, handler and selector are not compared: the kernel shows some in another way than it was told them.
 */
const char *table_diff(const struct table *want, const struct table *have);

/* "N feature…" without / with queue_if_no_path, in the canonical form "N …". */
void features_format(const char *features, bool queue, struct buf *out);

#endif
