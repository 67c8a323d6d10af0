/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generic.h"

#include <fcntl.h>
#include <stdio.h>

#include "assemble.h"
#include "dm-mangle.h"
#include "log.h"
#include "properties.h"
#include "resolve.h"
#include "rules.h"
#include "scsi.h"
#include "takeover.h"

#define UDEV_MS 2000		/* for udev to say what it knows of a disk: claim notes it */
#define QUIET_MS 500		/* disks of one scan come closer to each other than this */
#define LOOK_MS 20		/* for a note that is awaited: it announces itself nowhere */
#define CREATE_MS 2000		/* for the kernel to make a map of a usable path */
#define TEXT_SIZE 2048		/* of a map's strings */

/* A disk that is no path of a map in the file. */
struct disk {
	char name[32], wwid[WWID_MAX];
	char syspath[256];
	uint64_t seen_ms;
	bool used;
	bool awaited;		/* udev has not spoken yet */
	bool rejected;		/* blacklisted, or without a WWID */
};

/* The strings of a map made by rules. They are only added to: a worker may still read an old one. */
struct strings {
	char wwid[WWID_MAX], alias[DM_NAME_SIZE];
	char text[TEXT_SIZE];
	size_t len;
};

struct generic {
	const struct rules *rules;
	struct disk disks[GENERIC_DISKS_MAX];
	uint32_t hashes[GENERIC_DISKS_MAX];	/* of their WWIDs, 0: not decided or rejected; many disks, few LUNs: quick to compare */
	struct strings strings[GENERIC_MAPS_MAX];
	size_t first_map;	/* of ours in b->maps */
	struct path_facts *facts;	/* of b->paths[i] */
	struct path_facts of_map[MAP_PATHS_MAX];	/* while one is resolved */
	struct snap_part no_part;
	struct snap_path no_path;
	const char *no_designator;
	struct resolved resolved;
	uint64_t last_disk_ms;
	bool undecided;		/* a disk came or changed since the last step */
	bool closed;		/* the root is mounted: no more maps */
	bool was_settled;
	bool warned_maps, warned_disks;
};

int generic_init(struct boot *b)
{
	struct generic *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	b->generic = g;
	g->facts = calloc(b->n_paths, sizeof(*g->facts));
	if (!g->facts)
		return -ENOMEM;
	g->rules = b->snap->rules;
	g->first_map = b->n_maps;
	g->last_disk_ms = clock_ms();
	return 0;
}

static struct disk *find_disk(struct generic *g, const char *name)
{
	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++)
		if (g->disks[i].used && streq(g->disks[i].name, name))
			return &g->disks[i];
	return NULL;
}

static struct disk *new_disk(struct boot *b, const char *name)
{
	struct generic *g = b->generic;

	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++) {
		struct disk *d = &g->disks[i];

		if (d->used)
			continue;
		*d = (struct disk){ .used = true, .awaited = true, .seen_ms = b->now_ms };
		snprintf(d->name, sizeof(d->name), "%s", name);
		if (sys_read_link(b->root.block_fd, name, d->syspath, sizeof(d->syspath)) < 0)
			snprintf(d->syspath, sizeof(d->syspath), "%s", name);
		g->last_disk_ms = b->now_ms;
		return d;
	}
	if (!g->warned_disks)
		log_warning("disk %s: left out: more than %d disks; name root's LUN with rd.mpath_boot.wwid=", name, GENERIC_DISKS_MAX);
	g->warned_disks = true;
	return NULL;
}

/* FNV-1a, but never 0. */
static uint32_t hash_of(const char *s)
{
	uint32_t hash = 2166136261u;

	for (; *s; s++)
		hash = (hash ^ (unsigned char)*s) * 16777619u;
	return hash | 1;
}

/* The map of a WWID, by the rules or by the file: its index, or b->n_maps. */
static size_t map_of_wwid(const struct boot *b, const char *wwid)
{
	size_t m = 0;

	while (m < b->n_maps && !streq(b->maps[m].snap->wwid, wwid))
		m++;
	return m;
}

static bool udev_runs(const struct boot *b)
{
	return b->root.run_fd >= 0 && faccessat(b->root.run_fd, "udev/control", F_OK, 0) == 0;
}

static void copy_trimmed(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);

	while (len && from[len - 1] == ' ')
		len--;
	snprintf(to, size, "%.*s", (int)len, from);
}

static void read_properties(const struct boot *b, const char *name, struct properties *out)
{
	char file[48], devno[16];
	ssize_t n = 0;

	snprintf(file, sizeof(file), "%.31s/dev", name);
	if (b->root.run_fd >= 0 && sys_read_str(b->root.block_fd, file, devno, sizeof(devno)) > 0) {
		snprintf(file, sizeof(file), "udev/data/b%s", devno);
		n = sys_read(b->root.run_fd, file, out->text, sizeof(out->text) - 1);
	}
	properties_parse(out, n > 0 ? (size_t)n : 0);
}

/*
 * Without claim's word: udev's database where there is no guard to wait for it, as in an installer's own system, else /sys. False: it is not to be had.
 */
static bool identify_alone(struct boot *b, struct disk *d)
{
	struct generic *g = b->generic;
	struct resolve_in in = { .config = &g->rules->config, .wwid = "", .bindings_file = "", .paths = &g->of_map[0], .n_paths = 1 };
	const char *attribute = "", *value = "";
	struct properties udev = { .n = 0 };

	if (path_facts_read(b->root.sys_fd, d->name, &g->of_map[0]) != 0)
		return false;
	if (b->once) {
		read_properties(b, d->name, &udev);
		resolve(&in, NULL, NULL, &g->resolved);
		attribute = g->resolved.v[OPT_UID_ATTRIBUTE].value;
		value = properties_get(&udev, attribute);
	}
	if (*value)
		copy_trimmed(d->wwid, sizeof(d->wwid), value);
	else if (discover_wwid(&b->root, d->name, d->wwid) != 0)
		return false;
	/* What was asked for by name no blacklist denies. */
	return *b->cmdline.wwids ||
	       !rules_blacklisted(g->rules, &g->of_map[0], d->wwid, attribute, udev.n ? udev.names : NULL);
}

/*
 * Which LUN is it? What udev's properties say is claim's business, which knows them; its note counts, also when it says that the disk is not to be had ("-").
 * Without udev, or when that does not speak, we look for ourselves. False while it is not decided.
 */
static bool identify(struct boot *b, struct disk *d)
{
	struct generic *g = b->generic;

	if (discover_read_claim(&b->root, d->name, d->wwid) == 0) {
		d->rejected = streq(d->wwid, "-");
	} else if (d->awaited && udev_runs(b) && !b->once && b->now_ms < d->seen_ms + UDEV_MS) {
		return false;
	} else {
		d->rejected = !identify_alone(b, d) || !snapshot_is_wwid(d->wwid);
		if (d->rejected)
			log_debug("disk %s: left alone: no WWID, or blacklisted", d->name);
	}
	d->awaited = false;
	g->hashes[d - g->disks] = d->rejected ? 0 : hash_of(d->wwid);
	g->undecided = true;
	return true;
}

int generic_disk(struct boot *b, const char *name, struct path *out)
{
	struct disk *d = find_disk(b->generic, name);
	size_t m;

	if (!d)
		d = new_disk(b, name);
	/* An event may mean that udev has spoken after all, or that the array shows another LUN. */
	if (!d || !identify(b, d) || d->rejected)
		return 0;
	m = map_of_wwid(b, d->wwid);
	return m < b->n_maps ? discover_path(&b->root, m, name, out) : 0;
}

static void forget(struct generic *g, struct disk *d)
{
	d->used = false;
	g->hashes[d - g->disks] = 0;
}

void generic_forget(struct boot *b, const char *name)
{
	struct disk *d = find_disk(b->generic, name);

	if (d)
		forget(b->generic, d);
}

void generic_scan(struct boot *b)
{
	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++) {
		struct disk *d = &b->generic->disks[i];

		if (d->used && faccessat(b->root.block_fd, d->name, F_OK, 0) < 0)
			forget(b->generic, d);
	}
}

/* Another of our maps has the name, or one that we know nothing of. */
static bool is_taken(void *arg, const char *alias)
{
	struct boot *b = arg;
	char name[DM_NAME_SIZE];
	struct dm_info info;

	for (size_t m = 0; m < b->n_maps; m++)
		if (streq(b->maps[m].snap->alias, alias))
			return true;
	return dm_mangle(alias, name, sizeof(name)) < 0 || (b->dm.ops && b->dm.ops->info_by_name(&b->dm, name, &info) == 0);
}

static bool allocate(void *arg, const char *prefix, char *alias, size_t size)
{
	const struct boot *b = arg;

	return rules_new_alias(b->generic->rules, prefix, is_taken, arg, alias, size);
}

/* The facts of the paths of map @m, in multipathd's order, which takes some from the first: into g->of_map. */
static size_t gather_facts(struct boot *b, size_t m)
{
	struct generic *g = b->generic;
	const char *syspaths[MAP_PATHS_MAX];
	size_t n = 0;

	for_each_path_of(p, &b->maps[m]) {
		size_t at = n;

		if (p->ask || n == MAP_PATHS_MAX)
			continue;
		for (; at > 0 && strcmp(syspaths[at - 1], p->facts.syspath) > 0; at--) {
			syspaths[at] = syspaths[at - 1];
			g->of_map[at] = g->of_map[at - 1];
		}
		syspaths[at] = p->facts.syspath;
		g->of_map[at] = g->facts[p - b->paths];
		n++;
	}
	return n;
}

static void report(void *arg, const char *text)
{
	log_debug("map %s: %s", (const char *)arg, text);
}

/* @text among the map's strings; NULL when there is no more room. */
static const char *keep(struct strings *s, const char *text)
{
	size_t len = strlen(text) + 1;
	char *at;

	for (at = s->text; at < s->text + s->len; at += strlen(at) + 1)
		if (streq(at, text))
			return at;
	if (s->len + len > sizeof(s->text))
		return NULL;
	memcpy(at, text, len);
	s->len += len;
	return at;
}

/* The resolved options become those of the map. What the snapshot's parser would refuse is left at its default. */
static void take_options(struct boot *b, size_t m)
{
	struct generic *g = b->generic;
	struct strings *strings = &g->strings[m - g->first_map];
	struct snap_map *snap = &b->snap->maps[m], options;

	snapshot_init_map(&options);
	for (enum option o = 0; o < N_OPTIONS; o++) {
		const struct setting *s = &g->resolved.v[o];
		const char *value;

		if (!s->is_set || o == OPT_ALIAS)
			continue;
		value = keep(strings, s->value);
		if (!value || !snapshot_set_option(&options, option_names[o], value))
			log_warning("map %s: unable to use %s \"%s\"", snap->alias, option_names[o], s->value);
	}
	options.wwid = snap->wwid;
	options.alias = snap->alias;
	options.by_rules = true;
	options.gone = snap->gone;
	if (b->maps[m].simplified) {
		options.hwhandler = snap->hwhandler;
		options.selector = snap->selector;
		options.features = snap->features;
	}
	options.designators = &g->no_designator;
	options.parts = &g->no_part;
	options.paths = &g->no_path;
	*snap = options;
	b->maps[m].look_ms = 0;
}

/* From g->of_map. The name is chosen once; @live_name is one that the map has already. */
static void resolve_map(struct boot *b, size_t m, size_t n_paths, const char *live_name)
{
	struct generic *g = b->generic;
	struct snap_map *snap = &b->snap->maps[m];
	const struct resolve_in in = {
		.tools = b->snap->tools,
		.config = &g->rules->config,
		.wwid = snap->wwid,
		.binding = rules_binding_of(g->rules, snap->wwid),
		.bindings_file = "bindings",
		.live_name = live_name,
		.allocate = live_name ? NULL : allocate,
		.allocate_arg = b,
		.paths = g->of_map,
		.n_paths = n_paths,
	};

	resolve(&in, report, (void *)(uintptr_t)snap->wwid, &g->resolved);
	if (!snap->alias) {
		struct strings *strings = &g->strings[m - g->first_map];
		const char *alias = g->resolved.v[OPT_ALIAS].value;

		snprintf(strings->alias, sizeof(strings->alias), "%s", snapshot_is_alias(alias) ? alias : snap->wwid);
		snap->alias = strings->alias;
	}
	take_options(b, m);
}

/* A map that exists already, of an earlier run, keeps its name; "" if there is none. */
static void find_live_name(struct boot *b, const char *wwid, char *name, size_t size)
{
	char uuid[DM_UUID_SIZE + 16], mangled[DM_UUID_SIZE];
	struct dm_info info;

	name[0] = '\0';
	snprintf(uuid, sizeof(uuid), "mpath-%.120s", wwid);
	if (b->dm.ops && dm_mangle(uuid, mangled, sizeof(mangled)) == 0 && b->dm.ops->info_by_uuid(&b->dm, mangled, &info) == 0)
		snprintf(name, size, "%s", info.name);
}

/* A slot for the LUN of disk @d. -ENOSPC: there is none left; another -errno: not this disk. */
static int add_map(struct boot *b, const struct disk *d)
{
	struct generic *g = b->generic;
	size_t m = b->n_maps;
	char live_name[DM_NAME_SIZE];
	struct strings *strings;
	int r;

	if (m == g->first_map + GENERIC_MAPS_MAX) {
		if (!g->warned_maps)
			log_warning("LUN %s (%s): left out: more than %d LUNs; name root's with rd.mpath_boot.wwid=", d->wwid, d->name,
				    GENERIC_MAPS_MAX);
		g->warned_maps = true;
		return -ENOSPC;
	}
	r = path_facts_read(b->root.sys_fd, d->name, &g->of_map[0]);
	if (r < 0)
		return r;
	find_live_name(b, d->wwid, live_name, sizeof(live_name));
	strings = &g->strings[m - g->first_map];
	memcpy(strings->wwid, d->wwid, sizeof(strings->wwid));
	b->snap->maps[m] = (struct snap_map){ .wwid = strings->wwid };
	b->snap->n_maps++;
	resolve_map(b, m, 1, live_name[0] ? live_name : NULL);
	b->n_maps++;
	boot_init_map(b, m);
	if (!b->touch_nothing)
		log_info("map %s (%s): wanted by the rules of the snapshot", b->snap->maps[m].alias, strings->wwid);
	if (b->dm.ops)
		assemble_look(b, m);
	takeover_map(b, m);
	b->state_dirty = true;
	return 0;
}

static bool is_live(struct boot *b, const char *wwid)
{
	char name[DM_NAME_SIZE];

	find_live_name(b, wwid, name, sizeof(name));
	return name[0];
}

static size_t count_paths(const struct generic *g, const struct disk *lun)
{
	uint32_t hash = g->hashes[lun - g->disks];
	size_t n = 0;

	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++)
		n += g->hashes[i] == hash && streq(g->disks[i].wwid, lun->wwid);
	return n;
}

/* The next LUN to make a map of: of its disks the one that comes first in multipathd's order. */
static struct disk *next_lun(struct boot *b)
{
	struct generic *g = b->generic;
	struct disk *next = NULL;

	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++) {
		struct disk *d = &g->disks[i];

		if (!g->hashes[i] || (next && strcmp(next->syspath, d->syspath) <= 0) || map_of_wwid(b, d->wwid) < b->n_maps)
			continue;
		/* What an earlier guard had made of it stands, also behind a root that is mounted by now. */
		if ((takeover_has(b, d->wwid) && is_live(b, d->wwid)) || (!g->closed && rules_judge(g->rules, b->cmdline.wwids, d->wwid, count_paths(g, d)) == VERDICT_YES))
			next = d;
	}
	return next;
}

static void take_in_luns(struct boot *b)
{
	struct generic *g = b->generic;
	struct disk *d;
	int r = 0;

	while (r != -ENOSPC && (d = next_lun(b))) {
		r = add_map(b, d);
		if (r < 0)
			g->hashes[d - g->disks] = 0;	/* until an event says more of it */
		for (size_t i = 0; r == 0 && i < GENERIC_DISKS_MAX; i++)
			if (g->hashes[i] && streq(g->disks[i].wwid, d->wwid))
				boot_look_at_disk(b, g->disks[i].name);
	}
	g->undecided = false;
	b->state_dirty = true;
}

void generic_close(struct boot *b)
{
	struct generic *g = b->generic;

	if (!g->closed)
		log_debug("the root is mounted: no other LUN becomes a map");
	g->closed = true;
}

void generic_step(struct boot *b)
{
	struct generic *g = b->generic;
	bool settled;

	if (b->phase != PHASE_GUARD)
		generic_close(b);
	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++)
		if (g->disks[i].used && g->disks[i].awaited)
			boot_look_at_disk(b, g->disks[i].name);
	if (g->undecided && (!g->closed || b->former))
		take_in_luns(b);
	settled = generic_is_settled(b);
	b->state_dirty = b->state_dirty || settled != g->was_settled;
	g->was_settled = settled;
}

static bool any_awaited(const struct generic *g)
{
	for (size_t i = 0; i < GENERIC_DISKS_MAX; i++)
		if (g->disks[i].used && g->disks[i].awaited)
			return true;
	return false;
}

static bool any_unanswered(const struct boot_map *map)
{
	for_each_path_of(p, map)
		if (p->ask || p->state == PATH_STATE_UNCHECKED)
			return true;
	return false;
}

/* The time until when a map is waited for; 0: it is ready. */
static uint64_t patience_ms(const struct boot *b, const struct boot_map *map)
{
	if (map->ready)
		return 0;
	if (map->first_usable_ms)
		return map->first_usable_ms + b->cmdline.degraded_after_ms + CREATE_MS;
	return map->made_ms + b->cmdline.degraded_after_ms + (any_unanswered(map) ? CREATE_MS : 0);
}

uint64_t generic_next_ms(const struct boot *b)
{
	const struct generic *g = b->generic;
	uint64_t next = UINT64_MAX, due = g->last_disk_ms + QUIET_MS;

	if (any_awaited(g))
		return b->now_ms + LOOK_MS;
	if (due > b->now_ms)
		next = due;
	for (size_t m = g->first_map; m < b->n_maps; m++) {
		due = patience_ms(b, &b->maps[m]);
		if (due > b->now_ms && due < next)
			next = due;
	}
	return next;
}

bool generic_is_settled(const struct boot *b)
{
	const struct generic *g = b->generic;

	for (size_t m = g->first_map; m < b->n_maps; m++)
		if (b->now_ms < patience_ms(b, &b->maps[m]))
			return false;
	return g->closed || (!any_awaited(g) && b->now_ms >= g->last_disk_ms + QUIET_MS);
}

void generic_ask(struct boot *b, const struct boot_path *p, struct probe_job *job)
{
	job->ask_facts = true;
	/* A disk that has just gone: nobody will miss its facts. */
	if (path_facts_read(b->root.sys_fd, p->facts.name, &job->facts) != 0)
		job->facts = (struct path_facts){ .bus = p->facts.bus, .tpgs = TPGS_UNKNOWN };
}

void generic_answer(struct boot *b, struct boot_path *p, const struct path_facts *facts)
{
	size_t n, m = p->facts.map;

	p->ask = false;
	p->next_probe_ms = b->now_ms;
	b->generic->facts[p - b->paths] = *facts;
	if (b->generic->closed && !takeover_has(b, b->maps[m].snap->wwid))
		return;
	n = gather_facts(b, m);
	resolve_map(b, m, n, b->snap->maps[m].alias);
}
