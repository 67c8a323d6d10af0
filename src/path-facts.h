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

/* What /sys (directory @sys_fd) says about the disk @name; no I/O to the device. 0; -errno: there is no such device. */
int path_facts_read(int sys_fd, const char *name, struct path_facts *out);

/*
 * What only the device itself can say. SCSI: whether TPGS is true and whether it is an RDAC array; one that does not answer tells nothing, and what INQUIRY
 * said stands. NVMe: whether it has ANA, which /sys shows for the kernel's own multipath only. Blocks, for @timeout_ms a command and a few of them.
 * @page is PATH_FACTS_PAGE bytes to work in.
 */
#define PATH_FACTS_PAGE 4096
void path_facts_ask(int dev_fd, unsigned int timeout_ms, uint8_t *page, struct path_facts *f);

/* "…/host2/session1/target2:0:0/…": the component of @dir that starts with @prefix and goes on with a digit; its length in *len. NULL if there is none. */
const char *path_facts_component(const char *dir, const char *prefix, size_t *len);

#endif
