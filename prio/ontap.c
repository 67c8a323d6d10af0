/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ontap: NetApp FAS and AFF without ALUA. Vendor command C0h names the target driver that this path leads to (iSCSI in software: "iswt",
 * "ism_sw"; on an adapter: "ism_sn"; else Fibre Channel), and vendor page C1h says whether a partner node passes commands on.
 * Where the bytes are is what multipath-tools' prioritizer takes, as seen from outside: tests/vm/uml/stock-probes.sh.
 */
#include "../src/prio.h"
#include "../src/scsi.h"

#define REPLY_SIZE 128
#define DRIVER_AT 12

enum {
	PRIO_PROXY = 1,
	PRIO_ISCSI_SOFTWARE = 2,
	PRIO_ISCSI_ADAPTER = 3,
	PRIO_FC = 4,
};

static bool starts_with(const uint8_t *data, size_t len, const char *text)
{
	return len >= strlen(text) && memcmp(data, text, strlen(text)) == 0;
}

/* 0 unless the reply names an iSCSI driver; -EBADMSG if it is none of ONTAP's. */
static int iscsi_prio(const uint8_t *reply, size_t len)
{
	static const uint8_t signature[] = { 0x0a, 0x98, 0x0a, 0x01 };
	uint32_t total;

	if (len < 8 || memcmp(reply + 4, signature, sizeof(signature)))
		return -EBADMSG;
	total = (uint32_t)reply[0] << 24 | (uint32_t)reply[1] << 16 | (uint32_t)reply[2] << 8 | reply[3];
	if (total <= 8 || len <= DRIVER_AT || reply[8] != 0x41)
		return 0;
	reply += DRIVER_AT;
	len -= DRIVER_AT;
	if (starts_with(reply, len, "ism_sw") || starts_with(reply, len, "iswt"))
		return PRIO_ISCSI_SOFTWARE;
	return starts_with(reply, len, "ism_sn") ? PRIO_ISCSI_ADAPTER : 0;
}

static bool is_proxy(const struct probe_args *args)
{
	static const uint8_t signature[] = { 0x0a, 0x98, 0x0a, 0x00, 0xc1, 0x00 };
	struct scsi_result res;

	if (scsi_inquiry(args->dev_fd, 0xc1, args->page, REPLY_SIZE, args->timeout_ms, &res) < 0)
		return false;
	return res.data_len > 19 && args->page[1] == 0xc1 && memcmp(args->page + 8, signature, sizeof(signature)) == 0 && args->page[19] & 2;
}

static int ontap_get(const struct probe_args *args, int *prio)
{
	static const uint8_t cdb[10] = { 0xc0, 0, 0x01, 0x0a, 0x98, 0x0a, 0x41, REPLY_SIZE };
	struct scsi_result res;

	*prio = 0;	/* not ONTAP, or no answer: multipathd knows no "undefined" here */
	if (scsi_command(args->dev_fd, cdb, sizeof(cdb), args->page, REPLY_SIZE, args->timeout_ms, &res) < 0 || !scsi_is_good(&res))
		return 0;
	*prio = iscsi_prio(args->page, res.data_len);
	if (*prio < 0)
		*prio = 0;
	else if (*prio == 0)
		*prio = is_proxy(args) ? PRIO_PROXY : PRIO_FC;
	return 0;
}

const struct prio_ops prio_ontap = {
	.abi = PRIO_ABI,
	.name = "ontap",
	.sends = "vendor command C0h page 41h, INQUIRY page C1h",
	.get = ontap_get,
};
