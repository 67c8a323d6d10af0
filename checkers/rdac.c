/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rdac: does the controller that this path leads to own the volume (LSI, NetApp E-Series)? Vendor page C9h says it. */
#include "../src/alua.h"
#include "../src/checker.h"
#include "../src/scsi.h"
#include "../src/vendor-page.h"

#define TRIES 6

/* The transport or the adapter had a passing trouble (include/scsi/scsi_status.h). */
static bool host_is_worth_a_retry(unsigned int host)
{
	return host == 0x02 /* DID_BUS_BUSY */ || host == 0x07 /* DID_ERROR */ || host == 0x0b /* DID_SOFT_ERROR */ ||
	       host == 0x0e /* DID_TRANSPORT_DISRUPTED */;
}

/*
 * Once per device: have the array say "task aborted" for commands that it drops when a volume changes its owner (TAS in the control mode
 * page, SPC-4 7.5.8), rather than let them time out. An array that will not is used as it is.
 */
static void set_task_aborted_status(const struct probe_args *args)
{
	static const uint8_t sense[10] = { 0x5a, 0x08 /* no block descriptors */, 0x0a, 0, 0, 0, 0, 0, 8 + 12 };
	static const uint8_t select[10] = { 0x55, 0x10 /* as in SPC-4 */, 0, 0, 0, 0, 0, 0, 8 + 12 };
	uint8_t *header = args->page, *page = args->page + 8;
	struct scsi_result res;

	if (scsi_command(args->dev_fd, sense, sizeof(sense), header, 8 + 12, args->timeout_ms, &res) < 0 || !scsi_is_good(&res))
		return;
	if (res.data_len < 8 + 12 || header[6] || header[7] || (page[0] & 0x7f) != 0x0a || page[1] != 10 || page[5] & 0x40)
		return;
	memset(header, 0, 8);	/* its length field is reserved in MODE SELECT */
	page[0] &= 0x3f;	/* so is PS */
	page[5] |= 0x40;
	scsi_command_out(args->dev_fd, select, sizeof(select), header, 8 + 12, args->timeout_ms, &res);
}

static enum path_state page_state(const struct rdac_page *p)
{
	if (p->has_aas && (p->aas == ALUA_UNAVAILABLE || (p->aas == ALUA_TRANSITIONING && p->aas_alternate != ALUA_TRANSITIONING)))
		return PATH_STATE_DOWN;
	return p->is_owner || p->is_ioship ? PATH_STATE_UP : PATH_STATE_GHOST;
}

static int rdac_check(const struct probe_args *args, enum path_state *state)
{
	static char is_set;
	struct rdac_page page;
	struct scsi_result res;
	int r = -EIO;

	if (!*args->ctx) {
		*args->ctx = &is_set;	/* no memory of ours: there is nothing to release */
		set_task_aborted_status(args);
	}
	*state = PATH_STATE_DOWN;
	for (int i = 0; i < TRIES; i++) {
		r = scsi_inquiry(args->dev_fd, RDAC_PAGE, args->page, RDAC_PAGE_SIZE, args->timeout_ms, &res);
		if (r == 0 || res.error || !host_is_worth_a_retry(res.host_status))
			break;
	}
	if (r == -ENOTTY || (r < 0 && scsi_sense_of(&res).key == SENSE_ILLEGAL_REQUEST))
		return r;	/* no such array */
	/* A peripheral qualifier other than 0: there is no LUN behind this path. */
	if (r == 0 && rdac_page_decode(args->page, res.data_len, &page) == 0 && args->page[0] == 0)
		*state = page_state(&page);
	return 0;
}

const struct checker_ops checker_rdac = {
	.abi = CHECKER_ABI,
	.name = "rdac",
	.sends = "INQUIRY page C9h; at first MODE SENSE and, if need be, MODE SELECT of TAS",
	.check = rdac_check,
};
