/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prio.h"

/* Made by the Makefile from PRIOS=: one line each. Adding one is a file in prio/. */
#include "builtin.h"

#define DECLARE(name) extern const struct prio_ops prio_##name;
#define LIST(name) &prio_##name,

BUILTIN_PRIOS(DECLARE)

static const struct prio_ops *const prios[] = {
	BUILTIN_PRIOS(LIST)
};

const struct prio_ops *prio_at(size_t i)
{
	return i < ARRAY_SIZE(prios) ? prios[i] : NULL;
}

const struct prio_ops *prio_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(prios); i++)
		if (streq(prios[i]->name, name))
			return prios[i];
	return NULL;
}
