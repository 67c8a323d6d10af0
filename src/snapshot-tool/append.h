/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot cpio: an archive with a snapshot, for a boot loader to append to an image that cannot be made again.
 */
#ifndef MPATH_APPEND_H
#define MPATH_APPEND_H

#include "cpio.h"
#include "create.h"

/* With the snapshot in @file, or one made now if that is NULL. Returns an exit code; everything has been reported. */
int append_snapshot(const struct create_options *options, const char *file);

/* Put the snapshot @text and the list of its portals into @out. 0 or -errno. Pure. */
int append_format(const char *text, size_t len, struct cpio *out);

#endif
