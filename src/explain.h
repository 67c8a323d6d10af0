/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a disk is, is not, or is not yet a path: the first reason that holds, in words and as a word for programs. Pure: what /sys, the snapshot, the guard's state and
 * the kernel's table say goes in.
 */
#ifndef MPATH_EXPLAIN_H
#define MPATH_EXPLAIN_H

#include "buf.h"
#include "conf.h"
#include "path.h"
#include "scsi.h"
#include "snapshot.h"

enum explain_reason {
	EXPLAIN_NO_DEVICE,
	EXPLAIN_PARTITION,
	EXPLAIN_MAP,		/* of the snapshot */
	EXPLAIN_MAP_PARTITION,
	EXPLAIN_OTHER_DM,
	EXPLAIN_HIDDEN,		/* a path of the kernel's own NVMe multipath */
	EXPLAIN_NATIVE,		/* what the kernel makes of such paths */
	EXPLAIN_NO_DISK,
	EXPLAIN_NO_SNAPSHOT,
	EXPLAIN_BLACKLISTED,
	EXPLAIN_OTHER_LUN,	/* in the place of one of ours */
	EXPLAIN_WEAK_IDENTITY,
	EXPLAIN_NO_IDENTITY,
	EXPLAIN_NO_CLAIM,	/* udev has not told */
	EXPLAIN_GENERIC,	/* the snapshot has rules, and no LUNs */
	EXPLAIN_FOREIGN,
	EXPLAIN_OFF,
	EXPLAIN_NO_SIZE,
	EXPLAIN_FAILED,		/* in the map */
	EXPLAIN_PASSIVE,	/* in the map, and not to be used */
	EXPLAIN_FLAPPING,
	EXPLAIN_GHOST,		/* in the map */
	EXPLAIN_IN_GROUP,
	EXPLAIN_NO_GUARD,
	EXPLAIN_MULTIPATHD,	/* it is multipathd's to take */
	EXPLAIN_UNSEEN,
	EXPLAIN_WRONG_SIZE,
	EXPLAIN_OFFLINE,
	EXPLAIN_BLOCKED,
	EXPLAIN_HUNG,
	EXPLAIN_SLOW,
	EXPLAIN_UNCHECKED,
	EXPLAIN_DOWN,
	EXPLAIN_PENDING,
	EXPLAIN_SHAKY,
	EXPLAIN_HELD,		/* somebody has it, so the kernel refuses it */
	EXPLAIN_REFUSED,	/* for a reason we do not know */
	EXPLAIN_READ_ONLY,
	EXPLAIN_GHOST_WAITS,
	EXPLAIN_NOT_YET,
	N_EXPLAIN_REASONS
};

/* For programs: "no-device". */
extern const char *const explain_names[N_EXPLAIN_REASONS];

struct explain_facts {
	const char *name;	/* as it was asked for */
	bool exists, is_partition, is_disk, is_hidden, is_native;
	char disk[32];		/* of a partition */
	char dm_name[128], dm_uuid[160];	/* "" if it is no device-mapper device */
	const struct snapshot *snap;	/* NULL: there is none */
	const char *snapshot_problem;	/* then */
	bool is_off;		/* switched off on the kernel command line */

	bool is_ours;		/* path.map is its map */
	const struct conf_node *rule;	/* of the snapshot: it blacklists the disk; NULL: none does */
	struct path path;
	char identity[DESIGNATOR_MAX], wwid[WWID_MAX];	/* "" where it shows none */
	const struct snap_map *weak_map;	/* it shows one of its weaker designators */
	const struct snap_map *place_map;	/* a path of it was in this place */
	bool has_claim;		/* udev has told a WWID */

	char sys_state[32];	/* the kernel's word; "" if it has none */
	char access_state[32];	/* ALUA; "" */
	char ana_state[32];	/* NVMe; "" */
	char holders[128];	/* devices on top of it, but for its own map */
	char used_as[192];	/* "swap", "mounted at /mnt" */

	bool has_state, guard_runs, is_handed_over;
	bool is_seen;		/* the state has the path */
	enum path_state state;
	bool is_hung;
	unsigned int no_answer_for_s;
	int prio;
	char reason[16];	/* what the guard says of a path that it leaves out; see state.c */
	char failure[64];
	bool map_exists;
	uint64_t map_size;	/* of the live map; 0: none */
	bool in_table, kernel_failed;
	unsigned int group, n_groups;
};

struct explanation {
	enum explain_reason reason;
	bool is_path;		/* it is in a map, whatever its state */
	struct buf text;	/* one line */
	char mem[1500];
};

void explain_decide(const struct explain_facts *f, struct explanation *out);

#endif
