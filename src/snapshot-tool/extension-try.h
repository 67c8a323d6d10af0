/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Code of others that root's maps need: which libraries the configuration names, what they bring, and whether they work. They are tried in a child process, by the
 * mpath-boot that can load them or has them linked in.
 */
#ifndef MPATH_EXTENSION_TRY_H
#define MPATH_EXTENSION_TRY_H

#include "config.h"
#include "emit.h"

/*
 * Fill config->extensions with what "extension" in the section defaults of its sources, in /etc/mpath-boot/extensions.conf and in @more (of --extension) names. 0 or
 * -errno, which has been reported.
 */
int extension_find_all(struct config *config, const char *const *more, size_t n_more);

/*
 * Try each, note its file as a source (an image has a copy that may grow old), and keep those that bring a checker or prioritizer of @maps; all of them where there are no maps (a generic snapshot). 0, or -errno, which has been reported: one that crashes, hangs or cannot be loaded must not
 * get into a snapshot.
 */
int extension_try_all(const struct host *host, struct config *config, const struct emit_map *maps, size_t n_maps);

/* Pure: does this output of "mpath-boot list" have a checker or prioritizer (@heading "checkers" or "prioritizers") @name that is from an extension? */
bool extension_is_listed(const char *text, const char *heading, const char *name);

#endif
