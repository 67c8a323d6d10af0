/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot.h"

#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>

#include "assemble.h"
#include "extensions.h"
#include "choice.h"
#include "dm-mangle.h"
#include "generic.h"
#include "log.h"
#include "plugin.h"
#include "note.h"
#include "rules.h"
#include "shell-word.h"
#include "state.h"
#include "takeover.h"
#include "tune.h"
#include "watch.h"

#define SPARE_PATHS 8		/* more than the snapshot knows may come: a new fabric, a second target port */
#define SPARE_MAPS 16		/* so many maps have them each; of more, a fabric may bring a path to every fourth */
#define SPARE_PARTS 16
#define FEW_MAPS 4		/* with so few each has room for all partitions that there can be */
#define SCAN_MS 10000		/* between two looks at the kernel's event counter */
#define SCAN_SHARE 20		/* of thousands of disks a look at all takes long: that is one part in so many of our time */
#define SCAN_LONGEST_MS 60000	/* a look that took long once, on a machine that was busy, is made good in a minute */
#define TICK_MS 1000
#define UNWANTED_MS 5000	/* a multipathd that lost paths while it started has the map a moment later */
#define RESTLESS_MS 500
#define STEPS_PER_ROUND 64
#define STATE_RETRY_MS 500
#define STOP_MS 500		/* waking this much late means that we were stopped, not that paths are slow */

uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t boot_tick(uint64_t ms)
{
	return (ms + TICK_MS / 2) / TICK_MS * TICK_MS;
}

static int load_snapshot(struct boot *b, const char *file, bool optional)
{
	struct choice choice;
	int r = file ? choice_load(NULL, file, &choice) : choice_load_image(&choice);

	b->snap = choice.snap;
	b->snapshot_file = choice.file;
	memcpy(b->appended_problem, choice.appended_problem, sizeof(b->appended_problem));
	if (b->appended_problem[0])
		log_error("unable to use the appended snapshot %s; the image's own counts", b->appended_problem);
	if (r < 0 && !(optional && r == -ENOENT)) {
		memcpy(b->snapshot_problem, choice.problem, sizeof(b->snapshot_problem));
		log_error("unable to use snapshot %s%s", b->snapshot_problem,
			  b->cmdline.wwids[0] ? "; falling back to rd.mpath_boot.wwid=" : "");
	}
	if (b->snap && b->snap->rules)
		return 0;	/* the WWIDs say which LUNs are wanted, the rules how */
	if (b->cmdline.wwids[0] && snapshot_add_wwids(&b->snap, b->cmdline.wwids) < 0)
		log_error("unable to use rd.mpath_boot.wwid=%s", b->cmdline.wwids);
	if (!b->snap || !b->snap->n_maps) {
		if (!b->cmdline.wwids[0])
			log_error("no map to assemble: boot with rd.mpath_boot.wwid=WWID, or make the image again");
		return -ENOENT;
	}
	return 0;
}

/* An installer knows no LUN beforehand, and often has no snapshot. */
static int load_rules(struct boot *b, const char *file)
{
	struct choice choice;
	int r = file ? choice_load(NULL, file, &choice) : choice_load_image(&choice);

	if (r < 0 && (file || r != -ENOENT)) {
		log_error("unable to use snapshot %s", choice.problem);
		return r;
	}
	b->snap = choice.snap;
	b->snapshot_file = choice.file;
	if (!b->snap || !b->snap->rules) {
		if (b->snap)
			log_info("%s is no generic snapshot: built-in rules are used", choice.file);
		snapshot_free(b->snap);
		b->snapshot_file = "";
		r = snapshot_built_in(&b->snap);
		if (r < 0)
			return r;
	}
	b->snap->rules->find = FIND_ON;
	return 0;
}

static int count_disk(const char *name, void *arg)
{
	size_t *n = arg;

	*n += discover_name_is_disk(name);
	return 0;
}

static size_t count_disks(const struct boot *b)
{
	size_t n = 0;

	sys_each(b->root.sys_fd, "block", count_disk, &n);
	return n < GENERIC_PATHS_MAX ? n : GENERIC_PATHS_MAX;
}

/* All memory for maps and paths. It will be locked: what is large is as large as the snapshot lets expect. */
static int make_room(struct boot *b, bool once)
{
	size_t slots = b->snap->rules ? GENERIC_MAPS_MAX : 0;

	b->n_maps = b->snap->n_maps;
	b->max_maps = b->n_maps + slots;
	b->maps = calloc(b->max_maps + 1, sizeof(b->maps[0]));
	if (!b->maps || (slots && snapshot_reserve(b->snap, slots) < 0))
		return -ENOMEM;
	for (size_t m = 0; m < b->n_maps; m++) {
		struct boot_map *map = &b->maps[m];
		size_t paths = b->snap->maps[m].n_paths;

		map->snap = &b->snap->maps[m];
		map->max_parts = b->n_maps > FEW_MAPS && map->snap->n_parts + SPARE_PARTS < MAP_PARTS_MAX ? map->snap->n_parts + SPARE_PARTS : MAP_PARTS_MAX;
		map->parts = calloc(map->max_parts, sizeof(map->parts[0]));
		map->have_text_size = 512 + (paths + SPARE_PATHS) * 48 < TABLE_SIZE ? 512 + (paths + SPARE_PATHS) * 48 : TABLE_SIZE;
		map->have_text = calloc(1, map->have_text_size);
		if (!map->parts || !map->have_text)
			return -ENOMEM;
		b->n_paths += paths + (m < SPARE_MAPS ? SPARE_PATHS : paths / 4);
	}
	for (size_t m = b->n_maps; m < b->max_maps; m++) {
		struct boot_map *map = &b->maps[m];

		map->max_parts = GENERIC_PARTS_MAX;
		map->parts = calloc(map->max_parts, sizeof(map->parts[0]));
		map->have_text_size = TABLE_SIZE;
		map->have_text = calloc(1, map->have_text_size);
		if (!map->parts || !map->have_text)
			return -ENOMEM;
	}
	if (slots)
		b->n_paths += once ? count_disks(b) + SPARE_PATHS : GENERIC_PATHS_MAX;
	for (b->n_by_name = 16; b->n_by_name < b->n_paths; b->n_by_name *= 2)
		;
	b->paths = calloc(b->n_paths, sizeof(b->paths[0]));
	b->by_name = calloc(b->n_by_name, sizeof(b->by_name[0]));
	b->by_device = calloc(b->n_paths, sizeof(b->by_device[0]));
	if (!b->paths || !b->by_name || !b->by_device)
		return -ENOMEM;
	for (size_t i = b->n_paths; i-- > 0;) {
		b->paths[i].next = b->free_paths;
		b->free_paths = &b->paths[i];
	}
	return 0;
}

void boot_init_map(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];

	map->snap = &b->snap->maps[m];
	map->look_at_parts = true;
	map->made_ms = b->now_ms;
	if (dm_mangle(map->snap->alias, map->name, sizeof(map->name)) < 0)
		dm_mangle(map->snap->wwid, map->name, sizeof(map->name));
	dm_mangle_wwid(map->snap->wwid, map->uuid, sizeof(map->uuid));
	if (!checker_find(map->snap->checker))
		log_warning("map %s: this build has no checker \"%s\" (snapshot line %u): using tur, or none for NVMe",
			    map->snap->alias, map->snap->checker, map->snap->line);
	if (!prio_find(map->snap->prio))
		log_warning("map %s: this build has no prioritizer \"%s\" (snapshot line %u): using const",
			    map->snap->alias, map->snap->prio, map->snap->line);
}

int boot_load(struct boot *b, const struct boot_options *opt)
{
	int r;

	memset(b, 0, sizeof(*b));
	b->uevent_fd = b->notify_fd = b->run_dir_fd = b->dm.control_fd = -1;
	b->handoff.fd = b->handoff.watch_fd = b->rootwatch.fd = b->events.fd = b->control.fd = b->control.client_fd = -1;
	r = sysroot_open(&b->root, opt->sysroot);
	if (r < 0) {
		log_error("unable to open %s/sys/block: %s", opt->sysroot, strerror(-r));
		return r;
	}
	b->touch_nothing = opt->touch_nothing;
	b->once = opt->once;
	cmdline_read(b->root.proc_fd, &b->cmdline);
#ifdef PLUGINS_SHARED
	b->cmdline.seccomp = SANDBOX_OFF;	/* "extend" maps files, and who knows what its code does */
#endif
	if (opt->wwids && *opt->wwids)
		snprintf(b->cmdline.wwids, sizeof(b->cmdline.wwids), "%s", opt->wwids);
	r = opt->discover ? load_rules(b, opt->snapshot_file) : load_snapshot(b, opt->snapshot_file, opt->wwids && *opt->wwids);
	if (r < 0)
		return r;
	/* Ours first: when an extension cannot be loaded for a bad reason, nothing is after it. */
	checker_stand_in(BUS_SCSI);
	if (b->snap->rules)
		plugin_load_all();	/* nobody knows which of them a map will want */
	for (size_t m = 0; m < b->snap->n_maps; m++) {
		checker_find(b->snap->maps[m].checker);
		prio_find(b->snap->maps[m].prio);
	}
	for (size_t i = 0; i < b->snap->n_extensions; i++)
		extensions_load(b->snap->extensions[i]);	/* it says what is wrong; what stands in for its checkers is better than no root */
	r = make_room(b, opt->once);
	if (r < 0)
		return r;
	b->start_ms = b->now_ms = clock_ms();
	for (size_t m = 0; m < b->n_maps; m++)
		boot_init_map(b, m);
	return b->snap->rules ? generic_init(b) : 0;
}

/* Three for each path, and ours. An init may leave us 1024. */
static void raise_descriptor_limit(const struct boot *b)
{
	rlim_t need = 3 * b->n_paths + 64;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= need)
		return;
	limit.rlim_cur = need;
	if (limit.rlim_max < need)
		limit.rlim_max = need;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warning("unable to open files for %zu paths: %s", b->n_paths, strerror(errno));
}

int boot_start(struct boot *b)
{
	char *state_mem = malloc(STATE_BUF_SIZE);
	bool *flags = calloc(2 * (b->max_maps + 1), sizeof(*flags));
	int r;

	b->start_ms = b->now_ms = clock_ms();
	if (!state_mem || !flags)
		return -ENOMEM;
	b->state = (struct buf)BUF_INIT(state_mem, STATE_BUF_SIZE);
	raise_descriptor_limit(b);
	r = handoff_init(&b->handoff, &b->root, flags, b->max_maps + 1);
	if (r < 0)
		return r;
	r = dm_open(&b->dm, &b->root);
	if (r < 0) {
		log_error("unable to open /dev/mapper/control: %s (is the module dm-mod in the image?)", strerror(-r));
		return r;
	}
	b->dm_events = b->dm.ops->arm(&b->dm) == 0;
	b->notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	b->uevent_fd = uevent_open();
	if (b->uevent_fd < 0)
		log_warning("unable to listen to kernel events: %s; looking at /sys every %d s", strerror(-b->uevent_fd), SCAN_MS / 1000);
	r = dm_worker_start(&b->dm_worker, &b->dm, b->notify_fd, b->cmdline.seccomp);
	if (r == 0)
		r = probe_pool_start(&b->pool, b->n_paths, &b->root, b->notify_fd, b->cmdline.seccomp);
	if (r < 0) {
		log_error("unable to start workers: %s", strerror(-r));
		return r;
	}
	for (size_t m = 0; m < b->n_maps; m++) {
		assemble_look(b, m);
		if (b->maps[m].devno[0])
			note_map(b, m, EVENT_FOUND, "", 0);
	}
	return 0;
}

static unsigned int hash(const char *s, size_t n)
{
	unsigned int value = 5381;

	while (n--)
		value = value * 33 + (unsigned char)*s++;
	return value;
}

static struct boot_path **name_chain(struct boot *b, const char *name)
{
	return &b->by_name[hash(name, strlen(name)) & (b->n_by_name - 1)];
}

/* SCSI: host, channel and target of "2:0:0:1". */
static unsigned int target_number(const struct path *facts)
{
	const char *lun = strrchr(facts->hctl, ':');

	return hash(facts->hctl, lun ? (size_t)(lun - facts->hctl) : strlen(facts->hctl));
}

static struct boot_path *find_path(struct boot *b, const char *name)
{
	for (struct boot_path *p = *name_chain(b, name); p; p = p->next_name)
		if (streq(p->facts.name, name))
			return p;
	return NULL;
}

struct boot_path *boot_new_path(struct boot *b, const struct path *facts)
{
	struct boot_path *p = b->free_paths, **at = name_chain(b, facts->name);

	if (!p)
		return NULL;
	b->free_paths = p->next;
	memset(p, 0, sizeof(*p));
	p->used = true;
	p->facts = *facts;
	p->device = -1;
	p->target_number = target_number(facts);
	p->prio = PRIO_UNDEF;
	p->next_name = *at;
	*at = p;
	for (at = &b->maps[facts->map].paths; *at; at = &(*at)->next)
		;
	*at = p;
	return p;
}

static void free_path(struct boot *b, struct boot_path *p)
{
	struct boot_path **at;

	for (at = name_chain(b, p->facts.name); *at != p; at = &(*at)->next_name)
		;
	*at = p->next_name;
	for (at = &b->maps[p->facts.map].paths; *at != p; at = &(*at)->next)
		;
	*at = p->next;
	p->used = false;
	p->next = b->free_paths;
	b->free_paths = p;
}

static void drop_path(struct boot *b, struct boot_path *p, const char *why)
{
	log_warning("path %s of %s: %s", p->facts.name, b->maps[p->facts.map].snap->alias, why);
	note_path(b, p, EVENT_GONE, why);
	b->maps[p->facts.map].look_ms = 0;
	if (p->device >= 0)
		probe_release(b->pool, p->device);
	free_path(b, p);
	b->state_dirty = true;
}

static void tune(struct boot *b, const struct path *facts)
{
	struct tune_error err;

	tune_path(&b->root, facts, b->maps[facts->map].snap, b->snap->polling_interval, &err);
	if (err.error)
		log_warning("path %s of %s: unable to set /sys/%s: %s", facts->name, b->maps[facts->map].snap->alias, err.attr, strerror(-err.error));
}

static void add_path(struct boot *b, const struct path *facts)
{
	const struct boot_map *map = &b->maps[facts->map];
	struct boot_path *p = boot_new_path(b, facts);

	if (!p) {
		log_warning("path %s: left out: %zu paths are all that was planned for", facts->name, b->n_paths);
		return;
	}
	p->ask = map->snap->by_rules;
	if (b->touch_nothing)
		return;
	p->next_probe_ms = b->next_due_ms = b->now_ms;
	b->maps[facts->map].look_ms = 0;
	for (unsigned int j = 0; j < map->have.n_paths; j++)
		if (streq(map->have.paths[j].devno, facts->devno)) {
			p->in_table = true;
			p->group = map->have.paths[j].group;
		}
	b->state_dirty = true;
	tune(b, facts);
	log_info("path %s (%s) of %s: appeared", facts->name, facts->portal[0] ? facts->portal : facts->hctl, map->snap->alias);
	takeover_path(b, p);
	note_path(b, p, p->in_table ? EVENT_FOUND : EVENT_APPEARED, "");
	if (p->in_table)
		note_path(b, p, EVENT_ADDED, "");
}

static void note_native(struct boot *b, const char *name)
{
	size_t m;

	if (!b->native_noted)
		log_warning("%s: the kernel itself makes this NVMe namespace multipath (nvme_core.multipath=Y), so no map is made of it; with nvme_core.multipath=N one is",
			    name);
	b->native_noted = true;
	if (discover_map(&b->root, b->snap, name, &m) == 1 && !b->maps[m].is_native)
		b->maps[m].is_native = b->state_dirty = true;
}

void boot_look_at_disk(struct boot *b, const char *name)
{
	struct boot_path *known = find_path(b, name);
	struct path facts;
	int r;

	if (!discover_name_is_disk(name))
		return;
	r = discover_disk(&b->root, b->snap, name, &facts);
	if (r == 0 && b->generic)
		r = generic_disk(b, name, &facts);
	/* A note of udev's may be of the disk that had this name before: Linux before 5.15 does not number them. */
	if (r == 1 && !b->snap->maps[facts.map].n_designators &&
	    discover_device_identity(&b->root, &b->snap->maps[facts.map], facts.devno) == IDENTITY_OTHER)
		r = 0;
	if (r == -EALREADY)
		note_native(b, name);
	if (known && (r < 0 || (r == 1 && !streq(facts.devno, known->facts.devno)))) {
		drop_path(b, known, "gone");
		known = NULL;
	} else if (known && (r == 0 || facts.map != known->facts.map)) {
		watch_disown(b, known);
		drop_path(b, known, "leads to another LUN now: left out");
		known = NULL;
	} else if (known) {
		if (known->facts.size != facts.size || known->facts.ro != facts.ro)
			b->maps[facts.map].look_ms = 0;
		known->facts.size = facts.size;
		known->facts.ro = facts.ro;
		known->facts.tpgs = facts.tpgs;
		known->facts.port_group = facts.port_group;
	}
	if (r == 1 && !known)
		add_path(b, &facts);
}

static int scan_one(const char *name, void *arg)
{
	boot_look_at_disk(arg, name);
	return 0;
}

void boot_scan(struct boot *b)
{
	uint64_t start = clock_ms(), pause;

	if (sys_read_u64(b->root.sys_fd, "kernel/uevent_seqnum", &b->seqnum) < 0)
		b->seqnum = 0;
	sys_each(b->root.sys_fd, "block", scan_one, b);
	for (size_t i = 0; i < b->n_paths; i++) {
		char name[48];

		if (!b->paths[i].used)
			continue;
		snprintf(name, sizeof(name), "%s/dev", b->paths[i].facts.name);
		if (faccessat(b->root.block_fd, name, F_OK, 0) < 0)
			drop_path(b, &b->paths[i], "gone");
	}
	if (b->generic)
		generic_scan(b);
	pause = SCAN_SHARE * (clock_ms() - start);
	pause = pause < SCAN_MS ? SCAN_MS : pause > SCAN_LONGEST_MS ? SCAN_LONGEST_MS : pause;
	b->next_scan_ms = boot_tick(b->now_ms + pause);
}

/* Events may be lost; the kernel's counter says whether any happened since the last look. */
static void scan_if_due(struct boot *b)
{
	uint64_t seqnum = 0;

	if (b->now_ms < b->next_scan_ms)
		return;
	if (sys_read_u64(b->root.sys_fd, "kernel/uevent_seqnum", &seqnum) == 0 && seqnum == b->seqnum)
		b->next_scan_ms = boot_tick(b->now_ms + SCAN_MS);
	else
		boot_scan(b);
}

/* "…/block/sda/sda1": the disk of a partition. */
static void note_partition(struct boot *b, const char *devpath)
{
	const char *end = strrchr(devpath, '/'), *start = end;
	char name[32];
	struct boot_path *p;

	while (start && start > devpath && start[-1] != '/')
		start--;
	if (!start || (size_t)(end - start) >= sizeof(name))
		return;
	memcpy(name, start, (size_t)(end - start));
	name[end - start] = '\0';
	p = find_path(b, name);
	if (!p)
		return;
	b->maps[p->facts.map].look_at_parts = true;
	b->maps[p->facts.map].look_ms = 0;
}

static void take_event(struct boot *b, const struct uevent *e)
{
	struct boot_path *p;

	if (!streq(e->subsystem, "block"))
		return;
	if (streq(e->dm_action, "PATH_FAILED") || streq(e->dm_action, "PATH_REINSTATED")) {
		watch_hint(b, e->dm_path);
		return;
	}
	if (streq(e->devtype, "partition")) {
		if (e->action == UEVENT_ADD)
			note_partition(b, e->devpath);
		return;
	}
	switch (e->action) {
	case UEVENT_ADD:
	case UEVENT_CHANGE:
		boot_look_at_disk(b, e->devname);
		break;
	case UEVENT_REMOVE:
		p = find_path(b, e->devname);
		if (p)
			drop_path(b, p, "gone");
		if (b->generic)
			generic_forget(b, e->devname);
		break;
	case UEVENT_OTHER:
		break;
	}
}

static void read_events(struct boot *b)
{
	struct uevent e;
	int r;

	while (b->uevent_fd >= 0 && (r = uevent_read(b->uevent_fd, b->event_text, &e)) != 0) {
		if (r == 1)
			take_event(b, &e);
		else if (r == -ENOBUFS)
			boot_scan(b);
	}
}

/* What multipathd has made of the maps meanwhile is to be seen before anything is done about them. */
static void take_back(struct boot *b)
{
	for (size_t m = 0; m < b->n_maps; m++) {
		assemble_look(b, m);
		watch_soon(b, m);
	}
}

static void leave_to_multipathd(struct boot *b)
{
	for (size_t m = 0; m < b->n_maps; m++)
		b->maps[m].queued = b->maps[m].have.queueing;
}

static void follow_multipathd(struct boot *b)
{
	enum handoff_verdict before = b->handoff.verdict, now = handoff_step(&b->handoff, &b->root, b->snap, b->now_ms);
	enum phase phase = b->phase;
	char word[SHELL_WORD_SIZE(sizeof(b->handoff.missing))];

	if (before == HANDOFF_NOBODY && now != HANDOFF_NOBODY)
		leave_to_multipathd(b);
	if (before != now && (now == HANDOFF_NOBODY || now == HANDOFF_UNWANTED))
		take_back(b);
	if (before != now && now == HANDOFF_NOBODY)
		log_warning("multipathd is gone: on guard again");
	switch (now) {
	case HANDOFF_NOBODY:
		phase = PHASE_GUARD;
		b->unwanted_ms = 0;
		break;
	case HANDOFF_STARTING:
		phase = PHASE_STANDBY;
		b->unwanted_ms = 0;
		break;
	case HANDOFF_READY:
		phase = PHASE_DONE;
		break;
	case HANDOFF_UNWANTED:
		/* Nobody else will reinstate its paths; tables stay as they are (assemble_step). */
		phase = PHASE_GUARD;
		if (!b->unwanted_ms)
			b->unwanted_ms = b->now_ms;
		if (b->warned_unwanted || b->now_ms < b->unwanted_ms + UNWANTED_MS)
			break;
		log_warning("multipathd is ready but does not have the map of WWID %s, or takes all its paths for down: staying on guard; is it in /etc/multipath/wwids (multipath -a %s), "
			    "are its disks blacklisted, does its path_checker fit them?",
			    b->handoff.missing, shell_word(b->handoff.missing, word, sizeof(word)));
		note_guard(b, EVENT_UNWANTED, b->handoff.missing);
		b->warned_unwanted = true;
		break;
	}
	if (phase == b->phase)
		return;
	b->phase = phase;
	b->state_dirty = true;
	switch (phase) {
	case PHASE_GUARD:
		note_guard(b, EVENT_ON_GUARD, now == HANDOFF_NOBODY ? "multipathd is gone" : "multipathd does not want a map");
		break;
	case PHASE_STANDBY:
		log_info("multipathd (pid %d) is starting: standing by", b->handoff.pid);
		note_guard(b, EVENT_STANDBY, "");
		break;
	case PHASE_ASSEMBLED:
	case PHASE_NATIVE:
	case PHASE_DONE:
		log_info("multipathd (pid %d) is ready and has our maps: handed over", b->handoff.pid);
		note_guard(b, EVENT_HANDED_OVER, "");
		b->quit = true;
		break;
	}
}

/* All that the snapshot names is the kernel's own: nobody is needed. */
static void leave_native(struct boot *b)
{
	for (size_t m = 0; m < b->n_maps; m++)
		if (!b->maps[m].is_native)
			return;
	if (!b->n_maps)
		return;
	log_info("all maps are the kernel's own: nothing is to be done");
	b->phase = PHASE_NATIVE;
	b->state_dirty = b->quit = true;
}

/* @known: a guard before us has told it. */
static void follow_root(struct boot *b, bool known)
{
	enum root_news news;

	while ((news = rootwatch_step(&b->rootwatch, &b->root)) != ROOT_NOTHING) {
		if (b->generic)
			generic_close(b);
		if (known)
			continue;
		note_guard(b, news == ROOT_MOUNTED ? EVENT_ROOT_MOUNTED : EVENT_SWITCH_ROOT, "");
		if (news == ROOT_MOUNTED)
			log_info("root is mounted: %s on %s", b->rootwatch.source, b->rootwatch.at);
		else
			log_info("switch_root: the gap begins");
	}
}

void boot_catch_up(struct boot *b)
{
	follow_root(b, true);
}

/* What a map lacked may have come: use it at once. */
static void follow_control(struct boot *b)
{
	if (!b->asked || !control_step(&b->control, &b->root, b->now_ms))
		return;
	for (size_t i = 0; i < b->n_paths; i++)
		if (b->paths[i].used)
			b->paths[i].next_probe_ms = b->next_due_ms = b->now_ms;
	b->state_dirty = true;
}

/* With a thousand maps it takes a while: it may be a quarter of our time, no more. */
static void write_state(struct boot *b)
{
	uint64_t start = clock_ms();
	int r = b->run_dir_fd < 0 ? 0 : state_write(b);

	/* Whoever waits reads it: what a full /run has kept out is written as soon as there is room. */
	if (r < 0 && r != b->state_error)
		log_warning("unable to write " STATE_FILE ": %s", strerror(-r));
	b->state_error = r;
	b->state_dirty = r < 0;
	b->next_state_ms = r < 0 ? start + STATE_RETRY_MS : start + 4 * (clock_ms() - start);
}

void boot_step(struct boot *b)
{
	b->now_ms = clock_ms();
	read_events(b);
	follow_root(b, false);
	scan_if_due(b);
	follow_multipathd(b);
	leave_native(b);
	follow_control(b);
	if (b->generic)
		generic_step(b);
	/* Each pass may free what the next one needs: a finished job, a verdict. It settles within a few. */
	for (int i = 0; i < STEPS_PER_ROUND; i++) {
		bool busy = b->dm_busy;

		watch_probe(b);
		assemble_collect(b);
		watch_kernel(b);
		assemble_step(b);
		if (busy == b->dm_busy)
			break;
	}
	if (b->state_dirty && (b->quit || b->now_ms >= b->next_state_ms))
		write_state(b);
	event_flush(&b->events);
}

/* Nothing is under way, and nothing missing. Else a look more costs less than an event that nobody told us of. */
static bool is_calm(const struct boot *b)
{
	if (b->rootwatch.fd >= 0 || control_is_busy(&b->control))
		return false;
	for (size_t m = 0; m < b->n_maps; m++)
		if (!b->maps[m].ready || !b->maps[m].complete)
			return false;
	return true;
}

static uint64_t next_due(const struct boot *b)
{
	uint64_t due = b->next_scan_ms, other = watch_next_ms(b);

	due = other < due ? other : due;
	other = assemble_next_ms(b);
	due = other < due ? other : due;
	other = b->generic ? generic_next_ms(b) : UINT64_MAX;
	due = other < due ? other : due;
	if (b->state_dirty && b->next_state_ms < due)
		due = b->next_state_ms;
	other = is_calm(b) ? handoff_next_ms(&b->handoff) : b->now_ms + RESTLESS_MS;
	return other < due ? other : due;
}

/* systemd stops every process for a moment around switch_root: that time counts for no path's deadline. */
static void forgive_stop(struct boot *b, uint64_t expected_ms)
{
	uint64_t now = clock_ms();

	if (now < expected_ms + STOP_MS)
		return;
	for (size_t i = 0; i < b->n_paths; i++)
		if (b->paths[i].used && b->paths[i].probing) {
			b->paths[i].last_probe_ms += now - expected_ms;
			b->paths[i].deadline_ms += now - expected_ms;
		}
	for (size_t m = 0; m < b->n_maps; m++)
		b->maps[m].retry.until_ms += now - expected_ms;
}

void boot_wait(struct boot *b, int max_ms)
{
	struct pollfd fds[] = {
		{ .fd = b->notify_fd, .events = POLLIN },
		{ .fd = b->uevent_fd, .events = POLLIN },	/* -1 is ignored */
		{ .fd = b->handoff.fd, .events = POLLIN },
		{ .fd = b->rootwatch.fd, .events = POLLPRI },
		{ .fd = control_poll_fd(&b->control), .events = POLLIN },
		{ .fd = b->dm_events ? b->dm.control_fd : -1, .events = POLLIN },
		{ .fd = b->handoff.watch_fd, .events = POLLIN },
	};
	uint64_t now = clock_ms(), due = next_due(b), count;
	int timeout = due > now ? (int)(due - now) : 0;
	ssize_t n;

	if (max_ms >= 0 && timeout > max_ms)
		timeout = max_ms;
	poll(fds, ARRAY_SIZE(fds), timeout);
	b->rootwatch.changed = b->rootwatch.changed || (fds[3].revents & POLLPRI);
	b->asked = fds[4].revents || control_is_busy(&b->control);
	if (fds[5].revents & POLLIN) {
		b->dm_events = b->dm.ops->arm(&b->dm) == 0;
		watch_event(b);
	}
	if (fds[6].revents)
		handoff_take_events(&b->handoff, clock_ms());
	forgive_stop(b, now + (uint64_t)timeout);
	n = read(b->notify_fd, &count, sizeof(count));
	(void)n;	/* its only news is that something finished */
}

bool boot_is_ready(const struct boot *b, unsigned int need)
{
	for (size_t m = 0; m < b->n_maps; m++)
		if (!b->maps[m].ready && (!need || !b->maps[m].snap->needed_for || (b->maps[m].snap->needed_for & need)))
			return false;
	return true;
}
