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

/* ---- for mpath-boot itself, not for plugins ---- */

/* Built in, linked in or loaded under that name; in the dynamic flavour it may be loaded now. NULL if there is no such checker, or its code has crashed. */
const struct checker_ops *checker_find(const char *name);

/* What takes the place of one that is missing or has crashed: tur for SCSI if there is one, else none. Never NULL. */
const struct checker_ops *checker_stand_in(enum path_bus bus);

/* All that this process has, for "list", and where each is from; NULL behind the last. */
const struct checker_ops *checker_at(size_t i, const char **source);

/* Whether it is in this build's own table. */
bool checker_is_built_in(const char *name);

#endif
