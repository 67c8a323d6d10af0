/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Words of prio_args, which are "name=value" or plain. Pure.
 */
#ifndef MPATH_PRIO_ARGS_H
#define MPATH_PRIO_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next word of *@s, which moves behind it: its start and length. NULL at the end. A word in double quotes may hold blanks. */
const char *prio_args_word(const char **s, size_t *len);

/* The value of "@name=value" in @args and its length, or NULL. */
const char *prio_args_value(const char *args, const char *name, size_t *len);

/* A decimal number that fills all of @text, in thousandths: "1.5" is 1500; finer digits are dropped. -1 if it is none, or above a million. */
int64_t prio_args_thousandths(const char *text, size_t len);

#endif
