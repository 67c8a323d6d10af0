/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "choice.h"

#include <stdio.h>
#include <unistd.h>

#include "util.h"

static int load(const char *file, const struct excerpt_filter *filter, struct snapshot **snap, char *problem, size_t size)
{
	struct snapshot_error err = { 0 };
	int r = filter ? excerpt_load(file, filter, snap) : -EAGAIN;

	if (r == -EAGAIN)
		r = snapshot_load(file, snap, &err);

	if (r < 0 && err.line)
		snprintf(problem, size, "%s line %u: %s", file, err.line, err.text);
	else if (r < 0)
		snprintf(problem, size, "%s: %s", file, err.text[0] ? err.text : strerror(-r));
	return r;
}

int choice_load_some(const char *appended, const char *own, const struct excerpt_filter *filter, struct choice *out)
{
	struct snapshot *snap;

	*out = (struct choice) { .file = own };
	if (appended && access(appended, F_OK) == 0 && load(appended, filter, &snap, out->appended_problem, sizeof(out->appended_problem)) == 0) {
		if (snap->n_maps || snap->rules || snap->is_excerpt) {
			out->snap = snap;
			out->file = appended;
			return 0;
		}
		snprintf(out->appended_problem, sizeof(out->appended_problem), "%s: it names no map", appended);
		snapshot_free(snap);
	}
	return load(own, filter, &out->snap, out->problem, sizeof(out->problem));
}
