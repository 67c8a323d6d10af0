/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which snapshot of an image counts: the one that the boot loader appended (mpath-snapshot cpio) if it is good, else the image's own. So an image
 * that cannot be made again, because it is signed or read-only, gets a new snapshot, and loses nothing by a bad one.
 */
#ifndef MPATH_CHOICE_H
#define MPATH_CHOICE_H

#include "excerpt.h"

#define SNAPSHOT_APPENDED_FILE SNAPSHOT_FILE ".new"

struct choice {
	struct snapshot *snap;	/* owned; NULL: no good one */
	const char *file;	/* borrowed: the one that was taken, or should have been */
	char problem[256];	/* file, line, and why it cannot be used; "" if it is good */
	char appended_problem[256];	/* the same of the appended one; "" if it is good, or there is none */
};

/* @appended may be NULL; @filter, too: all maps are wanted. 0, or what snapshot_load() says of @own; *out is filled either way. */
int choice_load_some(const char *appended, const char *own, const struct excerpt_filter *filter, struct choice *out);

static inline int choice_load(const char *appended, const char *own, struct choice *out)
{
	return choice_load_some(appended, own, NULL, out);
}

/* The image's. */
static inline int choice_load_image(struct choice *out)
{
	return choice_load(SNAPSHOT_APPENDED_FILE, SNAPSHOT_FILE, out);
}

#endif
