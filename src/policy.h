/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a map's options ask of us while no multipathd runs: how long it queues without a path (no_path_retry), when it goes back to its best path
 * group (failback), and which path is to be believed again. Pure: the clock and facts go in, a decision comes out; watch.c sends the messages.
 * What the options mean: multipath.conf(5).
 */
#ifndef MPATH_POLICY_H
#define MPATH_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "group.h"

/* no_path_retry N: queueing ends N checks after the last path failed, and begins again with the first that is back. */
struct retry {
	bool counting, gave_up;
	uint64_t until_ms;
};

#define LEAVING_S 10	/* no map queues longer without a path when the machine goes down */

enum retry_act {
	RETRY_NOTHING,
	RETRY_STOP_QUEUEING,	/* "fail_if_no_path" */
	RETRY_QUEUE,		/* "queue_if_no_path" */
};

/* @queueing is what the kernel does now. Call it again whatever came of the act. */
enum retry_act retry_step(struct retry *r, int no_path_retry, unsigned int polling_interval_s, bool any_active, bool queueing,
			  uint64_t now_ms);

/* One path group of the kernel's table, over its paths that are usable and not failed. */
struct rating {
	long prio_sum;
	unsigned int n_prio;	/* paths with a priority */
	unsigned int usable;
};

/* Number of the best group, from 1: highest mean priority, then more paths, then the first. 0 if none has a usable path. */
unsigned int best_rated(const struct rating *groups, unsigned int n);

struct failback {
	unsigned int target;	/* waited for, or asked for last; 0: none */
	bool asked;
	uint64_t at_ms;
	bool was_usable[MAP_PATHS_MAX];
};

/* The group to switch to now, or 0. @current is the kernel's choice, from 1; @failback as in the snapshot. */
unsigned int failback_step(struct failback *f, int failback, const struct rating *groups, unsigned int n, unsigned int current,
			   uint64_t now_ms);

/* A path that passes its checks and fails I/O all the same must not cost every request a detour. */
struct flap {
	unsigned int level;	/* how often it failed soon after it was given back */
	uint64_t reinstated_ms, hold_until_ms;
};

#define FLAP_SOON_MS 30000	/* a failure within this time of its return counts */
#define FLAP_LEVELS 6		/* the longest wait is 2^6 s */

/* The kernel failed it. True when it has just come to be held back. */
bool flap_failed(struct flap *f, uint64_t now_ms);
void flap_reinstated(struct flap *f, uint64_t now_ms);
/* May it be given back, while the map has other paths? */
bool flap_is_over(const struct flap *f, uint64_t now_ms);

#endif
