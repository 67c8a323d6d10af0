/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "command.h"
#include "log.h"
#include "seconds.h"
#include "plugin.h"
#include "shutdown.h"
#include "timeline.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage, *help;
} commands[] = {
	{ "guard", command_guard, "[--daemon] [--initrd] [--replace] [--snapshot FILE] [--extension FILE]...",
	  "make root's maps, watch their paths, hand over to multipathd" },
	{ "wait", command_wait, "[--timeout SECONDS]", "wait until the maps under / and /usr may be used" },
	{ "status", command_status, "[--json | --devices]", "show maps, paths, and what is missing" },
	{ "timeline", command_timeline, "[--json] [FILE]", "show what happened in this boot, and when (FILE: a copy of " EVENTS_FILE ")" },
	{ "assemble", command_assemble, "[--discover] [--timeout SECONDS] [--wwid WWID]... [--snapshot FILE] [--extension FILE]...",
	  "make the maps once, in the foreground (rescue shells); --discover: of every LUN with two paths (installers)" },
	{ "plan", command_plan, "[--sysroot DIR] [--snapshot FILE] [--extension FILE]... [--paths]", "print the tables that would be loaded; touch nothing" },
	{ "explain", command_explain, "[--json] [--snapshot FILE] [--sysroot DIR] [DEVICE | M:N | MAP]...",
	  "say why a disk is, is not, or is not yet a path, and in which group (without a name: all disks)" },
	{ "claim", command_claim, "[--snapshot FILE] [--others] DEVICE", "for udev: properties of a path or map of ours" },
	{ "connect", command_connect, "[--daemon | --one] OPTIONS...",
	  "connect to NVMe controllers over a fabric, all at once; OPTIONS as the kernel takes them: transport=tcp,traddr=...,nqn=..." },
	{ "extend", command_extend, "FILE", "bring the running guard an extension: a library with checkers and prioritizers" },
	{ "relink", command_relink, "FILE.o|FILE.c... -o OUTPUT", "make a static mpath-boot with extensions linked in" },
	{ "linger", command_linger, "[--shutdown PROGRAM] [PROGRAM]...",
	  "for mpath-boot-shutdown.service: wait for the machine's end, keep the programs for it in memory, and keep it from waiting for paths then" },
	{ "list", command_list, "[--self] [--extension FILE]... [checkers | prios | snapshot]",
	  "which checkers and prioritizers the running guard has (or, with none or --self, this program), and where each is from; which snapshot file of the image counts" },
};

static void print_help(void)
{
	printf("Usage: mpath-boot COMMAND [OPTION]...\n"
	       "Assemble the multipath maps of the root file system at early boot and guard them until multipathd is ready.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %s %s\n        %s\n", commands[i].name, commands[i].usage, commands[i].help);
	printf("\n  --help, --version\n\n"
	       "Exit codes: 0 done, 1 deadline passed or no, 100 bad usage or snapshot, 111 a system call failed.\n"
	       "See mpath-boot(8).\n");
}

bool command_seconds(const char *text, unsigned int *ms)
{
	uint64_t us;

	if (!text || !seconds_parse(text, &us) || us > 1000000 * 1000000ull) {
		log_error("\"%s\" is not a number of seconds", text ? text : "");
		return false;
	}
	*ms = (unsigned int)(us / 1000);
	return true;
}

int main(int argc, char **argv)
{
	const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
	int code;

#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 1);	/* an arena for each worker that strerror() or a plugin allocates in would be locked memory for nothing */
#endif
	log_init("mpath-boot", false);
	if (name && streq(name + 1, SHUTDOWN_NAME))
		return shutdown_main(argv);
	if (argc < 2) {
		log_error("no command given; see mpath-boot --help");
		return EXIT_USAGE;
	}
	if (streq(argv[1], "--help") || streq(argv[1], "-h") || streq(argv[1], "help")) {
		print_help();
		return EXIT_DONE;
	}
	if (streq(argv[1], "--version") || streq(argv[1], "-V")) {
		printf("mpath-boot " MPATH_VERSION "\n%s; ABI: extension %u, checker %u, prioritizer %u\n", PLUGIN_FLAVOUR, EXTENSION_ABI, CHECKER_ABI, PRIO_ABI);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!streq(argv[1], commands[i].name))
			continue;
		if (argc > 2 && (streq(argv[2], "--help") || streq(argv[2], "-h"))) {
			printf("Usage: mpath-boot %s %s\n%s\n", commands[i].name, commands[i].usage, commands[i].help);
			return EXIT_DONE;
		}
		code = commands[i].run(argc - 1, argv + 1);
		if (!plugin_is_broken())
			return code;
		fflush(stdout);
		_exit(code);
	}
	log_error("unknown command \"%s\"; see mpath-boot --help", argv[1]);
	return EXIT_USAGE;
}
