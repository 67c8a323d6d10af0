/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checker.h"

#include "plugin.h"

/* Made by the Makefile from CHECKERS=: one line each. Adding one is a file in checkers/. */
#include "builtin.h"

#define DECLARE(name) extern const struct checker_ops checker_##name;
#define LIST(name) &checker_##name,

BUILTIN_CHECKERS(DECLARE)

static const struct checker_ops *const checkers[] = {
	BUILTIN_CHECKERS(LIST)
};

const struct checker_ops *checker_at(size_t i, const char **source)
{
	if (i >= ARRAY_SIZE(checkers))
		return foreign_at(PLUGIN_CHECKER, i - ARRAY_SIZE(checkers), source);
	*source = "built in";
	return checkers[i];
}

bool checker_is_built_in(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(checkers); i++)
		if (streq(checkers[i]->name, name))
			return true;
	return false;
}

const struct checker_ops *checker_find(const char *name)
{
	const struct checker_ops *found;

	for (size_t i = 0; i < ARRAY_SIZE(checkers); i++)
		if (streq(checkers[i]->name, name) && !foreign_is_faulty(checkers[i]))
			return checkers[i];
	found = foreign_find(PLUGIN_CHECKER, name);
	return found ? found : plugin_find(PLUGIN_CHECKER, name);
}

const struct checker_ops *checker_stand_in(enum path_bus bus)
{
	const struct checker_ops *tur = bus == BUS_SCSI ? checker_find("tur") : NULL;

	return tur ? tur : &checker_none;
}
