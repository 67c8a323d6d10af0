/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An extension for mpath-boot with one checker and one prioritizer. make builds it as a shared object (the dynamic flavour loads it) and as an object file
 * (mpath-boot relink makes a static mpath-boot of it). multipath.conf then has, for the LUNs in question, path_checker "example_read" and prio "example_host".
 *
 * Both are called in a thread of their own for each path, with 24 KiB of stack, and may block: whoever does not answer within args->timeout_ms costs only its
 * own path. They must not fork, exec, open files by path, or allocate what they do not keep in *args->ctx: root may be gone.
 */
#include <mpath-boot/extension.h>
#include <mpath-boot/scsi.h>

/* Up if the first block can be read. */
static int read_check(const struct probe_args *args, enum path_state *state)
{
	struct scsi_result result;

	if (scsi_read_start(args->dev_fd, args->page, 512, args->timeout_ms, &result) < 0)
		return result.error;
	*state = scsi_is_good(&result) ? PATH_STATE_UP : PATH_STATE_DOWN;
	return 0;
}

static const struct checker_ops example_read = {
	.abi = CHECKER_ABI,
	.name = "example_read",
	.sends = "READ(10) of block 0",
	.check = read_check,
};

/* 20 for the hosts whose number prio_args gives ("0 2"), 10 for all others. */
static int host_get(const struct probe_args *args, int *prio)
{
	unsigned long host = strtoul(args->path->hctl, NULL, 10);	/* "2:0:0:1" */
	const char *s = args->options;
	char *end;

	*prio = 10;
	for (; *s; s = end) {
		unsigned long wanted = strtoul(s, &end, 10);

		if (end == s)
			break;
		if (wanted == host)
			*prio = 20;
	}
	return 0;
}

static const struct prio_ops example_host = {
	.abi = PRIO_ABI,
	.name = "example_host",
	.sends = "nothing; looks at the number of the path's SCSI host",
	.args = "HOST...",
	.get = host_get,
};

static const struct checker_ops *const checkers[] = { &example_read, NULL };
static const struct prio_ops *const prios[] = { &example_host, NULL };

const struct mpath_extension mpath_boot_extension = {
	.abi = EXTENSION_ABI,
	.name = "example",
	.checkers = checkers,
	.prios = prios,
};
