/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hand-over is watched, not negotiated: multipathd does not know us. Its lock on /run/multipathd.pid says that it lives, its socket whether it is ready and
 * which maps it has. The socket is never touched without the lock: a bare connect would socket-activate it.
 */
#ifndef MPATH_HANDOFF_H
#define MPATH_HANDOFF_H

#include "snapshot.h"
#include "sysroot.h"

#include <sys/types.h>

enum handoff_verdict {
	HANDOFF_NOBODY,		/* no multipathd: guard */
	HANDOFF_STARTING,	/* one holds the lock: stand by */
	HANDOFF_READY,		/* it is ready and has all our maps: leave */
	HANDOFF_UNWANTED,	/* it is ready, and does not have one of our maps, or none of its paths */
};

enum handoff_question {
	ASK_NOTHING,
	ASK_DAEMON,	/* "show daemon" was sent */
	ASK_MAPS,	/* "show maps raw format %N:%w" was sent */
};

#define HANDOFF_REPLY_SIZE 4096	/* a long reply is taken in line by line */

struct handoff {
	int fd;			/* -1 while not connected */
	int watch_fd;		/* readable when something happened in /run; -1: nobody tells us */
	enum handoff_question asked;
	int pid;		/* who holds the lock, 0: nobody */
	dev_t root_dev;		/* our own root, to know an initramfs' multipathd from the real one */
	ino_t root_ino;
	bool may_leave_same_root;	/* there is no switch_root ahead: not started with --initrd */
	enum handoff_verdict verdict;
	char missing[128];	/* HANDOFF_UNWANTED: the WWID it does not have */
	uint64_t next_lock_ms, next_poll_ms, alert_until_ms, next_ms, deadline_ms;
	size_t len;		/* bytes in reply */
	uint64_t left;		/* bytes of the reply still to come, once its length is known */
	bool *found;		/* for each map of the snapshot, of the reply that is coming in; borrowed */
	bool *has;		/* the same of the last whole one */
	char reply[HANDOFF_REPLY_SIZE];	/* what has come and is not yet understood */
};

/* Remember our root, watch /run. @flags has room for two flags for each of @n maps. 0 or -errno. */
int handoff_init(struct handoff *h, const struct sysroot *root, bool *flags, size_t n);

/* Does multipathd look after this map, while it does not have all of them (HANDOFF_UNWANTED)? */
bool handoff_is_theirs(const struct handoff *h, size_t map);

/* Something happened in /run: was it about the lock? Then the next step looks at it. */
void handoff_take_events(struct handoff *h, uint64_t now_ms);
/* When to call handoff_step() though nothing happened. */
uint64_t handoff_next_ms(const struct handoff *h);

/* Look at the lock, go on with the conversation as far as it goes without blocking. Cheap; call it in every round. */
enum handoff_verdict handoff_step(struct handoff *h, const struct sysroot *root, const struct snapshot *snap, uint64_t now_ms);

/* Read what has come on h->fd in answer to h->asked, ticking off maps in h->found. 1: the whole reply has come; 0: not yet; -errno: hang up. */
int handoff_read_reply(struct handoff *h, const struct snapshot *snap);
/* Pure: does the reply to "show daemon" say that @pid is ready? */
bool handoff_daemon_is_ready(const char *reply, int pid);
/* Pure: does this part of the reply to "show maps raw format %N:%w" have @wwid, with a path at least? */
bool handoff_has_map(const char *reply, const char *wwid);

#endif
