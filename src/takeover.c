/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "takeover.h"

#include <stdio.h>

#include "log.h"
#include "seconds.h"
#include "state.h"

/* A path that has failed before. */
struct takeover_past {
	char name[32], devno[16];
	size_t map;
	unsigned int failures;
	uint64_t failed_us;
	char why[64];
};

static const char *get(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = conf_find(section->child, key);

	return n && n->value ? n->value : "";
}

/* "12.345" */
static uint64_t get_us(const struct conf_node *section, const char *key)
{
	uint64_t us = 0;

	seconds_parse(get(section, key), &us);
	return us;
}

static const struct conf_node *section_of(const struct conf *conf, const char *wwid)
{
	const struct conf_node *map = conf_find(conf->first, "map");

	while (map && !streq(get(map, "wwid"), wwid))
		map = conf_find(map->next, "map");
	return map;
}

static size_t take_paths(struct boot *b, const struct conf_node *map, size_t m, struct takeover_past *out)
{
	size_t n = 0;

	for (const struct conf_node *p = conf_find(map->child, "path"); p; p = conf_find(p->next, "path")) {
		unsigned long failures = strtoul(get(p, "failures"), NULL, 10);
		struct takeover_past past = { .map = m, .failures = failures < 1000000000 ? (unsigned int)failures : 1000000000 };

		if (!failures || b->n_past + n == b->n_paths)
			continue;
		snprintf(past.name, sizeof(past.name), "%s", get(p, "name"));
		snprintf(past.devno, sizeof(past.devno), "%s", get(p, "dev"));
		snprintf(past.why, sizeof(past.why), "%s", get(p, "failure_reason"));
		past.failed_us = get_us(p, "last_failure");
		out[n++] = past;
	}
	return n;
}

static void take_map(struct boot *b, size_t m, const struct conf_node *map)
{
	b->n_past += take_paths(b, map, m, b->past + b->n_past);
	/* It is ours to make the map queue again when a path is back, not somebody else's. */
	b->maps[m].retry.gave_up = streq(get(map, "gave_up"), "1") && !b->maps[m].have.queueing;
	/* Whoever waits need not wait again for checks, or for paths that are missing. */
	if (b->maps[m].devno[0] && streq(get(map, "ready"), "1")) {
		b->maps[m].ready = true;
		b->maps[m].first_usable_ms = b->maps[m].ready_ms = b->now_ms;
	}
}

void takeover_take(struct boot *b, const struct conf *conf)
{
	b->past = calloc(b->n_paths, sizeof(*b->past));
	for (size_t m = 0; m < b->n_maps && b->past; m++) {
		const struct conf_node *map = section_of(conf, b->maps[m].snap->wwid);

		if (map)
			take_map(b, m, map);
	}
}

bool takeover_has(const struct boot *b, const char *wwid)
{
	return b->former && section_of(b->former, wwid);
}

void takeover_map(struct boot *b, size_t m)
{
	if (b->past && takeover_has(b, b->maps[m].snap->wwid))
		take_map(b, m, section_of(b->former, b->maps[m].snap->wwid));
}

void takeover_read(struct boot *b)
{
	struct conf *conf;
	int r = state_load_from(STATE_DIR "/state", &conf);

	if (r == 0) {
		takeover_take(b, conf);
		if (b->generic)
			b->former = conf;	/* its maps are still to come */
		else
			conf_free(conf);
	} else if (r != -ENOENT) {
		log_warning("unable to use what an earlier guard has left in " STATE_FILE ": %s", state_problem(r));
	}
}

void takeover_path(struct boot *b, struct boot_path *p)
{
	for (size_t i = 0; i < b->n_past; i++) {
		const struct takeover_past *past = &b->past[i];

		if (past->map != p->facts.map || !streq(past->name, p->facts.name) || !streq(past->devno, p->facts.devno))
			continue;
		p->failures = past->failures;
		p->failed_us = past->failed_us;
		memcpy(p->why, past->why, sizeof(p->why));
	}
}
