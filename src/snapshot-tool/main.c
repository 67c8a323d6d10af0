/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot: the full-system side. Makes the snapshot that mpath-boot boots from, and shows it.
 */
#include <getopt.h>
#include <stdio.h>

#include "../log.h"
#include "../snapshot.h"
#include "append.h"
#include "check.h"
#include "config-explain.h"
#include "create.h"
#include "plot.h"
#include "show.h"

static const char usage[] =
	"Usage: mpath-snapshot create [OPTION]...\n"
	"       mpath-snapshot cpio [OPTION]... [FILE]\n"
	"       mpath-snapshot check [OPTION]... [FILE]...\n"
	"       mpath-snapshot explain [OPTION]... [DEVICE|M:N|MAP]...\n"
	"       mpath-snapshot show|modules|iscsi|nvme [FILE]\n"
	"       mpath-snapshot plot [-o FILE] [FILE]\n"
	"\n"
	"create      find the multipath maps under /, /usr and the resume device, resolve their options with the\n"
	"            installed multipath-tools, and write the snapshot that mpath-boot boots from\n"
	"  -o, --output FILE    write FILE, whole or not at all; - is standard output (the default)\n"
	"  -r, --root DEV       look under DEV (a /dev path, UUID=..., M:N) instead of what is mounted at /\n"
	"  -m, --map WWID       take this map, wherever it is used; may be repeated\n"
	"  -g, --generic        for machines that are not known yet: the configuration itself, in place of maps\n"
	"  -c, --config FILE    resolve with FILE (what multipath -t printed somewhere) instead of the installed tools\n"
	"      --extension FILE a library with checkers and prioritizers of others, as extension \"FILE\" in the section\n"
	"                       defaults of multipath.conf or in /etc/mpath-boot/extensions.conf; may be repeated\n"
	"      --sysroot DIR    look at the system recorded below DIR; needs --config\n"
	"cpio        write an archive with the snapshot in FILE, or one made now (options as above), for a boot loader to\n"
	"            append to an image that cannot be made again\n"
	"check       compare the snapshot in FILE with what create would write now (options as above), and say how much the\n"
	"            differences matter. FILE is a snapshot or an initramfs image; several: as the boot loader loads them, one\n"
	"            behind the other; none: what this machine booted with\n"
	"      --json           for programs\n"
	"      --next           without FILE: look into the image of the running kernel, if it can be found\n"
	"      --quick          be content if the files that went into the snapshot have not changed\n"
	"      --notice         also write /run/mpath-boot/drift, and lines for the journal to standard error\n"
	"explain     say why the configuration makes a disk a path, or does not (options --json, --config, --sysroot);\n"
	"            without a name: all disks. mpath-boot explain says it for the image\n"
	"show        print a snapshot and where each of its values comes from\n"
	"modules     print the kernel modules that its paths need, one a line\n"
	"iscsi       print its iSCSI portals, one a line:\n"
	"            TARGET ADDRESS PORT GROUP INTERFACE MAC INTERFACE_ADDRESS GATEWAY, - for what is not known\n"
	"nvme        print its NVMe/TCP controllers, one a line:\n"
	"            NQN ADDRESS PORT INTERFACE MAC INTERFACE_ADDRESS GATEWAY\n"
	"plot        draw what happened in this boot, and when, as an SVG picture (FILE: a copy of another machine's\n"
	"            " EVENTS_FILE ")\n"
	"\n"
	"FILE is " SNAPSHOT_FILE " for show, modules, iscsi and nvme if not given.\n"
	"\n"
	"  -v, --verbose   say more\n"
	"  -h, --help      print this\n"
	"  -V, --version   print the version\n"
	"\n"
	"Exit: 0 done, 2 not on multipath (nothing is written), 100 bad usage, configuration or snapshot,\n"
	"111 a system call or a program failed.\n"
	"Exit of explain: 0 all are paths, 1 not.\n"
	"Exit of check: 0 the same, 10 harmless, 20 multipathd would reload the map, 30 the next boot would lose or rename root.\n";

/* As they stand in the lists of what a command takes. */
enum { OPTION_EXTENSION = 'E', OPTION_SYSROOT = 'S', OPTION_JSON = 'J', OPTION_QUICK = 'Q', OPTION_NOTICE = 'N', OPTION_NEXT = 'X' };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "root", required_argument, NULL, 'r' },
	{ "map", required_argument, NULL, 'm' },
	{ "config", required_argument, NULL, 'c' },
	{ "extension", required_argument, NULL, OPTION_EXTENSION },
	{ "sysroot", required_argument, NULL, OPTION_SYSROOT },
	{ "generic", no_argument, NULL, 'g' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "quick", no_argument, NULL, OPTION_QUICK },
	{ "notice", no_argument, NULL, OPTION_NOTICE },
	{ "next", no_argument, NULL, OPTION_NEXT },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

struct call {
	struct create_options create;
	bool is_json, is_quick, is_notice, is_next;
	char **words;	/* what follows the command, without options */
	int n_words;
};

static int complain(const char *what)
{
	log_error("%s; mpath-snapshot --help says more", what);
	return EXIT_USAGE;
}

static const char *word(const struct call *call, const char *fallback)
{
	return call->n_words ? call->words[0] : fallback;
}

static int run_create(const struct call *call)
{
	return create_snapshot(&call->create);
}

static int run_show(const struct call *call)
{
	return show_snapshot(word(call, SNAPSHOT_FILE));
}

static int run_modules(const struct call *call)
{
	return show_modules(word(call, SNAPSHOT_FILE));
}

static int run_iscsi(const struct call *call)
{
	return show_iscsi(word(call, SNAPSHOT_FILE));
}

static int run_nvme(const struct call *call)
{
	return show_nvme(word(call, SNAPSHOT_FILE));
}

static int run_cpio(const struct call *call)
{
	return append_snapshot(&call->create, word(call, NULL));
}

static int run_check(const struct call *call)
{
	const struct check_options o = {
		.create = call->create,
		.files = (const char *const *)call->words,
		.n_files = (size_t)call->n_words,
		.is_json = call->is_json,
		.is_quick = call->is_quick,
		.is_notice = call->is_notice,
		.is_next = call->is_next,
	};

	return check_snapshot(&o);
}

static int run_explain(const struct call *call)
{
	return config_explain(&call->create, call->words, (size_t)call->n_words, call->is_json);
}

static int run_plot(const struct call *call)
{
	return plot_timeline(word(call, NULL), call->create.output);
}

#define CREATE_OPTIONS "rmcSE"
#define ANY_NUMBER 1000

static const struct command {
	const char *name;
	const char *options;	/* it takes */
	int min_words, max_words;
	int (*run)(const struct call *call);
} commands[] = {
	{ "create", CREATE_OPTIONS "go", 0, 0, run_create },
	{ "cpio", CREATE_OPTIONS "go", 0, 1, run_cpio },
	{ "check", CREATE_OPTIONS "JQNX", 0, ANY_NUMBER, run_check },
	{ "explain", "cSJ", 0, ANY_NUMBER, run_explain },
	{ "show", "", 0, 1, run_show },
	{ "modules", "", 0, 1, run_modules },
	{ "iscsi", "", 0, 1, run_iscsi },
	{ "nvme", "", 0, 1, run_nvme },
	{ "plot", "o", 0, 1, run_plot },
};

static int run(const char *name, const struct call *call, const char *given)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		if (!streq(name, c->name))
			continue;
		if (given[strspn(given, c->options)])
			return complain("this command does not take one of these options");
		if (call->n_words < c->min_words || call->n_words > c->max_words)
			return complain("too many words, or too few, for this command");
		return c->run(call);
	}
	log_error("unknown command \"%s\"; mpath-snapshot --help lists them", name);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	_auto_free_ const char **wwids = calloc((size_t)argc, sizeof(*wwids));
	_auto_free_ const char **extensions = calloc((size_t)argc, sizeof(*extensions));
	_auto_free_ char *given = calloc((size_t)argc + 1, 1);
	struct call call = { .create = { .output = "-", .sysroot = "", .wwids = wwids, .extensions = extensions } };
	int c, n_given = 0;

	log_init("mpath-snapshot", false);
	if (!wwids || !extensions || !given)
		return EXIT_SYSTEM;
	while ((c = getopt_long(argc, argv, "o:r:m:c:gvhV", long_options, NULL)) != -1) {
		if (c != 'v')
			given[n_given++] = (char)c;
		switch (c) {
		case 'o':
			call.create.output = optarg;
			break;
		case 'r':
			call.create.root = optarg;
			break;
		case 'm':
			wwids[call.create.n_wwids++] = optarg;
			break;
		case 'c':
			call.create.config = optarg;
			break;
		case OPTION_EXTENSION:
			extensions[call.create.n_extensions++] = optarg;
			break;
		case OPTION_SYSROOT:
			call.create.sysroot = optarg;
			break;
		case 'g':
			call.create.is_generic = true;
			break;
		case OPTION_JSON:
			call.is_json = true;
			break;
		case OPTION_QUICK:
			call.is_quick = true;
			break;
		case OPTION_NEXT:
			call.is_next = true;
			break;
		case OPTION_NOTICE:
			call.is_notice = true;
			break;
		case 'v':
			log_init("mpath-snapshot", true);
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_DONE;
		case 'V':
			printf("mpath-snapshot " MPATH_VERSION "\n");
			return EXIT_DONE;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc)
		return complain("no command");
	call.words = argv + optind + 1;
	call.n_words = argc - optind - 1;
	c = run(argv[optind], &call, given);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("unable to write to standard output: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	return c;
}
