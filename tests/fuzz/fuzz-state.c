/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state file: what a later guard, wait and status make of it. */
#include <stdio.h>

#include "json-check.h"
#include "state.h"
#include "takeover.h"
#include "waiting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define N_PATHS 4

/* A later guard with the maps and paths of the seed. */
static void take_over(const struct conf *conf)
{
	static struct snap_map snaps[2] = { { .wwid = "3600" }, { .wwid = "3601" } };
	static struct boot_map maps[2];
	static struct boot b;
	struct boot_path p = { .failures = 0 };

	b = (struct boot){ .maps = maps, .n_maps = 2, .n_paths = N_PATHS, .now_ms = 1000 };
	for (size_t m = 0; m < 2; m++) {
		maps[m] = (struct boot_map){ .snap = &snaps[m] };
		strcpy(maps[m].devno, m ? "" : "253:0");
	}
	takeover_take(&b, conf);
	if (b.n_past > N_PATHS || maps[1].ready)
		abort();
	for (p.facts.map = 0; p.facts.map < 2; p.facts.map++) {
		strcpy(p.facts.name, "sda");
		strcpy(p.facts.devno, "8:0");
		takeover_path(&b, &p);
		if (p.failures > 1000000000 || strlen(p.why) >= sizeof(p.why))
			abort();
	}
	free(b.past);
}

/* printf() is what a program would read from us. */
static char *printed(void (*print)(const struct conf *conf), const struct conf *conf)
{
	FILE *was = stdout, *out;
	char *text = NULL;
	size_t len;

	out = open_memstream(&text, &len);
	if (!out)
		abort();
	stdout = out;
	print(conf);
	stdout = was;
	if (fclose(out))
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char mem[600], *text;
	struct buf line = BUF_INIT(mem, sizeof(mem));
	struct conf *conf;

	if (state_parse((const char *)data, len, &conf) < 0)
		return 0;
	take_over(conf);
	state_check_ready(conf, &line);
	waiting_describe(conf, 1000000000, &line);
	if (strlen(mem) != line.len)
		abort();
	free(printed(state_print, conf));
	text = printed(state_print_json, conf);
	if (!json_is_good(text))
		abort();
	free(text);
	conf_free(conf);
	return 0;
}
