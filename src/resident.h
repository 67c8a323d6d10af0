/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of /run that stay in memory. A tmpfs is swapped out like anything else (tmpfs(5)), to the very map whose paths are gone: whoever writes behind a page that is
 * there no more waits for it. So the guard maps what it writes to, as all its memory is locked.
 */
#ifndef MPATH_RESIDENT_H
#define MPATH_RESIDENT_H

#include <stddef.h>

struct resident {
	void *at;	/* NULL: nothing */
	size_t size;	/* in bytes, whole pages */
};

/* All of @fd, which has @size bytes now. To be said again when it has other pages. Fails in silence: then it is not locked. */
void resident_keep(struct resident *r, int fd, size_t size);

#endif
