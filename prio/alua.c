/* SPDX-License-Identifier: GPL-2.0-or-later */
/* alua: the array's own word for the state of the group this path's port is in. */
#include "../src/prio.h"
#include "../src/rtpg.h"

const struct prio_ops prio_alua = {
	.abi = PRIO_ABI,
	.name = "alua",
	.sends = "REPORT TARGET PORT GROUPS",
	.get = rtpg_prio,
};
