/* SPDX-License-Identifier: GPL-2.0-or-later */
/* const: every path is as good as any other. */
#include "../src/prio.h"

static int const_get(const struct probe_args *args, int *prio)
{
	(void)args;
	*prio = 1;
	return 0;
}

const struct prio_ops prio_const = {
	.abi = PRIO_ABI,
	.name = "const",
	.sends = "nothing",
	.get = const_get,
};
