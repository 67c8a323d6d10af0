/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs: what the kernel's device handler has found out (drivers/scsi/scsi_sysfs.c, access_state and preferred_path). Where no handler is
 * attached it asks the array itself, as multipathd's detection would choose alua then: the numbers are the same.
 */
#include "../src/alua.h"
#include "../src/prio.h"
#include "../src/rtpg.h"
#include "../src/sysroot.h"

static int sysfs_get(const struct probe_args *args, int *prio)
{
	uint64_t preferred = 0;
	char text[32];

	if (sys_read_str(args->sys_fd, "device/access_state", text, sizeof(text)) <= 0)
		return rtpg_prio(args, prio);
	sys_read_u64(args->sys_fd, "device/preferred_path", &preferred);
	*prio = alua_prio(alua_state_from_name(text), preferred, args->options);
	return 0;
}

const struct prio_ops prio_sysfs = {
	.abi = PRIO_ABI,
	.name = "sysfs",
	.sends = "nothing; reads access_state in /sys (where there is none: as alua)",
	.args = "[exclusive_pref_bit]",
	.get = sysfs_get,
};
