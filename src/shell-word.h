/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of commands that people are told to type. WWIDs and names come from disks and arrays: none of it may be a command of its own.
 */
#ifndef MPATH_SHELL_WORD_H
#define MPATH_SHELL_WORD_H

#include <stddef.h>

#define SHELL_WORD_SIZE(len) (4 * (len) + 3)	/* room that any string of @len bytes fits into */

/* @s as one word of any POSIX shell: itself where that takes it as it is, else in quotes in @mem. What does not fit is "''". */
const char *shell_word(const char *s, char *mem, size_t size);

#endif
