/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads /run/mpath-boot/events (mpath-boot.state(5)), this machine's or a copy from another one. The bytes are foreign: a line that is none is
 * skipped and counted, strings may hold anything but NUL.
 */
#ifndef MPATH_TIMELINE_H
#define MPATH_TIMELINE_H

#include "event.h"

#define EVENTS_FILE "/run/mpath-boot/events"
#define TIMELINE_ATTRS_MAX 12

struct timeline_attr {
	const char *key, *value;
};

struct timeline_event {
	uint64_t time_us;
	enum event_kind kind;
	const char *name;	/* of its kind, as in the file */
	const char *map, *path;	/* "" where it is not about one */
	struct timeline_attr attrs[TIMELINE_ATTRS_MAX];	/* the others */
	size_t n_attrs;
	size_t seq;		/* its line */
};

struct timeline {
	struct timeline_event *events;	/* by time */
	size_t n_events;
	size_t n_bad;		/* lines that were skipped */
	const char *host, *kernel, *machine, *version;	/* "" if unknown */
	char *text;
	char here[65];		/* this machine's name, if it is its log */
};

/* Parse @len bytes of @text (copied). -EBADMSG: this is no events file; -EPROTONOSUPPORT: of a newer version; -ENOMEM. *out is the caller's: timeline_free(). */
int timeline_parse(const char *text, size_t len, struct timeline **out);

/*
 * The same from a file of at most 32 MB. With @trusted_only it is this machine's, and it and its folder must belong to root and be writable by nobody else (-EPERM). Also -errno of
 * open() and read().
 */
int timeline_load(const char *file, bool trusted_only, struct timeline **out);
void timeline_free(struct timeline *t);

/* What timeline_load()'s negative result means, for the end of a message that names the file. */
const char *timeline_problem(int r);

/* The value of @key, or "". */
const char *timeline_get(const struct timeline_event *e, const char *key);

/* What happened, in words, without time and names: "ready, prio 50". */
void timeline_describe(const struct timeline_event *e, struct buf *out);

#endif
