/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A string that is built piece by piece in memory of the caller's. It never grows and never overflows: what does not fit sets
 * @overflow, and the caller checks once at the end. So the guard can build tables and its state file without malloc.
 */
#ifndef MPATH_BUF_H
#define MPATH_BUF_H

#include "util.h"

struct buf {
	char *s;	/* borrowed; always ends in NUL */
	size_t len, size;
	bool overflow;
};

#define BUF_INIT(mem, bytes) { .s = (mem), .size = (bytes) }

void buf_reset(struct buf *b);
void buf_add(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) _printf_(2, 3);

/* @s in double quotes for the brace grammar: '"' is doubled, control characters become '?'. */
void buf_add_quoted(struct buf *b, const char *s);

#endif
