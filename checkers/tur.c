/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tur: TEST UNIT READY (SPC-4 6.47) through SG_IO. A LUN that the array does not have (5/25/00) is down: we delete no devices. */
#include "../src/checker.h"
#include "../src/scsi.h"

#define TRIES 5	/* a unit attention is reported once per initiator and cause; there may be several queued */

enum {	/* SAM-5 5.3.1 */
	STATUS_GOOD = 0x00,
	STATUS_RESERVATION_CONFLICT = 0x18,
};

/* Host states that say something about the path; all others are worth another try (include/scsi/scsi_status.h). */
static bool host_is_final(unsigned int host)
{
	return host == 0x00 /* DID_OK */ || host == 0x01 /* DID_NO_CONNECT */ || host == 0x04 /* DID_BAD_TARGET */ ||
	       host == 0x05 /* DID_ABORT */ || host == 0x0f /* DID_TRANSPORT_FAILFAST */;
}

static int tur_check(const struct probe_args *args, enum path_state *state)
{
	struct scsi_result res;
	struct scsi_sense sense;

	*state = PATH_STATE_DOWN;
	for (int i = 0; i < TRIES; i++) {
		if (scsi_test_unit(args->dev_fd, args->timeout_ms, &res) < 0)
			return res.error == -ENOTTY ? -ENOTTY : 0;
		sense = scsi_sense_of(&res);
		if (host_is_final(res.host_status) && sense.key != SENSE_UNIT_ATTENTION)
			break;
	}
	if (res.host_status)
		return 0;
	if (res.status == STATUS_GOOD || res.status == STATUS_RESERVATION_CONFLICT)
		*state = PATH_STATE_UP;	/* reserved by someone else: the path itself works */
	else if (sense.key == SENSE_NOT_READY && sense.asc == 0x04 && sense.ascq == 0x0b)
		*state = PATH_STATE_GHOST;	/* target port in standby state */
	else if (sense.key == SENSE_NOT_READY && sense.asc == 0x04 && sense.ascq == 0x0a)
		*state = PATH_STATE_PENDING;	/* asymmetric access state transition */
	return 0;
}

const struct checker_ops checker_tur = {
	.abi = CHECKER_ABI,
	.name = "tur",
	.sends = "TEST UNIT READY",
	.check = tur_check,
};
