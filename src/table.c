/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdio.h>

#define QUEUE "queue_if_no_path"
#define RETAIN "retain_attached_hw_handler"	/* implied since Linux 4.3; shown by the kernel where the map is bio-based */

/* Blank separated words of a text that is left alone. */
struct words {
	const char *p;
	const char *word;
	size_t len;
};

static bool next_word(struct words *w)
{
	w->p += strspn(w->p, " \t");
	w->word = w->p;
	w->len = strcspn(w->p, " \t");
	w->p += w->len;
	return w->len > 0;
}

static bool word_is(const struct words *w, const char *s)
{
	return strlen(s) == w->len && !memcmp(w->word, s, w->len);
}

static bool next_number(struct words *w, unsigned int max, unsigned int *out)
{
	unsigned int value = 0;

	if (!next_word(w) || w->len > 9)
		return false;
	for (size_t i = 0; i < w->len; i++) {
		if (w->word[i] < '0' || w->word[i] > '9')
			return false;
		value = value * 10 + (unsigned int)(w->word[i] - '0');
	}
	*out = value;
	return value <= max;
}

/* What multipathd keeps, and looks at when it compares: it says these two otherwise, or not at all. */
static bool is_kept(const struct words *w)
{
	return !word_is(w, QUEUE) && !word_is(w, RETAIN);
}

void features_format(const char *features, bool queue, struct buf *out)
{
	struct words w = { .p = features };
	unsigned int count, kept = queue ? 1 : 0;

	if (next_number(&w, 64, &count))
		while (next_word(&w))
			kept += is_kept(&w);
	buf_addf(out, "%u", kept);
	w = (struct words) { .p = features };
	next_word(&w);
	while (next_word(&w))
		if (is_kept(&w))
			buf_addf(out, " %.*s", (int)w.len, w.word);
	if (queue)
		buf_add(out, " " QUEUE);
}

void table_format(const struct snap_map *map, const struct candidate *cand, const struct grouping *g,
		  const char *hwhandler, struct buf *out)
{
	bool queue = map->no_path_retry == NO_PATH_RETRY_QUEUE || map->no_path_retry > 0 ||
		     (map->no_path_retry == NO_PATH_RETRY_UNDEF && strstr(map->features, QUEUE));

	features_format(map->features, queue, out);
	/* bio-based dm has no use for a handler: what the snapshot says depends on the version of multipath-tools */
	if (*hwhandler && !strstr(map->features, "queue_mode bio"))
		buf_addf(out, " 1 %s", hwhandler);
	else
		buf_addf(out, " %s", map->hwhandler);
	buf_addf(out, " %u %u", g->n_groups, g->best);
	for (unsigned int i = 0; i < g->n_groups; i++) {
		const struct group *group = &g->groups[i];

		buf_addf(out, " %s %u 1", map->selector, group->n);
		for (unsigned int j = 0; j < group->n; j++) {
			const struct candidate *c = &cand[g->order[group->first + j]];
			unsigned int minio = map->minio;

			if (map->rr_weight == RR_WEIGHT_PRIORITIES && c->prio > 0)
				minio *= (unsigned int)c->prio;
			buf_addf(out, " %s %u", c->path->devno, minio);
		}
	}
}

/* "N word…" into @out; features without what is not kept, and *queueing says whether queue_if_no_path was there. */
static bool counted_words(struct words *w, char *out, size_t size, bool *queueing)
{
	char text[256];
	struct buf raw = BUF_INIT(text, sizeof(text)), b = BUF_INIT(out, size);
	unsigned int n;

	buf_reset(&raw);
	buf_reset(&b);
	if (!next_number(w, 64, &n))
		return false;
	buf_addf(&raw, "%u", n);
	for (unsigned int i = 0; i < n; i++) {
		if (!next_word(w))
			return false;
		if (queueing && word_is(w, QUEUE))
			*queueing = true;
		buf_addf(&raw, " %.*s", (int)w->len, w->word);
	}
	if (raw.overflow)
		return false;
	if (queueing)
		features_format(raw.s, false, &b);
	else
		buf_add(&b, raw.s);
	return !b.overflow;
}

static int add_path(struct table *out, const struct words *w, unsigned int group)
{
	struct table_path *p = &out->paths[out->n_paths];

	if (out->n_paths == MAP_PATHS_MAX)
		return -E2BIG;
	if (w->len >= sizeof(p->devno))
		return -EBADMSG;
	memcpy(p->devno, w->word, w->len);
	p->devno[w->len] = '\0';
	p->group = group;
	p->failed = false;
	out->n_paths++;
	return 0;
}

static bool skip_words(struct words *w, unsigned int n)
{
	while (n--)
		if (!next_word(w))
			return false;
	return true;
}

static int parse_head(struct words *w, struct table *out)
{
	memset(out, 0, sizeof(*out));
	if (!counted_words(w, out->features, sizeof(out->features), &out->queueing) ||
	    !counted_words(w, out->hwhandler, sizeof(out->hwhandler), NULL) ||
	    !next_number(w, MAP_PATHS_MAX, &out->n_groups) || !next_number(w, MAP_PATHS_MAX, &out->current))
		return -EBADMSG;
	return 0;
}

int table_parse(const char *text, struct table *out)
{
	struct words w = { .p = text };
	int r = parse_head(&w, out);

	for (unsigned int g = 1; r == 0 && g <= out->n_groups; g++) {
		unsigned int n_args, n_paths, path_args;
		struct words name;

		if (!next_word(&w))
			return -EBADMSG;
		name = w;
		if (!next_number(&w, 64, &n_args) || !skip_words(&w, n_args))
			return -EBADMSG;
		if (g == 1)
			snprintf(out->selector, sizeof(out->selector), "%.*s %u", (int)name.len, name.word, n_args);
		if (!next_number(&w, MAP_PATHS_MAX, &n_paths) || !next_number(&w, 64, &path_args))
			return -EBADMSG;
		while (r == 0 && n_paths--) {
			if (!next_word(&w))
				return -EBADMSG;
			r = add_path(out, &w, g);
			if (r == 0 && !skip_words(&w, path_args))
				return -EBADMSG;
		}
	}
	return r;
}

int table_parse_status(const char *text, struct table *out)
{
	struct words w = { .p = text };
	int r = parse_head(&w, out);

	for (unsigned int g = 1; r == 0 && g <= out->n_groups; g++) {
		unsigned int n_args, n_paths, path_args;

		/* group state (A, E, D), then the selector's own status with its count */
		if (!next_word(&w) || !next_number(&w, 64, &n_args) || !skip_words(&w, n_args))
			return -EBADMSG;
		if (!next_number(&w, MAP_PATHS_MAX, &n_paths) || !next_number(&w, 64, &path_args))
			return -EBADMSG;
		while (r == 0 && n_paths--) {
			if (!next_word(&w))
				return -EBADMSG;
			r = add_path(out, &w, g);
			if (r)
				break;
			if (!next_word(&w) || (!word_is(&w, "A") && !word_is(&w, "F")))
				return -EBADMSG;
			out->paths[out->n_paths - 1].failed = word_is(&w, "F");
			if (!skip_words(&w, 1 + path_args))	/* fail count, selector's info */
				return -EBADMSG;
		}
	}
	return r;
}

bool table_has_active_path(const struct table *status)
{
	for (unsigned int i = 0; i < status->n_paths; i++)
		if (!status->paths[i].failed)
			return true;
	return false;
}

static const struct table_path *find_devno(const struct table *t, const char *devno)
{
	for (unsigned int i = 0; i < t->n_paths; i++)
		if (streq(t->paths[i].devno, devno))
			return &t->paths[i];
	return NULL;
}

const char *table_diff(const struct table *want, const struct table *have)
{
	if (want->n_paths != have->n_paths)
		return want->n_paths > have->n_paths ? "a path is missing" : "a path too many";
	for (unsigned int i = 0; i < want->n_paths; i++) {
		const struct table_path *p = find_devno(have, want->paths[i].devno);

		if (!p)
			return "another path";
		if (p->group != want->paths[i].group)
			return "other path groups";
	}
	return want->n_groups == have->n_groups ? NULL : "another number of path groups";
}
