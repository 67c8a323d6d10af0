/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "print-mend.h"

#include "../util.h"

/* "	uid_attrs sd:ID_SERIAL nvme:ID_WWN" without its quotes. */
static char *add_uid_attrs(char *to, const char *line, size_t len)
{
	size_t key = strspn(line, " \t") + strlen("uid_attrs");

	key += strspn(line + key, " \t");
	if (key >= len || line[key] == '"')
		return mempcpy(to, line, len);
	to = mempcpy(to, line, key);
	*to++ = '"';
	to = mempcpy(to, line + key, len - key);
	*to++ = '"';
	return to;
}

static bool starts_top_section(const char *line)
{
	static const char *const names[] = { "defaults", "blacklist", "blacklist_exceptions", "devices", "overrides", "multipaths" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *rest = str_after(line, names[i]);

		if (rest && rest[strspn(rest, " \t")] == '{')
			return true;
	}
	return false;
}

static bool starts_with_word(const char *line, const char *word)
{
	const char *rest = str_after(line + strspn(line, " \t"), word);

	return rest && (*rest == ' ' || *rest == '\t');
}

char *print_mend(const char *text, size_t text_len, size_t *mended_len)
{
	_auto_free_ char *mended = malloc(3 * text_len + 2);	/* what a line gets, and the brace that it may cost later, are no longer than twice the line */
	char *to = mended;
	int depth = 0;

	for (const char *line = text, *next; mended && line < text + text_len; line = next) {
		size_t len = strcspn(line, "\n"), last = len;

		next = line + len + 1;
		while (last && strchr(" \t", line[last - 1]))
			last--;
		for (; depth > 0 && starts_top_section(line); depth--)
			to = stpcpy(to, "}\n");
		if (depth == 2 && starts_with_word(line, "device")) {
			to = stpcpy(to, "}\n");
			depth--;
		}
		if (depth == 1 && starts_with_word(line, "product")) {
			to = stpcpy(to, "device {\n");
			depth++;
		}
		if (last && line[last - 1] == '{')
			depth++;
		else if (last && line[last - 1] == '}' && strspn(line, " \t") == last - 1)
			depth--;
		if (starts_with_word(line, "uid_attrs"))
			to = add_uid_attrs(to, line, last);
		else
			to = mempcpy(to, line, last);
		*to++ = '\n';
	}
	if (to)
		*mended_len = (size_t)(to - mended);
	return steal_ptr(mended);
}
