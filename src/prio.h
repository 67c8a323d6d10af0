/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prioritizers: how good is this path? One file each in prio/, listed in prio.c.
 */
#ifndef MPATH_PRIO_H
#define MPATH_PRIO_H

#include "probe-args.h"
#include "util.h"

#define PRIO_ABI 1u

struct prio_ops {
	unsigned int abi;
	const char *name;
	const char *sends;	/* for people: what goes to the device */
	const char *args;	/* for people: what prio_args may be; NULL if it takes none */
	int (*get)(const struct probe_args *args, int *prio);	/* 0 and *prio >= 0, or -errno: undefined */
	/* Give back what get() left in *ctx; NULL if it never does. The device's descriptor is already closed. */
	void (*release)(void *ctx);
};

/* ---- for mpath-boot itself, not for plugins ---- */

/* Built in, linked in or loaded under that name; in the dynamic flavour it may be loaded now. NULL if there is no such prioritizer, or its code has crashed. */
const struct prio_ops *prio_find(const char *name);

/* What takes the place of one that is missing or has crashed: const. */
const struct prio_ops *prio_stand_in(void);

/* All that this process has, for "list", and where each is from; NULL behind the last. */
const struct prio_ops *prio_at(size_t i, const char **source);

/* Whether it is in this build's own table. */
bool prio_is_built_in(const char *name);

#endif
