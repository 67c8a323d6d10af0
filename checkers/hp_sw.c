/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hp_sw: HP MSA, EVA and HSG80 arrays with a passive controller, which answers INQUIRY and is not ready. */
#include "../src/checker.h"
#include "../src/scsi.h"

#define TRIES 5	/* as tur: a unit attention tells nothing about the controller's role */

static int hp_sw_check(const struct probe_args *args, enum path_state *state)
{
	struct scsi_result res;
	int r = scsi_inquiry(args->dev_fd, 0x80, args->page, 255, args->timeout_ms, &res);

	*state = PATH_STATE_DOWN;
	if (r < 0)
		return r == -ENOTTY || scsi_sense_of(&res).key == SENSE_ILLEGAL_REQUEST ? r : 0;
	for (int i = 0; i < TRIES; i++) {
		r = scsi_test_unit(args->dev_fd, args->timeout_ms, &res);
		if (r < 0 || scsi_sense_of(&res).key != SENSE_UNIT_ATTENTION)
			break;
	}
	*state = r == 0 && scsi_is_good(&res) ? PATH_STATE_UP : PATH_STATE_GHOST;
	return 0;
}

const struct checker_ops checker_hp_sw = {
	.abi = CHECKER_ABI,
	.name = "hp_sw",
	.sends = "INQUIRY page 80h, TEST UNIT READY",
	.check = hp_sw_check,
};
