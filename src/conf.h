/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The brace grammar of multipath.conf as a tree: one parser for the snapshot (strict), for multipath.conf and for what `multipath -t`
 * prints (lenient). It knows the grammar, no keyword. No I/O, no recursion; the whole tree is two blocks of memory.
 *
 *	keyword value # comment
 *	section {
 *		keyword "a value with blanks and ""quotes"""
 *	}
 *
 * One statement a line. '#' and '!' start a comment where a token could start; '{' and '}' are tokens of their own even without
 * blanks around them. Bytes are taken as they are, but NUL is never part of a statement.
 */
#ifndef MPATH_CONF_H
#define MPATH_CONF_H

#include "util.h"

#define CONF_DEPTH_MAX 8

struct conf_node {
	const char *key;
	const char *value;	/* NULL for a section, and for a keyword that stands alone (lenient only) */
	const char *comment;	/* what stands behind '#' or '!' on its line, without blanks at its ends; NULL if nothing */
	struct conf_node *child;	/* a section's first statement */
	struct conf_node *next;
	unsigned int line;
	bool is_section;
};

struct conf {
	struct conf_node *first;
	struct conf_node *nodes;	/* all of them, in the order of the text */
	size_t n_nodes;
	char *text;
};

/* Told about each thing that is wrong. */
typedef void conf_report_fn(void *arg, unsigned int line, const char *problem);

/*
 * Parse @len bytes of @text (copied). With @strict the first problem is reported and the result is -EBADMSG; else every problem is reported and the
 * statement mended or skipped the way multipath-tools does it. @report may be NULL. -ENOMEM. *out (owned by the caller, conf_free()) is left alone
 * when it fails.
 */
int conf_parse(const char *text, size_t len, bool strict, conf_report_fn *report, void *arg, struct conf **out);
void conf_free(struct conf *c);

/* The next node from @n on (@n itself included) whose key is @key; NULL if there is none. */
const struct conf_node *conf_find(const struct conf_node *n, const char *key);

/* Whether @s is a decimal number of at most @max and nothing else; it goes to *out then. */
bool conf_number(const char *s, uint64_t max, uint64_t *out);

#endif
