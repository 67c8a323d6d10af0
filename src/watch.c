/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <stdio.h>

#include "assemble.h"
#include "foreign.h"
#include "generic.h"
#include "log.h"
#include "note.h"
#include "table.h"

#define ROUND_MS 1000		/* between two looks at the kernel's path states */
#define CALM_MS 30000		/* the same while all are well and the kernel tells of events */
#define PENDING_S 1
#define RETURN_S 2		/* a path that is down is wanted back: multipathd, which is not pressed for time, asks at polling_interval */
#define QUEUE_MS 100		/* who stands behind a routine check that takes longer gets a worker of his own */
#define SLOW_MS 1000		/* a check that takes longer is worth a word to whoever waits */
#define DEFAULT_TIMEOUT_S 30	/* as multipathd's when sysfs says nothing */
#define FRESH_MS 2000		/* so old may what a path has said be */
#define UNSURE_MAX 5		/* so often it may not be able to say whom it leads to; then it need not */

void watch_soon(struct boot *b, size_t m)
{
	b->maps[m].next_watch_ms = b->now_ms;
	b->next_watch_ms = b->now_ms;
}

static const struct snap_map *map_of(const struct boot *b, const struct boot_path *p)
{
	return b->maps[p->facts.map].snap;
}

static unsigned int timeout_ms(const struct boot *b, const struct boot_path *p)
{
	if (map_of(b, p)->checker_timeout_ms)
		return map_of(b, p)->checker_timeout_ms;
	return (p->facts.sys_timeout_s ? p->facts.sys_timeout_s : DEFAULT_TIMEOUT_S) * 1000;
}

/* Something is to be told about it, and perhaps to be done with its map. */
static void touch(struct boot *b, struct boot_path *p)
{
	b->state_dirty = true;
	b->maps[p->facts.map].look_ms = 0;
}

/* At most one extra check a second: a path that passes checks and fails I/O would spin. */
static void probe_soon(struct boot *b, struct boot_path *p)
{
	if (p->next_probe_ms > p->last_probe_ms + ROUND_MS) {
		p->next_probe_ms = p->last_probe_ms + ROUND_MS;
		p->hasty = true;
	}
	if (p->next_probe_ms < b->next_due_ms)
		b->next_due_ms = p->next_probe_ms;
}

static bool map_has_active_path(const struct boot *b, size_t m)
{
	for_each_path_of(p, &b->maps[m])
		if (p->in_table && !p->kernel_failed && path_is_usable(p->state))
			return true;
	return false;
}

/*
 * multipathd's rhythm: polling_interval, doubled up to max_polling_interval while a path stays good; a path that is down is asked more often. While
 * the map has no active path at all, or is not yet there, every second: nothing else can end the wait.
 */
static void schedule(struct boot *b, struct boot_path *p, bool changed)
{
	unsigned int base = b->snap->polling_interval, max = b->snap->max_polling_interval;

	if (p->state == PATH_STATE_PENDING || p->state == PATH_STATE_UNCHECKED)
		p->interval_s = PENDING_S;
	else if (!path_is_usable(p->state))
		p->interval_s = !map_has_active_path(b, p->facts.map) ? 1 : base < RETURN_S ? base : RETURN_S;
	else if (changed || p->interval_s < base)
		p->interval_s = base;
	else if (!p->hasty)	/* a check out of turn says little about the long run */
		p->interval_s = p->interval_s * 2 < max ? p->interval_s * 2 : max;
	p->hasty = false;
	p->next_probe_ms = b->now_ms + p->interval_s * 1000ull;
	if (path_is_usable(p->state) && !p->bad)
		p->next_probe_ms = boot_tick(p->next_probe_ms);
}

#define WHY_KERNEL "I/O failed"
#define WHY_STATE "the kernel says so (device/state)"
#define WHY_CHECKER "its checker says so"

/* It says who, and not why: anything that is heard later says more. */
static bool is_vague(const char *why)
{
	return !*why || streq(why, WHY_KERNEL) || streq(why, WHY_STATE) || streq(why, WHY_CHECKER);
}

/* A path that the checker, then the kernel, finds bad has failed once. */
static void judge_health(struct boot_path *p, const char *why)
{
	bool bad = (p->state != PATH_STATE_UNCHECKED && !path_is_usable(p->state)) || (p->in_table && p->kernel_failed);

	if (bad && !p->bad) {
		p->failures++;
		p->failed_us = event_clock_us();
		snprintf(p->why, sizeof(p->why), "%s", why);
	} else if (bad && *why && is_vague(p->why)) {
		snprintf(p->why, sizeof(p->why), "%s", why);
	}
	p->bad = bad;
}

static void set_state(struct boot *b, struct boot_path *p, enum path_state state, int prio, const char *why)
{
	bool changed = state != p->state, explains = p->bad && is_vague(p->why) && !is_vague(why);

	/* What says the same as before of a path that the map has is no reason to look at the map. */
	if (changed || p->slow || !p->in_table || (prio != PRIO_UNDEF && prio != p->prio))
		b->maps[p->facts.map].look_ms = 0;
	if ((changed || explains) && state != PATH_STATE_UNCHECKED) {
		log_info("path %s (%s) of %s: %s%s%s", p->facts.name, p->facts.portal[0] ? p->facts.portal : p->facts.hctl,
			 map_of(b, p)->alias, path_state_names[state], *why ? ": " : "", why);
		b->state_dirty = true;
		watch_soon(b, p->facts.map);
	}
	if (state != PATH_STATE_UNCHECKED)
		p->state = state;
	if (prio != PRIO_UNDEF || state == PATH_STATE_DOWN) {
		if (prio != p->prio && prio != PRIO_UNDEF) {
			b->state_dirty = true;
			watch_soon(b, p->facts.map);
		}
		p->prio = prio != PRIO_UNDEF ? prio : p->prio;
	}
	judge_health(p, why);
	/* That a check that was slow has come back is news even if it says what the last one said. */
	if ((changed || p->slow) && state != PATH_STATE_UNCHECKED)
		note_path(b, p, p->hung ? EVENT_HUNG : EVENT_STATE, why);
	schedule(b, p, changed);
}

/* Once, since it is not found any more from now on; the next probe takes what stands in for it. */
static void tell_crash(struct boot *b, struct boot_path *p, const struct probe *r)
{
	const struct snap_map *map = map_of(b, p);

	if (foreign_is_faulty(r->crashed))
		return;
	foreign_set_faulty(r->crashed);
	if (r->crashed == p->prio_ops)
		log_error("prioritizer %s crashed at path %s of %s (%s): const takes its place until the next boot", map->prio, p->facts.name, map->alias,
			  strsignal(r->signal));
	else
		log_error("checker %s crashed at path %s of %s (%s): %s takes its place until the next boot", map->checker, p->facts.name, map->alias,
			  strsignal(r->signal), checker_stand_in(p->facts.bus)->name);
	b->state_dirty = true;
}

/*
 * A checker that does not suit the device has nothing to say. multipathd has such a path in its map all the same and leaves its state to the kernel;
 * we would have no map, so what stands in for a missing checker stands in for it. Not when the device has answered it before: then that state holds.
 */
static bool find_unsuited(const struct boot *b, struct boot_path *p, const struct probe *r, const char *why)
{
	const struct checker_ops *stand_in = checker_stand_in(p->facts.bus);
	const struct snap_map *map = map_of(b, p);

	if (r->state != PATH_STATE_UNCHECKED || p->answered || r->crashed || p->unsuited || checker_find(map->checker) == stand_in)
		return false;
	p->unsuited = true;
	log_warning("path %s of %s: checker %s cannot be run on it (%s): %s stands in", p->facts.name, map->alias, map->checker, why, stand_in->name);
	return true;
}

/* Why it is not usable, in words; "" when there is nothing to explain. */
static const char *reason_of(const struct probe *r)
{
	if (r->other_lun)
		return "another LUN answers there now (its WWID changed): not to be reinstated";
	if (r->no_size)
		return "the kernel knows no size of it: echo 1 > device/rescan";
	if (r->error)
		return strerror(-r->error);
	if (r->state != PATH_STATE_DOWN && r->state != PATH_STATE_SHAKY)
		return "";
	return r->checked ? WHY_CHECKER : WHY_STATE;
}

/*
 * The state that is known was true before the kernel failed the path, or before it did not answer for long: who is behind it now has to be asked first. So it is
 * asked anew, soon.
 */
static void ask_again(struct boot *b, struct boot_path *p, bool was_hung, const struct probe *r)
{
	bool says_nothing = r->state == PATH_STATE_PENDING || r->state == PATH_STATE_UNCHECKED;

	if (was_hung && !p->asked_who && path_is_usable(r->state)) {
		p->check_first = true;
		p->next_probe_ms = b->now_ms;
	} else if (r->unsure || (p->in_table && p->kernel_failed && says_nothing)) {
		p->check_first = true;
	}
	if (p->check_first)
		probe_soon(b, p);
}

/* No event need have told of it. */
static void take_size(struct boot *b, struct boot_path *p, const struct probe *r)
{
	if (!r->sized || r->size == p->facts.size)
		return;
	log_info("path %s of %s: has %llu sectors now, not %llu", p->facts.name, map_of(b, p)->alias, (unsigned long long)r->size,
		 (unsigned long long)p->facts.size);
	p->facts.size = r->size;
	touch(b, p);
	b->maps[p->facts.map].look_at_parts = true;
	if (r->size && !path_is_usable(r->state))
		probe_soon(b, p);	/* a checker that reads could not */
}

static void take_result(struct boot *b, struct boot_path *p, const struct probe *r)
{
	bool first = !p->answered, was_hung = p->hung, unsuited;
	const char *why = reason_of(r);

	p->probing = p->hung = false;
	p->was_slow = p->slow;
	p->blocked = r->blocked;
	p->unsure = r->unsure ? p->unsure + 1 : 0;
	if (!r->blocked)
		p->spoke_ms = p->last_probe_ms;
	if (r->crashed || p->ask || first || p->slow)
		b->maps[p->facts.map].look_ms = 0;
	if (r->crashed)
		tell_crash(b, p, r);
	if (r->requests_error && !p->told_requests)
		log_warning("path %s of %s: unable to set max_sectors_kb %u: %s", p->facts.name, map_of(b, p)->alias, map_of(b, p)->max_sectors_kb,
			    strerror(-r->requests_error));
	p->told_requests = p->told_requests || r->requests_error;
	b->state_dirty = b->state_dirty || p->slow;
	if (p->ask) {
		p->slow = false;
		generic_answer(b, p, &r->facts);
		return;
	}
	/* PENDING says nothing new about a path that was up or down: keep that, ask again soon. */
	if (r->state == PATH_STATE_PENDING && p->state != PATH_STATE_UNCHECKED) {
		p->next_probe_ms = b->now_ms + PENDING_S * 1000;
		if (p->slow)
			note_path(b, p, EVENT_STATE, "");
		p->slow = false;
		ask_again(b, p, was_hung, r);
		return;
	}
	unsuited = find_unsuited(b, p, r, why);
	set_state(b, p, r->state, r->prio, why);
	take_size(b, p, r);
	p->slow = false;
	if (r->crashed || unsuited)
		p->next_probe_ms = b->now_ms;
	ask_again(b, p, was_hung, r);
	p->answered = p->answered || (r->opened && r->state != PATH_STATE_UNCHECKED);
	if (first && p->answered)
		b->maps[p->facts.map].look_at_parts = true;
}

/* It will most likely say what it said the last time, and soon. */
static bool is_routine(const struct boot_path *p)
{
	return p->answered && path_is_usable(p->state) && !p->bad && !p->hasty && !p->ask && !p->was_slow;
}

/* It was away, or may have been. */
static bool returns(const struct boot_path *p)
{
	if (p->unsure >= UNSURE_MAX)
		return false;
	return p->check_first || (p->in_table && p->kernel_failed) || (!path_is_usable(p->state) && (p->in_table || p->state != PATH_STATE_UNCHECKED));
}

static void start_probe(struct boot *b, struct boot_path *p)
{
	const struct snap_map *map = map_of(b, p);
	struct probe_job job = {
		.path = p->facts,
		.target = p->target_number,
		.map_word = &b->maps[p->facts.map].plugin_word,
		.checker = p->unsuited ? NULL : checker_find(map->checker),
		.prio = prio_find(map->prio),
		.prio_args = map->prio_args,
		.timeout_ms = timeout_ms(b, p),
		.routine = is_routine(p),
		.expect_state = p->state,
		.expect_prio = p->prio,
		.rescan = p->facts.bus == BUS_SCSI && !map_has_active_path(b, p->facts.map),
		.max_sectors_kb = p->answered ? 0 : map->max_sectors_kb,
		.returns_to = returns(p) ? map : NULL,
	};

	if (p->device < 0) {
		p->device = probe_acquire(b->pool);
		if (p->device < 0) {
			p->next_probe_ms = b->now_ms + 1000;
			return;
		}
		b->by_device[p->device] = p;
	}
	if (!job.checker)
		job.checker = checker_stand_in(p->facts.bus);
	if (!job.prio)
		job.prio = prio_stand_in();
	job.foreign = foreign_has(job.checker) || foreign_has(job.prio);
	if (p->ask)
		generic_ask(b, p, &job);
	p->waiting = !probe_submit(b->pool, p->device, &job);
	if (job.routine && b->hurry_ms == UINT64_MAX)
		b->hurry_ms = b->now_ms + QUEUE_MS;
	if (p->waiting)
		return;
	p->prio_ops = job.prio;
	p->probing = true;
	p->asked_who = job.returns_to;
	p->check_first = false;
	p->last_probe_ms = p->submit_ms = b->now_ms;
	p->deadline_ms = b->now_ms + job.timeout_ms;
}

enum word watch_ask(struct boot *b, struct boot_path *p)
{
	uint64_t asked_ms = p->probing ? p->submit_ms : p->next_probe_ms;

	if (b->now_ms < p->spoke_ms + FRESH_MS)
		return WORD_FRESH;
	if (!p->probing && !p->waiting)
		probe_soon(b, p);
	else if (b->now_ms >= asked_ms + SLOW_MS)
		return WORD_OVERDUE;
	return WORD_AWAITED;
}

static void note_time(struct boot *b, struct boot_path *p)
{
	if (!p->slow && b->now_ms >= p->last_probe_ms + SLOW_MS && probe_is_queued(b->pool, p->device)) {
		p->deadline_ms += b->now_ms - p->last_probe_ms;	/* its time has not yet begun */
		p->last_probe_ms = b->now_ms;
		return;
	}
	if (!p->slow && b->now_ms >= p->last_probe_ms + SLOW_MS) {
		p->slow = b->state_dirty = true;
		note_path(b, p, EVENT_SLOW, "");
	}
	if (!p->hung && b->now_ms >= p->deadline_ms) {
		p->hung = true;
		set_state(b, p, PATH_STATE_DOWN, PRIO_UNDEF, "no answer within the checker's timeout");
	}
}

static uint64_t next_ms(const struct boot_path *p)
{
	if (p->waiting || p->hung)
		return UINT64_MAX;	/* a worker that finishes wakes us */
	if (!p->probing)
		return p->next_probe_ms;
	return p->slow || p->deadline_ms < p->last_probe_ms + SLOW_MS ? p->deadline_ms : p->last_probe_ms + SLOW_MS;
}

void watch_probe(struct boot *b)
{
	struct probe result;
	size_t first = b->first_due;
	bool left = false;
	int device;

	while ((device = probe_collect(b->pool, &result)) >= 0) {
		take_result(b, b->by_device[device], &result);
		b->next_due_ms = 0;	/* somebody may be waiting for the worker */
	}
	if (b->now_ms >= b->hurry_ms)
		b->hurry_ms = probe_hurry(b->pool) ? b->now_ms + QUEUE_MS : UINT64_MAX;
	if (b->now_ms < b->next_due_ms)
		return;
	b->next_due_ms = UINT64_MAX;
	for (size_t n = 0; n < b->n_paths; n++) {
		size_t i = first + n < b->n_paths ? first + n : first + n - b->n_paths;
		struct boot_path *p = &b->paths[i];

		if (!p->used)
			continue;
		if (p->probing)
			note_time(b, p);
		else if (b->now_ms >= p->next_probe_ms)
			start_probe(b, p);
		if (p->waiting && !left) {
			left = true;
			b->first_due = i;
		}
		if (next_ms(p) < b->next_due_ms)
			b->next_due_ms = next_ms(p);
	}
}

/* 0 or -errno. */
static int send_message(struct boot *b, size_t m, const char *text)
{
	int r = b->dm.ops->message(&b->dm, b->maps[m].uuid, text);

	if (r < 0)
		log_debug("map %s: %s: %s", b->maps[m].snap->alias, text, strerror(-r));
	else
		b->state_dirty = true;
	return r;
}

static void note_failure(struct boot *b, struct boot_path *p)
{
	if (flap_failed(&p->flap, b->now_ms))
		log_warning("map %s: path %s fails soon after each return: from now on it waits before it is reinstated, if others work",
			    map_of(b, p)->alias, p->facts.name);
}

static void tell(struct boot *b, size_t m, struct boot_path *p, bool reinstate)
{
	char text[40];

	snprintf(text, sizeof(text), "%s %s", reinstate ? "reinstate_path" : "fail_path", p->facts.devno);
	if (send_message(b, m, text) < 0)
		return;
	p->kernel_failed = !reinstate;
	touch(b, p);
	judge_health(p, "");
	note_path_by(b, p, reinstate ? EVENT_REINSTATED : EVENT_FAILED, "guard", reinstate ? "" : p->why);
	if (reinstate)
		flap_reinstated(&p->flap, b->now_ms);
	else
		note_failure(b, p);
	log_info("map %s: path %s %s", b->maps[m].snap->alias, p->facts.name, reinstate ? "reinstated" : "failed");
}

/* Is there a reason to leave a path that answers alone? Never while it is the map's only hope, but for one. */
static bool may_reinstate(struct boot *b, struct boot_path *p, bool all_failed)
{
	bool passive = all_failed && p->state == PATH_STATE_GHOST && p->facts.tpgs == 1;

	/* An array that decides itself when to fail over (implicit ALUA) refuses I/O on a passive path: it would fail, and fail, and fail. */
	if (passive && !p->told_passive)
		log_warning("map %s: path %s is passive, and the array does not fail over on request: waiting for an active path",
			    map_of(b, p)->alias, p->facts.name);
	p->told_passive = passive;
	return !passive && (all_failed || flap_is_over(&p->flap, b->now_ms));
}

/* A multipathd that does not want a map, or gives up in its start, ends the queueing of what it has seen on its way. */
static void queue_again(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];

	if (!map->queued || map->have.queueing || map->retry.gave_up || b->leaving || send_message(b, m, "queue_if_no_path") < 0)
		return;
	map->have.queueing = true;
	note_map(b, m, EVENT_QUEUEING, "multipathd has ended it", 0);
	log_warning("map %s: multipathd has ended its queueing and does not look after it: queueing again", map->snap->alias);
}

/* multipathd's reading of no_path_retry and failback, while it does not look after the map. */
static void apply_policy(struct boot *b, size_t m, const struct table *status)
{
	struct boot_map *map = &b->maps[m];
	struct rating groups[MAP_PATHS_MAX] = { 0 };
	bool any_active = table_has_active_path(status), hurry;
	int retries = map->snap->no_path_retry;
	unsigned int to, interval = b->snap->polling_interval;
	char text[32];

	queue_again(b, m);
	hurry = b->leaving && (map->have.queueing || map->retry.gave_up) && (retries < 0 || retries * (int64_t)interval > LEAVING_S);
	if (hurry) {
		retries = LEAVING_S;
		interval = 1;
	}
	switch (retry_step(&map->retry, retries, interval, any_active, map->have.queueing, b->now_ms)) {
	case RETRY_NOTHING:
		break;
	case RETRY_STOP_QUEUEING:
		if (send_message(b, m, "fail_if_no_path") < 0)
			break;
		map->have.queueing = false;
		b->state_dirty = true;
		note_map(b, m, EVENT_GAVE_UP, hurry ? "the machine goes down" : "no_path_retry", 0);
		if (hurry)
			log_warning("map %s: no path for %d s: I/O fails from now on (the machine goes down)", map->snap->alias, LEAVING_S);
		else
			log_warning("map %s: no path for %u s: I/O fails from now on (no_path_retry %d, snapshot line %u)", map->snap->alias,
				    (unsigned int)retries * interval, retries, map->snap->line);
		break;
	case RETRY_QUEUE:
		if (send_message(b, m, "queue_if_no_path") < 0)
			break;
		map->have.queueing = true;
		b->state_dirty = true;
		note_map(b, m, EVENT_QUEUEING, "a path is back", 0);
		log_info("map %s: a path is back: queueing again", map->snap->alias);
		break;
	}
	for_each_path_of(p, map) {
		if (!p->in_table || p->kernel_failed || !path_is_usable(p->state) || !p->group || p->group > status->n_groups)
			continue;
		groups[p->group - 1].usable++;
		groups[p->group - 1].n_prio += p->prio != PRIO_UNDEF;
		groups[p->group - 1].prio_sum += p->prio != PRIO_UNDEF ? p->prio : 0;
	}
	to = failback_step(&map->failback, map->snap->failback, groups, status->n_groups, status->current, b->now_ms);
	snprintf(text, sizeof(text), "switch_group %u", to);
	if (to && send_message(b, m, text) == 0) {
		note_switch(b, m, to);
		log_info("map %s: switched to path group %u, from %u", map->snap->alias, to, status->current);
	}
}

/* Nothing to be mended, nothing counted: news will announce itself. */
static bool is_calm(const struct boot *b, size_t m, const struct table *status)
{
	if (!b->dm_events || b->phase != PHASE_GUARD || b->handoff.verdict != HANDOFF_NOBODY)
		return false;
	if (b->maps[m].snap->failback > 0 && status->n_groups > 1)
		return false;
	for (unsigned int i = 0; i < status->n_paths; i++)
		if (status->paths[i].failed)
			return false;
	for_each_path_of(p, &b->maps[m])
		if (p->in_table && (p->bad || p->hung || !path_is_usable(p->state)))
			return false;
	return true;
}

/* It is for us to say which of its paths are good. */
static bool is_ours(const struct boot *b, size_t m)
{
	return b->phase == PHASE_GUARD && !handoff_is_theirs(&b->handoff, m);
}

/* True: all is well, and no need to ask again soon. */
static bool watch_map(struct boot *b, size_t m)
{
	char text[TABLE_SIZE];
	struct table status;
	bool all_failed, is_stale = false;
	int r;

	if (!b->maps[m].devno[0])
		return true;	/* once it is made it is looked at */
	r = b->dm.ops->status(&b->dm, b->maps[m].uuid, text, sizeof(text));
	if (r == -ENXIO && b->handoff.pid)
		b->snap->maps[m].gone = b->snap->maps[m].by_rules;
	if (r == -ENXIO && is_ours(b, m)) {
		log_warning("map %s: somebody removed it", b->maps[m].snap->alias);
		note_map(b, m, EVENT_REMOVED, "", 0);
		assemble_look(b, m);
	}
	if (r < 0 || table_parse_status(text, &status) < 0)
		return false;
	/* multipathd may hang in its start, as it is read from the very root that queues: only a path can end that, so give it one. */
	all_failed = !table_has_active_path(&status);
	if (all_failed != b->maps[m].no_path) {
		b->maps[m].no_path = all_failed;
		b->maps[m].look_ms = 0;
	}
	for_each_path_of(p, &b->maps[m]) {
		const struct table_path *k = NULL;

		if (!p->in_table)
			continue;
		for (unsigned int j = 0; j < status.n_paths && !k; j++)
			if (streq(status.paths[j].devno, p->facts.devno))
				k = &status.paths[j];
		if (!k) {
			is_stale = true;
			continue;
		}
		if (k->failed != p->kernel_failed) {
			p->kernel_failed = k->failed;
			b->state_dirty = true;
			judge_health(p, k->failed ? WHY_KERNEL : "");
			note_path_by(b, p, k->failed ? EVENT_FAILED : EVENT_REINSTATED, is_ours(b, m) ? "kernel" : "multipathd", "");
			touch(b, p);
			/* What we know is older than this, unless a new table of ours has made all of them active. */
			p->check_first = k->failed || b->handoff.verdict != HANDOFF_NOBODY;
			if (p->check_first)
				probe_soon(b, p);
			if (k->failed) {
				note_failure(b, p);
				continue;
			}
		}
		if (p->probing && !p->hung)
			continue;
		if (!is_ours(b, m) && !all_failed)
			continue;
		if (k->failed && path_is_usable(p->state) && !p->check_first) {
			if (may_reinstate(b, p, all_failed))
				tell(b, m, p, true);
		} else if (is_ours(b, m) && !k->failed && (!p->check_first || p->hung) && (p->state == PATH_STATE_DOWN || p->state == PATH_STATE_SHAKY))
			tell(b, m, p, false);
	}
	if (is_stale && !(b->dm_busy && b->dm_map == m))
		assemble_look(b, m);	/* somebody has loaded another table */
	if (is_ours(b, m))
		apply_policy(b, m, &status);
	else
		b->maps[m].retry.counting = false;	/* what is not looked at now may be well meanwhile */
	return is_calm(b, m, &status);
}

void watch_disown(struct boot *b, struct boot_path *p)
{
	if (p->in_table && !p->kernel_failed && is_ours(b, p->facts.map) && b->maps[p->facts.map].devno[0])
		tell(b, p->facts.map, p, false);
}

void watch_kernel(struct boot *b)
{
	if (b->now_ms < b->next_watch_ms)
		return;
	b->next_watch_ms = UINT64_MAX;
	for (size_t m = 0; m < b->n_maps; m++) {
		struct boot_map *map = &b->maps[m];

		if (b->now_ms >= map->next_watch_ms) {
			map->next_watch_ms = b->now_ms + ROUND_MS;
			map->watched_ms = b->now_ms;
			if (watch_map(b, m) && b->now_ms < map->next_watch_ms)
				map->next_watch_ms = boot_tick(b->now_ms + CALM_MS);
		}
		if (map->next_watch_ms < b->next_watch_ms)
			b->next_watch_ms = map->next_watch_ms;
	}
}

static void ask_by(struct boot *b, struct boot_map *map, uint64_t ms)
{
	if (ms < map->next_watch_ms)
		map->next_watch_ms = ms;
	if (ms < b->next_watch_ms)
		b->next_watch_ms = ms;
}

void watch_event(struct boot *b)
{
	for (size_t m = 0; m < b->n_maps; m++)
		ask_by(b, &b->maps[m], b->maps[m].watched_ms + ROUND_MS);
}

void watch_hint(struct boot *b, const char *devno)
{
	for (size_t i = 0; i < b->n_paths; i++) {
		struct boot_path *p = &b->paths[i];

		if (p->used && streq(p->facts.devno, devno)) {
			probe_soon(b, p);
			watch_soon(b, p->facts.map);
		}
	}
}

uint64_t watch_next_ms(const struct boot *b)
{
	uint64_t next = b->next_watch_ms < b->next_due_ms ? b->next_watch_ms : b->next_due_ms;

	return b->hurry_ms < next ? b->hurry_ms : next;
}
