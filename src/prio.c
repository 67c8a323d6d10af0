/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prio.h"

#include "plugin.h"

/* Made by the Makefile from PRIOS=: one line each. Adding one is a file in prio/. */
#include "builtin.h"

#define DECLARE(name) extern const struct prio_ops prio_##name;
#define LIST(name) &prio_##name,

BUILTIN_PRIOS(DECLARE)

static const struct prio_ops *const prios[] = {
	BUILTIN_PRIOS(LIST)
};

const struct prio_ops *prio_at(size_t i, const char **source)
{
	if (i >= ARRAY_SIZE(prios))
		return foreign_at(PLUGIN_PRIO, i - ARRAY_SIZE(prios), source);
	*source = "built in";
	return prios[i];
}

bool prio_is_built_in(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(prios); i++)
		if (streq(prios[i]->name, name))
			return true;
	return false;
}

const struct prio_ops *prio_find(const char *name)
{
	const struct prio_ops *found;

	for (size_t i = 0; i < ARRAY_SIZE(prios); i++)
		if (streq(prios[i]->name, name) && !foreign_is_faulty(prios[i]))
			return prios[i];
	found = foreign_find(PLUGIN_PRIO, name);
	return found ? found : plugin_find(PLUGIN_PRIO, name);
}

const struct prio_ops *prio_stand_in(void)
{
	return &prio_const;
}
