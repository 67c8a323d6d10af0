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

	if (r == -ENOENT && !file)
		log_error("no guard has run since boot (" EVENTS_FILE " is missing)");
	else if (r == -EPERM && !file)
		log_error("unable to use " EVENTS_FILE ": it or its folder does not belong to root, or others can write to it");
	else if (r == -EBADMSG)
		log_error("%s is no event log of mpath-boot", file ? file : EVENTS_FILE);
	else if (r == -EPROTONOSUPPORT)
		log_error("%s is of a newer mpath-boot", file ? file : EVENTS_FILE);
	else if (r < 0)
		log_error("unable to read %s: %s", file ? file : EVENTS_FILE, strerror(-r));
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
