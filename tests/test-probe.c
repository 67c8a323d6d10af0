/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmocka.h.inc"
#include "probe.h"
#include "util.h"

#define N 40	/* more than have a worker each */
#define HANGING 7
#define TROUBLED 9

static sem_t go_on;

static int fake_check(const struct probe_args *args, enum path_state *state)
{
	*state = args->path->lun == TROUBLED ? PATH_STATE_DOWN : PATH_STATE_UP;
	if (args->path->lun == HANGING)
		sem_wait(&go_on);
	return 0;
}

static int fake_get(const struct probe_args *args, int *prio)
{
	(void)args;
	*prio = 50;
	return 0;
}

static const struct checker_ops checker = { .abi = CHECKER_ABI, .name = "fake", .check = fake_check };
static const struct prio_ops prio = { .abi = PRIO_ABI, .name = "fake", .get = fake_get };

struct bench {
	char dir[64];
	struct sysroot root;
	struct probe_pool *pool;
	int notify_fd;
	int device[N];
	struct probe result[N];
	bool done[N];
	unsigned int n_done;
};

static void write_attr(const struct bench *b, unsigned int n, const char *text)
{
	char file[128];
	FILE *f;

	snprintf(file, sizeof(file), "%s/d%u/device/state", b->dir, n);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int set_up(void **state)
{
	static struct bench b;

	b = (struct bench){ .dir = "/tmp/mpath-boot-probe.XXXXXX", .root = SYSROOT_INIT };
	*state = &b;
	assert_non_null(mkdtemp(b.dir));
	for (unsigned int n = 0; n < N; n++) {
		char file[128];

		snprintf(file, sizeof(file), "%s/d%u", b.dir, n);
		mkdir(file, 0755);
		snprintf(file, sizeof(file), "%s/d%u/device", b.dir, n);
		mkdir(file, 0755);
		write_attr(&b, n, "running\n");
	}
	b.root.block_fd = open(b.dir, O_RDONLY | O_DIRECTORY);
	b.notify_fd = eventfd(0, EFD_NONBLOCK);
	sem_init(&go_on, 0, 0);
	assert_int_equal(probe_pool_start(&b.pool, N, &b.root, b.notify_fd, SANDBOX_OFF), 0);
	for (unsigned int n = 0; n < N; n++)
		b.device[n] = probe_acquire(b.pool);
	assert_int_equal(probe_acquire(b.pool), -EAGAIN);
	return 0;
}

/* The threads stay, and with them the pool. */
static int tear_down(void **state)
{
	struct bench *b = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", b->dir);
	return system(command);
}

/* No device is there to say whom it leads to. */
static void test_unsure(void **state)
{
	static const struct snap_map map;
	struct probe_job job = {
		.path = { .bus = BUS_SCSI, .name = "d3", .size = 1 }, .checker = &checker, .prio = &prio, .prio_args = "", .timeout_ms = 1000, .returns_to = &map,
	};
	struct bench *b = *state;
	struct probe result;

	probe_run_once(&b->root, &job, &result);
	assert_int_equal(result.state, PATH_STATE_PENDING);
	assert_true(result.unsure);
	assert_false(result.blocked);
	job.returns_to = NULL;
	probe_run_once(&b->root, &job, &result);
	assert_int_equal(result.state, PATH_STATE_UP);
	assert_false(result.unsure || result.sized);
}

static bool submit(struct bench *b, unsigned int n, bool routine)
{
	struct probe_job job = {
		.path = { .bus = BUS_SCSI, .lun = n, .size = 1 }, .target = n, .checker = &checker, .prio = &prio, .prio_args = "", .timeout_ms = 1000,
		.routine = routine, .expect_state = PATH_STATE_UP, .expect_prio = 50,
	};

	snprintf(job.path.name, sizeof(job.path.name), "d%u", n);
	b->done[n] = false;
	return probe_submit(b->pool, b->device[n], &job);
}

/* Within ten seconds, which a machine may need that does other things. */
static bool notified(struct bench *b, int ms)
{
	struct pollfd fd = { .fd = b->notify_fd, .events = POLLIN };
	uint64_t count;

	return poll(&fd, 1, ms) == 1 && read(b->notify_fd, &count, sizeof(count)) == sizeof(count);
}

static void collect(struct bench *b)
{
	struct probe result;
	int device;

	while ((device = probe_collect(b->pool, &result)) >= 0)
		for (unsigned int n = 0; n < N; n++)
			if (b->device[n] == device) {
				assert_false(b->done[n]);
				b->done[n] = true;
				b->result[n] = result;
				b->n_done++;
			}
}

static void wait_for(struct bench *b, unsigned int n_done)
{
	for (int i = 0; i < 100 && b->n_done < n_done; i++) {
		notified(b, 100);
		collect(b);
	}
	assert_int_equal(b->n_done, n_done);
}

static void test_routine(void **state)
{
	struct bench *b = *state;

	b->n_done = 0;
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int n = 10; n < N; n++)
			assert_true(submit(b, n, true));
		wait_for(b, (round + 1) * (N - 10));
	}
	for (unsigned int n = 10; n < N; n++) {
		assert_int_equal(b->result[n].state, PATH_STATE_UP);
		assert_int_equal(b->result[n].prio, 50);
	}
	assert_false(probe_hurry(b->pool));
}

/* What /sys says of a device that is open already is what it says now; and a result that was not expected is told. */
static void test_news(void **state)
{
	struct bench *b = *state;

	b->n_done = 0;
	write_attr(b, 12, "offline\n");
	assert_true(submit(b, 12, true));
	assert_true(submit(b, TROUBLED, true));
	wait_for(b, 2);
	assert_int_equal(b->result[12].state, PATH_STATE_DOWN);
	assert_int_equal(b->result[TROUBLED].state, PATH_STATE_DOWN);
	write_attr(b, 12, "running\n");
	assert_true(submit(b, 12, false));
	wait_for(b, 3);
	assert_int_equal(b->result[12].state, PATH_STATE_UP);
}

/* One that hangs keeps those behind it until somebody asks for haste; one that is no routine never stands behind it. */
static void test_hanging(void **state)
{
	struct bench *b = *state;

	b->n_done = 0;
	assert_true(submit(b, HANGING, true));
	usleep(20000);	/* its worker has it */
	for (unsigned int n = 10; n < N - 1; n++)
		assert_true(submit(b, n, true));
	assert_true(submit(b, N - 1, false));
	while (!b->done[N - 1]) {
		assert_true(notified(b, 10000));
		collect(b);
	}
	/* the worker of that one may have gone on with the queue */
	probe_hurry(b->pool);
	wait_for(b, N - 10);
	assert_false(b->done[HANGING]);
	assert_false(probe_is_queued(b->pool, b->device[HANGING]));
	assert_false(probe_hurry(b->pool));
	sem_post(&go_on);
	wait_for(b, N - 9);
}

/* A path that goes while it stands in the queue takes its job along; its number is free at once, and that of one with a worker later. */
static void test_release(void **state)
{
	struct bench *b = *state;
	int freed;

	b->n_done = 0;
	assert_true(submit(b, HANGING, true));
	usleep(20000);
	assert_true(submit(b, 20, true));
	assert_true(submit(b, 21, true));
	assert_true(probe_is_queued(b->pool, b->device[20]));
	probe_release(b->pool, b->device[20]);
	freed = probe_acquire(b->pool);
	assert_int_equal(freed, b->device[20]);
	assert_true(submit(b, 20, true));
	probe_release(b->pool, b->device[HANGING]);
	assert_int_equal(probe_acquire(b->pool), -EAGAIN);
	assert_true(probe_hurry(b->pool));
	wait_for(b, 2);
	sem_post(&go_on);
	for (int i = 0; i < 1000 && freed != b->device[HANGING]; i++) {
		usleep(10000);
		freed = probe_acquire(b->pool);
	}
	assert_int_equal(freed, b->device[HANGING]);
	assert_int_equal(b->n_done, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_routine),
		cmocka_unit_test(test_news),
		cmocka_unit_test(test_hanging),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_unsure),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
