/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "properties.h"

static void add(struct properties *p, const char *name, const char *value)
{
	size_t at = p->n;

	if (at == PROPERTIES_MAX)
		return;
	for (; at > 0 && strcmp(p->names[at - 1], name) > 0; at--) {
		p->names[at] = p->names[at - 1];
		p->values[at] = p->values[at - 1];
	}
	p->names[at] = name;
	p->values[at] = value;
	p->names[++p->n] = NULL;
}

void properties_parse(struct properties *p, size_t len)
{
	char *line = p->text, *next, *value;

	p->n = 0;
	p->names[0] = NULL;
	p->text[len] = '\0';
	for (; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		value = str_after(line, "E:") ? strchr(line, '=') : NULL;
		if (!value)
			continue;
		*value++ = '\0';
		add(p, line + 2, value);
	}
}

const char *properties_get(const struct properties *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->names[i], name))
			return p->values[i];
	return "";
}
