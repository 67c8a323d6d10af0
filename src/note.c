/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "note.h"

#include <stdio.h>
#include <sys/utsname.h>

#define MISSING_MAX 16	/* of a map: there are other things to tell of it */

/* The initramfs has no host name as a rule; the real root gives one. */
static void put_host(struct event_log *log)
{
	struct utsname u;

	if (uname(&u) == 0 && !streq(u.nodename, "(none)"))
		event_put(log, "host", u.nodename);
}

static void put_ms(struct event_log *log, const char *key, uint64_t ms)
{
	event_putf(log, key, "%llu.%03llu", (unsigned long long)ms / 1000, (unsigned long long)ms % 1000);
}

static void put_why(struct event_log *log, const char *why)
{
	if (*why)
		event_put(log, "why", why);
}

void note_guard(struct boot *b, enum event_kind kind, const char *why)
{
	struct event_log *log = &b->events;

	event_begin(log, kind, 0, NULL, NULL);
	switch ((int)kind) {
	case EVENT_GUARD_START:
		event_putf(log, "pid", "%d", (int)getpid());
		event_put(log, "version", MPATH_VERSION);
		event_putf(log, "maps", "%zu", b->n_maps);
		event_put(log, "snapshot", b->snapshot_problem[0] ? "not usable" : "ok");
		put_host(log);
		break;
	case EVENT_ROOT_MOUNTED:
		event_put(log, "source", b->rootwatch.source);
		event_put(log, "at", b->rootwatch.at);
		break;
	case EVENT_STANDBY:
	case EVENT_HANDED_OVER:
		event_putf(log, "pid", "%d", b->handoff.pid);
		put_host(log);
		break;
	}
	put_why(log, why);
	event_end(log);
}

static unsigned int usable_paths(const struct boot *b, size_t m)
{
	unsigned int n = 0;

	for_each_path_of(p, &b->maps[m])
		n += p->in_table && path_is_usable(p->state);
	return n;
}

void note_map(struct boot *b, size_t m, enum event_kind kind, const char *why, uint64_t took_ms)
{
	const struct boot_map *map = &b->maps[m];
	struct event_log *log = &b->events;

	event_begin(log, kind, 1 + m, map->snap->alias, NULL);
	switch ((int)kind) {
	case EVENT_FOUND:
	case EVENT_CREATED:
		event_put(log, "wwid", map->snap->wwid);
		event_put(log, "dev", map->devno);
		event_putf(log, "paths", "%u", map->have.n_paths);
		break;
	case EVENT_RELOADED:
		event_putf(log, "paths", "%u", map->have.n_paths);
		break;
	case EVENT_READY:
		event_putf(log, "paths", "%u", usable_paths(b, m));
		if (map->snap->n_paths)
			event_putf(log, "expected", "%zu", map->snap->n_paths);
		break;
	}
	put_why(log, why);
	if (took_ms)
		put_ms(log, "took", took_ms);
	event_end(log);
}

void note_switch(struct boot *b, size_t m, unsigned int group)
{
	event_begin(&b->events, EVENT_SWITCHED, 1 + m, b->maps[m].snap->alias, NULL);
	event_putf(&b->events, "group", "%u", group);
	event_end(&b->events);
}

static bool is_there(const struct boot_map *map, const struct snap_path *want)
{
	for_each_path_of(p, map)
		if (p->in_table && path_is_usable(p->state) && streq(p->facts.target, want->target) && streq(p->facts.portal, want->portal) &&
		    p->facts.lun == want->lun)
			return true;
	return false;
}

void note_missing(struct boot *b, size_t m)
{
	const struct snap_map *snap = b->maps[m].snap;
	size_t n = 0;

	for (size_t i = 0; i < snap->n_paths && n < MISSING_MAX; i++) {
		const struct snap_path *want = &snap->paths[i];

		if (!*want->target || is_there(&b->maps[m], want))
			continue;
		n++;
		event_begin(&b->events, EVENT_MISSING, 1 + m, snap->alias, NULL);
		event_put(&b->events, "transport", want->transport);
		event_put(&b->events, "target", want->target);
		if (*want->portal)
			event_put(&b->events, "via", want->portal);
		event_putf(&b->events, "lun", "%llu", (unsigned long long)want->lun);
		event_end(&b->events);
	}
}

void note_part(struct boot *b, size_t m, const struct boot_part *part, const char *why)
{
	struct event_log *log = &b->events;

	event_begin(log, EVENT_PARTITION, 1 + m, b->maps[m].snap->alias, NULL);
	event_put(log, "name", part->name);
	if (part->devno[0])
		event_put(log, "dev", part->devno);
	put_why(log, why);
	event_end(log);
}

uint64_t note_check_ms(const struct boot *b, const struct boot_path *p)
{
	return b->now_ms - p->last_probe_ms;
}

static void begin_path(struct boot *b, const struct boot_path *p, enum event_kind kind)
{
	event_begin(&b->events, kind, 1 + b->max_maps + (size_t)(p - b->paths), b->maps[p->facts.map].snap->alias, p->facts.name);
}

void note_path_by(struct boot *b, const struct boot_path *p, enum event_kind kind, const char *by, const char *why)
{
	begin_path(b, p, kind);
	event_put(&b->events, "by", by);
	put_why(&b->events, why);
	event_end(&b->events);
}

void note_path(struct boot *b, const struct boot_path *p, enum event_kind kind, const char *why)
{
	struct event_log *log = &b->events;
	const struct path *f = &p->facts;

	begin_path(b, p, kind);
	switch ((int)kind) {
	case EVENT_APPEARED:
	case EVENT_FOUND:
		event_put(log, "dev", f->devno);
		event_put(log, "via", f->portal[0] ? f->portal : f->hctl);
		if (f->target[0])
			event_put(log, "target", f->target);
		break;
	case EVENT_STATE:
		event_put(log, "state", path_state_names[p->state]);
		if (p->prio != PRIO_UNDEF)
			event_putf(log, "prio", "%d", p->prio);
		put_ms(log, "took", note_check_ms(b, p));
		break;
	case EVENT_SLOW:
	case EVENT_HUNG:
		put_ms(log, "took", note_check_ms(b, p));
		break;
	case EVENT_ADDED:
		event_putf(log, "group", "%u", p->group);
		break;
	}
	put_why(log, why);
	event_end(log);
}
