/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "conf.h"
#include "snapshot-tool/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What boot scripts read word by word: whatever a snapshot says, a line has @wanted of them, and perhaps @more. */
static void look_at(const struct conf *conf, int (*show)(const struct conf *conf, FILE *out), unsigned int wanted, unsigned int more)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	if (show(conf, out) || fclose(out))
		abort();
	for (char *line = text; *line; line += strlen(line) + 1) {
		unsigned int words = 1;

		line[strcspn(line, "\n")] = '\0';
		for (const char *at = line; (at = strchr(at, ' ')); at++)
			words += at[1] && at[1] != ' ';
		if ((words != wanted && words != wanted + more) || *line == ' ')
			abort();
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct conf *conf;

	if (conf_parse((const char *)data, len, true, NULL, NULL, &conf))
		return 0;
	look_at(conf, show_portals, 8, 0);
	look_at(conf, show_controllers, 7, 2);
	conf_free(conf);
	return 0;
}
