/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "timeline-show.h"

#include "json.h"

#define NAME_WIDTH_MAX 40

/* What a terminal might obey becomes '?'. */
static void put_text(const char *s, FILE *out)
{
	for (; *s; s++)
		fputc((unsigned char)*s < ' ' || (unsigned char)*s > 126 ? '?' : *s, out);
}

static int column(const struct timeline *t, bool path)
{
	size_t width = 5;

	for (size_t i = 0; i < t->n_events; i++) {
		size_t n = strlen(path ? t->events[i].path : t->events[i].map);

		if (n > width)
			width = n;
	}
	return width > NAME_WIDTH_MAX ? NAME_WIDTH_MAX : (int)width;
}

static void put_column(const char *s, int width, FILE *out)
{
	put_text(s, out);
	fprintf(out, "%*s  ", (int)strlen(s) < width ? width - (int)strlen(s) : 0, "");
}

void timeline_show_text(const struct timeline *t, FILE *out)
{
	int map_width = column(t, false), path_width = column(t, true);
	uint64_t last = 0;

	fprintf(out, "Boot of ");
	put_text(*t->host ? t->host : "a host without a name", out);
	fprintf(out, ", Linux ");
	put_text(t->kernel, out);
	fprintf(out, ", mpath-boot ");
	put_text(*t->version ? t->version : "?", out);
	fprintf(out, "; seconds since the kernel's start, and since the line before\n\n");
	for (size_t i = 0; i < t->n_events; i++) {
		const struct timeline_event *e = &t->events[i];
		char text[600] = "";
		struct buf what = BUF_INIT(text, sizeof(text));

		buf_reset(&what);
		timeline_describe(e, &what);
		fprintf(out, "%6llu.%03llu  +%5llu.%03llu  ", (unsigned long long)e->time_us / 1000000, (unsigned long long)e->time_us / 1000 % 1000,
			(unsigned long long)(e->time_us - last) / 1000000, (unsigned long long)(e->time_us - last) / 1000 % 1000);
		put_column(e->map, map_width, out);
		put_column(e->path, path_width, out);
		put_text(text, out);
		fputc('\n', out);
		last = e->time_us;
	}
	if (t->n_bad)
		fprintf(out, "\n%zu lines were not readable\n", t->n_bad);
}

/* Whether @s is what JSON takes as a number: no sign, no leading zero. */
static bool is_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	if (!n || n > 15 || (n > 1 && *s == '0'))
		return false;
	if (s[n] != '.')
		return !s[n];
	s += n + 1;
	n = strspn(s, "0123456789");
	return n && !s[n];
}

static void put_member(const char *key, const char *value, FILE *out)
{
	static const char *const numbers[] = { "pid", "maps", "paths", "expected", "prio", "group", "took", "lines", "lun" };
	bool number = false;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		number = number || streq(numbers[i], key);
	fprintf(out, ", ");
	json_put(key, out);
	fprintf(out, ": ");
	if (number && is_number(value))
		fputs(value, out);
	else
		json_put(value, out);
}

void timeline_show_json_events(const struct timeline *t, FILE *out)
{
	fprintf(out, "[");
	for (size_t i = 0; i < t->n_events; i++) {
		const struct timeline_event *e = &t->events[i];

		fprintf(out, "%s\n{\"time\": %llu.%06llu", i ? "," : "", (unsigned long long)e->time_us / 1000000,
			(unsigned long long)e->time_us % 1000000);
		put_member("event", e->name, out);
		if (*e->map)
			put_member("map", e->map, out);
		if (*e->path)
			put_member("path", e->path, out);
		for (size_t j = 0; j < e->n_attrs; j++)
			put_member(e->attrs[j].key, e->attrs[j].value, out);
		fprintf(out, "}");
	}
	fprintf(out, "]");
}

void timeline_show_json(const struct timeline *t, FILE *out)
{
	fprintf(out, "{\"version\": %d", EVENTS_VERSION);
	put_member("host", t->host, out);
	put_member("kernel", t->kernel, out);
	put_member("machine", t->machine, out);
	put_member("mpath_boot", t->version, out);
	fprintf(out, ", \"skipped_lines\": %zu, \"events\": ", t->n_bad);
	timeline_show_json_events(t, out);
	fprintf(out, "}\n");
}
