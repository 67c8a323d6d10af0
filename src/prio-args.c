/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prio-args.h"

#include "util.h"

#define BLANKS " \t"

const char *prio_args_word(const char **s, size_t *len)
{
	const char *word = *s + strspn(*s, BLANKS), *end;

	if (*word == '"' && (end = strchr(word + 1, '"'))) {
		*len = (size_t)(end - word) - 1;
		*s = end + 1;
		return word + 1;
	}
	*len = strcspn(word, BLANKS);
	*s = word + *len;
	return *len ? word : NULL;
}

const char *prio_args_value(const char *args, const char *name, size_t *len)
{
	size_t n = strlen(name);
	const char *word;

	while ((word = prio_args_word(&args, len)))
		if (*len > n && word[n] == '=' && strncmp(word, name, n) == 0) {
			*len -= n + 1;
			return word + n + 1;
		}
	return NULL;
}

int64_t prio_args_thousandths(const char *text, size_t len)
{
	int64_t value = 0;
	int decimals = -1;	/* seen so far; -1: no point yet */

	if (len == 0 || text[0] == '.')
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && decimals < 0) {
			decimals = 0;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return -1;
		if (decimals == 3)
			continue;
		value = value * 10 + text[i] - '0';
		if (value > 1000000000)
			return -1;
		decimals += decimals >= 0;
	}
	for (int i = decimals < 0 ? 0 : decimals; i < 3; i++)
		value *= 10;
	return value <= 1000000000 ? value : -1;
}
