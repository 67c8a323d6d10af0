/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot: the full-system side. Makes the snapshot that mpath-boot boots from, and shows it.
 */
#include <getopt.h>
#include <stdio.h>

#include "../log.h"
#include "../snapshot.h"
#include "create.h"
#include "show.h"

static const char usage[] =
	"Usage: mpath-snapshot create [OPTION]...\n"
	"       mpath-snapshot show|modules|iscsi [FILE]\n"
	"\n"
	"create      find the multipath maps under /, /usr and the resume device, resolve their options with the\n"
	"            installed multipath-tools, and write the snapshot that mpath-boot boots from\n"
	"  -o, --output FILE    write FILE, whole or not at all; - is standard output (the default)\n"
	"  -r, --root DEV       look under DEV (a /dev path, UUID=..., M:N) instead of what is mounted at /\n"
	"  -m, --map WWID       take this map, wherever it is used; may be repeated\n"
	"  -c, --config FILE    resolve with FILE (what multipath -t printed somewhere) instead of the installed tools\n"
	"      --sysroot DIR    look at the system recorded below DIR; needs --config\n"
	"show        print a snapshot and where each of its values comes from\n"
	"modules     print the kernel modules that its paths need, one a line\n"
	"iscsi       print its iSCSI portals, one a line:\n"
	"            TARGET ADDRESS PORT GROUP INTERFACE MAC INTERFACE_ADDRESS GATEWAY, - for what is not known\n"
	"\n"
	"FILE is " SNAPSHOT_FILE " if not given.\n"
	"\n"
	"  -v, --verbose   say more\n"
	"  -h, --help      print this\n"
	"  -V, --version   print the version\n"
	"\n"
	"Exit: 0 done, 2 not on multipath (nothing is written), 100 bad usage, configuration or snapshot,\n"
	"111 a system call or a program failed.\n";

enum { OPTION_SYSROOT = 256 };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "root", required_argument, NULL, 'r' },
	{ "map", required_argument, NULL, 'm' },
	{ "config", required_argument, NULL, 'c' },
	{ "sysroot", required_argument, NULL, OPTION_SYSROOT },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int complain(const char *what)
{
	log_error("%s; mpath-snapshot --help says more", what);
	return EXIT_USAGE;
}

/* Options are create's; nothing else takes any. */
static int run(const char *command, char **words, int n_words, const struct create_options *o, bool has_options)
{
	static const struct {
		const char *name;
		int (*view)(const char *file);
	} views[] = { { "show", show_snapshot }, { "modules", show_modules }, { "iscsi", show_iscsi } };

	if (streq(command, "create"))
		return n_words ? complain("create takes no words but options") : create_snapshot(o);
	for (size_t i = 0; i < ARRAY_SIZE(views); i++) {
		if (!streq(command, views[i].name))
			continue;
		if (has_options || n_words > 1)
			return complain("this command takes one file and no options");
		return views[i].view(n_words ? words[0] : SNAPSHOT_FILE);
	}
	log_error("unknown command \"%s\"; mpath-snapshot --help lists them", command);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	_auto_free_ const char **wwids = calloc((size_t)argc, sizeof(*wwids));
	struct create_options o = { .output = "-", .sysroot = "", .wwids = wwids };
	bool has_options = false;
	int c;

	log_init("mpath-snapshot", false);
	if (!wwids)
		return EXIT_SYSTEM;
	while ((c = getopt_long(argc, argv, "o:r:m:c:vhV", long_options, NULL)) != -1) {
		has_options = has_options || strchr("ormc", c) || c == OPTION_SYSROOT;
		switch (c) {
		case 'o':
			o.output = optarg;
			break;
		case 'r':
			o.root = optarg;
			break;
		case 'm':
			wwids[o.n_wwids++] = optarg;
			break;
		case 'c':
			o.config = optarg;
			break;
		case OPTION_SYSROOT:
			o.sysroot = optarg;
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
	c = run(argv[optind], argv + optind + 1, argc - optind - 1, &o, has_options);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("unable to write to standard output: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	return c;
}
