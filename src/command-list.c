/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list: which checkers and prioritizers there are, and where each is from.
 */
#include <getopt.h>
#include <stdio.h>

#include "choice.h"
#include "command.h"
#include "extensions.h"
#include "log.h"
#include "plugin.h"

static const char *base_name(const char *source)
{
	const char *slash = strrchr(source, '/');

	return slash ? slash + 1 : source;
}

/* As wide as the widest, so that columns are columns. */
static int source_width(enum plugin_kind kind)
{
	const char *source;
	size_t width = 0;

	for (size_t i = 0; kind == PLUGIN_CHECKER ? checker_at(i, &source) != NULL : prio_at(i, &source) != NULL; i++)
		width = strlen(base_name(source)) > width ? strlen(base_name(source)) : width;
	return (int)width;
}

static void print_line(const char *name, const char *source, int width, const char *sends, const char *args, const void *ops)
{
	printf("%-14s %-*s  %s%s%s%s\n", name, width, base_name(source), sends ? sends : "", args ? "; prio_args: " : "", args ? args : "",
	       foreign_is_faulty(ops) ? "; its code has crashed: not used" : "");
}

static void print_checkers(void)
{
	const struct checker_ops *ops;
	const char *source;
	int width = source_width(PLUGIN_CHECKER);

	for (size_t i = 0; (ops = checker_at(i, &source)); i++)
		print_line(ops->name, source, width, ops->sends, NULL, ops);
}

static void print_prios(void)
{
	const struct prio_ops *ops;
	const char *source;
	int width = source_width(PLUGIN_PRIO);

	for (size_t i = 0; (ops = prio_at(i, &source)); i++)
		print_line(ops->name, source, width, ops->sends, ops->args, ops);
}

/* For boot scripts that need what belongs to the snapshot, such as its portals. The guard says what is wrong with a bad one. */
static int list_snapshot(void)
{
	struct choice choice;

	if (choice_load_image(&choice) < 0)
		return EXIT_NO;
	printf("%s\n", choice.file);
	return EXIT_DONE;
}

int command_list(int argc, char **argv)
{
	static const struct option options[] = { { "extension", required_argument, NULL, 'e' }, { 0 } };
	bool failed = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c != 'e')
			return EXIT_USAGE;
		failed |= extensions_load(optarg) < 0;
	}
	if (argc == 2 && streq(argv[1], "snapshot"))
		return list_snapshot();
	if (argc - optind > 1 || (argc - optind == 1 && !streq(argv[optind], "checkers") && !streq(argv[optind], "prios"))) {
		log_error("usage: mpath-boot list [--extension FILE]... [checkers | prios | snapshot]");
		return EXIT_USAGE;
	}
	plugin_load_all();
	if (argc == optind)
		printf("checkers:\n");
	if (argc == optind || streq(argv[optind], "checkers"))
		print_checkers();
	if (argc == optind)
		printf("\nprioritizers:\n");
	if (argc == optind || streq(argv[optind], "prios"))
		print_prios();
	return failed ? EXIT_USAGE : EXIT_DONE;
}
