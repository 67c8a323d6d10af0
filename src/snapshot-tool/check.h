/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot check: is what a snapshot says still what the system says, and how much does it matter?
 */
#ifndef MPATH_CHECK_H
#define MPATH_CHECK_H

#include "create.h"

#define BOOTED_SNAPSHOT "/run/mpath-boot/snapshot"	/* a copy of what the guard of this boot went by */

struct check_options {
	struct create_options create;	/* how the system is looked at */
	const char *const *files;	/* snapshots or images, one behind the other; none: BOOTED_SNAPSHOT */
	size_t n_files;
	bool is_json, is_quick, is_notice;
	bool is_next;	/* none: the image of the running kernel, if it can be found */
};

/* Returns an exit code; everything has been reported. */
int check_snapshot(const struct check_options *options);

#endif
