/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plot.h"

#include "../log.h"
#include "axis.h"
#include "created.h"
#include "svg.h"

#define MARGIN 16.0
#define PLOT_WIDTH 1100.0
#define ROW 18.0		/* a line of the picture */
#define BAR 10.0		/* a bar in it */
#define TITLE 46.0
#define LABEL_CHARS 48		/* names, on the left */
#define NOTE_CHARS 64		/* what is to be said of a path, on the right */
#define MOMENTS_MAX 40		/* dashed lines with a word at their upper end */
#define LANES_MAX 6
#define NOTE_SIZE 200
#define DETAIL_ROWS_MAX 400	/* beyond that one panel is enough of a picture */
#define CLUSTER_US 1000000	/* events that are nearer to each other than that belong together */

struct row {
	const char *map, *path;	/* "", "": the guard; path "": the map itself */
	const char *via;
	uint64_t appeared_us, ready_us;	/* of a path; 0: not yet */
	unsigned int failures;
	const char *why;	/* of the last failure */
	const char *usable, *expected;	/* of a map: its paths when it became ready */
	/* while the row is drawn */
	uint64_t since_us;
	const char *class;	/* of the bar under way; NULL: none */
	bool thick, in_table, failed, waiting;
	const char *state;
};

struct moment {
	uint64_t us;
	char text[80];
};

struct plot {
	const struct timeline *t;
	struct axis axis;
	struct row *rows;	/* the guard, then each map and its paths */
	size_t n_rows;
	struct moment moments[MOMENTS_MAX];
	size_t n_moments;
	int lane[MOMENTS_MAX];
	int n_lanes;
	double left, top, right;	/* of the part with the bars */
	size_t label_chars, note_chars;
	FILE *out;
};

/* ---- what there is */

static bool is_in(const struct plot *p, uint64_t us)
{
	return us >= p->axis.start_us && us <= p->axis.end_us;
}

static struct row *find_row(struct plot *p, const char *map, const char *path)
{
	for (size_t i = 0; i < p->n_rows; i++)
		if (streq(p->rows[i].map, map) && streq(p->rows[i].path, path))
			return &p->rows[i];
	return NULL;
}

/* A path's row comes behind those of its map. */
static void add_row(struct plot *p, const char *map, const char *path)
{
	size_t at = p->n_rows;

	for (size_t i = 0; i < p->n_rows; i++)
		if (streq(p->rows[i].map, map))
			at = i + 1;
	memmove(&p->rows[at + 1], &p->rows[at], (p->n_rows - at) * sizeof(p->rows[0]));
	p->rows[at] = (struct row){ .map = map, .path = path, .via = "", .why = "", .usable = "", .expected = "", .state = "" };
	p->n_rows++;
}

static void take_facts(struct row *r, const struct timeline_event *e)
{
	const char *why = timeline_get(e, "why"), *state = timeline_get(e, "state");

	switch ((int)e->kind) {
	case EVENT_FOUND:
	case EVENT_APPEARED:
		if (!r->appeared_us)
			r->appeared_us = e->time_us;
		r->via = timeline_get(e, "via");
		break;
	case EVENT_STATE:
		if (!r->ready_us && (streq(state, "ready") || streq(state, "ghost")))
			r->ready_us = e->time_us;
		if (!streq(state, "ready") && !streq(state, "ghost") && *why)
			r->why = why;
		break;
	case EVENT_HUNG:
		r->why = "commands do not come back";
		r->failures++;
		break;
	case EVENT_GONE:
		r->why = why;
		break;
	case EVENT_READY:
		r->usable = timeline_get(e, "paths");
		r->expected = timeline_get(e, "expected");
		break;
	case EVENT_FAILED:
		r->failures++;
		if (*why)
			r->why = why;
		break;
	}
}

static void find_rows(struct plot *p)
{
	const char *map = "", *path = "";
	struct row *r;

	add_row(p, "", "");
	r = &p->rows[0];
	for (size_t i = 0; i < p->t->n_events; i++) {
		const struct timeline_event *e = &p->t->events[i];

		if (!*e->map)
			continue;
		if (!streq(map, e->map) || !streq(path, e->path)) {
			map = e->map;
			path = e->path;
			if (!find_row(p, map, ""))
				add_row(p, map, "");
			if (!find_row(p, map, path))
				add_row(p, map, path);
			r = find_row(p, map, path);
		}
		take_facts(r, e);
	}
}

static const char *moment_name(const struct timeline_event *e)
{
	switch ((int)e->kind) {
	case EVENT_ROOT_MOUNTED:
		return "root mounted";
	case EVENT_SWITCH_ROOT:
		return "switch_root";
	case EVENT_STANDBY:
		return "multipathd starts";
	case EVENT_ON_GUARD:
		return "multipathd gone";
	case EVENT_UNWANTED:
		return "multipathd lacks a map";
	case EVENT_HANDED_OVER:
		return "handed over";
	}
	return NULL;
}

static void find_moments(struct plot *p)
{
	double end[LANES_MAX] = { 0 };

	for (size_t i = 0; i < p->t->n_events && p->n_moments < MOMENTS_MAX; i++) {
		const struct timeline_event *e = &p->t->events[i];
		struct moment *m = &p->moments[p->n_moments];
		const char *name = moment_name(e);
		double x, width;
		int lane = 0;

		if (!name || !is_in(p, e->time_us))
			continue;
		m->us = e->time_us;
		snprintf(m->text, sizeof(m->text), "%s %llu.%03llu s", name, (unsigned long long)e->time_us / 1000000,
			 (unsigned long long)e->time_us / 1000 % 1000);
		width = ((double)strlen(m->text) + 2) * SVG_CHAR;
		x = axis_x(&p->axis, m->us);
		/* Its line goes down from its lane: no word in that lane or below may reach so far. */
		for (int l = 0; l < LANES_MAX; l++)
			if (end[l] > x)
				lane = l + 1;
		if (lane == LANES_MAX)
			continue;	/* the events come too thick: this one has its mark in the guard's row */
		end[lane] = x + width;
		p->lane[p->n_moments] = lane;
		if (lane >= p->n_lanes)
			p->n_lanes = lane + 1;
		p->n_moments++;
	}
}

static void make_note(const struct row *r, char text[NOTE_SIZE])
{
	struct buf b = BUF_INIT(text, NOTE_SIZE);

	buf_reset(&b);
	if (*r->usable)
		buf_addf(&b, "ready with %.10s%s%.10s paths", r->usable, *r->expected ? " of " : "", r->expected);
	else if (*r->map && !*r->path)
		buf_add(&b, "never ready");
	if (r->appeared_us && r->ready_us >= r->appeared_us)
		buf_addf(&b, "usable after %llu ms", (unsigned long long)(r->ready_us - r->appeared_us) / 1000);
	else if (r->appeared_us && !r->ready_us)
		buf_add(&b, "never usable");
	if (r->failures)
		buf_addf(&b, "%sfailed %ux", b.len ? ", " : "", r->failures);
	if (*r->why)
		buf_addf(&b, "%s%.80s", b.len ? ": " : "", r->why);
}

static void make_label(const struct row *r, char text[NOTE_SIZE])
{
	if (!*r->map)
		snprintf(text, NOTE_SIZE, "guard");
	else if (!*r->path)
		snprintf(text, NOTE_SIZE, "%.150s", r->map);
	else
		snprintf(text, NOTE_SIZE, "%.60s  %.100s", r->path, r->via);
}

static void lay_out(struct plot *p)
{
	p->label_chars = 8;
	p->note_chars = 36;	/* the words at the moments' lines reach into that column */
	for (size_t i = 0; i < p->n_rows; i++) {
		char text[NOTE_SIZE];

		make_label(&p->rows[i], text);
		if (strlen(text) + 2 > p->label_chars)
			p->label_chars = strlen(text) + 2;
		make_note(&p->rows[i], text);
		if (strlen(text) > p->note_chars)
			p->note_chars = strlen(text);
	}
	if (p->label_chars > LABEL_CHARS)
		p->label_chars = LABEL_CHARS;
	if (p->note_chars > NOTE_CHARS)
		p->note_chars = NOTE_CHARS;
	p->left = MARGIN + (double)(p->label_chars + 1) * SVG_CHAR;
	p->right = p->left + axis_width(&p->axis);
}

/* ---- the picture */

static double x_of(const struct plot *p, uint64_t us)
{
	return p->left + axis_x(&p->axis, us);
}

static void make_tip(const struct timeline_event *e, char text[NOTE_SIZE * 4])
{
	struct buf b = BUF_INIT(text, NOTE_SIZE * 4);

	buf_reset(&b);
	buf_addf(&b, "%llu.%06llu s  ", (unsigned long long)e->time_us / 1000000, (unsigned long long)e->time_us % 1000000);
	if (*e->map)
		buf_addf(&b, "%.60s ", e->map);
	if (*e->path)
		buf_addf(&b, "%.40s ", e->path);
	timeline_describe(e, &b);
}

static void draw_mark(const struct plot *p, const struct timeline_event *e, double y, const char *shape, const char *class)
{
	char tip[NOTE_SIZE * 4];

	make_tip(e, tip);
	svg_mark(p->out, x_of(p, e->time_us), y + ROW / 2, shape, class, tip);
}

static void end_bar(const struct plot *p, struct row *r, double y, uint64_t us)
{
	double x = x_of(p, r->since_us), h = r->thick ? BAR : BAR / 3;

	if (r->class && us > r->since_us && x_of(p, us) > x)
		svg_rect(p->out, x, y + (ROW - h) / 2, x_of(p, us) - x, h, r->class, r->class);
	r->since_us = us;
}

/* From here on the bar looks so; NULL: it ends. */
static void turn_bar(const struct plot *p, struct row *r, double y, uint64_t us, const char *class, bool thick)
{
	if (r->class == class && r->thick == thick)
		return;
	end_bar(p, r, y, us);
	r->class = class;
	r->thick = thick;
}

static void draw_guard_event(const struct plot *p, struct row *r, const struct timeline_event *e, double y)
{
	switch ((int)e->kind) {
	case EVENT_GUARD_START:
		turn_bar(p, r, y, e->time_us, "guard", true);
		break;
	case EVENT_ON_GUARD:
	case EVENT_UNWANTED:
		turn_bar(p, r, y, e->time_us, "guard", true);
		break;
	case EVENT_STANDBY:
		turn_bar(p, r, y, e->time_us, "standby", true);
		break;
	case EVENT_EXIT:
		turn_bar(p, r, y, e->time_us, NULL, true);
		break;
	}
}

static void mark_guard_event(const struct plot *p, const struct timeline_event *e, double y)
{
	switch ((int)e->kind) {
	case EVENT_GUARD_START:
		draw_mark(p, e, y, "diamond", "made");
		break;
	case EVENT_EXIT:
		draw_mark(p, e, y, "cross", "made");
		break;
	case EVENT_ON_GUARD:
	case EVENT_UNWANTED:
		draw_mark(p, e, y, "down", "down");
		break;
	}
}

static void draw_map_event(const struct plot *p, struct row *r, const struct timeline_event *e, double y)
{
	switch ((int)e->kind) {
	case EVENT_CREATED:
	case EVENT_FOUND:
		if (!r->class)
			turn_bar(p, r, y, e->time_us, "partial", true);
		break;
	case EVENT_READY:
		turn_bar(p, r, y, e->time_us, "whole", true);
		break;
	case EVENT_REMOVED:
		turn_bar(p, r, y, e->time_us, NULL, true);
		break;
	}
}

static void mark_map_event(const struct plot *p, const struct timeline_event *e, double y)
{
	switch ((int)e->kind) {
	case EVENT_CREATED:
	case EVENT_FOUND:
		draw_mark(p, e, y, "diamond", "made");
		break;
	case EVENT_RELOADED:
		draw_mark(p, e, y, "diamond", "load");
		break;
	case EVENT_REFUSED:
	case EVENT_REMOVED:
		draw_mark(p, e, y, "cross", "down");
		break;
	case EVENT_GAVE_UP:
		draw_mark(p, e, y, "down", "down");
		break;
	case EVENT_QUEUEING:
		draw_mark(p, e, y, "up", "up");
		break;
	case EVENT_SWITCHED:
		draw_mark(p, e, y, "square", "load");
		break;
	case EVENT_PARTITION:
		draw_mark(p, e, y, "square", *timeline_get(e, "why") ? "down" : "part");
		break;
	case EVENT_READY:
		draw_mark(p, e, y, "circle", "up");
		break;
	}
}

static const char *path_class(const struct row *r)
{
	if (r->failed && r->in_table)
		return "faulty";
	if (r->waiting)
		return "pending";
	if (streq(r->state, "ready"))
		return "ready";
	if (streq(r->state, "ghost"))
		return "ghost";
	if (streq(r->state, "faulty"))
		return "faulty";
	return streq(r->state, "undef") || !*r->state ? "unchecked" : "pending";
}

static void draw_path_event(const struct plot *p, struct row *r, const struct timeline_event *e, double y)
{
	bool there = r->class != NULL;

	switch ((int)e->kind) {
	case EVENT_FOUND:
	case EVENT_APPEARED:
		if (!there)
			r->in_table = r->failed = r->waiting = false, r->state = "";
		there = true;
		break;
	case EVENT_STATE:
		r->state = timeline_get(e, "state");
		r->waiting = false;
		break;
	case EVENT_SLOW:
		r->waiting = true;
		break;
	case EVENT_HUNG:
		r->waiting = false;
		r->state = "faulty";
		break;
	case EVENT_ADDED:
		r->in_table = true;
		break;
	case EVENT_LEFT_OUT:
		r->in_table = false;
		break;
	case EVENT_FAILED:
		r->failed = true;
		break;
	case EVENT_REINSTATED:
		r->failed = false;
		break;
	case EVENT_GONE:
		there = false;
		break;
	}
	turn_bar(p, r, y, e->time_us, there ? path_class(r) : NULL, r->in_table);
}

/* "0.031", or 0 */
static uint64_t took_us(const struct timeline_event *e)
{
	double s = strtod(timeline_get(e, "took"), NULL);

	return s > 0 && s < 1e6 && (uint64_t)(s * 1e6) <= e->time_us ? (uint64_t)(s * 1e6) : 0;
}

static void mark_path_event(const struct plot *p, const struct row *r, const struct timeline_event *e, double y)
{
	uint64_t from_us = e->time_us - took_us(e);
	char tip[NOTE_SIZE * 4];
	double x;

	/* The guard's clock and that of the log are read at different moments. */
	if (from_us < r->appeared_us && e->time_us >= r->appeared_us)
		from_us = r->appeared_us;
	x = x_of(p, from_us);

	switch ((int)e->kind) {
	case EVENT_FOUND:
	case EVENT_APPEARED:
		make_tip(e, tip);
		svg_rect(p->out, x - 1, y + 2, 2, ROW - 4, "check", tip);
		break;
	case EVENT_STATE:
	case EVENT_SLOW:
	case EVENT_HUNG:
		make_tip(e, tip);
		svg_rect(p->out, x, y + ROW - 4, x_of(p, e->time_us) - x + 1, 2, "check", tip);
		break;
	case EVENT_FAILED:
		draw_mark(p, e, y, "down", "down");
		break;
	case EVENT_REINSTATED:
		draw_mark(p, e, y, "up", "up");
		break;
	case EVENT_GONE:
		draw_mark(p, e, y, "cross", "down");
		break;
	}
}

static bool is_of_row(const struct row *r, const struct timeline_event *e)
{
	return streq(r->map, e->map) && streq(r->path, e->path);
}

/* Bars first, marks upon them. */
static void draw_row(const struct plot *p, struct row *r, double y)
{
	const struct timeline *t = p->t;

	r->class = NULL;
	for (size_t i = 0; i < t->n_events; i++) {
		if (!is_of_row(r, &t->events[i]))
			continue;
		if (!*r->map)
			draw_guard_event(p, r, &t->events[i], y);
		else if (!*r->path)
			draw_map_event(p, r, &t->events[i], y);
		else
			draw_path_event(p, r, &t->events[i], y);
	}
	end_bar(p, r, y, p->axis.end_us);
	for (size_t i = 0; i < t->n_events; i++) {
		if (!is_of_row(r, &t->events[i]) || !is_in(p, t->events[i].time_us))
			continue;
		if (!*r->map)
			mark_guard_event(p, &t->events[i], y);
		else if (!*r->path)
			mark_map_event(p, &t->events[i], y);
		else
			mark_path_event(p, r, &t->events[i], y);
	}
}

static void draw_rows(struct plot *p)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		double y = p->top + ROW * (double)i;
		char text[NOTE_SIZE];

		make_label(&p->rows[i], text);
		svg_text(p->out, MARGIN + (*p->rows[i].path ? 2 * SVG_CHAR : 0), y + ROW - 5, *p->rows[i].path ? "" : "map", 1,
			 p->label_chars - (*p->rows[i].path ? 2 : 0), text);
		draw_row(p, &p->rows[i], y);
		make_note(&p->rows[i], text);
		if (*text)
			svg_text(p->out, p->right + SVG_CHAR, y + ROW - 5, "dim", 1, p->note_chars, text);
	}
}

/* The gap: no multipathd, and no initramfs. */
static void draw_ground(const struct plot *p, double bottom)
{
	uint64_t from = 0;
	bool open = false;

	for (size_t i = 1; i < p->n_rows; i += 2)
		svg_rect(p->out, MARGIN, p->top + ROW * (double)i, p->right - MARGIN, ROW, "odd", "");
	for (size_t i = 0; i < p->t->n_events; i++) {
		const struct timeline_event *e = &p->t->events[i];

		if (e->kind == EVENT_SWITCH_ROOT && !open) {
			from = e->time_us;
			open = true;
		} else if (e->kind == EVENT_HANDED_OVER && open) {
			svg_rect(p->out, x_of(p, from), p->top, x_of(p, e->time_us) - x_of(p, from), bottom - p->top, "gap", "the gap");
			open = false;
		}
	}
	if (open)
		svg_rect(p->out, x_of(p, from), p->top, p->right - x_of(p, from), bottom - p->top, "gap", "the gap");
}

static void label_time(char text[40], uint64_t us, uint64_t step)
{
	int digits = step >= 1000000 ? 0 : step >= 100000 ? 1 : step >= 10000 ? 2 : step >= 1000 ? 3 : 6;

	snprintf(text, 40, "%.*f s", digits, (double)us / 1e6);
}

static void label_fold(char text[40], const struct axis_fold *f)
{
	unsigned long long s = (f->to_us - f->from_us) / 1000000;

	if (s < 120)
		snprintf(text, 40, "+%llu s", s);
	else if (s < 7200)
		snprintf(text, 40, "+%llu min", s / 60);
	else
		snprintf(text, 40, "+%llu h", s / 3600);
}

/* Does a word of @chars centred at @x meet one that a fold has below the axis? */
static bool meets_fold(const struct plot *p, double x, size_t chars)
{
	for (size_t i = 0; i < p->axis.n_folds; i++) {
		double middle = (x_of(p, p->axis.folds[i].from_us) + x_of(p, p->axis.folds[i].to_us)) / 2;
		char text[40];

		label_fold(text, &p->axis.folds[i]);
		if (x + (double)(chars + 1) * SVG_CHAR / 2 > middle - (double)strlen(text) * SVG_CHAR / 2 &&
		    x - (double)(chars + 1) * SVG_CHAR / 2 < middle + (double)strlen(text) * SVG_CHAR / 2)
			return true;
	}
	return false;
}

static void draw_grid(const struct plot *p, double bottom)
{
	uint64_t step = axis_step(&p->axis, 85), us = (p->axis.start_us + step - 1) / step * step;
	double free_from = 0;

	for (; us <= p->axis.end_us; us += step) {
		double x = x_of(p, us);
		char text[40];

		/* Within a fold nothing is written: go on with the first step behind it. */
		for (size_t i = 0; i < p->axis.n_folds; i++)
			if (us > p->axis.folds[i].from_us && us < p->axis.folds[i].to_us)
				us = (p->axis.folds[i].to_us + step - 1) / step * step;
		if (us > p->axis.end_us)
			break;
		x = x_of(p, us);
		svg_line(p->out, x, p->top, x, bottom, "grid");
		label_time(text, us, step);
		if (x - (double)strlen(text) * SVG_CHAR / 2 >= free_from && x + (double)strlen(text) * SVG_CHAR / 2 < p->right + 4 * SVG_CHAR && !meets_fold(p, x, strlen(text))) {
			svg_text(p->out, x, bottom + ROW - 4, "dim", 0, sizeof(text), text);
			free_from = x + ((double)strlen(text) / 2 + 1) * SVG_CHAR;
		}
	}
	svg_line(p->out, p->left, bottom, p->right, bottom, "axis");
}

static void draw_folds(const struct plot *p, double bottom)
{
	for (size_t i = 0; i < p->axis.n_folds; i++) {
		const struct axis_fold *f = &p->axis.folds[i];
		double from = x_of(p, f->from_us), to = x_of(p, f->to_us);
		char text[40];

		svg_rect(p->out, from, p->top, to - from, bottom - p->top, "fold", "nothing happened");
		svg_line(p->out, from, p->top, from, bottom + 3, "fold");
		svg_line(p->out, to, p->top, to, bottom + 3, "fold");
		label_fold(text, f);
		svg_text(p->out, (from + to) / 2, bottom + ROW - 4, "dim", 0, sizeof(text), text);
	}
}

static void draw_moments(const struct plot *p, double bottom)
{
	for (size_t i = 0; i < p->n_moments; i++) {
		const struct moment *m = &p->moments[i];
		double x = x_of(p, m->us), y = p->top - 6 - ROW * (double)(p->n_lanes - 1 - p->lane[i]);

		svg_line(p->out, x, y - ROW / 2, x, bottom, "moment");
		svg_text(p->out, x + 4, y, "", 1, sizeof(m->text), m->text);
	}
}

struct legend {
	const char *shape;	/* a mark, or "bar", "thin", "ground", "tick", "under" */
	const char *class, *text;
};

static const struct legend legends[] = {
	{ "bar", "guard", "guard watches" }, { "bar", "standby", "stands by: multipathd starts" }, { "ground", "gap", "the gap: switch_root to hand-over" },
	{ "bar", "partial", "map exists" }, { "bar", "whole", "map ready" },
	{ "diamond", "made", "start, map made" }, { "diamond", "load", "table loaded anew" }, { "square", "part", "partition" },
	{ "square", "load", "other path group" }, { "circle", "up", "ready" },
	{ "tick", "check", "path appears" }, { "under", "check", "check" }, { "thin", "ready", "not in the map" }, { "bar", "ready", "in the map, ready" },
	{ "bar", "ghost", "passive" }, { "bar", "unchecked", "not checked yet" }, { "bar", "pending", "no answer yet" }, { "bar", "faulty", "faulty, failed" },
	{ "down", "down", "fails; map: no more queueing" }, { "up", "up", "reinstated; queueing" }, { "cross", "down", "gone, refused" },
};

static void draw_sample(FILE *out, double x, double y, const struct legend *l)
{
	if (streq(l->shape, "bar"))
		svg_rect(out, x, y + (ROW - BAR) / 2, 18, BAR, l->class, "");
	else if (streq(l->shape, "ground"))
		svg_rect(out, x, y + 2, 18, ROW - 4, l->class, "");
	else if (streq(l->shape, "thin"))
		svg_rect(out, x, y + (ROW - BAR / 3) / 2, 18, BAR / 3, l->class, "");
	else if (streq(l->shape, "under"))
		svg_rect(out, x, y + ROW - 4, 18, 2, l->class, "");
	else if (streq(l->shape, "tick"))
		svg_rect(out, x + 8, y + 2, 2, ROW - 4, l->class, "");
	else
		svg_mark(out, x + 9, y + ROW / 2, l->shape, l->class, "");
}

/* Returns where it ends; draws only with @out. */
static double draw_legend(FILE *out, double y, double width)
{
	double x = MARGIN;

	for (size_t i = 0; i < ARRAY_SIZE(legends); i++) {
		double w = 18 + 6 + (double)(strlen(legends[i].text) + 3) * SVG_CHAR;

		if (x + w > width - MARGIN && x > MARGIN) {
			x = MARGIN;
			y += ROW;
		}
		if (out) {
			draw_sample(out, x, y, &legends[i]);
			svg_text(out, x + 24, y + ROW - 5, "", 1, 80, legends[i].text);
		}
		x += w;
	}
	return y + ROW;
}

static void draw_title(const struct plot *p, double width)
{
	size_t paths = 0, maps = 0;
	char text[400];

	for (size_t i = 0; i < p->n_rows; i++) {
		maps += *p->rows[i].map && !*p->rows[i].path;
		paths += *p->rows[i].path != '\0';
	}
	snprintf(text, sizeof(text), "Boot of %.80s", *p->t->host ? p->t->host : "a host without a name");
	svg_text(p->out, MARGIN, MARGIN + 12, "title", 1, (size_t)((width - 2 * MARGIN) / SVG_CHAR * 11 / 15), text);
	snprintf(text, sizeof(text), "Linux %.80s %.20s, mpath-boot %.20s; %zu map%s, %zu path%s; seconds since the kernel's start",
		 p->t->kernel, p->t->machine, *p->t->version ? p->t->version : "?", maps, maps == 1 ? "" : "s", paths, paths == 1 ? "" : "s");
	svg_text(p->out, MARGIN, MARGIN + 30, "dim", 1, (size_t)((width - 2 * MARGIN) / SVG_CHAR), text);
}

/* Where the first paths and maps come: there most happens, in a small part of the whole. False if the whole shows it well enough. */
static bool find_detail(const struct plot *p, uint64_t *from, uint64_t *to)
{
	uint64_t pad;
	bool found = false;

	for (size_t i = 0; i < p->t->n_events; i++) {
		const struct timeline_event *e = &p->t->events[i];

		if (!found && e->kind != EVENT_APPEARED)
			continue;
		if (found && e->time_us - *to > CLUSTER_US)
			break;
		if (!found)
			*from = e->time_us;
		found = true;
		*to = e->time_us;
	}
	if (!found || p->n_rows > DETAIL_ROWS_MAX || *to - *from < 1000 || (*to - *from) * 4 > p->axis.end_us)
		return false;
	pad = (*to - *from) / 20 + 1000;
	*to += pad;
	*from = *from > pad ? *from - pad : 1;
	return true;
}

/* One axis with all rows below. Returns where it ends. */
static double draw_panel(struct plot *p, double y)
{
	double bottom;

	p->n_moments = 0;
	p->n_lanes = 0;
	find_moments(p);
	p->top = y + ROW * (double)(p->n_lanes + 1);
	bottom = p->top + ROW * (double)p->n_rows;
	if (p->out) {
		draw_ground(p, bottom);
		draw_grid(p, bottom);
		draw_rows(p);
		draw_folds(p, bottom);
		draw_moments(p, bottom);
	}
	return bottom + 2 * ROW;
}

/* All but the title. Without p->out nothing is drawn. Returns where it ends. */
static double draw_panels(struct plot *p, double width)
{
	struct axis whole = p->axis;
	double y = draw_panel(p, TITLE + MARGIN / 2);
	uint64_t from, to;

	if (find_detail(p, &from, &to)) {
		axis_make_part(from, to, axis_width(&whole), &p->axis);
		if (p->out)
			svg_text(p->out, MARGIN, y + ROW, "map", 1, 80, "The same, where the first paths and maps appear");
		y = draw_panel(p, y + ROW);
		p->axis = whole;
	}
	return draw_legend(p->out, y, width) + MARGIN;
}

int plot_draw(const struct timeline *t, FILE *out)
{
	struct plot *p = calloc(1, sizeof(*p));
	double bottom, width;

	if (p)
		p->rows = calloc(1 + 2 * t->n_events, sizeof(p->rows[0]));
	if (!p || !p->rows) {
		free(p);
		return -ENOMEM;
	}
	p->t = t;
	p->out = out;
	axis_make(t, PLOT_WIDTH, &p->axis);
	find_rows(p);
	lay_out(p);
	width = (double)(long)(p->right + (double)(p->note_chars + 1) * SVG_CHAR + MARGIN + 1);
	/* Once without a pen, to know how long the paper must be. */
	p->out = NULL;
	bottom = draw_panels(p, width);
	p->out = out;
	svg_begin(out, width, bottom);
	draw_title(p, width);
	draw_panels(p, width);
	svg_end(out);
	free(p->rows);
	free(p);
	return 0;
}

int plot_timeline(const char *file, const char *output)
{
	_auto_free_ char *text = NULL;
	struct timeline *t;
	size_t len = 0;
	FILE *out;
	int r = timeline_load(file ? file : EVENTS_FILE, !file, &t);

	if (r < 0) {
		log_error("unable to read %s: %s", file ? file : EVENTS_FILE, timeline_problem(r));
		return r == -EBADMSG || r == -EPROTONOSUPPORT ? EXIT_USAGE : EXIT_SYSTEM;
	}
	out = open_memstream(&text, &len);
	r = out ? plot_draw(t, out) : -ENOMEM;
	if (out && fclose(out) != 0)
		r = -ENOMEM;
	timeline_free(t);
	if (r < 0)
		log_error("unable to draw: %s", strerror(-r));
	else
		r = create_write(output, text, len);
	return r < 0 ? EXIT_SYSTEM : EXIT_DONE;
}
