/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thread that creates maps and replaces tables, one job at a time. Loading a table opens its paths and resuming waits for I/O in flight: a
 * path that hangs may hold either for minutes, and the guard must stay awake meanwhile to reinstate the path that ends the wait.
 */
#ifndef MPATH_DM_WORKER_H
#define MPATH_DM_WORKER_H

#include "dm.h"
#include "sandbox.h"
#include "table.h"

enum dm_job_kind {
	DM_JOB_CREATE,
	DM_JOB_RELOAD,
};

struct dm_job {
	enum dm_job_kind kind;
	struct dm_request req;	/* its params point into params[] */
	char params[TABLE_SIZE];
	int result;		/* 0 or -errno */
	struct dm_info info;	/* of a map that was created */
};

struct dm_worker;

/* Start the thread with a handle of its own on @dm's descriptor; each finished job adds 1 to eventfd @notify_fd (borrowed). 0 or -errno. */
int dm_worker_start(struct dm_worker **out, const struct dm *dm, int notify_fd, enum sandbox_mode mode);
/* The slot to fill for the next job, or NULL while one runs or waits to be collected. */
struct dm_job *dm_worker_slot(struct dm_worker *w);
void dm_worker_submit(struct dm_worker *w);
/* The finished job, once; NULL if there is none. Valid until the next dm_worker_slot(). */
const struct dm_job *dm_worker_collect(struct dm_worker *w);

#endif
