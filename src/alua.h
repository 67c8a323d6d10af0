/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asymmetric access states and what they are worth: decoders for the prioritizers alua and sysfs. Pure; rtpg.h asks the array.
 */
#ifndef MPATH_ALUA_H
#define MPATH_ALUA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alua_state {	/* SPC-4 table 307 */
	ALUA_OPTIMIZED = 0x0,
	ALUA_NON_OPTIMIZED = 0x1,
	ALUA_STANDBY = 0x2,
	ALUA_UNAVAILABLE = 0x3,
	ALUA_LBA_DEPENDENT = 0x4,
	ALUA_OFFLINE = 0xe,
	ALUA_TRANSITIONING = 0xf,
};

/* multipathd's numbers; @preferred counts on an optimized path only with the option exclusive_pref_bit. */
int alua_prio(unsigned int state, bool preferred, const char *options);

/* The state that the kernel's access_state attribute calls @name (drivers/scsi/scsi_sysfs.c); ALUA_OFFLINE for what it does not know. */
unsigned int alua_state_from_name(const char *name);

/*
 * Find @group in REPORT TARGET PORT GROUPS data (SPC-4 6.37). 0 and *state, *preferred; -ENOENT; -EBADMSG; -EMSGSIZE if it is not
 * in the @len bytes, and the array says that it had more.
 */
int alua_find_group(const uint8_t *data, size_t len, unsigned int group, unsigned int *state, bool *preferred);

#endif
