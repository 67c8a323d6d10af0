/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hp_sw: HP MSA, EVA and HSG80 arrays: the passive controller is "not ready, initializing command required". */
#include "../src/prio.h"
#include "../src/scsi.h"

#define TRIES 5	/* a unit attention tells nothing about the controller's role */

static int hp_sw_get(const struct probe_args *args, int *prio)
{
	struct scsi_result res;
	struct scsi_sense sense;

	*prio = 0;
	for (int i = 0; i < TRIES; i++) {
		if (scsi_test_unit(args->dev_fd, args->timeout_ms, &res) < 0)
			return 0;
		sense = scsi_sense_of(&res);
		if (sense.key != SENSE_UNIT_ATTENTION)
			break;
	}
	if (scsi_is_good(&res))
		*prio = 4;
	else if (sense.key == SENSE_NOT_READY && sense.asc == 0x04 && sense.ascq == 0x02)
		*prio = 2;
	return 0;
}

const struct prio_ops prio_hp_sw = {
	.abi = PRIO_ABI,
	.name = "hp_sw",
	.sends = "TEST UNIT READY",
	.get = hp_sw_get,
};
