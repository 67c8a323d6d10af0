/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hds: Hitachi AMS and older: LUNs with an even number belong to the controller with an even number. Both are in the INQUIRY data. */
#include "../src/prio.h"
#include "../src/scsi.h"

#define INQUIRY_SIZE 96
#define LDEV_LAST_DIGIT 47	/* of the four hexadecimal ones from byte 44 on */
#define CONTROLLER 49

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -EBADMSG;
}

static int hds_get(const struct probe_args *args, int *prio)
{
	struct scsi_result res;
	int ldev, controller;
	int r = scsi_inquiry(args->dev_fd, -1, args->page, INQUIRY_SIZE, args->timeout_ms, &res);

	if (r < 0)
		return r;
	if (res.data_len <= CONTROLLER)
		return -EBADMSG;
	ldev = hex_digit(args->page[LDEV_LAST_DIGIT]);
	controller = hex_digit(args->page[CONTROLLER]);
	if (ldev < 0 || controller < 0)
		return -EBADMSG;
	*prio = (ldev & 1) == (controller & 1);
	return 0;
}

const struct prio_ops prio_hds = {
	.abi = PRIO_ABI,
	.name = "hds",
	.sends = "INQUIRY",
	.get = hds_get,
};
