/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * claim: udev asks for each disk whether it is ours. Works with no guard running; reads one file and a few attributes.
 */
#include <getopt.h>
#include <stdio.h>

#include "choice.h"
#include "cmdline.h"
#include "command.h"
#include "discover.h"
#include "dm.h"
#include "generic-claim.h"
#include "log.h"

static int claim_path(const struct sysroot *root, const struct snapshot *snap, const char *name)
{
	size_t map;

	if (discover_map(root, snap, name, &map) != 1 || discover_is_native(root, name))
		return EXIT_NO;
	printf("DM_MULTIPATH_DEVICE_PATH=1\nMPATH_BOOT_MAP=%s\n", snap->maps[map].alias);
	return EXIT_DONE;
}

/* Where only udev can tell (custom uid_attribute), its properties are in our environment: pass the identity on to the guard. */
static int claim_by_udev(const struct sysroot *root, const struct snapshot *snap, const char *name)
{
	for (size_t i = 0; i < snap->n_maps; i++) {
		const struct snap_map *map = &snap->maps[i];
		const char *value = *map->uid_attribute ? getenv(map->uid_attribute) : NULL;

		if (map->n_designators || !value || !streq(value, map->wwid) || !discover_name_is_disk(name))
			continue;
		if (discover_note_claim(root, name, map->wwid) < 0)
			return EXIT_SYSTEM;
		return claim_path(root, snap, name);
	}
	return EXIT_NO;
}

static void print_map(const struct snap_map *map, unsigned int part)
{
	const char *naa = NULL;
	bool is_nvme;

	/* udev links nvme-<WWID> and scsi-<WWID> of each path to it: the map must be what they lead to. */
	is_nvme = map->n_designators && str_after(map->designators[0], "nvme.");
	printf("MPATH_BOOT_MAP=%s\nDM_TYPE=%s\nDM_SERIAL=%s\n", map->alias, is_nvme ? "nvme" : "scsi", map->wwid);
	/* The LUN's NAA name, also where the WWID is made of something else: udev links wwn-0x… of every path to it. */
	for (size_t i = 0; i < map->n_designators && !naa; i++)
		naa = str_after(map->designators[i], "naa.");
	if (!naa && map->wwid[0] == '3')
		naa = map->wwid + 1;
	if (naa && strspn(naa, "0123456789abcdef") == strlen(naa))
		printf("DM_WWN=0x%s\n", naa);
	if (part)
		printf("DM_PART=%u\n", part);
}

static int claim_map(const struct sysroot *root, const struct snapshot *snap, const char *name)
{
	char file[64], text[DM_UUID_SIZE + 1], uuid[DM_UUID_SIZE + 16], mangled[4 * DM_UUID_SIZE];
	const char *rest = text;
	unsigned int part = 0;

	if (strlen(name) > 24)
		return EXIT_NO;
	snprintf(file, sizeof(file), "%s/dm/uuid", name);
	if (sys_read_str(root->block_fd, file, text, sizeof(text)) <= 0)
		return EXIT_NO;
	if (str_after(text, "part")) {
		char *end;

		part = (unsigned int)strtoul(text + 4, &end, 10);
		if (end == text + 4 || *end != '-')
			return EXIT_NO;
		rest = end + 1;
	}
	for (size_t i = 0; i < snap->n_maps; i++) {
		snprintf(uuid, sizeof(uuid), "mpath-%.120s", snap->maps[i].wwid);
		if (dm_mangle(uuid, mangled, sizeof(mangled)) == 0 && streq(rest, mangled)) {
			print_map(&snap->maps[i], part);
			return EXIT_DONE;
		}
	}
	if (snap->rules && str_after(rest, "mpath-"))
		return generic_claim_map(root, name, rest, part, print_map);
	return EXIT_NO;
}

int command_claim(int argc, char **argv)
{
	static const struct option options[] = { { "snapshot", required_argument, NULL, 's' }, { 0 } };
	const char *file = NULL, *name;
	struct snapshot *snap;
	struct choice choice;
	struct cmdline cmdline;
	struct sysroot root;
	int c, r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c != 's')
			return EXIT_USAGE;
		file = optarg;
	}
	if (argc != optind + 1) {
		log_error("usage: mpath-boot claim DEVICE");
		return EXIT_USAGE;
	}
	name = str_after(argv[optind], "/dev/");
	name = name ? name : argv[optind];
	if (strchr(name, '/') || *name == '.')
		return EXIT_NO;
	if (sysroot_open(&root, "") < 0)
		return EXIT_SYSTEM;
	cmdline_read(root.proc_fd, &cmdline);
	if (cmdline.off)
		return EXIT_NO;
	r = file ? choice_load(NULL, file, &choice) : choice_load_image(&choice);
	snap = choice.snap;
	if (snap && snap->rules && !str_after(name, "dm-"))
		return generic_claim(&root, snap, cmdline.wwids, name);
	/* The guard says once what is wrong with the snapshot; a claim per disk need not. */
	if (cmdline.wwids[0] && !(snap && snap->rules))
		snapshot_add_wwids(&snap, cmdline.wwids);
	if (!snap)
		return r == -ENOENT ? EXIT_NO : EXIT_USAGE;
	if (str_after(name, "dm-"))
		return claim_map(&root, snap, name);
	r = claim_by_udev(&root, snap, name);
	return r == EXIT_NO ? claim_path(&root, snap, name) : r;
}
