/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dm-worker.h"

#include <pthread.h>
#include <sys/prctl.h>

enum state {
	STATE_IDLE,
	STATE_BUSY,
	STATE_DONE,
};

struct dm_worker {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	enum state state;
	struct dm_job job;	/* the worker's while busy, the owner's otherwise */
	struct dm dm;
	int notify_fd;
	enum sandbox_mode sandbox;
};

static void *worker_main(void *arg)
{
	struct dm_worker *w = arg;
	uint64_t one = 1;

	prctl(PR_SET_NAME, "mpath-dm");
	sandbox_enter(SANDBOX_DM, w->sandbox);	/* the main thread says it if the kernel cannot */
	for (;;) {
		ssize_t n;

		pthread_mutex_lock(&w->lock);
		while (w->state != STATE_BUSY)
			pthread_cond_wait(&w->wake, &w->lock);
		pthread_mutex_unlock(&w->lock);

		w->job.result = w->job.kind == DM_JOB_CREATE ? w->dm.ops->create(&w->dm, &w->job.req, &w->job.info) :
							       w->dm.ops->reload(&w->dm, &w->job.req);

		pthread_mutex_lock(&w->lock);
		w->state = STATE_DONE;
		pthread_mutex_unlock(&w->lock);
		n = write(w->notify_fd, &one, sizeof(one));
		(void)n;	/* a full eventfd has woken its reader already */
	}
	return NULL;
}

int dm_worker_start(struct dm_worker **out, const struct dm *dm, int notify_fd, enum sandbox_mode mode)
{
	struct dm_worker *w = calloc(1, sizeof(*w));
	pthread_t thread;
	int r;

	if (!w)
		return -ENOMEM;
	dm_share(&w->dm, dm);
	w->notify_fd = notify_fd;
	w->sandbox = mode;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, NULL);
	r = pthread_create(&thread, NULL, worker_main, w);
	if (r) {
		free(w);
		return -r;
	}
	pthread_detach(thread);
	*out = w;
	return 0;
}

struct dm_job *dm_worker_slot(struct dm_worker *w)
{
	bool idle;

	pthread_mutex_lock(&w->lock);
	idle = w->state == STATE_IDLE;
	pthread_mutex_unlock(&w->lock);
	return idle ? &w->job : NULL;
}

void dm_worker_submit(struct dm_worker *w)
{
	w->job.req.params = w->job.params;
	pthread_mutex_lock(&w->lock);
	w->state = STATE_BUSY;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

const struct dm_job *dm_worker_collect(struct dm_worker *w)
{
	bool done;

	pthread_mutex_lock(&w->lock);
	done = w->state == STATE_DONE;
	if (done)
		w->state = STATE_IDLE;
	pthread_mutex_unlock(&w->lock);
	return done ? &w->job : NULL;
}
