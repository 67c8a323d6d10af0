/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why the configuration makes a disk a path, or does not: the first reason that holds, in multipath-tools' order. Pure.
 */
#ifndef MPATH_CONFIG_REASON_H
#define MPATH_CONFIG_REASON_H

#include "../blacklist.h"
#include "../buf.h"
#include "config.h"
#include "facts.h"

enum config_reason {
	CONFIG_NO_DEVICE,
	CONFIG_PARTITION,
	CONFIG_MAP,
	CONFIG_OTHER_DM,
	CONFIG_HIDDEN,
	CONFIG_NO_DISK,
	CONFIG_NO_UDEV,
	CONFIG_USB,
	CONFIG_PROPERTY,	/* this one and those below: blacklisted by */
	CONFIG_NO_PROPERTY,
	CONFIG_DEVNODE,
	CONFIG_DEVICE,
	CONFIG_PROTOCOL,
	CONFIG_WWID,
	CONFIG_NO_WWID,
	CONFIG_STRICT,		/* find_multipaths strict, and not in wwids */
	CONFIG_ALONE,		/* find_multipaths on, and no second path */
	CONFIG_SMART,		/* find_multipaths smart, and no second path yet */
	CONFIG_FAILED,		/* multipath-tools has noted that no map could be made of it */
	CONFIG_OTHER_WWID,	/* it is in a map of another WWID */
	CONFIG_PATH,
	CONFIG_IN_MAP,
	N_CONFIG_REASONS
};

extern const char *const config_reason_names[N_CONFIG_REASONS];

struct config_case {
	const char *name;	/* as it was asked for */
	const struct config *config;
	bool exists, is_partition, is_hidden, is_disk;
	char disk[32];		/* of a partition */
	char dm_name[128], dm_uuid[160];	/* "" if it is no device-mapper device */
	struct path_info info;
	bool has_udev;
	struct setting uid_attribute;
	char wwid[WWID_MAX];	/* as multipathd would find it; "" */
	bool is_udev_wwid;	/* from the property */
	struct blacklist_verdict blacklist;
	size_t n_same;		/* disks with this WWID, it included */
	bool is_failed;
	char map_name[256], map_wwid[WWID_MAX];	/* the live map that has it; "" */
	bool wwid_has_map;	/* there is a live map of its WWID */
	struct resolved resolved;	/* for its WWID */
};

struct config_answer {
	enum config_reason reason;
	bool is_path;		/* multipathd would make it one */
	struct buf text;	/* one line */
	char mem[3000];
};

void config_decide(const struct config_case *c, struct config_answer *out);

#endif
