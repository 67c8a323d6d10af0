/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guard learns from one that was there before it (it crashed, or was replaced by a newer one): which maps root was allowed to use already, which of
 * them do not queue any more because no_path_retry was over, and how often which path has failed. The maps themselves say the rest. Read once, from the state file.
 */
#ifndef MPATH_TAKEOVER_H
#define MPATH_TAKEOVER_H

#include "boot.h"

/* After boot_start() and before boot_scan(), from /run as the working directory. Without a state file that can be believed nothing is known. Allocates. */
void takeover_read(struct boot *b);
/* The same from the state file's contents. */
void takeover_take(struct boot *b, const struct conf *conf);
/* Maps by rules come later: did the earlier guard have one of @wwid? It is ours whatever has become of root since. */
bool takeover_has(const struct boot *b, const char *wwid);
/* Such a map, b->maps[m], is there and has been looked at: what is known about it. */
void takeover_map(struct boot *b, size_t m);
/* A path has appeared: what is known about it. */
void takeover_path(struct boot *b, struct boot_path *p);

#endif
