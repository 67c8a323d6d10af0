/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shell-word.h"

#include <string.h>

#include "util.h"

const char *shell_word(const char *s, char *mem, size_t size)
{
	static const char plain[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-+=:,./@%";
	char *to = mem;

	if (*s && strspn(s, plain) == strlen(s))
		return s;
	if (size < SHELL_WORD_SIZE(strlen(s)))
		return "''";
	*to++ = '\'';
	for (; *s; s++)
		if (*s == '\'')
			to = stpcpy(to, "'\\''");
		else
			*to++ = *s;
	strcpy(to, "'");
	return mem;
}
