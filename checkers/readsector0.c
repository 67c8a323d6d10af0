/* SPDX-License-Identifier: GPL-2.0-or-later */
/* readsector0: READ(10) of the first 4096 bytes through SG_IO. */
#include "../src/checker.h"
#include "../src/scsi.h"

static int readsector0_check(const struct probe_args *args, enum path_state *state)
{
	struct scsi_result res;
	int r = scsi_read_start(args->dev_fd, args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res);

	*state = PATH_STATE_DOWN;
	if (r == -ENOTTY || r == -EINVAL)
		return r;	/* no SCSI disk, or one whose blocks are larger */
	if (r == 0 || r == -ENOMEM)
		*state = PATH_STATE_UP;	/* no memory for the request: the path is not to blame */
	return 0;
}

const struct checker_ops checker_readsector0 = {
	.abi = CHECKER_ABI,
	.name = "readsector0",
	.sends = "READ(10) of the first 4096 bytes",
	.check = readsector0_check,
};
