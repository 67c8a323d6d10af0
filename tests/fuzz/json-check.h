/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a text is JSON (RFC 8259), in ASCII. No more than the targets need that look at our output. */
#ifndef MPATH_FUZZ_JSON_H
#define MPATH_FUZZ_JSON_H

#include <stdbool.h>
#include <string.h>

static inline bool json_take(const char **at);

static inline void json_blanks(const char **at)
{
	*at += strspn(*at, " \t\r\n");
}

static inline bool json_char(const char **at, char c)
{
	json_blanks(at);
	if (**at != c)
		return false;
	++*at;
	return true;
}

static inline bool json_string(const char **at)
{
	if (!json_char(at, '"'))
		return false;
	while (**at >= ' ' && **at <= 126 && **at != '"') {
		if (**at == '\\') {
			++*at;
			if (!**at || !strchr("\"\\/bfnrtu", **at) || (**at == 'u' && strspn(*at + 1, "0123456789abcdefABCDEF") < 4))
				return false;
		}
		++*at;
	}
	return *(*at)++ == '"';
}

static inline bool json_digits(const char **at)
{
	size_t n = strspn(*at, "0123456789");

	*at += n;
	return n;
}

static inline bool json_number(const char **at)
{
	*at += **at == '-';
	if (**at == '0' && strspn(*at, "0123456789") > 1)
		return false;
	if (!json_digits(at))
		return false;
	if (**at == '.') {
		++*at;
		return json_digits(at);
	}
	return true;	/* we write no exponents */
}

static inline bool json_list(const char **at, char end, bool is_object)
{
	if (json_char(at, end))
		return true;
	do {
		if (is_object && (!json_string(at) || !json_char(at, ':')))
			return false;
		if (!json_take(at))
			return false;
	} while (json_char(at, ','));
	return json_char(at, end);
}

static inline bool json_take(const char **at)
{
	static const char *const words[] = { "true", "false", "null" };

	json_blanks(at);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strncmp(*at, words[i], strlen(words[i])) == 0) {
			*at += strlen(words[i]);
			return true;
		}
	if (**at == '"')
		return json_string(at);
	if (json_char(at, '{'))
		return json_list(at, '}', true);
	if (json_char(at, '['))
		return json_list(at, ']', false);
	return json_number(at);
}

static inline bool json_is_good(const char *text)
{
	if (!json_take(&text))
		return false;
	json_blanks(&text);
	return !*text;
}

#endif
