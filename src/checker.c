/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checker.h"

/* Made by the Makefile from CHECKERS=: one line each. Adding one is a file in checkers/. */
#include "builtin.h"

#define DECLARE(name) extern const struct checker_ops checker_##name;
#define LIST(name) &checker_##name,

BUILTIN_CHECKERS(DECLARE)

static const struct checker_ops *const checkers[] = {
	BUILTIN_CHECKERS(LIST)
};

const struct checker_ops *checker_at(size_t i)
{
	return i < ARRAY_SIZE(checkers) ? checkers[i] : NULL;
}

const struct checker_ops *checker_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(checkers); i++)
		if (streq(checkers[i]->name, name))
			return checkers[i];
	return NULL;
}
