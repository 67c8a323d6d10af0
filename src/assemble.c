/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "assemble.h"

#include <fcntl.h>
#include <stdio.h>

#include "dm-mangle.h"
#include "group.h"
#include "log.h"
#include "note.h"
#include "table.h"
#include "udevless.h"
#include "watch.h"

#define GRACE_MS 5		/* paths that come together make one table */
#define RETRY_MS 1000		/* after the kernel refused a partition, and while a reload would stop root's I/O */
#define ASKED_MS 50		/* while its paths are asked whether it would */
#define SURELY_MS 2000		/* a map is looked at anew, whoever may have forgotten to ask for it; nobody is woken for that */
#define COMPLETE_MS 30000	/* the same for one with all its paths, all of them usable */
#define STRANDED_MS 5000	/* for multipathd to do it itself */
#define REFUSED_MS 5000		/* before a refused path is tried again */
#define ANA_INACCESSIBLE 1	/* prio/ana.c gives no more to a namespace that cannot be read */

static bool is_eligible(const struct boot *b, const struct boot_path *p, size_t m)
{
	const struct boot_map *map = &b->maps[m];

	if (!p->used || p->facts.map != m || p->wrong_size)
		return false;
	/* A later guard may never have an answer from a path that the map has: it stays in, and keeps no other one out. */
	if (p->in_table)
		return p->state != PATH_STATE_UNCHECKED || p->slow;
	/* Whom it leads to is being asked. */
	if (path_is_usable(p->state) && (p->check_first || (p->probing && p->asked_who)))
		return false;
	/* The kernel does not take a read-only path into a map that is written to. */
	return p->answered && !p->hung && b->now_ms >= p->refused_until_ms && !(map->devno[0] && !map->ro && p->facts.ro);
}

/*
 * Which size is the LUN's? The live map's; else the one that the snapshot knows, if a path has it; else the first path's. Others are left out: one half
 * of a resize, or another LUN that shows the same WWID.
 */
static uint64_t choose_size(const struct boot *b, size_t m)
{
	uint64_t first = 0;

	if (b->maps[m].devno[0])
		return b->maps[m].size;
	for_each_path_of(p, &b->maps[m]) {
		if (!p->facts.size)
			continue;
		if (p->facts.size == b->maps[m].snap->size)
			return p->facts.size;
		if (!first && p->answered)
			first = p->facts.size;
	}
	return first;
}

void assemble_choose_paths(struct boot *b, size_t m)
{
	uint64_t size = choose_size(b, m);

	if (!size)
		return;
	for_each_path_of(p, &b->maps[m]) {
		/* A LUN that grows under a live map does so on one path after the other: the map keeps them, and its size. */
		bool has_grown = p->in_table && p->facts.size > size;
		/* A path whose port was unavailable when the kernel asked has no size; dm takes it, and so does multipathd. */
		bool fits = p->facts.size == size || p->facts.size == 0 || has_grown;

		if (has_grown && !p->has_grown)
			log_info("map %s: %s has grown to %llu sectors; the map keeps %llu until multipathd is told to resize it",
				 b->maps[m].snap->alias, p->facts.name, (unsigned long long)p->facts.size, (unsigned long long)size);
		p->has_grown = has_grown;
		if (p->wrong_size == !fits)
			continue;
		p->wrong_size = !fits;
		b->state_dirty = true;
		if (p->wrong_size)
			log_warning("map %s: %s has %llu sectors, not %llu: left out (another LUN with this WWID, or resized?)",
				    b->maps[m].snap->alias, p->facts.name, (unsigned long long)p->facts.size, (unsigned long long)size);
	}
}

static size_t gather(const struct boot *b, size_t m, struct candidate *cand)
{
	bool one_new = false;
	size_t n = 0;

	for_each_path_of(p, &b->maps[m]) {
		size_t at = n;

		if (n == MAP_PATHS_MAX)
			break;
		if (!is_eligible(b, p, m))
			continue;
		if (b->maps[m].one_by_one && !p->in_table) {
			if (one_new || !path_is_usable(p->state))
				continue;
			one_new = true;
		}
		for (; at > 0 && strcmp(cand[at - 1].path->syspath, p->facts.syspath) > 0; at--)
			cand[at] = cand[at - 1];
		cand[at] = (struct candidate) { .path = &p->facts, .state = p->state, .prio = p->prio, .unsuited = p->unsuited };
		n++;
	}
	return n;
}

unsigned int assemble_wanted(const struct boot *b, size_t m, struct buf *out, uint64_t *size, bool *ro)
{
	struct candidate cand[MAP_PATHS_MAX];
	struct grouping g;
	char handler[32] = "";
	size_t n = gather(b, m, cand);

	*size = choose_size(b, m);
	*ro = false;
	for (size_t i = 0; i < n; i++) {
		*size = *size ? *size : cand[i].path->size;
		*ro = *ro || (cand[i].path->ro && (!b->maps[m].devno[0] || b->maps[m].ro));
		if (!handler[0])
			discover_dh_state(&b->root, cand[i].path->name, handler, sizeof(handler));
	}
	group_paths(b->maps[m].snap->policy, cand, n, &g);
	table_format(b->maps[m].snap, cand, &g, handler, out);
	return (unsigned int)n;
}

static struct boot_path *path_by_devno(struct boot *b, size_t m, const char *devno)
{
	for_each_path_of(p, &b->maps[m])
		if (streq(p->facts.devno, devno))
			return p;
	return NULL;
}

static void note_table(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];

	for_each_path_of(p, map) {
		bool had = p->in_table;

		p->in_table = false;
		for (unsigned int j = 0; j < map->have.n_paths && !p->in_table; j++)
			if (streq(map->have.paths[j].devno, p->facts.devno)) {
				p->in_table = true;
				p->told_refused = false;
				p->group = map->have.paths[j].group;
			}
		if (had != p->in_table)
			note_path(b, p, had ? EVENT_LEFT_OUT : EVENT_ADDED, "");
	}
}

/* As kpartx calls it. False: it would be longer than a uuid may be. */
static bool part_uuid(const struct boot_map *map, unsigned int number, char uuid[DM_UUID_SIZE])
{
	char text[DM_UUID_SIZE + 16];
	int n = snprintf(text, sizeof(text), "part%u-%s", number, map->uuid);

	if (n >= DM_UUID_SIZE)
		return false;
	memcpy(uuid, text, (size_t)n + 1);
	return true;
}

/* The kernel's partition maps on this map, by their uuid. */
static void look_at_parts(struct boot *b, struct boot_map *map)
{
	for (size_t i = 0; i < map->n_parts; i++) {
		char uuid[DM_UUID_SIZE];
		struct dm_info info;

		if (map->parts[i].devno[0] || !part_uuid(map, map->parts[i].facts.number, uuid))
			continue;
		if (b->dm.ops->info_by_uuid(&b->dm, uuid, &info) < 0 || !info.has_table)
			continue;
		snprintf(map->parts[i].devno, sizeof(map->parts[i].devno), "%u:%u", info.major, info.minor);
		map->parts[i].ro = info.ro && map->ro;
		udevless_announce(&b->root, &info, false);	/* who made it may have been killed before */
	}
}

/* @job: what has just been loaded, to be told before the paths that it has brought; NULL: nothing. */
static void look(struct boot *b, size_t m, const struct dm_job *job)
{
	struct boot_map *map = &b->maps[m];
	char text[TABLE_SIZE] = "";
	struct dm_info info;
	int r = b->dm.ops->info_by_uuid(&b->dm, map->uuid, &info);

	if (r == 0 && info.has_table)
		r = b->dm.ops->table(&b->dm, map->uuid, text, sizeof(text));
	else if (r == 0)
		r = -ENODATA;
	if (r == 0)
		r = table_parse(text, &map->have);
	snprintf(map->have_text, map->have_text_size, "%s", text);
	if (r < 0) {
		if (r != -ENXIO && r != -ENODATA)
			log_warning("map %s: unable to read its table: %s", map->snap->alias, strerror(-r));
		map->devno[0] = '\0';
		memset(&map->have, 0, sizeof(map->have));
		map->n_parts = 0;	/* on a map that is gone there are none */
		map->look_at_parts = true;
	} else {
		char name[48];

		if (!map->devno[0]) {
			map->live_ms = b->now_ms;
			udevless_announce(&b->root, &info, true);	/* also if whoever made it was killed before */
		}
		snprintf(map->devno, sizeof(map->devno), "%u:%u", info.major, info.minor);
		snprintf(name, sizeof(name), "dev/block/%s/size", map->devno);
		sys_read_u64(b->root.sys_fd, name, &map->size);
		snprintf(map->name, sizeof(map->name), "%s", info.name);
		map->ro = info.ro;
	}
	if (job)
		note_map(b, m, job->kind == DM_JOB_CREATE ? EVENT_CREATED : EVENT_RELOADED, job->kind == DM_JOB_CREATE ? "" : b->dm_why,
			 b->now_ms - b->dm_start_ms);
	note_table(b, m);
	map->look_ms = 0;
	b->state_dirty = true;
}

void assemble_look(struct boot *b, size_t m)
{
	look(b, m, NULL);
}

/* The name is multipathd's choice, unless another map has it: then, as multipathd does, the WWID. */
static void settle_name(struct boot *b, struct boot_map *map)
{
	struct dm_info info;

	if (b->dm.ops->info_by_name(&b->dm, map->name, &info) != 0 || streq(info.uuid, map->uuid) || map->warned_name)
		return;
	map->warned_name = true;
	log_warning("map %s: the name belongs to %s already: using the WWID %s as name", map->snap->alias,
		    info.uuid[0] ? info.uuid : "another map", map->snap->wwid);
	dm_mangle(map->snap->wwid, map->name, sizeof(map->name));
}

static bool any_usable(const struct boot *b, size_t m, enum path_state state)
{
	for_each_path_of(p, &b->maps[m])
		if (is_eligible(b, p, m) && p->state == state)
			return true;
	return false;
}

static bool any_probe_out(const struct boot *b, size_t m)
{
	for_each_path_of(p, &b->maps[m])
		if ((p->probing || p->waiting) && !p->hung)
			return true;
	return false;
}

static uint64_t degraded_at(const struct boot *b, const struct boot_map *map)
{
	return map->first_usable_ms + b->cmdline.degraded_after_ms;
}

/* A ghost alone would make the array fail over; an active path may be a moment away. How long a moment is, ghost_delay says. */
static uint64_t ghost_at(const struct boot *b, const struct boot_map *map)
{
	return map->snap->ghost_delay > 0 ? map->first_usable_ms + (uint64_t)map->snap->ghost_delay * 1000 : degraded_at(b, map);
}

static bool may_create(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];
	bool up = any_usable(b, m, PATH_STATE_UP);

	if (!up && !any_usable(b, m, PATH_STATE_GHOST))
		return false;
	if (!map->first_usable_ms)
		map->first_usable_ms = b->now_ms;
	if (!up)
		return b->now_ms >= ghost_at(b, map);
	return !any_probe_out(b, m) || b->now_ms >= map->first_usable_ms + GRACE_MS;
}

static bool device_exists(const struct boot *b, const char *devno)
{
	char name[48];

	snprintf(name, sizeof(name), "dev/block/%s", devno);
	return faccessat(b->root.sys_fd, name, F_OK, 0) == 0;	/* no flag: before Linux 5.8 musl knows none */
}

/* A path that is well waits outside the table. */
static bool has_newcomer(const struct boot *b, size_t m)
{
	for_each_path_of(p, &b->maps[m])
		if (!p->in_table && is_eligible(b, p, m) && path_is_usable(p->state))
			return true;
	return false;
}

/* A path of the map that no table can have any more: too small for the kernel to take it, or, by the kernel's copy of page 0x83, one to another LUN now. */
static bool is_spoilt(struct boot *b, size_t m, const char *devno)
{
	const struct boot_path *p = path_by_devno(b, m, devno);

	return p ? p->wrong_size : discover_device_identity(&b->root, b->maps[m].snap, devno) == IDENTITY_OTHER;
}

/* Would @want lose a path that the map has and that still exists? One that is spoilt stays, too, until another waits for its place. */
static bool would_lose_path(struct boot *b, size_t m, const struct table *have, const struct table *want)
{
	for (unsigned int i = 0; i < have->n_paths; i++) {
		const char *devno = have->paths[i].devno;
		bool kept = false;

		for (unsigned int j = 0; j < want->n_paths; j++)
			kept = kept || streq(devno, want->paths[j].devno);
		if (!kept && device_exists(b, devno) && !(has_newcomer(b, m) && is_spoilt(b, m, devno)))
			return true;
	}
	return false;
}

static void submit(struct boot *b, size_t m, int part)
{
	b->dm_busy = true;
	b->dm_map = m;
	b->dm_part = part;
	b->dm_start_ms = b->now_ms;
	dm_worker_submit(b->dm_worker);
}

static struct dm_job *map_job(struct boot *b, size_t m, enum dm_job_kind kind, unsigned int *n)
{
	struct boot_map *map = &b->maps[m];
	struct dm_job *job = dm_worker_slot(b->dm_worker);
	struct buf text;

	if (!job)
		return NULL;
	memset(&job->req, 0, sizeof(job->req));
	text = (struct buf)BUF_INIT(job->params, sizeof(job->params));
	buf_reset(&text);
	*n = assemble_wanted(b, m, &text, &job->req.size, &job->req.ro);
	if (!*n || text.overflow)
		return NULL;
	job->kind = kind;
	job->req.target = "multipath";
	memcpy(job->req.name, map->name, sizeof(job->req.name));
	memcpy(job->req.uuid, map->uuid, sizeof(job->req.uuid));
	return job;
}

static bool start_create(struct boot *b, size_t m)
{
	struct dm_job *job;
	unsigned int n;

	if (b->now_ms < b->maps[m].retry_ms || !may_create(b, m))
		return false;
	settle_name(b, &b->maps[m]);
	job = map_job(b, m, DM_JOB_CREATE, &n);
	if (!job)
		return false;
	job->req.udev_flags = DM_UDEV_MPATH_NO_KPARTX;
	log_debug("map %s: create %s", b->maps[m].snap->alias, job->params);
	submit(b, m, -1);
	return true;
}

static bool all_usable(const struct boot *b, size_t m)
{
	for_each_path_of(p, &b->maps[m])
		if (is_eligible(b, p, m) && (!path_is_usable(p->state) || p->kernel_failed))
			return false;
	return true;
}

/* Reads and writes, without the one that our own check may be. */
static bool has_inflight(const struct boot *b, const struct boot_path *p)
{
	bool reads = p->probing && streq(b->maps[p->facts.map].snap->checker, "directio");
	char file[48], text[48], *rest;

	snprintf(file, sizeof(file), "%.31s/inflight", p->facts.name);
	if (sys_read_str(b->root.block_fd, file, text, sizeof(text)) <= 0)
		return false;
	return strtoul(text, &rest, 10) + strtoul(rest, NULL, 10) > reads;
}

/*
 * The kernel waits with a new table for all that is under way: what hangs on one path would stop the I/O of those that work. What a path has said before it hung says
 * nothing: it is asked again, and has a second. @wait_ms: how long until the next try.
 */
static bool would_stall(struct boot *b, size_t m, unsigned int *wait_ms)
{
	bool works = false, hangs = false, awaited = false;

	for_each_path_of(p, &b->maps[m]) {
		bool active = p->in_table && !p->kernel_failed && path_is_usable(p->state);
		enum word word = active && !p->slow && !p->hung && !p->blocked ? watch_ask(b, p) : WORD_OVERDUE;

		if (!p->in_table)
			continue;
		works = works || word == WORD_FRESH;
		awaited = awaited || word == WORD_AWAITED;
		if (p->blocked)
			hangs = true;	/* what waits there is not counted as under way */
		else if (word == WORD_OVERDUE && (active || p->slow || p->hung))
			hangs = hangs || has_inflight(b, p);
	}
	*wait_ms = works && hangs ? RETRY_MS : ASKED_MS;
	return awaited || (works && hangs);
}

static bool start_reload(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];
	struct table want;
	struct dm_job *job;
	const char *why;
	unsigned int n, wait_ms;

	if (b->now_ms < map->retry_ms)
		return false;
	job = map_job(b, m, DM_JOB_RELOAD, &n);
	if (!job || table_parse(job->params, &want) < 0)
		return false;
	/* Only paths and their groups are ours to mend in a map that lives: what else differs, somebody wanted, or the kernel shows it so. */
	why = table_diff(&want, &map->have);
	if (!why && map->ro && !job->req.ro)
		why = "its paths may be written to now";
	if (!why || would_lose_path(b, m, &map->have, &want))
		return false;
	/* Where only the order or the grouping differs, wait until every path is well: a reload must not stand between root and its last path. */
	if (want.n_paths == map->have.n_paths && !all_usable(b, m) && !has_newcomer(b, m))
		return false;
	if (would_stall(b, m, &wait_ms)) {
		map->retry_ms = b->now_ms + wait_ms;
		return false;
	}
	snprintf(b->dm_why, sizeof(b->dm_why), "%s", why);
	job->req.udev_flags = DM_UDEV_MPATH_NO_KPARTX | DM_UDEV_MPATH_RELOAD;
	submit(b, m, -1);
	return true;
}

/* The kernel has read the disk through this path. A check that a passive path passes, too, does not say so. */
static bool is_readable(const struct boot_map *map, const struct boot_path *p)
{
	if (p->state != PATH_STATE_UP)
		return false;
	if (p->facts.bus == BUS_NVME)
		return p->prio > ANA_INACCESSIBLE || !streq(map->snap->prio, "ana");
	return !streq(map->snap->checker, "emc_clariion");
}

static bool any_readable(const struct boot *b, size_t m)
{
	for_each_path_of(p, &b->maps[m])
		if (is_eligible(b, p, m) && is_readable(&b->maps[m], p))
			return true;
	return false;
}

/* Where to read the partitions: any path that the kernel could scan; the snapshot if all of them are passive. */
static void find_parts(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];
	struct snap_part found[MAP_PARTS_MAX];
	int n = 0;

	map->look_at_parts = false;
	/* A later guard has heard of none of them yet. */
	for_each_path_of(p, map)
		if (n <= 0 && (p->in_table || is_eligible(b, p, m)) && !p->wrong_size)
			n = discover_parts(&b->root, p->facts.name, found, MAP_PARTS_MAX);
	if (n <= 0 && !any_readable(b, m)) {
		n = (int)(map->snap->n_parts < MAP_PARTS_MAX ? map->snap->n_parts : MAP_PARTS_MAX);
		memcpy(found, map->snap->parts, (size_t)n * sizeof(found[0]));
	}
	for (int i = 0; i < n; i++) {
		struct boot_part *part = &map->parts[map->n_parts];
		char name[DM_NAME_SIZE + 32], uuid[DM_UUID_SIZE];
		bool known = false;

		for (size_t j = 0; j < map->n_parts; j++)
			known = known || map->parts[j].facts.number == found[i].number;
		if (known || map->n_parts == map->max_parts || found[i].start + found[i].size > map->size)
			continue;
		snprintf(name, sizeof(name), "%s%s%u", map->name, map->snap->part_delim, found[i].number);
		if (strlen(name) >= sizeof(part->name) || !part_uuid(map, found[i].number, uuid)) {
			if (!map->warned_part)
				log_warning("map %s: no map of its partition %u: name or uuid would be longer than %d bytes", map->snap->alias, found[i].number,
					    DM_NAME_SIZE - 1);
			map->warned_part = true;
			continue;
		}
		memset(part, 0, sizeof(*part));
		memcpy(part->name, name, strlen(name) + 1);
		part->facts = found[i];
		map->n_parts++;
	}
	look_at_parts(b, map);
}

static bool start_part(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];

	if (map->snap->skip_kpartx)
		return false;
	if (map->look_at_parts)
		find_parts(b, m);
	for (size_t i = 0; i < map->n_parts; i++) {
		struct boot_part *part = &map->parts[i];
		struct dm_job *job;

		if ((part->devno[0] && (!part->ro || map->ro)) || b->now_ms < part->retry_ms)
			continue;
		job = dm_worker_slot(b->dm_worker);
		if (!job)
			return false;
		memset(&job->req, 0, sizeof(job->req));
		job->kind = part->devno[0] ? DM_JOB_RELOAD : DM_JOB_CREATE;	/* its map may be written to now */
		job->req.ro = map->ro;
		job->req.target = "linear";
		job->req.size = part->facts.size;
		memcpy(job->req.name, part->name, sizeof(part->name));
		part_uuid(map, part->facts.number, job->req.uuid);	/* find_parts() has tried */
		snprintf(job->params, sizeof(job->params), "%s %llu", map->devno, (unsigned long long)part->facts.start);
		submit(b, m, (int)i);
		return true;
	}
	return false;
}

static void part_made(struct boot *b, size_t m, struct boot_part *part, const struct dm_job *job)
{
	if (job->result < 0) {
		part->retry_ms = b->now_ms + RETRY_MS;
		if (part->error != job->result) {
			log_warning("map %s: unable to %s partition map: %s", part->name, job->kind == DM_JOB_CREATE ? "create" : "reload",
				    strerror(-job->result));
			note_part(b, m, part, strerror(-job->result));
		}
		part->error = job->result;
		return;
	}
	part->ro = job->req.ro;
	if (job->kind == DM_JOB_RELOAD) {
		log_info("map %s: may be written to now", part->name);
		return;
	}
	snprintf(part->devno, sizeof(part->devno), "%u:%u", job->info.major, job->info.minor);
	note_part(b, m, part, "");
	udevless_announce(&b->root, &job->info, false);
}

/* Those of @tried that are not in the map are left out for a while. False: there is none. *is_news: one of them was not refused the last time. */
static bool leave_out(struct boot *b, size_t m, const struct table *tried, bool *is_news)
{
	bool any = false, news = false;

	for (unsigned int i = 0; i < tried->n_paths; i++) {
		struct boot_path *p = path_by_devno(b, m, tried->paths[i].devno);

		if (!p || p->in_table)
			continue;
		p->refused_until_ms = b->now_ms + REFUSED_MS;
		news = news || !p->told_refused;
		any = p->told_refused = true;
	}
	*is_news = news;
	return any;
}

/*
 * No path is at fault when the kernel takes none: it lacks a module, or the array does not suit its device handler any more. What is not needed to reach root is
 * given up, one thing after the other.
 */
static void simplify(struct boot *b, size_t m)
{
	struct snap_map *snap = &b->snap->maps[m];
	const struct {
		const char *name, **value, *plain;
	} words[] = {
		{ "hardware_handler", &snap->hwhandler, "0" },
		{ "path_selector", &snap->selector, "service-time 0" },
		{ "features", &snap->features, strstr(snap->features, "queue_if_no_path") ? "1 queue_if_no_path" : "0" },
	};

	if (any_usable(b, m, PATH_STATE_UP) || any_usable(b, m, PATH_STATE_GHOST))
		return;	/* another path may do */
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (streq(*words[i].value, words[i].plain))
			continue;
		log_warning("map %s: the kernel takes none of its paths: trying without %s \"%s\"; does the image lack a module?", snap->alias,
			    words[i].name, *words[i].value);
		*words[i].value = words[i].plain;
		b->maps[m].simplified = true;
		for_each_path_of(p, &b->maps[m])
			p->refused_until_ms = 0;
		return;
	}
}

/* The kernel does not say which path it did not like: add them one by one, and leave out the one that fails for a while. */
static void map_refused(struct boot *b, size_t m, const struct dm_job *job)
{
	struct boot_map *map = &b->maps[m];
	struct table tried;
	bool is_news = true;

	map->retry_ms = b->now_ms + REFUSED_MS;
	if (table_parse(job->params, &tried) == 0) {
		if (!map->one_by_one && tried.n_paths > 1) {
			map->one_by_one = true;
			map->retry_ms = b->now_ms + GRACE_MS;
		} else if (leave_out(b, m, &tried, &is_news)) {
			map->retry_ms = b->now_ms + GRACE_MS;
		} else {
			is_news = map->error != job->result;
		}
	}
	map->error = job->result;
	if (is_news) {
		log_warning("map %s: the kernel refused its table (%s): %s", map->snap->alias, job->params, strerror(-job->result));
		note_map(b, m, EVENT_REFUSED, strerror(-job->result), b->now_ms - b->dm_start_ms);
	}
	if (job->kind == DM_JOB_CREATE && (job->result == -EINVAL || job->result == -ENODEV))
		simplify(b, m);
}

static void map_made(struct boot *b, size_t m, const struct dm_job *job)
{
	struct boot_map *map = &b->maps[m];

	if (job->result < 0) {
		map_refused(b, m, job);
		assemble_look(b, m);
		return;
	}
	map->error = 0;
	if (job->kind == DM_JOB_CREATE) {
		map->size = job->req.size;
		log_info("map %s: created with table %s", map->snap->alias, job->params);
	} else {
		log_info("map %s: reloaded (%s): %s", map->snap->alias, b->dm_why, job->params);
	}
	map->look_at_parts = true;
	look(b, m, job);
	watch_soon(b, m);	/* paths that are down are active in a new table until we say so */
}

void assemble_collect(struct boot *b)
{
	const struct dm_job *job = b->dm_busy ? dm_worker_collect(b->dm_worker) : NULL;

	if (!job)
		return;
	b->dm_busy = false;
	b->maps[b->dm_map].look_ms = 0;
	b->state_dirty = true;
	if (b->dm_part >= (int)b->maps[b->dm_map].n_parts)
		return;		/* the map was removed under it */
	if (b->dm_part >= 0)
		part_made(b, b->dm_map, &b->maps[b->dm_map].parts[b->dm_part], job);
	else
		map_made(b, b->dm_map, job);
}

static bool parts_are_made(const struct boot_map *map)
{
	if (map->look_at_parts)
		return map->snap->skip_kpartx;
	for (size_t i = 0; i < map->n_parts; i++)
		if (!map->parts[i].devno[0])
			return false;
	return true;
}

/* Where nobody knows how many paths to expect, two are enough to go on with. */
static bool is_complete(const struct snap_map *snap, unsigned int usable)
{
	return snap->by_rules ? usable >= 2 : snap->n_paths && usable >= snap->n_paths;
}

static void judge_ready(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];
	unsigned int usable = 0;

	if (!map->devno[0] || !parts_are_made(map))
		return;
	for_each_path_of(p, map)
		usable += p->in_table && path_is_usable(p->state);
	map->complete = is_complete(map->snap, usable);
	if (map->ready || !usable)
		return;
	if (!map->first_usable_ms)
		map->first_usable_ms = b->now_ms;
	if (!map->complete && b->now_ms < degraded_at(b, map))
		return;
	map->ready = true;
	map->ready_ms = b->now_ms;
	b->state_dirty = true;
	note_map(b, m, EVENT_READY, map->complete || !map->snap->n_paths ? "" : "degraded", 0);
	if (map->complete || !map->snap->n_paths) {
		log_info("map %s: ready with %u paths", map->snap->alias, usable);
	} else {
		log_warning("map %s: ready, but degraded: %u of %zu expected paths", map->snap->alias, usable, map->snap->n_paths);
		note_missing(b, m);
	}
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When time alone changes what is to be done about this map. */
static uint64_t next_look_ms(const struct boot *b, size_t m)
{
	const struct boot_map *map = &b->maps[m];
	uint64_t next = UINT64_MAX;

	if (map->retry_ms > b->now_ms)
		next = sooner(next, map->retry_ms);
	if (map->first_usable_ms && !map->ready)
		next = sooner(next, degraded_at(b, map) > b->now_ms ? degraded_at(b, map) : b->now_ms + 100);
	if (map->first_usable_ms && !map->devno[0] && ghost_at(b, map) > b->now_ms)
		next = sooner(next, ghost_at(b, map));
	if (map->first_usable_ms && !map->devno[0] && map->first_usable_ms + GRACE_MS > b->now_ms)
		next = sooner(next, map->first_usable_ms + GRACE_MS);
	if (map->stranded_ms && map->stranded_ms + STRANDED_MS > b->now_ms)
		next = sooner(next, map->stranded_ms + STRANDED_MS);
	for (size_t i = 0; i < map->n_parts; i++)
		if (map->parts[i].retry_ms > b->now_ms)
			next = sooner(next, map->parts[i].retry_ms);
	for_each_path_of(p, map)
		if (p->refused_until_ms > b->now_ms)
			next = sooner(next, p->refused_until_ms);
	return next;
}

/*
 * multipathd hangs in its start, as it is read from the very root that has no path, or does not want the map; and the paths that came back did so under other
 * names. Then nobody but us would load them.
 */
static bool is_stranded(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];

	if (!map->devno[0] || !map->no_path || !has_newcomer(b, m)) {
		map->stranded_ms = 0;
		return false;
	}
	if (!map->stranded_ms)
		map->stranded_ms = b->now_ms;
	if (b->now_ms < map->stranded_ms + STRANDED_MS)
		return false;
	assemble_look(b, m);	/* multipathd may have loaded another table */
	return has_newcomer(b, m);
}

/* Whoever's the map is now: ours to save, and nothing else. */
static bool save(struct boot *b, size_t m)
{
	if (!is_stranded(b, m))
		return false;
	assemble_choose_paths(b, m);
	if (!start_reload(b, m))
		return false;
	log_warning("map %s: it has had no path for %d s, and multipathd leaves out those that are back: they are loaded without it", b->maps[m].snap->alias,
		    STRANDED_MS / 1000);
	return true;
}

/* True: a job is under way for it. */
static bool act(struct boot *b, size_t m)
{
	if (b->phase != PHASE_GUARD || b->handoff.verdict == HANDOFF_UNWANTED)
		return save(b, m);
	b->maps[m].stranded_ms = 0;
	assemble_choose_paths(b, m);
	if (!b->maps[m].devno[0])
		return start_create(b, m);
	return start_part(b, m) || start_reload(b, m);
}

void assemble_step(struct boot *b)
{
	for (size_t m = 0; m < b->n_maps; m++) {
		struct boot_map *map = &b->maps[m];

		if (map->look_ms > b->now_ms && b->now_ms < map->looked_ms + (map->complete ? COMPLETE_MS : SURELY_MS))
			continue;
		map->looked_ms = b->now_ms;
		judge_ready(b, m);
		if (b->dm_busy)
			continue;	/* its turn comes when that job is done */
		if (!act(b, m))
			map->look_ms = next_look_ms(b, m);
		judge_ready(b, m);
	}
}

uint64_t assemble_next_ms(const struct boot *b)
{
	uint64_t next = UINT64_MAX;

	for (size_t m = 0; m < b->n_maps; m++)
		if (b->maps[m].look_ms > b->now_ms)
			next = sooner(next, b->maps[m].look_ms);
	return next;
}
