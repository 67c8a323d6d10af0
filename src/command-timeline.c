/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timeline: the boot as text.
 */
#include <getopt.h>
#include <stdio.h>

#include "command.h"
#include "log.h"
#include "timeline-show.h"

static int load_or_say(const char *file, struct timeline **t)
{
	int r = timeline_load(file ? file : EVENTS_FILE, !file, t);

	if (r < 0)
		log_error("unable to read %s: %s", file ? file : EVENTS_FILE, timeline_problem(r));
	return r == 0 ? EXIT_DONE : r == -EBADMSG || r == -EPROTONOSUPPORT ? EXIT_USAGE : EXIT_SYSTEM;
}

int command_timeline(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' }, { 0 } };
	struct timeline *t;
	bool json = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c != 'j')
			return EXIT_USAGE;
		json = true;
	}
	if (argc - optind > 1) {
		log_error("usage: mpath-boot timeline [--json] [FILE]");
		return EXIT_USAGE;
	}
	c = load_or_say(argv[optind], &t);
	if (c)
		return c;
	if (json)
		timeline_show_json(t, stdout);
	else
		timeline_show_text(t, stdout);
	timeline_free(t);
	return EXIT_DONE;
}
