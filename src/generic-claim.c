/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generic-claim.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "discover.h"
#include "dm-mangle.h"
#include "resolve.h"
#include "rules.h"
#include "scsi.h"

#define SEEN "mpath-boot/seen"	/* below /run: WWID/disk, "1" if it has been claimed */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of udev's properties, which are our environment, sorted; NULL at the end. Lives as long as we do. */
static const char *const *property_names(void)
{
	char **names;
	size_t n = 0;

	while (environ[n])
		n++;
	names = calloc(n + 1, sizeof(*names));
	for (size_t i = 0; names && i < n; i++) {
		names[i] = strndup(environ[i], strcspn(environ[i], "="));
		if (!names[i])
			return NULL;
	}
	if (names)
		qsort(names, n, sizeof(*names), by_name);
	return (const char *const *)names;
}

/* multipathd's way: udev's property; where udev has none, what /sys shows, unless the attribute was chosen by somebody. */
static bool find_wwid(const struct sysroot *root, const struct path_facts *f, const char *attribute, char *wwid)
{
	static const char *const usual[] = {
		[BUS_SCSI] = "ID_SERIAL",
		[BUS_NVME] = "ID_WWN",
		[BUS_DASD] = "ID_UID",
	};
	const char *value = *attribute ? getenv(attribute) : NULL;

	if (value && *value) {
		size_t len = strlen(value);

		while (len && value[len - 1] == ' ')
			len--;
		if (len >= WWID_MAX)
			return false;
		memcpy(wwid, value, len);
		wwid[len] = '\0';
	} else if ((*attribute && !streq(attribute, usual[f->bus])) || discover_wwid(root, f->name, wwid) != 0) {
		return false;
	}
	return snapshot_is_wwid(wwid);
}

struct others {
	const struct sysroot *root;
	const char *dir, *wwid, *name;
	size_t n;	/* disks that show the LUN, this one included */
	bool wake;	/* have udev ask again about those that are not claimed */
};

static int count_other(const char *entry, void *arg)
{
	struct others *o = arg;
	char file[WWID_MAX + 80], wwid[WWID_MAX], claimed[4];

	if (discover_read_claim(o->root, entry, wwid) != 0 || !streq(wwid, o->wwid))
		return 0;	/* it is gone, or another disk now */
	o->n++;
	if (!o->wake || streq(entry, o->name))
		return 0;
	snprintf(file, sizeof(file), "%s/%s", o->dir, entry);
	if (sys_read_str(o->root->run_fd, file, claimed, sizeof(claimed)) == 1 && *claimed == '0') {
		snprintf(file, sizeof(file), "%.31s/uevent", entry);
		sys_write(o->root->block_fd, file, "change");
	}
	return 0;
}

static void note_seen(const struct sysroot *root, const char *dir, const char *name, const char *claimed)
{
	char file[WWID_MAX + 80];
	_auto_close_ int fd = -1;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	fd = openat(root->run_fd, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd >= 0 && write(fd, claimed, 1) != 1)
		unlinkat(root->run_fd, file, 0);
}

/* Two claims at once: each leaves its note before it looks for others', so one of them at least sees both. */
static bool is_wanted(const struct sysroot *root, const struct rules *rules, const char *only, const char *wwid, const char *name)
{
	char dir[WWID_MAX + 32];
	struct others others = { .root = root, .dir = dir, .wwid = wwid, .name = name };
	enum rules_verdict verdict;

	snprintf(dir, sizeof(dir), SEEN "/=%s", wwid);
	mkdirat(root->run_fd, "mpath-boot", 0755);
	mkdirat(root->run_fd, SEEN, 0755);
	mkdirat(root->run_fd, dir, 0755);
	note_seen(root, dir, name, "0");
	sys_each(root->run_fd, dir, count_other, &others);
	verdict = rules_judge(rules, only, wwid, others.n);
	if (verdict != VERDICT_YES)
		return false;
	note_seen(root, dir, name, "1");
	others.wake = true;
	sys_each(root->run_fd, dir, count_other, &others);
	return true;
}

int generic_claim(const struct sysroot *root, const struct snapshot *snap, const char *only, const char *name)
{
	struct resolve_in in = { .config = &snap->rules->config, .wwid = "", .bindings_file = "", .n_paths = 1 };
	char wwid[WWID_MAX] = "";
	struct path_facts facts;
	struct resolved *r;
	const char *attribute;

	if (!discover_name_is_disk(name) || path_facts_read(root->sys_fd, name, &facts) != 0)
		return EXIT_NO;
	r = malloc(sizeof(*r));
	if (!r)
		return EXIT_SYSTEM;
	in.paths = &facts;
	resolve(&in, NULL, NULL, r);
	attribute = r->v[OPT_UID_ATTRIBUTE].value;
	if (!find_wwid(root, &facts, attribute, wwid) ||
	    (!*only && rules_blacklisted(snap->rules, &facts, wwid, attribute, property_names()))) {
		discover_note_claim(root, name, "-");
		return EXIT_NO;
	}
	if (discover_note_claim(root, name, wwid) < 0)
		return EXIT_SYSTEM;
	if (!is_wanted(root, snap->rules, only, wwid, name))
		return EXIT_NO;
	printf("DM_MULTIPATH_DEVICE_PATH=1\nMPATH_BOOT_MAP=%s\n", wwid);
	return EXIT_DONE;
}

int generic_claim_map(const struct sysroot *root, const char *name, const char *uuid, unsigned int part,
		      void (*print)(const struct snap_map *map, unsigned int part))
{
	char file[64], alias[256], wwid[256];
	struct snap_map map = { .alias = alias, .wwid = wwid };

	dm_unmangle(uuid + strlen("mpath-"), wwid);
	snprintf(file, sizeof(file), "%.24s/dm/name", name);
	/* Both become properties, a line each. */
	if (!snapshot_is_wwid(wwid) || sys_read_str(root->block_fd, file, alias, sizeof(alias)) <= 0 || !snapshot_is_alias(alias))
		return EXIT_NO;
	print(&map, part);
	return EXIT_DONE;
}
