/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bindings.h"

#include <stdio.h>

#include "util.h"

bool bindings_find(const char *line, const char *wwid, char *alias, size_t size)
{
	while (line && *line) {
		size_t len = strcspn(line, "\n"), name_len, id_len;
		const char *name = line + strspn(line, " \t"), *id;

		line += len + (line[len] == '\n');
		if (*name == '#')
			continue;
		name_len = strcspn(name, " \t\r\n#");
		id = name + name_len + strspn(name + name_len, " \t");
		id_len = strcspn(id, " \t\r\n#");
		if (name_len && id_len == strlen(wwid) && memcmp(id, wwid, id_len) == 0) {
			snprintf(alias, size, "%.*s", (int)name_len, name);
			return true;
		}
	}
	return false;
}

/* A removed line starts with '#'. */
bool wwids_find(const char *line, const char *wwid)
{
	while (line && *line) {
		const char *id = line[0] == '/' ? str_after(line + 1, wwid) : NULL;

		if (id && *id == '/')
			return true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}
