/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"

#include <stdio.h>

#include "util.h"

bool bindings_next(const char **text, char *alias, size_t alias_size, char *wwid, size_t wwid_size)
{
	while (*text && **text) {
		const char *line = *text, *name = line + strspn(line, " \t"), *id;
		size_t len = strcspn(line, "\n"), name_len, id_len;

		*text = line + len + (line[len] == '\n');
		if (*name == '#')
			continue;
		name_len = strcspn(name, " \t\r\n#");
		id = name + name_len + strspn(name + name_len, " \t");
		id_len = strcspn(id, " \t\r\n#");
		if (!name_len || !id_len || name_len >= alias_size || id_len >= wwid_size)
			continue;
		snprintf(alias, alias_size, "%.*s", (int)name_len, name);
		snprintf(wwid, wwid_size, "%.*s", (int)id_len, id);
		return true;
	}
	return false;
}

/* "/wwid/" a line; one that was removed starts with '#'. */
bool wwids_next(const char **text, char *wwid, size_t size)
{
	while (*text && **text) {
		const char *line = *text;
		size_t len = strcspn(line, "\n"), id_len = line[0] == '/' ? strcspn(line + 1, "/\n") : 0;

		*text = line + len + (line[len] == '\n');
		if (!id_len || line[1 + id_len] != '/' || id_len >= size)
			continue;
		snprintf(wwid, size, "%.*s", (int)id_len, line + 1);
		return true;
	}
	return false;
}

/* Of two lines with one alias the first counts. */
static bool is_taken(const char *text, const char *end, const char *wwid, const char *alias)
{
	char name[256], id[256];

	while (bindings_next(&text, name, sizeof(name), id, sizeof(id)) && text <= end)
		if (streq(name, alias) && !streq(id, wwid))
			return true;
	return false;
}

bool bindings_find(const char *text, const char *wwid, char *alias, size_t size)
{
	const char *start = text;
	char id[256];

	while (bindings_next(&text, alias, size, id, sizeof(id)))
		if (streq(id, wwid) && !is_taken(start, text, wwid, alias))
			return true;
	return false;
}

bool wwids_find(const char *text, const char *wwid)
{
	char id[256];

	while (wwids_next(&text, id, sizeof(id)))
		if (streq(id, wwid))
			return true;
	return false;
}
