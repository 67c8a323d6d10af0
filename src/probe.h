/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where blocking work becomes an event: worker threads open the devices, run their checkers and prioritizers, and hand one small struct back for each
 * job. Workers are started before the guard locks its memory; nothing else is shared with them. One whose command hangs stays with it; the path's
 * owner stops waiting at a deadline of its own. No cancellation, no fork.
 *
 * Up to 32 paths each has a worker of its own. Beyond that one more stands for each 16 paths, and an eighth of them at most is with one target at a
 * time: what hangs mostly is a target or a host with all that is behind it, and it must not keep the others waiting.
 *
 * Routine checks of paths that are well go through a queue, which one worker empties without waking anybody; who stands behind one that takes long
 * gets another worker by probe_hurry().
 */
#ifndef MPATH_PROBE_H
#define MPATH_PROBE_H

#include "checker.h"
#include "discover.h"
#include "path-facts.h"
#include "prio.h"
#include "sandbox.h"
#include "sysroot.h"

struct probe_job {
	struct path path;	/* its devno is what the node must be */
	unsigned int target;	/* a number of the target that it is behind */
	unsigned int *map_word;	/* see probe-args.h; borrowed for the pool's life */
	const struct checker_ops *checker;
	const struct prio_ops *prio;
	const char *prio_args;	/* borrowed for the pool's life */
	unsigned int timeout_ms;
	bool foreign;		/* code of others is in it: see fence.h */
	const struct snap_map *returns_to;	/* it was away: ask whether it still leads to this map's LUN; NULL: no need. Borrowed */
	bool routine;		/* it may stand in the queue, and a result that is as expected wakes nobody before the queue is empty */
	enum path_state expect_state;
	int expect_prio;
	bool rescan;		/* if the kernel knows no size of it have it look again, as nothing else is to be had */
	unsigned int max_sectors_kb;	/* to be set before the check, 0: as it is */
	bool ask_facts;		/* no check: only what the device says of itself, to choose by */
	struct path_facts facts;	/* then: what /sys says */
};

struct probe {
	bool opened;		/* the device node could be opened */
	int error;		/* -errno of open or of the checker, 0 if it ran */
	enum path_state state;
	bool checked;		/* the checker has said @state, not /sys */
	bool other_lun;		/* it answers, for another LUN: state is down */
	bool no_size;		/* it is up, but for that */
	bool blocked;		/* /sys says that its commands have to wait: state is pending */
	bool unsure;		/* whom it leads to could not be asked: state is pending */
	bool sized;		/* its size may have changed unnoticed: what the kernel knows now is */
	uint64_t size;
	int prio;		/* PRIO_UNDEF if down or not to be had */
	int requests_error;	/* -errno of setting max_sectors_kb */
	const void *crashed;	/* the ops whose code crashed with @signal: they must not be called again; NULL if all went well */
	int signal;
	struct path_facts facts;	/* of a job that asked for them */
};

struct probe_pool;

/* Start workers for @n devices; each finished job adds 1 to eventfd @notify_fd (borrowed, as is @root). 0 or -errno. */
int probe_pool_start(struct probe_pool **out, size_t n, const struct sysroot *root, int notify_fd, enum sandbox_mode mode);

/* The number of a device that is no path's, or -EAGAIN. */
int probe_acquire(struct probe_pool *pool);
/*
 * A job for it (copied). It must be idle: acquired, and its last job collected. False: no worker, and no room in the queue, is to be had now; ask
 * again when a job has finished.
 */
bool probe_submit(struct probe_pool *pool, int device, const struct probe_job *job);
/* Its job still stands in the queue. */
bool probe_is_queued(struct probe_pool *pool, int device);
/* One more worker for the queue, if somebody stands there. False: it is empty. */
bool probe_hurry(struct probe_pool *pool);
/* The device of a finished job, each once, or -1. */
int probe_collect(struct probe_pool *pool, struct probe *out);
/* The path is gone: what is open for it is closed, and the number free again, at once or when its stuck command returns. */
void probe_release(struct probe_pool *pool, int device);

/* Run one job in this thread, descriptors and all: for one-shot commands and tests. */
void probe_run_once(const struct sysroot *root, const struct probe_job *job, struct probe *out);

#endif
