/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timeline.h"

#include <stdio.h>
#include <sys/utsname.h>

#include "seconds.h"
#include "trust.h"

#define FILE_SIZE_MAX (32u << 20)

/* The next word of the line, cut out; NULL at its end. */
static char *next_word(char **pos)
{
	char *word = *pos;

	while (*word == ' ')
		word++;
	if (!*word)
		return NULL;
	*pos = word + strcspn(word, " ");
	if (**pos)
		*(*pos)++ = '\0';
	return word;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Unquote in place what stands behind key=; *end is behind it. False if its quote does not end. */
static bool unquote(char *value, char **end)
{
	char *out = value, *p = value + 1;

	while (*p && *p != '"') {
		if (p[0] == '\\' && p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0 && (p[2] != '0' || p[3] != '0')) {
			*out++ = (char)(hex_digit(p[2]) << 4 | hex_digit(p[3]));
			p += 4;
		} else {
			*out++ = *p++;
		}
	}
	if (!*p)
		return false;
	*end = p + 1;
	*out = '\0';
	return true;
}

/* 1: a key and its value; 0: the line is over; -EBADMSG. */
static int next_attr(char **pos, struct timeline_attr *a)
{
	char *key = *pos, *value;
	size_t n;

	while (*key == ' ')
		key++;
	if (!*key)
		return 0;
	n = strspn(key, "abcdefghijklmnopqrstuvwxyz_");
	if (!n || key[n] != '=')
		return -EBADMSG;
	key[n] = '\0';
	value = key + n + 1;
	*a = (struct timeline_attr){ .key = key, .value = value };
	if (*value != '"') {
		*pos = value + strcspn(value, " ");
	} else if (!unquote(value, pos)) {
		return -EBADMSG;
	}
	if (**pos == ' ')
		*(*pos)++ = '\0';
	else if (**pos)
		return -EBADMSG;
	return 1;
}

static int parse_event(char *line, struct timeline_event *e)
{
	char *pos = line, *mark = next_word(&pos), *when = next_word(&pos), *name = next_word(&pos);
	struct timeline_attr a;
	int r;

	if (!mark || !when || !name || (!streq(mark, "+") && !streq(mark, "-")) || !seconds_parse(when, &e->time_us))
		return -EBADMSG;
	e->name = name;
	e->kind = event_kind_find(name);
	e->map = e->path = "";
	while ((r = next_attr(&pos, &a)) == 1) {
		if (streq(a.key, "map"))
			e->map = a.value;
		else if (streq(a.key, "path"))
			e->path = a.value;
		else if (e->n_attrs < TIMELINE_ATTRS_MAX)
			e->attrs[e->n_attrs++] = a;
	}
	return r;
}

/* "events version=1 kernel=... machine=..." */
static int parse_head(char *line, struct timeline *t)
{
	char *pos = line, *word = next_word(&pos);
	bool known = false;
	struct timeline_attr a;
	int r;

	if (!word || !streq(word, "events"))
		return -EBADMSG;
	while ((r = next_attr(&pos, &a)) == 1) {
		if (streq(a.key, "version")) {
			if (!streq(a.value, "1"))
				return -EPROTONOSUPPORT;
			known = true;
		} else if (streq(a.key, "kernel")) {
			t->kernel = a.value;
		} else if (streq(a.key, "machine")) {
			t->machine = a.value;
		}
	}
	return r < 0 || !known ? -EBADMSG : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct timeline_event *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

static int parse_lines(struct timeline *t)
{
	char *line = t->text, *end;
	size_t seq = 0;
	int r = -EBADMSG;

	for (; line && *line; line = end) {
		end = strchr(line, '\n');
		if (end)
			*end++ = '\0';
		if (seq++ == 0) {
			r = parse_head(line, t);
			if (r < 0)
				return r;
			continue;
		}
		t->events[t->n_events] = (struct timeline_event){ .seq = seq };
		if (parse_event(line, &t->events[t->n_events]) < 0)
			t->n_bad++;
		else
			t->n_events++;
	}
	return r;
}

static void note_who(struct timeline *t)
{
	for (size_t i = 0; i < t->n_events; i++) {
		const char *host = timeline_get(&t->events[i], "host"), *version = timeline_get(&t->events[i], "version");

		if (*host)
			t->host = host;
		if (t->events[i].kind == EVENT_GUARD_START && *version)
			t->version = version;
	}
}

int timeline_parse(const char *text, size_t len, struct timeline **out)
{
	struct timeline *t = calloc(1, sizeof(*t));
	size_t lines = 1;
	int r = -ENOMEM;

	if (!t)
		return -ENOMEM;
	t->host = t->kernel = t->machine = t->version = "";
	t->text = malloc(len + 1);
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	t->events = calloc(lines, sizeof(t->events[0]));
	if (t->text && t->events) {
		memcpy(t->text, text, len);
		t->text[len] = '\0';
		r = memchr(text, '\0', len) ? -EBADMSG : parse_lines(t);
	}
	if (r < 0) {
		timeline_free(t);
		return r;
	}
	if (t->n_events)
		qsort(t->events, t->n_events, sizeof(t->events[0]), by_time);
	note_who(t);
	*out = t;
	return 0;
}

/* No name has come into the log yet: the host's own, unless this is an initramfs. */
static void name_here(struct timeline *t)
{
	struct utsname u;

	if (uname(&u) < 0 || streq(u.nodename, "(none)"))
		return;
	snprintf(t->here, sizeof(t->here), "%.64s", u.nodename);
	t->host = t->here;
}

int timeline_load(const char *file, bool trusted_only, struct timeline **out)
{
	_auto_free_ char *text = NULL;
	size_t len;
	int r = trusted_only ? trust_read(file, FILE_SIZE_MAX, &text, &len) : trust_read_any(file, FILE_SIZE_MAX, &text, &len);

	if (r == 0)
		r = timeline_parse(text, len, out);
	if (r == 0 && trusted_only && !*(*out)->host)
		name_here(*out);
	return r;
}

const char *timeline_problem(int r)
{
	switch (r) {
	case -ENOENT:
		return "there is none (no guard of mpath-boot has run)";
	case -EPERM:
		return "it or its folder does not belong to root, or others can write to it";
	case -EBADMSG:
		return "this is no event log of mpath-boot";
	case -EPROTONOSUPPORT:
		return "it is of a newer mpath-boot";
	}
	return strerror(-r);
}

void timeline_free(struct timeline *t)
{
	if (!t)
		return;
	free(t->events);
	free(t->text);
	free(t);
}

const char *timeline_get(const struct timeline_event *e, const char *key)
{
	for (size_t i = 0; i < e->n_attrs; i++)
		if (streq(e->attrs[i].key, key))
			return e->attrs[i].value;
	return "";
}

/* "BEFOREvalue" if the event has the key. */
static void add(struct buf *out, const struct timeline_event *e, const char *before, const char *key, const char *after)
{
	const char *value = timeline_get(e, key);

	if (!*value)
		return;
	buf_add(out, before);
	buf_add(out, value);
	buf_add(out, after);
}

static void add_paths(struct buf *out, const struct timeline_event *e, const char *before)
{
	add(out, e, before, "paths", streq(timeline_get(e, "paths"), "1") ? " path" : " paths");
}

static void describe_guard(const struct timeline_event *e, struct buf *out)
{
	switch ((int)e->kind) {
	case EVENT_GUARD_START:
		add(out, e, "guard ", "version", " starts");
		add(out, e, ", pid ", "pid", "");
		add(out, e, ", snapshot ", "snapshot", "");
		add(out, e, "; the one before it was ended: ", "why", "");
		break;
	case EVENT_ROOT_MOUNTED:
		add(out, e, "root is mounted: ", "source", "");
		add(out, e, " on ", "at", "");
		break;
	case EVENT_SWITCH_ROOT:
		buf_add(out, "switch_root: the gap begins");
		break;
	case EVENT_STANDBY:
		add(out, e, "multipathd (pid ", "pid", ") holds its lock: standing by");
		break;
	case EVENT_ON_GUARD:
		add(out, e, "", "why", ": ");
		buf_add(out, "on guard again");
		break;
	case EVENT_UNWANTED:
		add(out, e, "multipathd does not have WWID ", "why", "");
		break;
	case EVENT_HANDED_OVER:
		add(out, e, "handed over to multipathd (pid ", "pid", ")");
		break;
	case EVENT_EXIT:
		buf_add(out, "guard ends");
		add(out, e, ": ", "why", "");
		break;
	case EVENT_LOST:
		add(out, e, "", "lines", " events could not be written");
		break;
	}
}

static void describe_map(const struct timeline_event *e, struct buf *out)
{
	switch ((int)e->kind) {
	case EVENT_FOUND:
		add(out, e, "is there already, as ", "dev", "");
		add(out, e, " (", "via", ")");
		add_paths(out, e, ", ");
		break;
	case EVENT_CREATED:
		add(out, e, "created as ", "dev", "");
		add_paths(out, e, " with ");
		break;
	case EVENT_RELOADED:
		buf_add(out, "table loaded");
		add_paths(out, e, " with ");
		add(out, e, " (reason: ", "why", ")");
		break;
	case EVENT_REFUSED:
		add(out, e, "the kernel refused its table: ", "why", "");
		break;
	case EVENT_REMOVED:
		buf_add(out, "somebody removed it");
		break;
	case EVENT_GAVE_UP:
		add(out, e, "no path for too long (", "why", "): ");
		buf_add(out, "I/O fails from now on");
		break;
	case EVENT_QUEUEING:
		add(out, e, "", "why", ": ");
		buf_add(out, "queueing again");
		break;
	case EVENT_SWITCHED:
		add(out, e, "switched to path group ", "group", "");
		break;
	case EVENT_PARTITION:
		add(out, e, "partition ", "name", "");
		add(out, e, " as ", "dev", "");
		add(out, e, ": ", "why", "");
		break;
	case EVENT_MISSING:
		add(out, e, "expected path is missing: ", "transport", "");
		add(out, e, " ", "target", "");
		add(out, e, " at ", "via", "");
		add(out, e, " lun ", "lun", "");
		break;
	case EVENT_READY:
		add(out, e, "ready, ", "paths", "");
		add(out, e, " of ", "expected", "");
		buf_add(out, " paths");
		add(out, e, "; ", "why", "");
		break;
	}
	add(out, e, ", took ", "took", " s");
}

static void describe_path(const struct timeline_event *e, struct buf *out)
{
	switch ((int)e->kind) {
	case EVENT_APPEARED:
		buf_add(out, "appeared");
		add(out, e, " (", "via", ")");
		break;
	case EVENT_STATE:
		add(out, e, "", "state", "");
		add(out, e, ", prio ", "prio", "");
		add(out, e, ": ", "why", "");
		add(out, e, ", check took ", "took", " s");
		break;
	case EVENT_SLOW:
		add(out, e, "no answer for ", "took", " s");
		break;
	case EVENT_HUNG:
		add(out, e, "hangs: no answer within the checker's timeout, ", "took", " s");
		break;
	case EVENT_ADDED:
		add(out, e, "is in the map, group ", "group", "");
		break;
	case EVENT_LEFT_OUT:
		buf_add(out, "is not in the map any more");
		break;
	case EVENT_FAILED:
		add(out, e, "failed by the ", "by", "");
		add(out, e, ": ", "why", "");
		break;
	case EVENT_REINSTATED:
		add(out, e, "reinstated by the ", "by", "");
		break;
	case EVENT_GONE:
		add(out, e, "", "why", "");
		break;
	}
}

void timeline_describe(const struct timeline_event *e, struct buf *out)
{
	if (e->kind == EVENT_OTHER) {
		buf_add(out, e->name);
		for (size_t i = 0; i < e->n_attrs; i++)
			buf_addf(out, " %s=%s", e->attrs[i].key, e->attrs[i].value);
	} else if (e->kind <= EVENT_LOST) {
		describe_guard(e, out);
	} else if (e->kind <= EVENT_READY) {
		describe_map(e, out);
	} else {
		describe_path(e, out);
	}
	if (out->overflow)
		out->overflow = false;	/* a description may be cut */
}
