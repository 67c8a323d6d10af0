/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The real root's iscsid, watched and not asked. Whoever is in charge of sessions listens for the kernel's iSCSI events: netlink family 8, group 1
 * (include/scsi/iscsi_if.h). iscsid opens that socket before it touches a session, and no start of systemd's, no lock file and no name of a socket tells as much.
 */
#ifndef KEEPER_SUCCESSOR_H
#define KEEPER_SUCCESSOR_H

#include "../util.h"

/* In the text of /proc/net/netlink: the next port (as a rule a process id) that listens, after *@text; 0 if there is none. Moves *@text on. */
unsigned int successor_next(const char **text);

/* The process that listens, is called iscsid and is not @own; 0 if there is none. */
unsigned int successor_find(int own);

/* End it, and the child with which it takes sessions over. */
void successor_end(unsigned int pid);

#endif
