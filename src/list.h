/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What "list" prints: for a program of its own, and for a guard that was asked.
 */
#ifndef MPATH_LIST_H
#define MPATH_LIST_H

#include "buf.h"

#define LIST_SIZE 16384	/* FOREIGN_MAX lines and ours fit, unless they are very long */

enum list_what {
	LIST_ALL,
	LIST_CHECKERS,
	LIST_PRIOS,
};

/* "", "checkers", "prios"; anything else is none: false. */
bool list_what(const char *word, enum list_what *out);

/* One line each: name, where it is from, what it sends, its arguments. */
void list_text(enum list_what what, struct buf *out);

#endif
