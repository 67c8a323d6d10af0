/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a checker or prioritizer sees of the world. Plugins are ordinary functions that may block; probe.c alone makes them asynchronous.
 */
#ifndef MPATH_PROBE_ARGS_H
#define MPATH_PROBE_ARGS_H

#include <stdint.h>

#include "path.h"

#define PROBE_PAGE_SIZE 4096

struct probe_args {		/* all borrowed */
	int dev_fd;		/* the path device, open read-only */
	int sys_fd;		/* its directory in /sys/block */
	unsigned int timeout_ms;
	const char *options;	/* from the snapshot, "" if none */
	const struct path *path;	/* what /sys says about it */
	uint8_t *page;		/* PROBE_PAGE_SIZE bytes, page aligned, free to use during the call */
	void **ctx;		/* the plugin's own memory for this device; NULL at first, given back by its release() */
	unsigned int *map_word;	/* one word for all paths of the map, 0 at first; they run side by side: __atomic_* only */
};

#endif
