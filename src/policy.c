/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy.h"

#include "snapshot.h"

enum retry_act retry_step(struct retry *r, int no_path_retry, unsigned int polling_interval_s, bool any_active, bool queueing,
			  uint64_t now_ms)
{
	if (no_path_retry <= 0)
		return RETRY_NOTHING;	/* fail and queue are in the table, for good */
	if (any_active) {
		r->counting = false;
		if (!r->gave_up)
			return RETRY_NOTHING;	/* if it does not queue, somebody else wanted that */
		if (!queueing)
			return RETRY_QUEUE;
		r->gave_up = false;
		return RETRY_NOTHING;
	}
	if (!r->gave_up && !r->counting) {
		r->counting = true;
		r->until_ms = now_ms + (uint64_t)no_path_retry * polling_interval_s * 1000;
	}
	if (!r->gave_up && now_ms >= r->until_ms) {
		r->counting = false;
		r->gave_up = true;
	}
	return r->gave_up && queueing ? RETRY_STOP_QUEUEING : RETRY_NOTHING;
}

static long mean(const struct rating *g)
{
	return g->n_prio ? g->prio_sum / (long)g->n_prio : 0;
}

unsigned int best_rated(const struct rating *groups, unsigned int n)
{
	unsigned int best = 0;

	for (unsigned int i = 0; i < n; i++) {
		const struct rating *a = &groups[i], *b = best ? &groups[best - 1] : NULL;

		if (a->usable && (!b || mean(a) > mean(b) || (mean(a) == mean(b) && a->usable > b->usable)))
			best = i + 1;
	}
	return best;
}

static bool has_returned(const struct failback *f, const struct rating *groups, unsigned int group)
{
	return groups[group - 1].usable && !f->was_usable[group - 1];
}

unsigned int failback_step(struct failback *f, int failback, const struct rating *groups, unsigned int n, unsigned int current,
			   uint64_t now_ms)
{
	unsigned int best = best_rated(groups, n);
	bool returned = best && has_returned(f, groups, best);

	for (unsigned int i = 0; i < n && i < MAP_PATHS_MAX; i++)
		f->was_usable[i] = groups[i].usable;
	if (!best || best == current || failback == FAILBACK_MANUAL) {
		f->target = 0;
		return 0;
	}
	if (best != f->target) {
		if (failback == FAILBACK_FOLLOWOVER && !returned)
			return 0;
		f->target = best;
		f->asked = false;
		f->at_ms = now_ms + (failback > 0 ? (uint64_t)failback * 1000 : 0);
	}
	if (f->asked || now_ms < f->at_ms)
		return 0;
	f->asked = true;
	return best;
}

bool flap_failed(struct flap *f, uint64_t now_ms)
{
	bool was_held = f->level > 1;

	if (!f->reinstated_ms || now_ms - f->reinstated_ms > FLAP_SOON_MS)
		f->level = 0;
	else if (f->level < FLAP_LEVELS)
		f->level++;
	/* Once may be anything: a link that was plugged twice. */
	f->hold_until_ms = f->level > 1 ? now_ms + (1000ull << f->level) : 0;
	return f->level > 1 && !was_held;
}

void flap_reinstated(struct flap *f, uint64_t now_ms)
{
	f->reinstated_ms = now_ms;
}

bool flap_is_over(const struct flap *f, uint64_t now_ms)
{
	return now_ms >= f->hold_until_ms;
}
