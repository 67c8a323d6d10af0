/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rdac: vendor page C9h of LSI and NetApp E-Series arrays: who owns the volume, and which path the administrator prefers. */
#include "../src/prio.h"
#include "../src/scsi.h"
#include "../src/vendor-page.h"

static int rdac_get(const struct probe_args *args, int *prio)
{
	struct rdac_page page;
	struct scsi_result res;

	*prio = 0;	/* also when something goes wrong: multipathd knows no "undefined" here */
	if (scsi_inquiry(args->dev_fd, RDAC_PAGE, args->page, RDAC_PAGE_SIZE, args->timeout_ms, &res) < 0)
		return 0;
	if (rdac_page_decode(args->page, res.data_len, &page) < 0)
		return 0;
	*prio = (page.is_owner ? 2 : 0) + (page.path_prio == 1 ? 4 : page.path_prio == 2 ? 1 : 0) + (page.is_ioship ? 8 : 0);
	return 0;
}

const struct prio_ops prio_rdac = {
	.abi = PRIO_ABI,
	.name = "rdac",
	.sends = "INQUIRY page C9h",
	.get = rdac_get,
};
