/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rtpg.h"

#include "alua.h"
#include "scsi.h"
#include "sysroot.h"

#define TRIES 4

/* TPGS of the standard INQUIRY data (SPC-4 6.6.2): 0 none, bit 0 implicit, bit 1 explicit. The kernel has read it when it found the device. */
static int target_port_support(const struct probe_args *args)
{
	struct scsi_result res;
	ssize_t n;
	int r;

	if (args->path->tpgs >= 0)
		return args->path->tpgs;
	n = sys_read(args->sys_fd, "device/inquiry", args->page, PROBE_PAGE_SIZE);
	if (n < 6) {
		r = scsi_inquiry(args->dev_fd, -1, args->page, 36, args->timeout_ms, &res);
		if (r < 0)
			return r;
		n = (ssize_t)res.data_len;
	}
	return n < 6 ? -EBADMSG : args->page[5] >> 4 & 3;
}

/* The port group, from the page that the kernel has cached in /sys: as it was when this path was last looked at, or as it is now. */
static int cached_port_group(const struct probe_args *args, unsigned int *group)
{
	ssize_t n;

	if (args->path->port_group >= 0) {
		*group = (unsigned int)args->path->port_group;
		return 0;
	}
	n = sys_read(args->sys_fd, "device/vpd_pg83", args->page, PROBE_PAGE_SIZE);

	return n < 0 ? (int)n : vpd83_port_group(args->page, (size_t)n, group);
}

/* The same, asked of the device. */
static int port_group(const struct probe_args *args, unsigned int *group)
{
	struct scsi_result res;
	int r = scsi_inquiry(args->dev_fd, 0x83, args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res);

	return r < 0 ? r : vpd83_port_group(args->page, res.data_len, group);
}

/* REPORT TARGET PORT GROUPS into args->page: its length or -errno. */
static int report_groups(const struct probe_args *args)
{
	/* MAINTENANCE IN, service action REPORT TARGET PORT GROUPS, plain format */
	static const uint8_t rtpg[12] = { 0xa3, 0x0a, 0, 0, 0, 0, 0, 0, PROBE_PAGE_SIZE >> 8, PROBE_PAGE_SIZE & 0xff };
	struct scsi_result res;

	for (int i = 0; i < TRIES; i++) {
		uint8_t key;

		if (scsi_command(args->dev_fd, rtpg, sizeof(rtpg), args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res) < 0)
			return res.error;
		if (scsi_is_good(&res))
			return (int)res.data_len;
		key = scsi_sense_of(&res).key;
		if (key != SENSE_UNIT_ATTENTION && key != SENSE_NOT_READY)
			break;
	}
	return -EIO;
}

/*
 * An array with so many groups that ours is not in one page, and the command has no offset to go on from: the kernel's device handler
 * takes a longer reply, and shows what it found.
 */
static int kernels_prio(const struct probe_args *args, int *prio)
{
	uint64_t preferred = 0;
	char text[32];

	if (sys_read_str(args->sys_fd, "device/access_state", text, sizeof(text)) <= 0)
		return -EMSGSIZE;
	sys_read_u64(args->sys_fd, "device/preferred_path", &preferred);
	*prio = alua_prio(alua_state_from_name(text), preferred, args->options);
	return 0;
}

static int group_prio(const struct probe_args *args, unsigned int group, int *prio)
{
	unsigned int state;
	bool preferred;
	int n = report_groups(args);

	if (n < 0)
		return n;
	n = alua_find_group(args->page, (size_t)n, group, &state, &preferred);
	if (n == -EMSGSIZE)
		return kernels_prio(args, prio);
	if (n == 0)
		*prio = alua_prio(state, preferred, args->options);
	return n;
}

int rtpg_prio(const struct probe_args *args, int *prio)
{
	unsigned int group;
	int r = target_port_support(args);

	if (r <= 0)
		return r < 0 ? r : -EOPNOTSUPP;
	r = cached_port_group(args, &group);
	if (r == 0)
		r = group_prio(args, group, prio);
	/* An array may move a port to another group; the kernel's copy of the page is as old as the device. */
	if (r != -ENOENT && r != -EBADMSG)
		return r;
	r = port_group(args, &group);
	return r < 0 ? r : group_prio(args, group, prio);
}
