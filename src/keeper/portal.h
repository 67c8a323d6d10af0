/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Root's portals as the boot scripts list them, and the sessions of the kernel that belong to them.
 */
#ifndef KEEPER_PORTAL_H
#define KEEPER_PORTAL_H

#include "../util.h"

#define PORTALS_MAX 64

enum portal_state {
	PORTAL_AWAY,		/* no session */
	PORTAL_BROKEN,		/* a session that is not logged in (any more) */
	PORTAL_IN,
};

struct portal {
	char target[224];	/* RFC 7143: 223 bytes */
	char address[64];
	unsigned int port;
	int group;		/* -1: not known */
	enum portal_state state;
	char session[24];	/* its name in /sys/class/iscsi_session, "" if none */

	/* of whoever tries to log in */
	int pid;		/* 0: nobody */
	uint64_t next_ms, deadline_ms;
	bool was_in, has_said;
};

/* Lines "TARGET ADDRESS PORT GROUP ...", of which the rest is the boot scripts'. How many are good; others are left out. */
size_t portals_parse(const char *text, struct portal *portals, size_t max);

/* The same address, however it is written. */
bool portal_same_address(const char *a, const char *b);

/* Does somebody take connections there? Waits for @timeout_ms at most. */
bool portal_answers(const struct portal *p, int timeout_ms);

/* What /sys says of their sessions now. */
void portals_look(struct portal *portals, size_t n);

/* Give each session of theirs so many seconds until its I/O goes back to dm-multipath; those that have it already are left alone. */
void portals_set_recovery(const struct portal *portals, size_t n, unsigned int seconds);

#endif
