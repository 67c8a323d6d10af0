/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "fence.h"
#include "scsi.h"

#define STACK_SIZE (24 << 10)	/* the deepest plugin uses a third of it */

/* What a worker holds open for its path. Only the worker touches it while a job runs. */
struct device {
	int dev_fd, sys_fd;
	uint8_t *page;
	const struct checker_ops *checker;	/* that left ctx */
	const struct prio_ops *prio;
	void *ctx, *prio_ctx;
	bool foreign;			/* it is code of others that left it */
};

enum worker_state {
	WORKER_FREE,
	WORKER_IDLE,	/* belongs to a path, nothing to do */
	WORKER_BUSY,
	WORKER_DONE,	/* result waits to be collected */
};

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;	/* guards what follows, but not device */
	pthread_cond_t wake;
	enum worker_state state;
	bool release;		/* close the device when the job is over */
	bool close_only;	/* there is no job: just that */
	struct probe_job job;
	struct probe result;
	struct device device;
	const struct sysroot *root;
	int notify_fd;
	enum sandbox_mode sandbox;
};

struct probe_pool {
	size_t n;
	struct worker workers[];
};

/* What a plugin left for its release(). */
struct leftover {
	void (*release)(void *ctx);
	void *ctx;
};

static void call_release(void *arg)
{
	struct leftover *l = arg;

	l->release(l->ctx);
}

static void give_back(void **ctx, void (*release)(void *ctx), bool foreign)
{
	struct leftover l = { .release = release, .ctx = *ctx };

	*ctx = NULL;
	if (l.ctx && l.release)
		fence_run(call_release, &l, foreign);	/* a crash costs what it would have given back */
}

static void device_close(struct device *d)
{
	close_ptr(&d->dev_fd);
	close_ptr(&d->sys_fd);
	d->dev_fd = d->sys_fd = -1;
	give_back(&d->ctx, d->checker ? d->checker->release : NULL, d->foreign);
	give_back(&d->prio_ctx, d->prio ? d->prio->release : NULL, d->foreign);
	d->checker = NULL;
	d->prio = NULL;
}

/* SCSI: drivers/scsi/scsi_sysfs.c, sdev_states; NVMe: drivers/nvme/host/sysfs.c. What multipathd makes of them: multipath-tools.md 1.3. */
static enum path_state sysfs_state(const struct device *d, enum path_bus bus)
{
	static const struct {
		const char *text;
		enum path_state state;
	} scsi[] = {
		{ "running", PATH_STATE_UP },
		{ "blocked", PATH_STATE_PENDING },
		{ "quiesce", PATH_STATE_PENDING },
	}, nvme[] = {
		{ "live", PATH_STATE_UP },
		{ "new", PATH_STATE_PENDING },
		{ "deleting", PATH_STATE_PENDING },
	};
	char text[32];

	if (bus == BUS_DASD)
		return PATH_STATE_UP;
	if (sys_read_str(d->sys_fd, "device/state", text, sizeof(text)) < 0)
		return PATH_STATE_DOWN;
	for (size_t i = 0; i < ARRAY_SIZE(scsi); i++) {
		if (bus == BUS_SCSI && streq(text, scsi[i].text))
			return scsi[i].state;
		if (bus == BUS_NVME && streq(text, nvme[i].text))
			return nvme[i].state;
	}
	return PATH_STATE_DOWN;
}

/* A name may have been given to another device since it was discovered. */
static int open_device(const struct sysroot *root, const struct probe_job *job)
{
	_auto_close_ int fd = openat(root->dev_fd, job->path.name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char devno[32];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	snprintf(devno, sizeof(devno), "%u:%u", major(st.st_rdev), minor(st.st_rdev));
	if (!S_ISBLK(st.st_mode) || !streq(devno, job->path.devno))
		return -ESTALE;
	return steal_fd(&fd);
}

/* One call into a plugin, behind the fence. */
struct call {
	const struct probe_args *args;
	const struct checker_ops *checker;
	const struct prio_ops *prio;
	enum path_state *state;
	int *value;
	int r;
};

static void call_check(void *arg)
{
	struct call *c = arg;

	c->r = c->checker->check(c->args, c->state);
}

static void call_get(void *arg)
{
	struct call *c = arg;

	c->r = c->prio->get(c->args, c->value);
}

/* The kernel's copy of the page is as old as the device; behind a path that was away there may be another LUN by now. */
static bool leads_elsewhere(const struct probe_args *args, const struct probe_job *job)
{
	static const uint8_t inquiry[6] = { 0x12, 0x01, 0x83, PROBE_PAGE_SIZE >> 8, PROBE_PAGE_SIZE & 0xff, 0 };
	struct scsi_result res;

	if (!job->returns_to || job->path.bus != BUS_SCSI)
		return false;
	if (scsi_command(args->dev_fd, inquiry, sizeof(inquiry), args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res) < 0 || res.status || res.host_status)
		return false;	/* some do not have the page: what the checker said stands */
	return discover_identity(job->returns_to, args->page, res.data_len) == IDENTITY_OTHER;
}

static void run_job(struct device *d, const struct sysroot *root, const struct probe_job *job, struct probe *out)
{
	struct probe_args args = {
		.timeout_ms = job->timeout_ms,
		.options = "",
		.path = &job->path,
		.map_word = job->map_word,
		.page = d->page,
		.ctx = &d->ctx,
	};
	struct call call = { .args = &args, .checker = job->checker, .prio = job->prio, .state = &out->state, .value = &out->prio };

	*out = (struct probe) { .state = PATH_STATE_DOWN, .prio = PRIO_UNDEF, .facts = job->facts };
	if (d->sys_fd < 0)
		d->sys_fd = openat(root->block_fd, job->path.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->sys_fd < 0) {
		out->error = -errno;
		return;
	}
	out->state = sysfs_state(d, job->path.bus);
	out->opened = d->dev_fd >= 0;
	if (out->state != PATH_STATE_UP)
		return;
	if (d->dev_fd < 0 && root->dev_fd >= 0)
		d->dev_fd = open_device(root, job);
	if (d->dev_fd < 0 && root->dev_fd >= 0) {
		out->error = d->dev_fd;
		d->dev_fd = -1;
		out->state = PATH_STATE_DOWN;
		return;
	}
	out->opened = true;
	if (job->ask_facts) {
		path_facts_ask(d->dev_fd, job->timeout_ms, d->page, &out->facts);
		return;
	}
	args.dev_fd = d->dev_fd;
	args.sys_fd = d->sys_fd;
	if (d->checker != job->checker)	/* the one before has crashed, or its better has come */
		give_back(&d->ctx, d->checker ? d->checker->release : NULL, d->foreign);
	if (d->prio != job->prio)
		give_back(&d->prio_ctx, d->prio ? d->prio->release : NULL, d->foreign);
	d->checker = job->checker;
	d->prio = job->prio;
	d->foreign = job->foreign;
	out->signal = fence_run(call_check, &call, job->foreign);
	out->error = out->signal ? -EFAULT : call.r;
	if (out->signal) {
		out->crashed = job->checker;
		d->ctx = NULL;	/* lost: its release() is its code, too */
	}
	if (out->error < 0)
		out->state = PATH_STATE_UNCHECKED;
	if (!out->signal && path_is_usable(out->state) && leads_elsewhere(&args, job)) {
		out->state = PATH_STATE_DOWN;
		out->other_lun = true;
	}
	if (out->state == PATH_STATE_DOWN || out->signal)
		return;
	args.options = job->prio_args;
	args.ctx = &d->prio_ctx;
	out->signal = fence_run(call_get, &call, job->foreign);
	if (out->signal) {
		out->crashed = job->prio;
		d->prio_ctx = NULL;
	}
	if (out->signal || call.r < 0)
		out->prio = PRIO_UNDEF;
}

static void notify(int fd)
{
	uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;	/* an eventfd that is full has woken its reader already */
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct probe_job job;
	struct probe result = { 0 };
	bool close_only;

	prctl(PR_SET_NAME, "mpath-probe");
	sandbox_enter(SANDBOX_PROBE, w->sandbox);	/* the main thread says it if the kernel cannot */
	for (;;) {
		pthread_mutex_lock(&w->lock);
		while (w->state != WORKER_BUSY)
			pthread_cond_wait(&w->wake, &w->lock);
		job = w->job;
		close_only = w->close_only;
		pthread_mutex_unlock(&w->lock);

		if (close_only)
			device_close(&w->device);
		else
			run_job(&w->device, w->root, &job, &result);

		pthread_mutex_lock(&w->lock);
		w->result = result;
		w->state = WORKER_DONE;
		if (w->release) {
			device_close(&w->device);
			w->release = w->close_only = false;
			w->state = WORKER_FREE;
		}
		pthread_mutex_unlock(&w->lock);
		notify(w->notify_fd);
	}
	return NULL;
}

static uint8_t *new_page(void)
{
	void *page = mmap(NULL, PROBE_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

int probe_pool_start(struct probe_pool **out, size_t n, const struct sysroot *root, int notify_fd, enum sandbox_mode mode)
{
	struct probe_pool *pool = calloc(1, sizeof(*pool) + n * sizeof(pool->workers[0]));
	pthread_attr_t attr;
	int r = 0;

	if (!pool)
		return -ENOMEM;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setguardsize(&attr, FENCE_GUARD_SIZE);
	fence_init();
	for (; pool->n < n && r == 0; pool->n++) {
		struct worker *w = &pool->workers[pool->n];

		pthread_mutex_init(&w->lock, NULL);
		pthread_cond_init(&w->wake, NULL);
		w->root = root;
		w->notify_fd = notify_fd;
		w->sandbox = mode;
		w->device = (struct device) { .dev_fd = -1, .sys_fd = -1, .page = new_page() };
		r = w->device.page ? pthread_create(&w->thread, &attr, worker_main, w) : ENOMEM;
	}
	pthread_attr_destroy(&attr);
	if (r)
		return -r;	/* the program ends now: threads that run keep the pool */
	*out = pool;
	return 0;
}

int probe_acquire(struct probe_pool *pool)
{
	for (size_t i = 0; i < pool->n; i++) {
		struct worker *w = &pool->workers[i];
		bool got;

		pthread_mutex_lock(&w->lock);
		got = w->state == WORKER_FREE;
		if (got)
			w->state = WORKER_IDLE;
		pthread_mutex_unlock(&w->lock);
		if (got)
			return (int)i;
	}
	return -EAGAIN;
}

void probe_submit(struct probe_pool *pool, int worker, const struct probe_job *job)
{
	struct worker *w = &pool->workers[worker];

	pthread_mutex_lock(&w->lock);
	w->job = *job;
	w->state = WORKER_BUSY;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

bool probe_collect(struct probe_pool *pool, int worker, struct probe *out)
{
	struct worker *w = &pool->workers[worker];
	bool done;

	pthread_mutex_lock(&w->lock);
	done = w->state == WORKER_DONE;
	if (done) {
		*out = w->result;
		w->state = WORKER_IDLE;
	}
	pthread_mutex_unlock(&w->lock);
	return done;
}

void probe_release(struct probe_pool *pool, int worker)
{
	struct worker *w = &pool->workers[worker];

	pthread_mutex_lock(&w->lock);
	if (w->state == WORKER_BUSY) {
		w->release = true;
	} else if (w->device.foreign) {	/* its release() may crash or hang: not here */
		w->release = w->close_only = true;
		w->state = WORKER_BUSY;
		pthread_cond_signal(&w->wake);
	} else {
		device_close(&w->device);
		w->state = WORKER_FREE;
	}
	pthread_mutex_unlock(&w->lock);
}

void probe_run_once(const struct sysroot *root, const struct probe_job *job, struct probe *out)
{
	struct device d = { .dev_fd = -1, .sys_fd = -1, .page = new_page() };

	*out = (struct probe) { .error = -ENOMEM, .prio = PRIO_UNDEF };
	if (!d.page)
		return;
	fence_init();
	run_job(&d, root, job, out);
	device_close(&d);
	munmap(d.page, PROBE_PAGE_SIZE);
}
