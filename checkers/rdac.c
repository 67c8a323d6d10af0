/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rdac: does the controller that this path leads to own the volume (LSI, NetApp E-Series)? Vendor page C9h says it. */
#include "../src/alua.h"
#include "../src/checker.h"
#include "../src/scsi.h"
#include "../src/vendor-page.h"

#define TRIES 5

/* The transport or the adapter had a passing trouble (include/scsi/scsi_status.h). */
static bool host_is_worth_a_retry(unsigned int host)
{
	return host == 0x02 /* DID_BUS_BUSY */ || host == 0x07 /* DID_ERROR */ || host == 0x0b /* DID_SOFT_ERROR */ ||
	       host == 0x0e /* DID_TRANSPORT_DISRUPTED */;
}

/* A mode parameter header and the control mode page, as MODE SENSE(10) and MODE SELECT(10) have them */
enum {
	MODE_HEADER = 8,
	MODE_SIZE = MODE_HEADER + 12,
	MODE_FLAGS = MODE_HEADER + 5,
	MODE_TAS = 0x40,
	MODE_CURRENT = 0x00,	/* page control */
	MODE_CHANGEABLE = 0x40,
};

static bool read_control_page(const struct probe_args *args, uint8_t control, uint8_t *mode)
{
	const uint8_t cdb[10] = { 0x5a, 0x08 /* no block descriptors */, control | 0x0a, 0, 0, 0, 0, 0, MODE_SIZE };
	struct scsi_result res;

	if (scsi_command(args->dev_fd, cdb, sizeof(cdb), mode, MODE_SIZE, args->timeout_ms, &res) < 0 || !scsi_is_good(&res))
		return false;
	return res.data_len == MODE_SIZE && !mode[6] && !mode[7] && (mode[MODE_HEADER] & 0x7f) == 0x0a && mode[MODE_HEADER + 1] == 10;
}

/*
 * Once per device: have the array say "task aborted" for commands that it drops when a volume changes its owner (TAS in the control mode
 * page, SPC-4 7.5.8), rather than let them time out. An array that will not is used as it is.
 */
static void set_task_aborted_status(const struct probe_args *args)
{
	static const uint8_t select[10] = { 0x55, 0x10 /* as in SPC-4 */, 0, 0, 0, 0, 0, 0, MODE_SIZE };
	uint8_t *current = args->page, *changeable = args->page + MODE_SIZE;
	struct scsi_result res;

	if (!read_control_page(args, MODE_CURRENT, current) || current[MODE_FLAGS] & MODE_TAS ||
	    !read_control_page(args, MODE_CHANGEABLE, changeable) || !(changeable[MODE_FLAGS] & MODE_TAS))
		return;
	/* Not saved (SP): what a boot sets needs not outlive the array's power. */
	memset(current, 0, MODE_HEADER);	/* its length field is reserved in MODE SELECT */
	current[MODE_HEADER] &= 0x3f;	/* so is PS */
	current[MODE_FLAGS] |= MODE_TAS;
	scsi_command_out(args->dev_fd, select, sizeof(select), current, MODE_SIZE, args->timeout_ms, &res);
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
