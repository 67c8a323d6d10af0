/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "excerpt.h"

#include <stdio.h>
#include <unistd.h>

#include "conf.h"
#include "sha256.h"

#define WINDOW (40 << 10)	/* so much of the file at a time; a section that is longer is not for us */
#define KEPT_MAX (64 << 10)
#define MAPS_MAX 4096		/* as in snapshot.c */

struct excerpt {
	const struct excerpt_filter *filter;
	struct sha256 sum;
	bool ended;		/* the checksum was there, and right */
	char *kept;
	size_t len, size;
	uint32_t wwids[MAPS_MAX], aliases[MAPS_MAX];	/* hashes, to find what is named twice */
	size_t n_maps, n_others;
	struct conf *before;	/* the last section: freed behind the next one, or an allocator gives the pages back and asks for them again each time */
};

static int keep(struct excerpt *e, const char *text, size_t len)
{
	if (e->len + len > e->size) {
		size_t size = 2 * (e->len + len);
		char *more = size > KEPT_MAX ? NULL : realloc(e->kept, size);

		if (!more)
			return -EAGAIN;
		e->kept = more;
		e->size = size;
	}
	memcpy(e->kept + e->len, text, len);
	e->len += len;
	return 0;
}

static uint32_t hash(const char *s)
{
	uint32_t value = 2166136261u;	/* FNV-1a */

	while (*s)
		value = (value ^ (unsigned char)*s++) * 16777619u;
	return value;
}

/* Two that only have the same hash cost a second look at the file, no more. */
static bool is_new(struct excerpt *e, const struct snap_map *m)
{
	uint32_t wwid = hash(m->wwid), alias = hash(m->alias);

	if (e->n_maps == MAPS_MAX)
		return false;
	for (size_t i = 0; i < e->n_maps; i++)
		if (e->wwids[i] == wwid || e->aliases[i] == alias)
			return false;
	e->wwids[e->n_maps] = wwid;
	e->aliases[e->n_maps++] = alias;
	return true;
}

/* 1: keep it, 0: drop it; -EAGAIN. */
static int judge_map(struct excerpt *e, const struct conf_node *section)
{
	struct snap_map map;
	int r = snapshot_read_map(section, &map);

	if (r == 0)
		r = !is_new(e, &map) ? -EAGAIN : e->filter->wants(&map, e->filter->arg);
	snapshot_release_map(&map);
	return r < 0 ? -EAGAIN : r;
}

static int judge_other(struct excerpt *e, const struct conf_node *section)
{
	const struct conf_node *d = conf_find(section->child, "designator");

	if (++e->n_others > MAPS_MAX)
		return -EAGAIN;
	if (!d || !d->value)
		return 0;
	return snapshot_is_designator(d->value) ? e->filter->wants_other(d->value, e->filter->arg) : -EAGAIN;
}

/* By itself it must be one whole section: then it is where its indentation says that it ends. */
static int take_section(struct excerpt *e, const char *text, size_t len)
{
	struct conf *conf;
	int r = conf_parse(text, len, true, NULL, NULL, &conf);

	if (r < 0)
		return -EAGAIN;
	if (!conf->first || !conf->first->is_section || conf->first->next || streq(conf->first->key, "generic"))
		r = -EAGAIN;	/* rules are needed as a whole */
	else
		r = streq(conf->first->key, "map") ? judge_map(e, conf->first) : streq(conf->first->key, "other") ? judge_other(e, conf->first) : 1;
	conf_free(e->before);
	e->before = conf;
	return r == 1 ? keep(e, text, len) : r;
}

static int take_checksum(struct excerpt *e, const char *line, size_t len)
{
	char want[sizeof("checksum \"sha256:\"\n") + SHA256_HEX_SIZE], hex[SHA256_HEX_SIZE];
	struct sha256 sum = e->sum;

	sha256_finish_hex(&sum, hex);
	snprintf(want, sizeof(want), "checksum \"sha256:%s\"\n", hex);
	e->ended = len == strlen(want) && memcmp(line, want, len) == 0;
	return e->ended ? 0 : -EAGAIN;
}

/* What of @text is whole: the bytes taken, or -EAGAIN. */
static ssize_t take(struct excerpt *e, const char *text, size_t len)
{
	static const char checksum[] = "checksum ";
	size_t used = 0;

	while (used < len) {
		const char *at = text + used, *end = memchr(at, '\n', len - used);
		size_t n = end ? (size_t)(end + 1 - at) : 0;
		int r;

		if (!n)
			break;
		if (e->ended)
			return -EAGAIN;	/* the checksum is the last line */
		if (n > 1 && end[-1] == '{') {
			end = memmem(at, len - used, "\n}\n", 3);
			if (!end)
				break;
			n = (size_t)(end + 3 - at);
			r = take_section(e, at, n);
		} else if (n >= sizeof(checksum) && memcmp(at, checksum, sizeof(checksum) - 1) == 0) {
			r = take_checksum(e, at, n);
		} else {
			r = memchr(at, '{', n) || memchr(at, '}', n) ? -EAGAIN : keep(e, at, n);
		}
		if (r < 0)
			return r;
		sha256_add(&e->sum, at, n);
		used += n;
	}
	return (ssize_t)used;
}

static int take_file(struct excerpt *e, int fd, size_t left)
{
	static char window[WINDOW];
	size_t have = 0;
	ssize_t n;

	while (left) {
		n = read(fd, window + have, sizeof(window) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || (size_t)n > left)
			return -EAGAIN;
		have += (size_t)n;
		left -= (size_t)n;
		n = take(e, window, have);
		if (n < 0)
			return -EAGAIN;
		have -= (size_t)n;
		if (have == sizeof(window))
			return -EAGAIN;
		memmove(window, window + n, have);
	}
	return have || !e->ended ? -EAGAIN : 0;
}

/* What was kept is a snapshot, but for its checksum. */
static int parse_kept(struct excerpt *e, struct snapshot **out)
{
	char line[sizeof("checksum \"sha256:\"\n") + SHA256_HEX_SIZE], hex[SHA256_HEX_SIZE];
	struct snapshot_error err;
	int r;

	sha256_hex(e->kept, e->len, hex);
	snprintf(line, sizeof(line), "checksum \"sha256:%s\"\n", hex);
	r = keep(e, line, strlen(line));
	if (r < 0 || snapshot_parse(e->kept, e->len, out, &err) < 0)
		return -EAGAIN;
	(*out)->is_excerpt = e->n_maps > (*out)->n_maps;
	return 0;
}

int excerpt_load(const char *file, const struct excerpt_filter *filter, struct snapshot **out)
{
	static struct excerpt e;	/* with its hashes too large for a stack; what is not needed of them costs no memory */
	struct snapshot_error err;
	size_t size;
	_auto_close_ int fd = snapshot_open(file, &size, &err);
	int r;

	if (fd < 0)
		return -EAGAIN;
	e.filter = filter;
	e.len = e.n_maps = e.n_others = 0;
	e.ended = false;
	sha256_init(&e.sum);
	r = take_file(&e, fd, size);
	if (r == 0)
		r = parse_kept(&e, out);
	conf_free(e.before);
	free(e.kept);
	e.before = NULL;
	e.kept = NULL;
	e.size = 0;
	return r;
}
