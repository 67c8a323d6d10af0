/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vendor-page.h"

#include "util.h"

int rdac_page_decode(const uint8_t *page, size_t len, struct rdac_page *out)
{
	*out = (struct rdac_page) { 0 };
	if (len < 10 || page[1] != RDAC_PAGE || memcmp(page + 4, "vac", 3))
		return -EBADMSG;
	out->is_owner = page[8] & 0x01;
	out->is_ioship = page[8] & 0x20;
	out->path_prio = page[9] & 0x0f;
	out->has_aas = page[8] & 0x10;
	if (!out->has_aas)
		return 0;
	if (len < 13)
		return -EBADMSG;
	out->aas = page[10] & 0x0f;
	out->aas_alternate = page[12] & 0x0f;
	return 0;
}

int emc_page_decode(const uint8_t *page, size_t len, struct emc_page *out)
{
	*out = (struct emc_page) { 0 };
	/* [9] says in which format the rest is; there is but one */
	if (len < 49 || page[1] != EMC_PAGE || page[9] != 0 || page[4] > EMC_LUN_OWNED)
		return -EBADMSG;
	out->lun = page[4];
	out->is_default_sp = page[5] == page[8];
	/* initiator type 3; failover mode 4 (passive not ready) or 6 (ALUA); array communication path on */
	out->is_set_up = page[27] == 3 && ((page[28] & 7) == 4 || (page[28] & 7) == 6) && page[30] & 4;
	out->is_upgrading = page[48] != 0;
	out->wwn = page + 10;
	return 0;
}
