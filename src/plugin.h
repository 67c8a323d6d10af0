/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loading code at run time: the only file with dlopen, and only in the dynamic flavour (make PLUGINS=shared). In a static build these are inline and say no.
 *
 * Only regular files that belong to root (or to who runs us) and that nobody else may write are loaded; others are refused aloud. What is loaded stays
 * loaded: nothing is ever unmapped.
 */
#ifndef MPATH_PLUGIN_H
#define MPATH_PLUGIN_H

#include "foreign.h"

#define PLUGIN_WHY_SIZE 320

#ifdef PLUGINS_SHARED

#define PLUGIN_FLAVOUR "shared"

/* Where checker-NAME.so and prio-NAME.so are, and extensions whose name has no folder. */
const char *plugin_dir(void);

/*
 * Load PLUGIN_DIR/{checker,prio}-NAME.so, which the first call for a name does and no later one, so that a guard at work opens nothing. NULL if there is
 * none or it is no good, which is said.
 */
const void *plugin_find(enum plugin_kind kind, const char *name);

/* Load all there are in the plugin directory, for "list". */
void plugin_load_all(void);

/* Load an extension: a name within the plugin directory, or an absolute path. 0 (also if it is there already) or -errno and @why. */
int plugin_load_extension(const char *file, char *why, size_t size);

/*
 * The two halves of loading one from the sealed memory file @fd, for "extend": the first runs its constructors and may be run in a thread of its own
 * (@proc_fd is /proc, as paths may be dead); the second, in the main thread, takes up what it brings. 0 or -errno and @why.
 */
int plugin_open_fd(int fd, int proc_fd, const struct mpath_extension **out, char *why, size_t size);

#else

#define PLUGIN_FLAVOUR "static"

static inline const void *plugin_find(enum plugin_kind kind, const char *name)
{
	(void)kind;
	(void)name;
	return NULL;
}

static inline void plugin_load_all(void)
{
}

#endif

#endif
