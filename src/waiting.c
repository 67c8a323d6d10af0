/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "waiting.h"

#include "seconds.h"

#define ITEMS_MAX 3

struct list {
	struct buf *out;
	size_t n;
};

static const char *get(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = conf_find(section->child, key);

	return n && n->value ? n->value : "";
}

unsigned int waiting_no_answer_s(const struct conf_node *path, uint64_t now_us)
{
	uint64_t since;

	return seconds_parse(get(path, "no_answer_since"), &since) && since && since < now_us ? (unsigned int)((now_us - since) / 1000000) : 0;
}

/* True when there is room for one more, which begins then. */
static bool next_item(struct list *l)
{
	if (l->n++ >= ITEMS_MAX)
		return false;
	buf_add(l->out, l->n > 1 ? "; " : ": ");
	return true;
}

static bool is_usable(const struct conf_node *path)
{
	return streq(get(path, "state"), "ready") || streq(get(path, "state"), "ghost");
}

static void put_path(struct list *l, const struct conf_node *p, uint64_t now_us)
{
	unsigned int s = waiting_no_answer_s(p, now_us);
	const char *via = *get(p, "portal") ? get(p, "portal") : get(p, "hctl");

	if ((is_usable(p) && !s) || !next_item(l))
		return;
	buf_addf(l->out, "%.31s (%.63s) ", get(p, "name"), via);
	if (s)
		buf_addf(l->out, "has not answered for %u s", s);
	else if (streq(get(p, "state"), "undef"))
		buf_add(l->out, "is being checked");
	else
		buf_addf(l->out, "is %.20s%s%.60s", get(p, "state"), *get(p, "failure_reason") ? ": " : "", get(p, "failure_reason"));
}

/* A path that is there and no good is in the list already. */
static bool is_listed(const struct conf_node *map, const char *missing)
{
	for (const struct conf_node *p = conf_find(map->child, "path"); p; p = conf_find(p->next, "path"))
		if (*get(p, "target") && strstr(missing, get(p, "target")) && strstr(missing, get(p, "portal")))
			return true;
	return false;
}

static void put_map(const struct conf_node *map, uint64_t now_us, struct buf *out)
{
	struct list l = { .out = out };

	buf_addf(out, "%smap %.100s", out->len ? ", " : "", get(map, "name"));
	for (const struct conf_node *p = conf_find(map->child, "path"); p; p = conf_find(p->next, "path"))
		put_path(&l, p, now_us);
	for (const struct conf_node *n = conf_find(map->child, "missing"); n; n = conf_find(n->next, "missing"))
		if (n->value && !is_listed(map, n->value) && next_item(&l))
			buf_addf(out, "missing %.150s", n->value);
	if (l.n > ITEMS_MAX)
		buf_addf(out, "; and %zu more", l.n - ITEMS_MAX);
	else if (!l.n)
		buf_add(out, conf_find(map->child, "path") ? ": fewer paths than expected" : ": no path has appeared");
}

void waiting_describe(const struct conf *state, uint64_t now_us, struct buf *out)
{
	buf_reset(out);
	for (const struct conf_node *map = conf_find(state->first, "map"); map; map = conf_find(map->next, "map"))
		if (streq(get(map, "required"), "1") && !streq(get(map, "ready"), "1"))
			put_map(map, now_us, out);
	out->overflow = false;	/* a line may be cut */
}

bool waiting_is_due(uint64_t now_ms, uint64_t said_ms)
{
	return said_ms ? now_ms - said_ms >= (now_ms < 60000 ? 5000 : 30000) : now_ms >= 2000;
}
