/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * open-iscsi's programs as children of ours. They leave with us; what they say goes to the log, which is kept short.
 */
#ifndef KEEPER_PROGRAM_H
#define KEEPER_PROGRAM_H

#include "portal.h"

struct programs {
	char *iscsid, *iscsiadm;	/* paths in the nest, "" if the list has none; owned */
	char *library_path;		/* owned */
	char *preload;
	int log_fd;
};

/* Finds them in the list of files that the nest has. 0 or -errno. */
int programs_find(const char *list, struct programs *p);

/* Process id or -errno. iscsid stays in the foreground, under a name that systemd spares when it leaves an initramfs. */
int program_start_iscsid(const struct programs *p);

/* Log in to @portal, through the keeper's iscsid (@is_ours) or the real root's. */
int program_start_login(const struct programs *p, const struct portal *portal, bool is_ours);

#endif
