/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Telling the administrator of the running system that the image has gone stale.
 */
#ifndef MPATH_NOTICE_H
#define MPATH_NOTICE_H

#include "drift.h"

#define NOTICE_FILE "/run/mpath-boot/drift"	/* there while something differs; the first line is the verdict. mpath-boot status shows it */

/* Write or remove NOTICE_FILE, and say the findings on stderr with the journal's priorities in front. */
void notice_write(const struct drift *d, const char *snapshot);

void notice_remove(void);

/* What makes images on this system. */
const char *notice_remake_command(void);

#endif
