/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lock on multipathd.pid is noticed as soon as it is taken, and as soon as its holder has gone. */
#include "cmocka.h.inc"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handoff.h"

static char dir[] = "/tmp/mpath-boot-handoff.XXXXXX";

static pid_t start_holder(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int fd;

		if (chdir(dir) < 0)
			_exit(1);
		fd = open("multipathd.pid", O_WRONLY | O_CREAT, 0644);
		if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 || write(fd, "1\n", 2) != 2)
			_exit(1);
		for (;;)
			pause();
	}
	return pid;
}

/* The next verdict that is not @old, woken by nothing but /run; ten seconds are what a busy machine may need. */
static enum handoff_verdict wait_for_news(struct handoff *h, const struct sysroot *root, const struct snapshot *snap, enum handoff_verdict old, uint64_t *now_ms)
{
	enum handoff_verdict verdict = old;

	while (verdict == old) {
		struct pollfd fd = { .fd = h->watch_fd, .events = POLLIN };

		assert_int_equal(poll(&fd, 1, 10000), 1);
		*now_ms += 1;
		handoff_take_events(h, *now_ms);
		verdict = handoff_step(h, root, snap, *now_ms);
	}
	return verdict;
}

static void test_lock(void **state)
{
	struct sysroot root = SYSROOT_INIT;
	struct snapshot snap = { 0 };
	static struct handoff h;
	uint64_t now_ms = 1000;
	char command[64];
	bool flags[2];
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(dir));
	root.run_fd = open(dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(handoff_init(&h, &root, flags, 1), 0);
	assert_true(h.watch_fd >= 0);
	assert_int_equal(handoff_step(&h, &root, &snap, now_ms), HANDOFF_NOBODY);
	assert_true(handoff_next_ms(&h) > now_ms + 1000);
	for (int round = 0; round < 2; round++) {
		pid = start_holder();
		assert_int_equal(wait_for_news(&h, &root, &snap, HANDOFF_NOBODY, &now_ms), HANDOFF_STARTING);
		assert_int_equal(h.pid, pid);
		assert_true(handoff_next_ms(&h) <= now_ms + 1000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_int_equal(wait_for_news(&h, &root, &snap, HANDOFF_STARTING, &now_ms), HANDOFF_NOBODY);
	}
	close(h.watch_fd);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_lock) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
