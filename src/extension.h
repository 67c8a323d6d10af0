/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What code of others brings: checkers and prioritizers, any number of each, behind one symbol. The same source file serves as a shared
 * object (gcc -shared, loaded by the dynamic flavour) and as an object file (linked in by make EXTRA= or mpath-boot relink):
 *
 *	static const struct prio_ops mine = { .abi = PRIO_ABI, .name = "mine", .get = mine_get };
 *	static const struct prio_ops *const prios[] = { &mine, NULL };
 *	const struct mpath_extension mpath_boot_extension = { .abi = EXTENSION_ABI, .name = "mine", .prios = prios };
 */
#ifndef MPATH_EXTENSION_H
#define MPATH_EXTENSION_H

#include "checker.h"
#include "prio.h"

#define EXTENSION_ABI 1u

struct mpath_extension {	/* all static: it stays for the life of the process */
	unsigned int abi;
	const char *name;
	const struct checker_ops *const *checkers;	/* ends in NULL; may itself be NULL */
	const struct prio_ops *const *prios;		/* the same */
};

/* The symbol. One file has one; each brings as much as it likes. Weak, so that several can be linked into one program, where each gets a number. */
extern const struct mpath_extension mpath_boot_extension __attribute__((weak));

#endif
