/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the choice of a map's options depends on: the facts about one path device that multipath-tools look at. All in place, no pointers.
 */
#ifndef MPATH_PATH_FACTS_H
#define MPATH_PATH_FACTS_H

#include "path.h"

/* TPGS field of INQUIRY byte 5 (SPC-4 6.6): bit 0 implicit, bit 1 explicit. */
#define TPGS_UNKNOWN (-1)
#define TPGS_NONE 0
#define TPGS_EXPLICIT 2

struct path_facts {
	char name[32];		/* kernel name, "sda" */
	enum path_bus bus;
	char protocol[24];	/* multipath-tools' word: "scsi:iscsi" */
	char vendor[24], product[48], revision[16];
	int tpgs;
	bool is_rdac;		/* VPD page 0xC9 says so */
	bool has_ana;
	bool has_access_state;	/* a SCSI device handler that reports it is attached */
	char dh_state[32];	/* "" when the kernel has no such attribute */
	unsigned int timeout_s;	/* of its commands; 0 if unknown */
};

#endif
