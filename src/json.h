/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings in JSON output (RFC 8259, 7). Whatever bytes a string has, the output is ASCII: others become \u00XX.
 */
#ifndef MPATH_JSON_H
#define MPATH_JSON_H

#include <stdio.h>

/* @s in quotes, or null where it is NULL. */
void json_put(const char *s, FILE *out);

/* "key": value, then @end. @key is put out as it is. */
void json_put_member(const char *key, const char *value, const char *end, FILE *out);

#endif
