/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emc: vendor page C0h of CLARiiON and VNX arrays: does this service processor own the LUN, and is it the LUN's default one? */
#include "../src/prio.h"
#include "../src/scsi.h"
#include "../src/vendor-page.h"

static int emc_get(const struct probe_args *args, int *prio)
{
	struct emc_page page = { 0 };
	struct scsi_result res;
	int r = scsi_inquiry(args->dev_fd, EMC_PAGE, args->page, EMC_PAGE_SIZE, args->timeout_ms, &res);

	if (r == 0)
		r = emc_page_decode(args->page, res.data_len, &page);
	if (r < 0)
		return r;
	if (!page.is_set_up || page.is_upgrading)
		return -EBADMSG;
	*prio = (int)page.lun + (page.is_default_sp ? 2 : 0);
	return 0;
}

const struct prio_ops prio_emc = {
	.abi = PRIO_ABI,
	.name = "emc",
	.sends = "INQUIRY page C0h",
	.get = emc_get,
};
