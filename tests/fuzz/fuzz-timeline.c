/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log of another machine, as text, as JSON, as a picture. */
#include <stdio.h>

#include "json-check.h"
#include "timeline-show.h"
#include "snapshot-tool/plot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static FILE *null;
	struct timeline *t;
	char *json = NULL;
	size_t json_len;
	FILE *out;

	if (!null)
		null = fopen("/dev/null", "w");
	if (timeline_parse((const char *)data, len, &t) < 0)
		return 0;
	for (size_t i = 1; i < t->n_events; i++)
		if (t->events[i].time_us < t->events[i - 1].time_us)
			abort();
	timeline_show_text(t, null);
	out = open_memstream(&json, &json_len);
	if (!out)
		abort();
	timeline_show_json(t, out);
	if (fclose(out) || !json_is_good(json))
		abort();
	free(json);
	if (t->n_events < 500)
		plot_draw(t, null);
	timeline_free(t);
	return 0;
}
