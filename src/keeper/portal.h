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
	PORTAL_BROKEN,		/* none that is logged in (any more) */
	PORTAL_IN,		/* one at least */
};

struct portal {
	char target[224];	/* RFC 7143: 223 bytes */
	char address[64];
	unsigned int port;
	int group;		/* -1: not known */
	unsigned int n_records;	/* a session each: open-iscsi has one for every interface that it is bound to */
	enum portal_state state;
	unsigned int n_sessions, n_in;	/* broken ones, too; those that are logged in */

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

/* How many records of @p there are below @nodes, open-iscsi's directory of them; 1 if that cannot be told. */
unsigned int portal_count_records(const struct portal *p, const char *nodes);

/* A session of @p's that is in @state, as /sys writes it. */
void portal_note_session(struct portal *p, const char *state);

/* Each record has its session. */
bool portal_is_complete(const struct portal *p);

/*
 * What /sys says of their sessions now. Each gets @recovery_s seconds until its I/O goes back to dm-multipath, unless that is 0; those that have it already are
 * left alone.
 */
void portals_look(struct portal *portals, size_t n, unsigned int recovery_s);

#endif
