/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
	if (b->size)
		b->s[0] = '\0';
}

static void add_bytes(struct buf *b, const char *s, size_t n)
{
	if (b->size == 0 || n > b->size - 1 - b->len) {
		b->overflow = true;
		return;
	}
	memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void buf_add(struct buf *b, const char *s)
{
	add_bytes(b, s, strlen(s));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	size_t room = b->size - b->len;
	va_list args;
	int n;

	if (b->size == 0) {
		b->overflow = true;
		return;
	}
	va_start(args, fmt);
	n = vsnprintf(b->s + b->len, room, fmt, args);
	va_end(args);
	if (n < 0 || (size_t)n >= room) {
		b->s[b->len] = '\0';
		b->overflow = true;
		return;
	}
	b->len += (size_t)n;
}

void buf_add_quoted(struct buf *b, const char *s)
{
	add_bytes(b, "\"", 1);
	for (; *s; s++) {
		if (*s == '"')
			add_bytes(b, "\"\"", 2);
		else if ((unsigned char)*s < ' ' || *s == 127)
			add_bytes(b, "?", 1);
		else
			add_bytes(b, s, 1);
	}
	add_bytes(b, "\"", 1);
}
