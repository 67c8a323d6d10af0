/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Path checkers: does this path answer? One file each in checkers/, listed in checker.c.
 */
#ifndef MPATH_CHECKER_H
#define MPATH_CHECKER_H

#include "probe-args.h"
#include "util.h"

#define CHECKER_ABI 1u

struct checker_ops {
	unsigned int abi;
	const char *name;
	const char *sends;	/* for people: what goes to the device */
	/* 0 and *state; -errno if the checker could not be run (the state stays what it was). */
	int (*check)(const struct probe_args *args, enum path_state *state);
	/* Give back what check() left in *ctx; NULL if it never does. The device's descriptor is already closed. */
	void (*release)(void *ctx);
};

/* NULL if this build has no such checker. */
const struct checker_ops *checker_find(const char *name);

/* The built-in ones, for "list"; NULL behind the last. */
const struct checker_ops *checker_at(size_t i);

#endif
