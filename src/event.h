/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /run/mpath-boot/events: what happened in this boot, one line an event, for programs and for mpath-boot timeline (mpath-boot.state(5)).
 *
 *	+ 4.120831 appeared map=mpatha path=sda dev=8:0 via=10.0.2.2:3260
 *
 * Bounded without memory of its own: each path, each map and the guard itself have a number of lines that stay for ever (they begin with "+"). What
 * comes after that begins with "-", and when there are too many of those the file is written anew without the older half. So a path that flaps for a
 * day can neither fill /run nor push out how the machine booted. A later guard goes on in the same file.
 */
#ifndef MPATH_EVENT_H
#define MPATH_EVENT_H

#include "buf.h"
#include "resident.h"

#define EVENTS_VERSION 1
#define EVENT_LINE_MAX 512	/* with its newline */

enum event_kind {
	EVENT_OTHER,	/* of a newer mpath-boot */
	/* the guard */
	EVENT_GUARD_START,
	EVENT_ROOT_MOUNTED,	/* the initramfs has mounted something where root will be */
	EVENT_SWITCH_ROOT,	/* and has made it /: here the gap begins */
	EVENT_STANDBY,		/* a multipathd holds its lock */
	EVENT_ON_GUARD,		/* and holds it no longer */
	EVENT_UNWANTED,		/* it is ready and does not have a map of ours */
	EVENT_HANDED_OVER,
	EVENT_EXIT,
	EVENT_LOST,		/* lines that could not be written */
	/* a map */
	EVENT_FOUND,		/* it was there when this guard started; also of a path that it has */
	EVENT_CREATED,
	EVENT_RELOADED,
	EVENT_REFUSED,		/* the kernel did not take its table */
	EVENT_REMOVED,		/* by somebody else */
	EVENT_GAVE_UP,		/* no_path_retry is over: I/O fails */
	EVENT_QUEUEING,		/* and a path is back: it queues again */
	EVENT_SWITCHED,		/* to another path group, by failback */
	EVENT_PARTITION,
	EVENT_MISSING,		/* an expected path, when it is ready without */
	EVENT_READY,		/* root may mount */
	/* a path */
	EVENT_APPEARED,
	EVENT_STATE,		/* a check says something new */
	EVENT_SLOW,		/* a check has not come back for a second */
	EVENT_HUNG,		/* nor within the checker's timeout */
	EVENT_ADDED,		/* the map's table has it now */
	EVENT_LEFT_OUT,		/* and has it no longer */
	EVENT_FAILED,		/* in the map, by the kernel or by us */
	EVENT_REINSTATED,
	EVENT_GONE,
};

#define N_EVENT_KINDS (EVENT_GONE + 1)
extern const char *const event_names[N_EVENT_KINDS];
/* EVENT_OTHER for an unknown name. */
enum event_kind event_kind_find(const char *name);

struct event_log {
	int dir_fd;		/* borrowed */
	int fd;			/* -1: nothing is recorded */
	size_t size;		/* of the file, in bytes */
	struct resident resident;
	size_t kept, kept_max, recent, recent_max;	/* lines */
	size_t new_kept, new_recent, lost;	/* in memory; never written */
	size_t n_slots;
	unsigned char *left;	/* lines that each slot may still keep */
	bool keep;		/* the line under way: to its slot's account */
	size_t line;		/* where it starts in out */
	struct buf out;		/* not yet written */
	char mem[8 << 10];
};

/*
 * Slots: whose account a line goes to. The guard is 0, then come @maps maps, then @paths paths. Opens or makes "events" in @dir_fd (borrowed) and goes
 * on behind what it has. Allocates, once. 0 or -errno; the log takes events then, too, and drops them.
 */
int event_log_open(struct event_log *log, int dir_fd, size_t maps, size_t paths);

/* One event: begin, some keys, end. Values may hold any bytes; a long one is cut. Without @map, @path: NULL. None of them fails. */
void event_begin(struct event_log *log, enum event_kind kind, size_t slot, const char *map, const char *path);
void event_put(struct event_log *log, const char *key, const char *value);
void event_putf(struct event_log *log, const char *key, const char *fmt, ...) _printf_(3, 4);
void event_end(struct event_log *log);

/* Write what is in memory; once a round. */
void event_flush(struct event_log *log);

/* Microseconds of CLOCK_BOOTTIME: since the kernel's start, suspended or not. */
uint64_t event_clock_us(void);

#endif
