/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emc_clariion: CLARiiON and VNX. Vendor page C0h says what this path is, and an active one has to read as well. */
#include "../src/checker.h"
#include "../src/scsi.h"
#include "../src/vendor-page.h"

#define READ_SIZE 512

/* The map's word: one of its paths was told that the LUN is an inactive snapshot, so its passive paths lead nowhere either. */
enum {
	MAP_UNKNOWN,
	MAP_INACTIVE_SNAPSHOT,
};

/* The WWN that the LUN had when it was first asked. A change means that another LUN was put behind this path. */
static int check_wwn(const struct probe_args *args, const uint8_t *wwn)
{
	if (!*args->ctx) {
		*args->ctx = malloc(EMC_WWN_SIZE);
		if (!*args->ctx)
			return -ENOMEM;
		memcpy(*args->ctx, wwn, EMC_WWN_SIZE);
	}
	return memcmp(*args->ctx, wwn, EMC_WWN_SIZE) ? -ESTALE : 0;
}

static enum path_state read_state(const struct probe_args *args)
{
	struct scsi_result res;
	struct scsi_sense sense;
	int r = scsi_read_start(args->dev_fd, args->page, READ_SIZE, args->timeout_ms, &res);

	if (r == 0 || r == -ENOMEM) {	/* our own trouble is none of the path's */
		if (r == 0)
			__atomic_store_n(args->map_word, MAP_UNKNOWN, __ATOMIC_RELAXED);
		return PATH_STATE_UP;
	}
	sense = scsi_sense_of(&res);
	if (r == -EIO && sense.key == SENSE_ILLEGAL_REQUEST && sense.asc == 0x25 && sense.ascq == 0x01)
		__atomic_store_n(args->map_word, MAP_INACTIVE_SNAPSHOT, __ATOMIC_RELAXED);
	return PATH_STATE_DOWN;
}

static int emc_check(const struct probe_args *args, enum path_state *state)
{
	struct scsi_result res;
	struct emc_page page;
	int r = scsi_inquiry(args->dev_fd, EMC_PAGE, args->page, EMC_PAGE_SIZE, args->timeout_ms, &res);

	*state = PATH_STATE_DOWN;
	if (r < 0)	/* no such array, or no answer */
		return r == -ENOTTY || scsi_sense_of(&res).key == SENSE_ILLEGAL_REQUEST ? r : 0;
	if (emc_page_decode(args->page, res.data_len, &page) < 0 || !page.is_set_up)
		return 0;
	if (page.is_upgrading) {
		*state = PATH_STATE_SHAKY;
		return 0;
	}
	if (page.lun == EMC_LUN_UNBOUND)
		return 0;
	r = check_wwn(args, page.wwn);
	if (r < 0)
		return r == -ESTALE ? 0 : r;
	if (page.lun == EMC_LUN_OWNED)
		*state = read_state(args);
	else if (__atomic_load_n(args->map_word, __ATOMIC_RELAXED) != MAP_INACTIVE_SNAPSHOT)
		*state = PATH_STATE_UP;
	return 0;
}

static void emc_release(void *ctx)
{
	free(ctx);
}

const struct checker_ops checker_emc_clariion = {
	.abi = CHECKER_ABI,
	.name = "emc_clariion",
	.sends = "INQUIRY page C0h; READ(10) of block 0 where the LUN is owned",
	.check = emc_check,
	.release = emc_release,
};
