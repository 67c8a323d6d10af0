/* SPDX-License-Identifier: GPL-2.0-or-later */
/* random: from 1 to 10, another one each time. Of use in tests only. */
#include <time.h>

#include "../src/prio.h"

static int random_get(const struct probe_args *args, int *prio)
{
	struct timespec now;
	uint64_t x;

	clock_gettime(CLOCK_MONOTONIC, &now);
	/* The fraction of a second, stirred (a multiplier of Knuth's): workers that ask at once must not agree. */
	x = ((uint64_t)now.tv_nsec ^ (uintptr_t)args->page) * 6364136223846793005u + 1442695040888963407u;
	*prio = 1 + (int)((x >> 33) % 10);
	return 0;
}

const struct prio_ops prio_random = {
	.abi = PRIO_ABI,
	.name = "random",
	.sends = "nothing",
	.get = random_get,
};
