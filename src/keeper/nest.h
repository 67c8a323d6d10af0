/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A root of our own: after switch_root the initramfs is deleted, and iscsid opens /sys, /proc and its files by path. A mount namespace with a small tmpfs for "/",
 * which holds copies of what open-iscsi's programs need, and the machine's /sys, /proc and /dev. No mount of anybody else can reach it, and it holds none.
 */
#ifndef KEEPER_NEST_H
#define KEEPER_NEST_H

#include "../util.h"

/* Mounted on @place meanwhile. @list names the files to copy, one a line; all of /etc/iscsi comes along. 0 or -errno; *@what is the step that failed. */
int nest_make(const char *place, const char *list, const char **what);

#endif
