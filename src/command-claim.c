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
#include "dm-mangle.h"
#include "dm.h"
#include "generic-claim.h"
#include "log.h"

#define PART_DIGITS_MAX 5

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

/* What the map is for whose device-mapper uuid this is. */
static bool is_map_of(const struct snap_map *map, const char *dm_uuid)
{
	char uuid[DM_UUID_SIZE + 16], mangled[4 * DM_UUID_SIZE];

	snprintf(uuid, sizeof(uuid), "mpath-%.120s", map->wwid);
	return dm_mangle(uuid, mangled, sizeof(mangled)) == 0 && streq(dm_uuid, mangled);
}

/* What udev asks about. */
struct asked {
	const char *name;
	struct disk_names *names;	/* of a disk; NULL: it is a map */
	char uuid[DM_UUID_SIZE + 1];	/* of a map, or of the map that it is a partition of, "" if there is none */
	unsigned int part;		/* which is its number; 0: it is the map itself */
};

static bool is_about(const struct snap_map *map, void *arg)
{
	const struct asked *a = arg;

	return a->names ? discover_may_be_of(a->names, map) : is_map_of(map, a->uuid);
}

static bool is_about_other(const char *designator, void *arg)
{
	const struct asked *a = arg;

	for (size_t i = 0; a->names && i < a->names->n; i++)
		if (streq(a->names->text[i], designator))
			return true;
	return false;
}

/* A LUN that is multipath, too, but none that we make a map of. */
static int claim_other(const struct snapshot *snap, struct asked *a)
{
	for (size_t i = 0; i < snap->n_others; i++) {
		if (is_about_other(snap->others[i], a)) {
			printf("MPATH_BOOT_OTHER=1\n");
			return EXIT_DONE;
		}
	}
	return EXIT_NO;
}

static void read_uuid(const struct sysroot *root, struct asked *a)
{
	char file[64], text[DM_UUID_SIZE + 1], *rest = text;

	if (strlen(a->name) > 24)
		return;
	snprintf(file, sizeof(file), "%s/dm/uuid", a->name);
	if (sys_read_str(root->block_fd, file, text, sizeof(text)) <= 0)
		return;
	if (str_after(text, "part")) {
		size_t digits = strspn(text + 4, "0123456789");

		if (!digits || digits > PART_DIGITS_MAX || text[4 + digits] != '-')
			return;
		a->part = (unsigned int)strtoul(text + 4, NULL, 10);
		rest = text + 4 + digits + 1;
	}
	snprintf(a->uuid, sizeof(a->uuid), "%s", rest);
}

static int claim_map(const struct sysroot *root, const struct snapshot *snap, const struct asked *a)
{
	for (size_t i = 0; i < snap->n_maps; i++) {
		if (is_map_of(&snap->maps[i], a->uuid)) {
			print_map(&snap->maps[i], a->part);
			return EXIT_DONE;
		}
	}
	if (snap->rules && str_after(a->uuid, "mpath-"))
		return generic_claim_map(root, a->name, a->uuid, a->part, print_map);
	return EXIT_NO;
}

int command_claim(int argc, char **argv)
{
	static const struct option options[] = { { "snapshot", required_argument, NULL, 's' }, { "others", no_argument, NULL, 'o' }, { 0 } };
	bool others = false;
	const char *file = NULL, *name;
	static struct disk_names names;
	struct asked asked = { .names = &names };
	struct excerpt_filter filter = { .wants = is_about, .wants_other = is_about_other, .arg = &asked };
	struct snapshot *snap;
	struct choice choice;
	struct cmdline cmdline;
	struct sysroot root;
	int c, r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c == 'o')
			others = true;
		else if (c == 's')
			file = optarg;
		else
			return EXIT_USAGE;
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
	asked.name = name;
	if (str_after(name, "dm-")) {
		asked.names = NULL;
		read_uuid(&root, &asked);
	} else {
		discover_names(&root, name, &names);
	}
	r = file ? choice_load_some(NULL, file, &filter, &choice) : choice_load_some(SNAPSHOT_APPENDED_FILE, SNAPSHOT_FILE, &filter, &choice);
	snap = choice.snap;
	if (snap && snap->rules && asked.names)
		return generic_claim(&root, snap, cmdline.wwids, name);
	/* The guard says once what is wrong with the snapshot; a claim per disk need not. */
	if (cmdline.wwids[0] && !(snap && snap->rules))
		snapshot_add_wwids(&snap, cmdline.wwids);
	if (!snap)
		return r == -ENOENT ? EXIT_NO : EXIT_USAGE;
	if (!asked.names)
		return claim_map(&root, snap, &asked);
	r = claim_by_udev(&root, snap, name);
	if (r == EXIT_NO)
		r = claim_path(&root, snap, name);
	return r == EXIT_NO && others && !discover_is_native(&root, name) ? claim_other(snap, &asked) : r;
}
