/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "shell-word.h"
#include "state.h"

const char *const explain_names[N_EXPLAIN_REASONS] = {
	[EXPLAIN_NO_DEVICE] = "no-device",
	[EXPLAIN_PARTITION] = "partition",
	[EXPLAIN_MAP] = "map",
	[EXPLAIN_MAP_PARTITION] = "map-partition",
	[EXPLAIN_OTHER_DM] = "other-dm",
	[EXPLAIN_HIDDEN] = "hidden",
	[EXPLAIN_NATIVE] = "native",
	[EXPLAIN_NO_DISK] = "no-disk",
	[EXPLAIN_NO_SNAPSHOT] = "no-snapshot",
	[EXPLAIN_BLACKLISTED] = "blacklisted",
	[EXPLAIN_OTHER_LUN] = "other-lun",
	[EXPLAIN_WEAK_IDENTITY] = "weak-identity",
	[EXPLAIN_NO_IDENTITY] = "no-identity",
	[EXPLAIN_NO_CLAIM] = "no-claim",
	[EXPLAIN_GENERIC] = "generic",
	[EXPLAIN_FOREIGN] = "foreign",
	[EXPLAIN_OFF] = "off",
	[EXPLAIN_NO_SIZE] = "no-size",
	[EXPLAIN_FAILED] = "failed",
	[EXPLAIN_PASSIVE] = "passive",
	[EXPLAIN_FLAPPING] = "flapping",
	[EXPLAIN_GHOST] = "ghost",
	[EXPLAIN_IN_GROUP] = "in-group",
	[EXPLAIN_NO_GUARD] = "no-guard",
	[EXPLAIN_MULTIPATHD] = "multipathd",
	[EXPLAIN_UNSEEN] = "unseen",
	[EXPLAIN_WRONG_SIZE] = "wrong-size",
	[EXPLAIN_OFFLINE] = "offline",
	[EXPLAIN_BLOCKED] = "blocked",
	[EXPLAIN_HUNG] = "hung",
	[EXPLAIN_SLOW] = "slow",
	[EXPLAIN_UNCHECKED] = "unchecked",
	[EXPLAIN_DOWN] = "down",
	[EXPLAIN_PENDING] = "pending",
	[EXPLAIN_SHAKY] = "shaky",
	[EXPLAIN_HELD] = "held",
	[EXPLAIN_REFUSED] = "refused",
	[EXPLAIN_READ_ONLY] = "read-only",
	[EXPLAIN_GHOST_WAITS] = "ghost-waits",
	[EXPLAIN_NOT_YET] = "not-yet",
};

static void say(struct explanation *out, enum explain_reason reason, const char *fmt, ...) _printf_(3, 4);

static void say(struct explanation *out, enum explain_reason reason, const char *fmt, ...)
{
	char text[1000];
	va_list args;

	out->reason = reason;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_add(&out->text, text);
}

static const struct snap_map *map_of(const struct explain_facts *f)
{
	return &f->snap->maps[f->path.map];
}

/* " (snapshot line 12, from /etc/multipath.conf:9)"; nothing for what the snapshot does not say. */
static void add_origin(const struct explain_facts *f, const char *key, struct buf *out)
{
	const char *origin;
	unsigned int line = snapshot_find_line(f->snap, map_of(f), key, &origin);

	if (line)
		buf_addf(out, " (snapshot line %u%s%s)", line, origin ? ", from " : "", origin ? origin : "");
}

/* "mpatha (3600…), mpathb (3600…) and 3 more" */
static void add_maps(const struct snapshot *s, struct buf *out)
{
	size_t n = s->n_maps < 4 ? s->n_maps : 4;

	for (size_t i = 0; i < n; i++)
		buf_addf(out, "%s%s (%s)", i ? ", " : "", s->maps[i].alias, s->maps[i].wwid);
	if (n < s->n_maps)
		buf_addf(out, " and %zu more", s->n_maps - n);
}

/* Something that cannot be a path, whatever the snapshot says. */
static bool decide_kind(const struct explain_facts *f, struct explanation *out)
{
	const char *wwid = str_after(f->dm_uuid, "mpath-");

	if (!f->exists) {
		say(out, EXPLAIN_NO_DEVICE, "%s: there is no such block device, and no map of this name", f->name);
	} else if (f->is_partition) {
		say(out, EXPLAIN_PARTITION, "%s is a partition of %s: only whole disks are paths; ask for %s", f->name, f->disk, f->disk);
	} else if (wwid) {
		say(out, EXPLAIN_MAP, "%s is the map %s (%s), no path", f->name, f->dm_name, wwid);
	} else if (str_after(f->dm_uuid, "part") && strstr(f->dm_uuid, "-mpath-")) {
		say(out, EXPLAIN_MAP_PARTITION, "%s is a partition of a map (%s), no path", f->name, f->dm_name);
	} else if (*f->dm_uuid || *f->dm_name) {
		say(out, EXPLAIN_OTHER_DM, "%s is a device-mapper device (%s), no disk", f->name, f->dm_name);
	} else if (f->is_hidden) {
		say(out, EXPLAIN_HIDDEN, "%s is a path of the kernel's own NVMe multipath (nvme_core.multipath=Y), which needs no map", f->name);
	} else if (f->is_native) {
		say(out, EXPLAIN_NATIVE, "%s: the kernel itself makes this NVMe namespace multipath (nvme_core.multipath=Y), so no map is made of it; with nvme_core.multipath=N one is",
		    f->name);
	} else if (!f->is_disk) {
		say(out, EXPLAIN_NO_DISK, "%s is no disk that can be a path: only sd*, nvme*n* and dasd* are", f->name);
	} else {
		return false;
	}
	return true;
}

static bool all_have_designators(const struct snapshot *s)
{
	for (size_t i = 0; i < s->n_maps; i++)
		if (!s->maps[i].n_designators)
			return false;
	return true;
}

/* Not one of the snapshot's LUNs, as far as can be seen. */
static bool decide_identity(const struct explain_facts *f, struct explanation *out)
{
	const char *shown = *f->wwid ? f->wwid : f->identity;
	char mem[SHELL_WORD_SIZE(WWID_MAX)];

	if (!f->snap) {
		say(out, EXPLAIN_NO_SNAPSHOT, "%s may be a path of anything: there is no good snapshot (%s)%s%s; for this boot: mpath-boot assemble --wwid %s", f->name,
		    f->snapshot_problem, *shown ? "; its WWID is " : "", shown, *f->wwid ? shell_word(f->wwid, mem, sizeof(mem)) : "WWID");
		return true;
	}
	if (f->is_ours)
		return false;
	if (f->snap->rules && !f->snap->n_maps) {
		say(out, EXPLAIN_GENERIC, "%s%s%s%s: the snapshot is a generic one, which names no LUN; mpath-boot status and /run/mpath-boot/log show what the guard makes of it",
		    f->name, *shown ? " (" : "", shown, *shown ? ")" : "");
	} else if (f->rule) {
		say(out, EXPLAIN_BLACKLISTED, "%s is blacklisted by %s \"%.200s\" (snapshot line %u%s%s): multipathd would take it out of its map", f->name, f->rule->key,
		    f->rule->value, f->rule->line, f->rule->comment ? ", from " : "", f->rule->comment ? f->rule->comment : "");
	} else if (f->place_map && *f->identity) {
		say(out, EXPLAIN_OTHER_LUN, "%s is another LUN (%s) in the place of a path of %s (%s): was it mapped anew on the array? then the image must be made again",
		    f->name, shown, f->place_map->alias, f->place_map->wwid);
	} else if (f->weak_map) {
		say(out, EXPLAIN_WEAK_IDENTITY, "%s shows a weaker designator of %s (%s) but not %s, by which the snapshot knows it: another LUN, or other firmware",
		    f->name, f->weak_map->alias, f->weak_map->wwid, f->weak_map->designators[0]);
	} else if (!*f->identity && all_have_designators(f->snap)) {
		say(out, EXPLAIN_NO_IDENTITY, "%s shows no designator in /sys (device/vpd_pg83, wwid or uid): the LUN does not say who it is, or the kernel could not ask it",
		    f->name);
	} else if (!f->has_claim && !all_have_designators(f->snap)) {
		say(out, EXPLAIN_NO_CLAIM, "%s: the snapshot knows a map by udev's property only, and udev has not told this disk's (/run/mpath-boot/claims/%s is missing)",
		    f->name, f->path.name);
	} else {
		say(out, EXPLAIN_FOREIGN, "%s is another LUN (%s); the snapshot has ", f->name, shown);
		add_maps(f->snap, &out->text);
	}
	return true;
}

static bool is_alua(const char *prio)
{
	return streq(prio, "alua") || streq(prio, "sysfs");
}

/* What the array must have said for this number (alua.c), where no device handler shows it. */
static const char *alua_word(int prio)
{
	switch (prio % 80) {
	case 50:
		return "active/optimized";
	case 10:
		return "active/non-optimized";
	case 5:
		return "lba-dependent";
	case 1:
		return "standby";
	}
	return "not accessible";
}

/* "; prio alua gives it 50 (target port group 1, active/optimized)" */
static void add_prio(const struct explain_facts *f, struct buf *out)
{
	const struct snap_map *m = map_of(f);

	if (f->prio == PRIO_UNDEF) {
		if (f->guard_runs)
			buf_addf(out, "; prio %s has given it none yet", m->prio);
		return;
	}
	buf_addf(out, "; prio %s %s it %d", m->prio, f->guard_runs ? "gives" : "gave", f->prio);
	if (is_alua(m->prio) && f->path.port_group >= 0)
		buf_addf(out, " (target port group %d, %s)", f->path.port_group, *f->access_state ? f->access_state : alua_word(f->prio));
	else if (*f->ana_state)
		buf_addf(out, " (%s)", f->ana_state);
	else
		add_origin(f, "prio", out);
}

/* Why it is in this group and in no other. */
static void add_policy(const struct explain_facts *f, struct buf *out)
{
	const struct snap_map *m = map_of(f);

	buf_addf(out, ", in group %u of %u: ", f->group, f->n_groups);
	switch (m->policy) {
	case POLICY_FAILOVER:
		buf_add(out, "each path is a group, the highest priority first");
		break;
	case POLICY_MULTIBUS:
		buf_add(out, "all paths are one group");
		break;
	case POLICY_GROUP_BY_SERIAL:
		buf_addf(out, "paths with the serial number \"%.64s\" are one", f->path.serial);
		break;
	case POLICY_GROUP_BY_PRIO:
		buf_addf(out, "paths of one priority are a group, the highest first");
		break;
	case POLICY_GROUP_BY_NODE_NAME:
		buf_addf(out, "paths to the node %s are one", f->path.node_name);
		break;
	case POLICY_GROUP_BY_TPG:
		buf_addf(out, "paths to target port group %d are one", f->path.port_group);
		break;
	}
	buf_addf(out, ", by path_grouping_policy %s", policy_names[m->policy]);
	add_origin(f, "path_grouping_policy", out);
	add_prio(f, out);
}

static void add_failure(const struct explain_facts *f, struct buf *out)
{
	if (*f->sys_state && !streq(f->sys_state, "running") && !streq(f->sys_state, "live"))
		buf_addf(out, ": the kernel calls it %s (device/state)", f->sys_state);
	else if (!f->guard_runs)
		buf_add(out, ": I/O on it failed, or multipathd's checker said so (multipathd show paths)");
	else if (f->is_hung)
		buf_addf(out, ": its commands do not come back (checker %s)", map_of(f)->checker);
	else if (f->is_seen && f->state == PATH_STATE_DOWN)
		buf_addf(out, ": checker %s says that it is down%s%s", map_of(f)->checker, *f->failure ? ": " : "", f->failure);
	else if (*f->failure)
		buf_addf(out, ": %s", f->failure);
	else
		buf_add(out, ": I/O on it failed; it is reinstated when its checker says that it works");
}

/* It is in the table: then everything else is about its state. */
static void decide_member(const struct explain_facts *f, struct explanation *out)
{
	const struct snap_map *m = map_of(f);
	enum explain_reason reason = f->kernel_failed ? EXPLAIN_FAILED : EXPLAIN_IN_GROUP;

	/* What the guard said last is old when it has left. */
	if (f->guard_runs && !f->kernel_failed && f->is_seen && f->state == PATH_STATE_GHOST)
		reason = EXPLAIN_GHOST;
	else if (f->guard_runs && f->kernel_failed && streq(f->reason, STATE_REASON_PASSIVE))
		reason = EXPLAIN_PASSIVE;
	else if (f->guard_runs && f->kernel_failed && streq(f->reason, STATE_REASON_FLAPPING))
		reason = EXPLAIN_FLAPPING;
	out->is_path = true;
	say(out, reason, "%s is a path of %s (%s)", f->name, m->alias, m->wwid);
	switch ((int)reason) {
	case EXPLAIN_PASSIVE:
		buf_add(&out->text, ", failed there and not reinstated: it is passive, and the array does not fail over on request");
		break;
	case EXPLAIN_FLAPPING:
		buf_add(&out->text, ", failed there and not reinstated yet: it has failed soon after each return");
		break;
	case EXPLAIN_FAILED:
		buf_add(&out->text, ", failed there");
		add_failure(f, &out->text);
		break;
	case EXPLAIN_GHOST:
		buf_add(&out->text, ", passive (ghost): used when no active path is left");
		break;
	}
	add_policy(f, &out->text);
}

/* Who looks after the map, and is it one who takes this path? */
static bool decide_keeper(const struct explain_facts *f, struct explanation *out)
{
	const struct snap_map *m = map_of(f);

	if (f->guard_runs && f->is_seen)
		return false;
	if (f->guard_runs)
		say(out, EXPLAIN_UNSEEN, "%s is a path of %s (%s) that the guard has not seen yet: it looks at least every 10 s", f->name, m->alias, m->wwid);
	else if (f->is_handed_over)
		say(out, EXPLAIN_MULTIPATHD, "%s is a path of %s (%s), not in the map; multipathd looks after it: mpath-snapshot explain %s says what it makes of it",
		    f->name, m->alias, m->wwid, f->path.name);
	else
		say(out, EXPLAIN_NO_GUARD, "%s is a path of %s (%s), and no guard runs: mpath-boot guard --daemon --initrd starts one, mpath-boot assemble makes the map",
		    f->name, m->alias, m->wwid);
	return true;
}

/* A path that the guard has seen and that is in no table. */
static void decide_outsider(const struct explain_facts *f, struct explanation *out)
{
	const struct snap_map *m = map_of(f);
	const char *name = f->name;

	buf_addf(&out->text, "%s is a path of %s (%s), not in the map: ", name, m->alias, m->wwid);
	if (streq(f->reason, STATE_REASON_SIZE))
		say(out, EXPLAIN_WRONG_SIZE, "it has %" PRIu64 " sectors, not %" PRIu64 ": another LUN with this WWID, or resized (echo 1 > /sys/block/%s/device/rescan)",
		    f->path.size, f->map_size ? f->map_size : m->size, f->path.name);
	else if (streq(f->sys_state, "blocked") || streq(f->sys_state, "quiesce"))
		say(out, EXPLAIN_BLOCKED, "the kernel holds its commands back (device/state is %s): the transport is lost for the moment", f->sys_state);
	else if (*f->sys_state && !streq(f->sys_state, "running") && !streq(f->sys_state, "live"))
		say(out, EXPLAIN_OFFLINE, "the kernel calls it %s (device/state)%s", f->sys_state,
		    streq(f->sys_state, "offline") ? ": it gave up on it after errors; to try again: echo running > device/state" : "");
	else if (f->is_hung)
		say(out, EXPLAIN_HUNG, "a command of checker %s has not come back within %u s; it is not asked again before that one does", m->checker,
		    m->checker_timeout_ms / 1000);
	else if (f->no_answer_for_s)
		say(out, EXPLAIN_SLOW, "checker %s waits for its answer since %u s, %u s at most", m->checker, f->no_answer_for_s, m->checker_timeout_ms / 1000);
	else if (f->state == PATH_STATE_UNCHECKED)
		say(out, EXPLAIN_UNCHECKED, "checker %s has not had an answer yet", m->checker);
	else if (f->state == PATH_STATE_DOWN)
		say(out, EXPLAIN_DOWN, "checker %s says that it is down%s%s", m->checker, *f->failure ? ": " : "", f->failure);
	else if (f->state == PATH_STATE_PENDING)
		say(out, EXPLAIN_PENDING, "checker %s says that it is in transition; it is asked every second", m->checker);
	else if (f->state == PATH_STATE_SHAKY)
		say(out, EXPLAIN_SHAKY, "checker %s says that it is shaky: the array is being serviced", m->checker);
	else if (*f->holders || *f->used_as)
		say(out, EXPLAIN_HELD, "it is in use (%s%s%s), so the kernel refuses it to the map (EBUSY); it joins when it is free", f->holders,
		    *f->holders && *f->used_as ? ", " : "", f->used_as);
	else if (streq(f->reason, STATE_REASON_REFUSED))
		say(out, EXPLAIN_REFUSED, "the kernel refused a table with it; it is tried again every 5 s; the kernel log says why");
	else if (streq(f->reason, STATE_REASON_READ_ONLY))
		say(out, EXPLAIN_READ_ONLY, "it is read-only, and the map is written to");
	else if (f->state == PATH_STATE_GHOST && !f->map_exists)
		say(out, EXPLAIN_GHOST_WAITS, "it is passive (ghost): it is used when no active path has come within rd.mpath_boot.degraded_after=");
	else
		say(out, EXPLAIN_NOT_YET, "it is %s, and joins with the next table", path_state_names[f->state]);
}

void explain_decide(const struct explain_facts *f, struct explanation *out)
{
	out->is_path = false;
	out->text = (struct buf) BUF_INIT(out->mem, sizeof(out->mem));
	buf_reset(&out->text);
	if (decide_kind(f, out) || decide_identity(f, out))
		return;
	if (f->in_table) {
		decide_member(f, out);
		return;
	}
	if (f->is_off)
		say(out, EXPLAIN_OFF, "%s is a path of %s, but mpath-boot is switched off on the kernel command line", f->name, map_of(f)->alias);
	else if (!f->path.size)
		say(out, EXPLAIN_NO_SIZE, "%s is a path of %s (%s), not in the map: its size is 0, so the kernel could not read its capacity", f->name, map_of(f)->alias,
		    map_of(f)->wwid);
	else if (!decide_keeper(f, out))
		decide_outsider(f, out);
}
