/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rtpg.h"

#include "alua.h"
#include "scsi.h"
#include "sysroot.h"
#include "util.h"

#define TRIES 4

/* The port group, from the page that the kernel has cached in /sys. */
static int cached_port_group(const struct probe_args *args, unsigned int *group)
{
	ssize_t n = sys_read(args->sys_fd, "device/vpd_pg83", args->page, PROBE_PAGE_SIZE);

	return n < 0 ? (int)n : vpd83_port_group(args->page, (size_t)n, group);
}

/* The same, asked of the device. */
static int port_group(const struct probe_args *args, unsigned int *group)
{
	static const uint8_t inquiry[6] = { 0x12, 0x01, 0x83, PROBE_PAGE_SIZE >> 8, PROBE_PAGE_SIZE & 0xff, 0 };
	struct scsi_result res;

	if (scsi_command(args->dev_fd, inquiry, sizeof(inquiry), args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res) < 0)
		return res.error;
	if (res.status || res.host_status)
		return -EIO;
	return vpd83_port_group(args->page, res.data_len, group);
}

/* REPORT TARGET PORT GROUPS into args->page: its length or -errno. */
static int report_groups(const struct probe_args *args)
{
	/* MAINTENANCE IN, service action REPORT TARGET PORT GROUPS, plain format */
	static const uint8_t rtpg[12] = { 0xa3, 0x0a, 0, 0, 0, 0, 0, 0, PROBE_PAGE_SIZE >> 8, PROBE_PAGE_SIZE & 0xff };
	struct scsi_result res;

	for (int i = 0; i < TRIES; i++) {
		struct scsi_sense sense = { 0 };

		if (scsi_command(args->dev_fd, rtpg, sizeof(rtpg), args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res) < 0)
			return res.error;
		if (res.status == 0 && res.host_status == 0)
			return (int)res.data_len;
		scsi_sense_decode(res.sense, res.sense_len, &sense);
		if (sense.key != 0x6 && sense.key != 0x2)	/* unit attention, not ready: worth another try */
			break;
	}
	return -EIO;
}

static int group_prio(const struct probe_args *args, unsigned int group, int *prio)
{
	unsigned int state;
	bool preferred;
	int n = report_groups(args);

	if (n < 0)
		return n;
	n = alua_find_group(args->page, (size_t)n, group, &state, &preferred);
	if (n == 0)
		*prio = alua_prio(state, preferred, args->options);
	return n;
}

int rtpg_prio(const struct probe_args *args, int *prio)
{
	unsigned int group;
	int r = cached_port_group(args, &group);

	if (r == 0)
		r = group_prio(args, group, prio);
	/* An array may move a port to another group; the kernel's copy of the page is as old as the device. */
	if (r != -ENOENT && r != -EBADMSG)
		return r;
	r = port_group(args, &group);
	return r < 0 ? r : group_prio(args, group, prio);
}
