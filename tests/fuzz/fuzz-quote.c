/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a disk, an array or udev says, in the files and names that we make of it: it comes back as one value, whatever it is.
 */
#include <stdio.h>

#include "buf.h"
#include "conf.h"
#include "dm-mangle.h"
#include "event.h"
#include "json.h"
#include "json-check.h"
#include "shell-word.h"
#include "timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 127;
}

/* Snapshots and the state file. */
static void braces(const char *s)
{
	static char mem[20000];
	struct buf b = BUF_INIT(mem, sizeof(mem));
	const struct conf_node *n;
	struct conf *conf;

	buf_reset(&b);
	buf_add(&b, "map {\n\talias ");
	buf_add_quoted(&b, s);
	buf_add(&b, "\n\tname b\n}\n");
	if (b.overflow || conf_parse(b.s, b.len, true, NULL, NULL, &conf) < 0)
		abort();
	n = conf->first->child;
	if (conf->n_nodes != 3 || !streq(n->key, "alias") || strlen(n->value) != strlen(s) || !streq(n->next->value, "b"))
		abort();
	for (size_t i = 0; s[i]; i++)
		if (n->value[i] != (is_control(s[i]) ? '?' : s[i]))
			abort();
	conf_free(conf);
}

/* The event log: as a path's name and as an attribute; long ones are cut, or left out. */
static void events(const char *s)
{
	static const char head[] = "events version=1 kernel=\"6\" machine=\"x\"\n";
	static struct event_log log;
	static char text[sizeof(head) + sizeof(log.mem)];
	const struct timeline_event *e;
	struct timeline *t;
	const char *why;

	log.fd = 0;	/* nothing is flushed */
	log.out = (struct buf)BUF_INIT(log.mem, sizeof(log.mem));
	buf_reset(&log.out);
	event_begin(&log, EVENT_FAILED, 0, "mpatha", s);
	event_put(&log, "why", s);
	event_put(&log, "dev", "8:0");
	event_end(&log);
	snprintf(text, sizeof(text), "%s%s", head, log.out.s);
	if (log.out.len > EVENT_LINE_MAX || timeline_parse(text, strlen(text), &t) < 0)
		abort();
	e = t->events;
	if (t->n_events != 1 || t->n_bad || e->kind != EVENT_FAILED || !streq(e->map, "mpatha"))
		abort();
	for (size_t i = 0; i < e->n_attrs; i++)
		if (!streq(e->attrs[i].key, "why") && !streq(e->attrs[i].key, "dev"))
			abort();
	why = timeline_get(e, "why");
	if (strncmp(why, s, strlen(why)) != 0 || strncmp(e->path, s, strlen(e->path)) != 0 || (strlen(s) < 50 && !streq(why, s)))
		abort();
	timeline_free(t);
}

static void json(const char *s)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	json_put(s, out);
	fclose(out);
	if (*text != '"' || !json_is_good(text))
		abort();
	free(text);
}

/* Names of maps. */
static void mangle(const char *s)
{
	char mangled[256], back[256], again[256];

	if (dm_mangle(s, mangled, sizeof(mangled)) < 0)
		return;
	for (const char *p = mangled; *p; p++)
		if (!strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#+-.:=@_\\", *p))
			abort();
	dm_unmangle(mangled, back);
	if (!streq(mangled, s) && !streq(back, s))
		abort();
	if (dm_mangle(mangled, again, sizeof(again)) == 0 && !streq(again, mangled))
		abort();
	dm_mangle_wwid(s, again, sizeof(again));
}

/* In a command: one word, as a shell reads it. */
static void shell(const char *s)
{
	static char mem[SHELL_WORD_SIZE(8192)];
	const char *word, *at;
	bool quoted = false;

	if (strlen(s) > 8192)
		return;
	word = shell_word(s, mem, sizeof(mem));
	for (at = word; *at; at++) {
		if (*at == '\'') {
			quoted = !quoted;
			continue;
		}
		if (!quoted && *at == '\\')
			at++;
		else if (!quoted && strchr(" \t\n;&|<>()$`\"*?[#~!{}", *at))
			abort();
		if (*at != *s++)
			abort();
	}
	if (*s || quoted || at == word)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	if (!s)
		return 0;
	if (size)
		memcpy(s, data, size);
	s[size] = '\0';
	braces(s);
	events(s);
	json(s);
	mangle(s);
	shell(s);
	free(s);
	return 0;
}
