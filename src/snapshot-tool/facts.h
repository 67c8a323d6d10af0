/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the system says about a multipath map and its paths, before any configuration is looked at.
 */
#ifndef MPATH_FACTS_H
#define MPATH_FACTS_H

#include "../path-facts.h"
#include "../scsi.h"
#include "../snapshot.h"
#include "host.h"

/* Where it is found after the next boot. "" where something does not apply or is not known. */
struct path_place {
	char transport[16], driver[32];
	char target[224];
	uint64_t lun;
	char portal[144], interface[32], mac[24], address[64], gateway[64];	/* iSCSI */
	int portal_group;	/* iSCSI; -1 if unknown */
	bool is_named;		/* the portal is known by a name of DNS */
	bool is_guessed;	/* the session does not show its own address: interface and address are by the routes that there are now */
};

struct path_info {
	struct path_facts facts;
	struct path_place place;
};

struct names {
	char (*v)[64];
	size_t n;
};

struct map_info {
	char dm[32];		/* kernel name, "dm-0" */
	char wwid[WWID_MAX];
	char name[256];		/* the live map's, unmangled */
	char table[8192];	/* as the kernel shows it; "" in a fixture */
	uint64_t size;		/* 512-byte sectors */
	unsigned int needed_for;
	char (*designators)[DESIGNATOR_MAX];	/* strongest first */
	size_t n_designators;
	struct path_info *paths;	/* ordered by (transport, target, portal, lun) */
	size_t n_paths;
	size_t n_left_out;	/* behind these, in the same order: paths that multipathd would not take (taken.h) */
	struct snap_part *parts;	/* ordered by number */
	size_t n_parts;
	bool is_cut;	/* a blacklist that goes by kernel names or protocols keeps a disk of this LUN out: taken.h */
	struct names modules;	/* drivers between the CPU and the paths; sorted, each once */
};

/* All about the map @dm ("dm-0"). 0 or -errno, which has been reported. Owned by the caller: map_info_clear(). */
int map_info_read(const struct host *host, const char *dm, struct map_info *out);
void map_info_clear(struct map_info *m);

/* Add @name, keeping the list sorted and without doubles. 0 or -ENOMEM. */
int names_add(struct names *names, const char *name);

#endif
