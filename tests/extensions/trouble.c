/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An extension that misbehaves. Prioritizer and checker "trouble" do what prio_args say at the paths of one SCSI host ("null 0", "overflow 1"…) and work at
 * others; with TROUBLE_AT_START the library does it as soon as it is loaded.
 */
#include <mpath-boot/extension.h>
#include <stdio.h>

static volatile char *volatile nowhere;

static int deeper(int n)
{
	volatile char frame[512];

	frame[0] = (char)n;
	return n ? deeper(n - 1) + frame[0] : 0;
}

static int misbehave(const char *how)
{
	if (streq(how, "null"))
		*nowhere = 1;
	if (streq(how, "abort"))
		abort();
	if (streq(how, "overflow"))
		return deeper(1 << 20);
	while (streq(how, "hang"))
		sleep(1000);
	return 0;
}

static int get(const struct probe_args *args, int *prio)
{
	char how[16] = "";
	unsigned int host = ~0u, here = ~0u;

	sscanf(args->options, "%15s %u", how, &host);
	sscanf(args->path->hctl, "%u:", &here);
	*prio = 20 + (host == here ? misbehave(how) : 0);
	return 0;
}

/* It has no arguments: it crashes at host 1. */
static int check(const struct probe_args *args, enum path_state *state)
{
	*state = args->path->hctl[0] == '1' ? (enum path_state)misbehave("null") : PATH_STATE_UP;
	return 0;
}

#ifdef TROUBLE_AT_START
static void __attribute__((constructor)) start(void)
{
	misbehave(TROUBLE_AT_START);
}
#endif

static const struct checker_ops trouble_checker = { .abi = CHECKER_ABI, .name = "trouble", .sends = "nothing", .check = check };
#ifdef TROUBLE_ABI
static const struct prio_ops trouble_prio = { .abi = PRIO_ABI + 1, .name = "trouble", .sends = "nothing", .get = get };
#else
static const struct prio_ops trouble_prio = { .abi = PRIO_ABI, .name = "trouble", .sends = "nothing", .args = "null|abort|overflow|hang HOST", .get = get };
#endif
static const struct checker_ops *const checkers[] = { &trouble_checker, NULL };
static const struct prio_ops *const prios[] = { &trouble_prio, NULL };

const struct mpath_extension mpath_boot_extension = { .abi = EXTENSION_ABI, .name = "trouble", .checkers = checkers, .prios = prios };
