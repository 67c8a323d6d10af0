/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alua: ask the array with REPORT TARGET PORT GROUPS (SPC-4 6.37) for the state of the group this path's port is in. */
#include "../src/prio.h"
#include "../src/rtpg.h"

const struct prio_ops prio_alua = {
	.abi = PRIO_ABI,
	.name = "alua",
	.sends = "REPORT TARGET PORT GROUPS; INQUIRY where /sys lacks its data",
	.args = "[exclusive_pref_bit]",
	.get = rtpg_prio,
};
