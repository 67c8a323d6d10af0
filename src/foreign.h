/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checkers and prioritizers beyond this build's own tables: linked in (make EXTRA=, mpath-boot relink) or loaded (plugin.c). Filled at start and by an
 * explicit "extend", by the main thread alone; an entry never goes.
 */
#ifndef MPATH_FOREIGN_H
#define MPATH_FOREIGN_H

#include "extension.h"

#define FOREIGN_MAX 128		/* entries */
#define LINKED_MAX 16		/* extensions that can be linked in; tools/relink.sh numbers them */

enum plugin_kind {
	PLUGIN_CHECKER,
	PLUGIN_PRIO,
};

/* Take up all that @e brings; @source says for "list" where it is from (copied). How many were taken, or -errno; @why (of @size bytes) says what is wrong. */
int foreign_add(const struct mpath_extension *e, const char *source, char *why, size_t size);
/* One of them alone. 0 or -errno as above; -EEXIST: the name is taken. */
int foreign_add_one(enum plugin_kind kind, const void *ops, const char *source, char *why, size_t size);

/* Linked in or loaded under that name and not faulty, or NULL. */
const void *foreign_find(enum plugin_kind kind, const char *name);
/* The i-th of that kind and where it is from, or NULL behind the last. */
const void *foreign_at(enum plugin_kind kind, size_t i, const char **source);

/* Its code has crashed: it is not found by its name from now on, built in or not. */
void foreign_set_faulty(const void *ops);
bool foreign_is_faulty(const void *ops);

/* Whether these come from beyond this build's own tables. */
bool foreign_has(const void *ops);
/* Whether an extension is linked in that calls itself as @file does without its folder and ".so". */
bool foreign_is_linked(const char *file);
/* "linked in", "loaded" or "not there": what has become of extension @file. */
const char *foreign_extension_state(const char *file);

#endif
