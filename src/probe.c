/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include "fence.h"
#include "scsi.h"
#include "tune.h"

#define STACK_SIZE (24 << 10)	/* the deepest plugin uses a third of it */
#define OWN_WORKERS 32		/* up to so many paths each has a worker of its own */
#define PATHS_PER_WORKER 16	/* of those beyond */
#define SHARES 8		/* so many targets may hang whole before others notice */
#define QUEUE_MAX 64		/* routine checks that stand in the queue; more wait with their owner */
#define DOWN_PRIO_MS 1000
#define N_TARGETS 256		/* hashes of targets: two that share one share its workers */

enum device_state {
	DEVICE_FREE,
	DEVICE_IDLE,	/* belongs to a path, nothing to do */
	DEVICE_QUEUED,	/* its job stands in the queue */
	DEVICE_BUSY,	/* a worker has it */
	DEVICE_CLOSING,	/* waits for a worker that closes it */
	DEVICE_DONE,	/* result waits to be collected */
};

/* What is held open for a path. Only a worker touches its first part while it is busy. */
struct device {
	int dev_fd, sys_fd, state_fd;
	const struct checker_ops *checker;	/* that left ctx */
	const struct prio_ops *prio;
	void *ctx, *prio_ctx;
	bool foreign;			/* it is code of others that left it */
	/* the pool's lock guards the rest */
	bool release;			/* close it when the job is over */
	enum device_state state;
	int next;			/* in the list that it is in, -1: the last */
	struct probe result;
};

struct worker {
	pthread_t thread;
	pthread_cond_t wake;
	struct probe_pool *pool;
	struct worker *next_idle;
	uint8_t *page;
	int device;		/* of its job, -1: it is idle */
	bool close_only;	/* there is no job: just that */
	bool at_queue;		/* it goes on with whoever stands there */
	struct probe_job job;
};

/* A routine job. */
struct queued {
	struct probe_job job;
	int device;
	struct queued *next;
};

struct probe_pool {
	pthread_mutex_t lock;
	size_t n_devices, n_workers;
	struct device *devices;
	struct worker *workers, *idle;
	int free, closing, done, done_last;	/* lists of devices, -1: empty */
	struct queued *queue, *queue_free;	/* first come, first served */
	unsigned int at_queue;			/* workers that empty it */
	bool refused;				/* somebody with no time to queue waits for an idle worker */
	unsigned int share;			/* so many workers may be with one target */
	uint16_t with[N_TARGETS];		/* so many are with those of this hash */
	const struct sysroot *root;
	int notify_fd;
	enum sandbox_mode sandbox;
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
	close_ptr(&d->state_fd);
	d->dev_fd = d->sys_fd = d->state_fd = -1;
	give_back(&d->ctx, d->checker ? d->checker->release : NULL, d->foreign);
	give_back(&d->prio_ctx, d->prio ? d->prio->release : NULL, d->foreign);
	d->checker = NULL;
	d->prio = NULL;
}

/* SCSI: drivers/scsi/scsi_sysfs.c, sdev_states; NVMe: drivers/nvme/host/sysfs.c. What multipathd makes of them: multipath-tools.md 1.3. */
static enum path_state sysfs_state(struct device *d, enum path_bus bus)
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
	if (d->state_fd < 0)
		d->state_fd = openat(d->sys_fd, "device/state", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (d->state_fd < 0 || sys_read_again(d->state_fd, text, sizeof(text)) < 0) {
		close_ptr(&d->state_fd);
		d->state_fd = -1;
		return PATH_STATE_DOWN;
	}
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
static void ask_who(const struct probe_args *args, const struct probe_job *job, struct probe *out)
{
	static const uint8_t inquiry[6] = { 0x12, 0x01, 0x83, PROBE_PAGE_SIZE >> 8, PROBE_PAGE_SIZE & 0xff, 0 };
	struct scsi_result res;
	int r;

	if (!job->returns_to || job->path.bus != BUS_SCSI)
		return;
	r = scsi_command(args->dev_fd, inquiry, sizeof(inquiry), args->page, PROBE_PAGE_SIZE, args->timeout_ms, &res);
	if (r == 0 && scsi_sense_of(&res).key == SENSE_ILLEGAL_REQUEST)
		return;		/* some do not have the page: what the checker said stands */
	if (r < 0 || !scsi_is_good(&res)) {
		out->state = PATH_STATE_PENDING;
		out->unsure = true;
	} else if (discover_identity(job->returns_to, args->page, res.data_len) == IDENTITY_OTHER) {
		out->state = PATH_STATE_DOWN;
		out->other_lun = true;
	}
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* The kernel tells nobody of a size that was none, or is none now (block/genhd.c, set_capacity_and_notify()). */
static void look_at_size(const struct device *d, const struct probe_job *job, struct probe *out)
{
	out->size = job->path.size;
	if (out->size && !job->returns_to)
		return;
	out->sized = sys_read_u64(d->sys_fd, "size", &out->size) == 0;
	if (!out->sized || out->size || !job->rescan)
		return;
	sys_write(d->sys_fd, "device/rescan", "1\n");
	/* It has looked for partitions only on a disk that had a size when it came. It refuses where a map has the disk. */
	if (sys_read_u64(d->sys_fd, "size", &out->size) == 0 && out->size)
		ioctl(d->dev_fd, BLKRRPART);
}

static void run_job(struct device *d, uint8_t *page, const struct sysroot *root, const struct probe_job *job, struct probe *out)
{
	struct probe_args args = {
		.timeout_ms = job->timeout_ms,
		.options = "",
		.path = &job->path,
		.map_word = job->map_word,
		.page = page,
		.ctx = &d->ctx,
	};
	struct call call = { .args = &args, .checker = job->checker, .prio = job->prio, .state = &out->state, .value = &out->prio };
	uint64_t start;

	*out = (struct probe) { .state = PATH_STATE_DOWN, .prio = PRIO_UNDEF, .facts = job->facts };
	if (d->sys_fd < 0)
		d->sys_fd = openat(root->block_fd, job->path.name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->sys_fd < 0) {
		out->error = -errno;
		return;
	}
	out->state = sysfs_state(d, job->path.bus);
	out->blocked = out->state == PATH_STATE_PENDING;
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
		path_facts_ask(d->dev_fd, job->timeout_ms, page, &out->facts);
		return;
	}
	if (job->max_sectors_kb)
		out->requests_error = tune_requests(root, job->path.name, job->max_sectors_kb);
	args.dev_fd = d->dev_fd;
	args.sys_fd = d->sys_fd;
	if (d->checker != job->checker)	/* the one before has crashed, or its better has come */
		give_back(&d->ctx, d->checker ? d->checker->release : NULL, d->foreign);
	if (d->prio != job->prio)
		give_back(&d->prio_ctx, d->prio ? d->prio->release : NULL, d->foreign);
	d->checker = job->checker;
	d->prio = job->prio;
	d->foreign = job->foreign;
	start = now_ms();
	out->signal = fence_run(call_check, &call, job->foreign);
	out->error = out->signal ? -EFAULT : call.r;
	if (out->signal) {
		out->crashed = job->checker;
		d->ctx = NULL;	/* lost: its release() is its code, too */
	}
	out->checked = out->error == 0;
	if (out->error < 0)
		out->state = PATH_STATE_UNCHECKED;
	if (!out->signal && path_is_usable(out->state))
		ask_who(&args, job, out);
	if (out->signal || out->other_lun || out->unsure)
		return;
	/* A path that is down counts in the grouping, too, so it has a priority if it can tell: not one that hardly answers. */
	if (out->state == PATH_STATE_DOWN) {
		if (now_ms() - start >= DOWN_PRIO_MS)
			return;
		args.timeout_ms = DOWN_PRIO_MS;
	}
	args.options = job->prio_args;
	args.ctx = &d->prio_ctx;
	out->signal = fence_run(call_get, &call, job->foreign);
	if (out->signal) {
		out->crashed = job->prio;
		d->prio_ctx = NULL;
	}
	if (out->signal || call.r < 0)
		out->prio = PRIO_UNDEF;
	/* A checker that reads finds nothing to read where there is no size. */
	look_at_size(d, job, out);
	/* It answers, and yet the kernel refuses each block of it, as being beyond its end. A passive path may get its size only when it is activated. */
	if (out->size == 0 && out->state == PATH_STATE_UP) {
		out->state = PATH_STATE_DOWN;
		out->no_size = true;
	}
}

static void notify(int fd)
{
	uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;	/* an eventfd that is full has woken its reader already */
}

static void push(struct probe_pool *pool, int *list, int device)
{
	pool->devices[device].next = *list;
	*list = device;
}

static int pop(struct probe_pool *pool, int *list)
{
	int device = *list;

	if (device >= 0)
		*list = pool->devices[device].next;
	return device;
}

/* First come, first collected. */
static void push_done(struct probe_pool *pool, int device)
{
	pool->devices[device].next = -1;
	if (pool->done < 0)
		pool->done = device;
	else
		pool->devices[pool->done_last].next = device;
	pool->done_last = device;
}

static bool has_share(const struct probe_pool *pool, const struct probe_job *job)
{
	return pool->with[job->target % N_TARGETS] < pool->share;
}

static void enqueue(struct probe_pool *pool, int device, const struct probe_job *job)
{
	struct queued *q = pool->queue_free, **at = &pool->queue;

	pool->queue_free = q->next;
	q->job = *job;
	q->device = device;
	q->next = NULL;
	while (*at)
		at = &(*at)->next;
	*at = q;
	pool->devices[device].state = DEVICE_QUEUED;
}

/* Takes what @at points to out of the queue. */
static void leave_queue(struct probe_pool *pool, struct queued **at)
{
	struct queued *q = *at;

	*at = q->next;
	q->next = pool->queue_free;
	pool->queue_free = q;
}

static bool start_job(struct probe_pool *pool, struct worker *w, int device, const struct probe_job *job)
{
	pool->with[job->target % N_TARGETS]++;
	pool->devices[device].state = DEVICE_BUSY;
	w->job = *job;
	w->close_only = false;
	w->device = device;
	return true;
}

/* The next one whose target is not with too many workers already. False: there is none. */
static bool serve(struct probe_pool *pool, struct worker *w)
{
	for (struct queued **at = &pool->queue; *at; at = &(*at)->next) {
		struct queued *q = *at;

		if (!has_share(pool, &q->job))
			continue;
		start_job(pool, w, q->device, &q->job);
		leave_queue(pool, at);
		return true;
	}
	return false;
}

static void leave_device(struct probe_pool *pool, int device)
{
	for (struct queued **at = &pool->queue; *at; at = &(*at)->next)
		if ((*at)->device == device) {
			leave_queue(pool, at);
			return;
		}
}

/* What comes next for a worker that has done its job: something to close, a routine check, or rest. True: it rests. */
static bool choose_next(struct probe_pool *pool, struct worker *w)
{
	w->device = pop(pool, &pool->closing);
	w->close_only = w->device >= 0;
	if (w->close_only)
		return false;
	if (!pool->refused && serve(pool, w)) {
		pool->at_queue += !w->at_queue;
		w->at_queue = true;
		return false;
	}
	pool->at_queue -= w->at_queue;
	w->at_queue = false;
	w->next_idle = pool->idle;
	pool->idle = w;
	return true;
}

/* Nothing that its owner would have to act upon at once. */
static bool is_quiet(const struct worker *w, const struct probe *r)
{
	return !w->close_only && w->job.routine && !r->error && !r->crashed && r->state == w->job.expect_state && r->prio == w->job.expect_prio;
}

/* The job is over: the path has a result, or it is gone. */
static void finish(struct probe_pool *pool, struct worker *w, const struct probe *result)
{
	struct device *d = &pool->devices[w->device];

	if (!w->close_only)
		pool->with[w->job.target % N_TARGETS]--;
	if (d->release) {
		pthread_mutex_unlock(&pool->lock);
		device_close(d);	/* it may block */
		pthread_mutex_lock(&pool->lock);
		d->release = false;
		d->state = DEVICE_FREE;
		push(pool, &pool->free, w->device);
	} else {
		d->result = *result;
		d->state = DEVICE_DONE;
		push_done(pool, w->device);
	}
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct probe_pool *pool = w->pool;
	struct probe result = { 0 };
	bool quiet;

	prctl(PR_SET_NAME, "mpath-probe");
	sandbox_enter(SANDBOX_PROBE, pool->sandbox);	/* the main thread says it if the kernel cannot */
	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (w->device < 0)
			pthread_cond_wait(&w->wake, &pool->lock);
		if (!w->close_only) {
			pthread_mutex_unlock(&pool->lock);
			run_job(&pool->devices[w->device], w->page, pool->root, &w->job, &result);
			pthread_mutex_lock(&pool->lock);
		}
		quiet = is_quiet(w, &result);
		finish(pool, w, &result);
		quiet = !choose_next(pool, w) && quiet;
		if (quiet)
			continue;
		pthread_mutex_unlock(&pool->lock);
		notify(pool->notify_fd);
		pthread_mutex_lock(&pool->lock);
	}
	return NULL;
}

static uint8_t *new_page(void)
{
	void *page = mmap(NULL, PROBE_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

static int start_worker(struct probe_pool *pool, struct worker *w, const pthread_attr_t *attr)
{
	pthread_cond_init(&w->wake, NULL);
	w->pool = pool;
	w->device = -1;
	w->page = new_page();
	w->next_idle = pool->idle;
	pool->idle = w;
	return w->page ? pthread_create(&w->thread, attr, worker_main, w) : ENOMEM;
}

int probe_pool_start(struct probe_pool **out, size_t n, const struct sysroot *root, int notify_fd, enum sandbox_mode mode)
{
	struct probe_pool *pool = calloc(1, sizeof(*pool));
	size_t slots = n < QUEUE_MAX ? n : QUEUE_MAX;
	struct queued *queue = calloc(slots, sizeof(*queue));
	size_t workers = n > OWN_WORKERS ? OWN_WORKERS + (n - OWN_WORKERS) / PATHS_PER_WORKER : n;
	pthread_attr_t attr;
	int r = 0;

	if (!pool || !queue)
		return -ENOMEM;	/* the program ends now */
	pool->devices = calloc(n, sizeof(pool->devices[0]));
	pool->workers = calloc(workers, sizeof(pool->workers[0]));
	if (!pool->devices || !pool->workers)
		return -ENOMEM;
	while (slots-- > 0) {
		queue[slots].next = pool->queue_free;
		pool->queue_free = &queue[slots];
	}
	pthread_mutex_init(&pool->lock, NULL);
	pool->n_devices = n;
	pool->share = (unsigned int)(workers < n ? workers / SHARES : n);
	pool->root = root;
	pool->notify_fd = notify_fd;
	pool->sandbox = mode;
	pool->free = pool->closing = pool->done = -1;
	while (n-- > 0) {
		pool->devices[n].dev_fd = pool->devices[n].sys_fd = pool->devices[n].state_fd = -1;
		push(pool, &pool->free, (int)n);
	}
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	pthread_attr_setguardsize(&attr, FENCE_GUARD_SIZE);
	fence_init();
	pthread_mutex_lock(&pool->lock);
	for (; pool->n_workers < workers && r == 0; pool->n_workers++)
		r = start_worker(pool, &pool->workers[pool->n_workers], &attr);
	pthread_mutex_unlock(&pool->lock);
	pthread_attr_destroy(&attr);
	if (r)
		return -r;	/* the program ends now: threads that run keep the pool */
	*out = pool;
	return 0;
}

int probe_acquire(struct probe_pool *pool)
{
	int device;

	pthread_mutex_lock(&pool->lock);
	device = pop(pool, &pool->free);
	if (device >= 0)
		pool->devices[device].state = DEVICE_IDLE;
	pthread_mutex_unlock(&pool->lock);
	return device < 0 ? -EAGAIN : device;
}

static struct worker *take_idle(struct probe_pool *pool)
{
	struct worker *w = pool->idle;

	if (w)
		pool->idle = w->next_idle;
	return w;
}

static void send_to_queue(struct probe_pool *pool)
{
	struct worker *w = take_idle(pool);

	if (!w)
		return;	/* who finishes next looks there */
	if (!serve(pool, w)) {
		w->next_idle = pool->idle;
		pool->idle = w;
		return;
	}
	pool->at_queue++;
	w->at_queue = true;
	pthread_cond_signal(&w->wake);
}

bool probe_submit(struct probe_pool *pool, int device, const struct probe_job *job)
{
	bool taken = false;
	struct worker *w;

	pthread_mutex_lock(&pool->lock);
	if (job->routine) {
		taken = pool->queue_free;
		if (taken)
			enqueue(pool, device, job);
		if (!pool->at_queue)
			send_to_queue(pool);
	} else if (has_share(pool, job)) {
		w = take_idle(pool);
		pool->refused = !w;
		taken = w && start_job(pool, w, device, job);
		if (taken)
			pthread_cond_signal(&w->wake);
	}
	pthread_mutex_unlock(&pool->lock);
	return taken;
}

bool probe_is_queued(struct probe_pool *pool, int device)
{
	bool queued;

	pthread_mutex_lock(&pool->lock);
	queued = pool->devices[device].state == DEVICE_QUEUED;
	pthread_mutex_unlock(&pool->lock);
	return queued;
}

bool probe_hurry(struct probe_pool *pool)
{
	bool any;

	pthread_mutex_lock(&pool->lock);
	any = pool->queue;
	pool->refused = false;
	if (any)
		send_to_queue(pool);
	pthread_mutex_unlock(&pool->lock);
	return any;
}

int probe_collect(struct probe_pool *pool, struct probe *out)
{
	int device;

	pthread_mutex_lock(&pool->lock);
	device = pop(pool, &pool->done);
	if (device >= 0) {
		*out = pool->devices[device].result;
		pool->devices[device].state = DEVICE_IDLE;
	}
	pthread_mutex_unlock(&pool->lock);
	return device;
}

static void unlink_done(struct probe_pool *pool, int device)
{
	int before = -1;

	for (int at = pool->done; at != device; at = pool->devices[at].next)
		before = at;
	if (before < 0)
		pool->done = pool->devices[device].next;
	else
		pool->devices[before].next = pool->devices[device].next;
	if (pool->done_last == device)
		pool->done_last = before;
}

/* Its release() may crash or hang: not here. */
static void close_elsewhere(struct probe_pool *pool, int device)
{
	struct worker *w = take_idle(pool);

	pool->devices[device].release = true;
	pool->devices[device].state = w ? DEVICE_BUSY : DEVICE_CLOSING;
	if (!w) {
		push(pool, &pool->closing, device);	/* the next one that is done takes it */
		return;
	}
	w->close_only = true;
	w->device = device;
	pthread_cond_signal(&w->wake);
}

void probe_release(struct probe_pool *pool, int device)
{
	struct device *d = &pool->devices[device];

	pthread_mutex_lock(&pool->lock);
	if (d->state == DEVICE_DONE)
		unlink_done(pool, device);
	if (d->state == DEVICE_QUEUED)
		leave_device(pool, device);
	if (d->state == DEVICE_BUSY) {
		d->release = true;
	} else if (d->foreign) {
		close_elsewhere(pool, device);
	} else {
		device_close(d);
		d->state = DEVICE_FREE;
		push(pool, &pool->free, device);
	}
	pthread_mutex_unlock(&pool->lock);
}

void probe_run_once(const struct sysroot *root, const struct probe_job *job, struct probe *out)
{
	struct device d = { .dev_fd = -1, .sys_fd = -1, .state_fd = -1 };
	uint8_t *page = new_page();

	*out = (struct probe) { .error = -ENOMEM, .prio = PRIO_UNDEF };
	if (!page)
		return;
	fence_init();
	run_job(&d, page, root, job, out);
	device_close(&d);
	munmap(page, PROBE_PAGE_SIZE);
}
