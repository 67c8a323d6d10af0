/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list.h"

#include "foreign.h"

bool list_what(const char *word, enum list_what *out)
{
	*out = streq(word, "checkers") ? LIST_CHECKERS : streq(word, "prios") ? LIST_PRIOS : LIST_ALL;
	return *out != LIST_ALL || !*word;
}

/* As wide as the widest, so that columns are columns. */
static int source_width(enum plugin_kind kind)
{
	const char *source;
	size_t width = 0;

	for (size_t i = 0; kind == PLUGIN_CHECKER ? checker_at(i, &source) != NULL : prio_at(i, &source) != NULL; i++)
		width = strlen(source) > width ? strlen(source) : width;
	return (int)width;
}

static void add_line(struct buf *out, const char *name, const char *source, int width, const char *sends, const char *args, const void *ops)
{
	buf_addf(out, "%-14s %-*s  %.200s%s%.200s%s\n", name, width, source, sends ? sends : "", args ? "; prio_args: " : "", args ? args : "",
		 foreign_is_faulty(ops) ? "; its code has crashed: not used" : "");
}

static void add_checkers(struct buf *out)
{
	const struct checker_ops *ops;
	const char *source;
	int width = source_width(PLUGIN_CHECKER);

	for (size_t i = 0; (ops = checker_at(i, &source)); i++)
		add_line(out, ops->name, source, width, ops->sends, NULL, ops);
}

static void add_prios(struct buf *out)
{
	const struct prio_ops *ops;
	const char *source;
	int width = source_width(PLUGIN_PRIO);

	for (size_t i = 0; (ops = prio_at(i, &source)); i++)
		add_line(out, ops->name, source, width, ops->sends, ops->args, ops);
}

void list_text(enum list_what what, struct buf *out)
{
	if (what == LIST_ALL)
		buf_add(out, "checkers:\n");
	if (what != LIST_PRIOS)
		add_checkers(out);
	if (what == LIST_ALL)
		buf_add(out, "\nprioritizers:\n");
	if (what != LIST_CHECKERS)
		add_prios(out);
}
