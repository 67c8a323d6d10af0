/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Code of others crashes in every way it can, in a thread with a worker's stack; and what is refused before it is called. */
#include "cmocka.h.inc"

#include <pthread.h>
#include <signal.h>

#include "extension-name.h"
#include "fence.h"
#include "foreign.h"

static volatile int zero, seven = 7;
static volatile char *volatile nowhere;

static void call_nothing(void *arg)
{
	*(int *)arg += 1;
}

static void call_null(void *arg)
{
	(void)arg;
	*nowhere = 1;
}

static void call_divide(void *arg)
{
	*(int *)arg = seven / zero;
}

static void call_abort(void *arg)
{
	(void)arg;
	abort();
}

static int deeper(int n)
{
	volatile char frame[512];

	frame[0] = (char)n;
	return n ? deeper(n - 1) + frame[0] : 0;
}

static void call_overflow(void *arg)
{
	*(int *)arg = deeper(1 << 20);
}

static const struct {
	void (*call)(void *arg);
	int signal;
} calls[] = { { call_null, SIGSEGV }, { call_divide, SIGFPE }, { call_abort, SIGABRT }, { call_overflow, SIGSEGV }, { call_nothing, 0 } };

static void *worker(void *arg)
{
	int *failed = arg, done = 0;

	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
			*failed += fence_run(calls[i].call, &done, true) != calls[i].signal;
	return NULL;
}

static __attribute__((unused)) void test_crashes(void **state)
{
	pthread_t threads[4];
	int failed[4] = { 0 };
	pthread_attr_t attr;

	(void)state;
	fence_init();
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	pthread_attr_setguardsize(&attr, FENCE_GUARD_SIZE);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], &attr, worker, &failed[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(failed[i], 0);
	}
}

static int check(const struct probe_args *args, enum path_state *state)
{
	(void)args;
	*state = PATH_STATE_UP;
	return 0;
}

static int get(const struct probe_args *args, int *prio)
{
	(void)args;
	*prio = 7;
	return 0;
}

static void test_registry(void **state)
{
	static const struct checker_ops good = { .abi = CHECKER_ABI, .name = "good", .check = check }, taken = { .abi = CHECKER_ABI, .name = "tur", .check = check },
		old = { .abi = CHECKER_ABI + 1, .name = "old", .check = check }, odd = { .abi = CHECKER_ABI, .name = "a/b", .check = check },
		empty = { .abi = CHECKER_ABI, .name = "empty" };
	static const struct prio_ops mine = { .abi = PRIO_ABI, .name = "mine", .get = get };
	static const struct checker_ops *const checkers[] = { &taken, &good, NULL };
	static const struct prio_ops *const prios[] = { &mine, NULL };
	static const struct mpath_extension e = { .abi = EXTENSION_ABI, .name = "e", .checkers = checkers, .prios = prios },
		newer = { .abi = EXTENSION_ABI + 1, .name = "e" }, nothing = { .abi = EXTENSION_ABI, .name = "nothing" };
	const char *source = NULL;
	char why[200];

	(void)state;
	assert_null(checker_find("good"));
	assert_int_equal(foreign_add(&e, "extension e.so", why, sizeof(why)), 2);	/* tur stays ours */
	assert_ptr_equal(checker_find("good"), &good);
	assert_ptr_equal(prio_find("mine"), &mine);
	assert_ptr_not_equal(checker_find("tur"), &taken);
	assert_true(foreign_has(&good) && foreign_has(&mine) && !foreign_has(&taken));
	assert_int_equal(foreign_add(&e, "again", why, sizeof(why)), -EEXIST);
	assert_int_equal(foreign_add(&newer, "x", why, sizeof(why)), -EPROTONOSUPPORT);
	assert_non_null(strstr(why, "ABI"));
	assert_int_equal(foreign_add(&nothing, "x", why, sizeof(why)), -EBADMSG);
	assert_int_equal(foreign_add_one(PLUGIN_CHECKER, &old, "x", why, sizeof(why)), -EPROTONOSUPPORT);
	assert_int_equal(foreign_add_one(PLUGIN_CHECKER, &odd, "x", why, sizeof(why)), -EBADMSG);
	assert_int_equal(foreign_add_one(PLUGIN_CHECKER, &empty, "x", why, sizeof(why)), -EBADMSG);
	for (size_t i = 0; checker_at(i, &source); i++)
		if (checker_at(i, &source) == &good)
			assert_string_equal(source, "extension e.so");

	foreign_set_faulty(&good);
	assert_null(checker_find("good"));
	foreign_set_faulty(checker_find("tur"));
	assert_null(checker_find("tur"));
	assert_string_equal(checker_stand_in(BUS_SCSI)->name, "none");
}

static void test_names(void **state)
{
	static const char *const good[] = { "new_prio.so", "a.b-c+1.so", "/usr/lib/x/y.so" },
		*const bad[] = { "", ".so", "x", "x.so.1", "a/x.so", "../x.so", "/../x.so", "/a/./x.so", "/a//x.so", "/x.so/", "a b.so", "a\n.so", "$(x).so", ".x.so", "/" };
	char text[400];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(extension_file_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(extension_file_is_valid(bad[i]));
	memset(text, 'a', sizeof(text));
	strcpy(text + EXTENSION_FILE_MAX - 3, ".so");
	assert_true(extension_file_is_valid(text));
	memset(text, 'a', sizeof(text));
	strcpy(text + EXTENSION_FILE_MAX - 2, ".so");
	assert_false(extension_file_is_valid(text));
	assert_true(plugin_name_is_valid("path_latency"));
	assert_false(plugin_name_is_valid("") || plugin_name_is_valid("a.b") || plugin_name_is_valid("a/b") || plugin_name_is_valid("../../x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifndef __SANITIZE_ADDRESS__	/* sanitizers end the program at the first crash: that is what they are for */
		cmocka_unit_test(test_crashes),
#endif
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
