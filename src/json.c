/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

void json_put(const char *s, FILE *out)
{
	if (!s) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ' || c > 126)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

void json_put_member(const char *key, const char *value, const char *end, FILE *out)
{
	fprintf(out, "\"%s\": ", key);
	json_put(value, out);
	fputs(end, out);
}
