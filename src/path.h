/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts about one path device as /sys tells them, written once by discover.c and then read-only. All in place:
 * no pointers, so a struct path may be copied and kept in locked memory.
 */
#ifndef MPATH_PATH_H
#define MPATH_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum path_bus {
	BUS_SCSI,
	BUS_NVME,
	BUS_DASD,
};

enum path_state {
	PATH_STATE_UNCHECKED,	/* no answer yet, or the checker could not be run */
	PATH_STATE_DOWN,
	PATH_STATE_UP,
	PATH_STATE_SHAKY,
	PATH_STATE_GHOST,	/* answers, but passive: cannot do I/O without a failover */
	PATH_STATE_PENDING,	/* the transport or the array says "wait" */
};

#define N_PATH_STATES (PATH_STATE_PENDING + 1)
extern const char *const path_state_names[N_PATH_STATES];

static inline bool path_is_usable(enum path_state state)
{
	return state == PATH_STATE_UP || state == PATH_STATE_GHOST;
}

#define PRIO_UNDEF (-1)

/* What ends an NVMe over Fabrics address in /sys; another one at each connection. */
#define NVME_LOCAL ",src_addr="

struct path {
	char name[32];		/* kernel name, "sda" */
	char devno[16];		/* "8:0", as tables have it */
	char syspath[256];	/* link target below /sys/block: multipathd orders paths by it */
	char hctl[48];		/* "2:0:0:1", or the kernel name where there is none */
	enum path_bus bus;
	size_t map;		/* index in snapshot->maps */
	uint64_t size;		/* 512-byte sectors */
	bool ro;
	char vendor[9], model[41];
	char serial[256];	/* VPD 0x80 text, for group_by_serial; "" if none */
	char node_name[224];	/* target node: IQN, FC node name; for group_by_node_name */
	char target[224];	/* target port: IQN, WWPN; "" if unknown */
	char portal[144];	/* iSCSI: address:port; NVMe: its address, without NVME_LOCAL */
	int port_group;		/* ALUA target port group, -1 if none */
	unsigned int lun;
	int tpgs;		/* INQUIRY byte 5 (SPC-4 6.6): bit 0 implicit, bit 1 explicit; -1 unknown */
	unsigned int sys_timeout_s;	/* of its SCSI commands; 0 if unknown */
};

#endif
