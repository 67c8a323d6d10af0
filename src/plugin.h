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
#define PLUGIN_LOAD_MS 3000

#ifdef PLUGINS_SHARED

#define PLUGIN_FLAVOUR "shared"

/* Where checker-NAME.so and prio-NAME.so are, and extensions whose name has no folder. */
const char *plugin_dir(void);

/*
 * Load PLUGIN_DIR/{checker,prio}-NAME.so, which the first call for a name does and no later one, so that a guard at work opens nothing. NULL if there is
 * none or it is no good, which is said.
 */
const void *plugin_find(enum plugin_kind kind, const char *name);

/* An extension's start-up code has crashed or hangs: nothing more is loaded, and exit(), which asks the dynamic linker, may never return: _exit(). */
bool plugin_is_broken(void);

/* Load all there are in the plugin directory, for "list". */
void plugin_load_all(void);

/*
 * Load an extension: a name within the plugin directory, or an absolute path. Its start-up code runs in a thread of its own, behind a fence and for
 * PLUGIN_LOAD_MS at most. 0 (also if all it brings is there already) or -errno and @why.
 */
int plugin_load_extension(const char *file, char *why, size_t size);

/* The same in two halves, for one who must not wait: start, and when notify_fd has woken us or the time is over, finish. */
struct plugin_load {
	char name[40];
	const void *found;
	int notify_fd, state;
	char why[PLUGIN_WHY_SIZE];	/* when either half has failed */
};

enum { LOAD_RUNNING, LOAD_DONE, LOAD_CRASHED };

/*
 * @l must live as long as the process. @fd, an open library, too: the dynamic linker knows it by its number. @in_proc: the current directory is /proc, and
 * must stay so until this is over. @notify_fd: an eventfd. 0 or -errno.
 */
int plugin_load_start(struct plugin_load *l, int fd, bool in_proc, int notify_fd);
/* In the thread that looks checkers up: take up what it brings. 0 or -errno. */
int plugin_load_finish(struct plugin_load *l, const char *file, bool in_time);

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

static inline bool plugin_is_broken(void)
{
	return false;
}

#endif

#endif
