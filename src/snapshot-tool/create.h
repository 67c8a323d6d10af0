/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot create: find root's maps, read their facts, resolve their options, write the snapshot.
 */
#ifndef MPATH_CREATE_H
#define MPATH_CREATE_H

#include <stdbool.h>
#include <stddef.h>

struct create_options {
	const char *output;	/* "-": stdout */
	const char *root;	/* NULL: what / is on */
	const char *config;	/* NULL: ask the installed multipath-tools */
	const char *sysroot;	/* "": the running system */
	const char **wwids;	/* of --map; they take the place of what is found */
	size_t n_wwids;
	bool is_generic;	/* the configuration in place of maps: for machines that are not known yet */
	const char **extensions;	/* of --extension */
	size_t n_extensions;
	bool is_quiet;		/* no warnings of what the next boot may bring: the caller has a word of its own for that */
	bool shows_rules;	/* the rules about kernel names and protocols, also where they cut no path off */
};

/* Returns an exit code; everything has been reported. */
int create_snapshot(const struct create_options *options);

#endif
