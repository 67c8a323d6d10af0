/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Vital product data pages that only some arrays have, and that a checker and a prioritizer share. Pure.
 */
#ifndef MPATH_VENDOR_PAGE_H
#define MPATH_VENDOR_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RDAC_PAGE 0xc9
#define RDAC_PAGE_SIZE 48

/* Volume access control of LSI/NetApp E-Series arrays. Facts: drivers/scsi/device_handler/scsi_dh_rdac.c, sg_vpd(8) page rdac_vac. */
struct rdac_page {
	bool is_owner;		/* the controller that answers owns the volume */
	bool is_ioship;		/* any controller takes its I/O */
	bool has_aas;		/* TPGDE: the two access states below are there; else both are 0 */
	unsigned int aas, aas_alternate;	/* enum alua_state, of this controller and of the other one */
	unsigned int path_prio;	/* 1: preferred path, 2: secondary */
};

/* 0 or -EBADMSG. */
int rdac_page_decode(const uint8_t *page, size_t len, struct rdac_page *out);

#define EMC_PAGE 0xc0
#define EMC_PAGE_SIZE 128

enum emc_lun {
	EMC_LUN_UNBOUND,
	EMC_LUN_BOUND,		/* the other service processor owns it */
	EMC_LUN_OWNED,
};

/* Unit path report of CLARiiON and VNX arrays. Facts: drivers/scsi/device_handler/scsi_dh_emc.c, sg_vpd(8) page upr. */
struct emc_page {
	enum emc_lun lun;
	bool is_default_sp;	/* the current service processor is the LUN's default one */
	bool is_set_up;		/* this initiator is registered for failover as Linux needs it */
	bool is_upgrading;	/* of the array's software; paths come and go */
	const uint8_t *wwn;	/* of the LUN, EMC_WWN_SIZE bytes of the page */
};

#define EMC_WWN_SIZE 16

/* 0 or -EBADMSG. */
int emc_page_decode(const uint8_t *page, size_t len, struct emc_page *out);

#endif
