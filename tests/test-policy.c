/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmocka.h.inc"

#include "policy.h"
#include "snapshot.h"

static void test_retry(void **state)
{
	struct retry r = { 0 };

	(void)state;
	/* 3 checks of 5 s without a path, then errors; with the first path it queues again */
	assert_int_equal(retry_step(&r, 3, 5, true, true, 1000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 2000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 16999), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 17000), RETRY_STOP_QUEUEING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 17001), RETRY_STOP_QUEUEING);	/* the message failed */
	assert_int_equal(retry_step(&r, 3, 5, false, false, 18000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 19000), RETRY_STOP_QUEUEING);	/* a reload had turned it on */
	assert_int_equal(retry_step(&r, 3, 5, true, false, 20000), RETRY_QUEUE);
	assert_int_equal(retry_step(&r, 3, 5, true, true, 20001), RETRY_NOTHING);
	/* and counts from the start the next time */
	assert_int_equal(retry_step(&r, 3, 5, false, true, 30000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, true, true, 44000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 44500), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 59499), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, true, 59500), RETRY_STOP_QUEUEING);
}

static void test_retry_for_ever_or_never(void **state)
{
	static const int fixed[] = { NO_PATH_RETRY_QUEUE, NO_PATH_RETRY_FAIL, NO_PATH_RETRY_UNDEF };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++) {
		struct retry r = { 0 };

		assert_int_equal(retry_step(&r, fixed[i], 5, false, true, 0), RETRY_NOTHING);
		assert_int_equal(retry_step(&r, fixed[i], 5, false, true, 1ull << 40), RETRY_NOTHING);
		assert_int_equal(retry_step(&r, fixed[i], 5, true, false, 1ull << 40), RETRY_NOTHING);
	}
}

/* An administrator may have turned queueing off: that is not ours to turn on. */
static void test_retry_respects_others(void **state)
{
	struct retry r = { 0 };

	(void)state;
	assert_int_equal(retry_step(&r, 3, 5, true, false, 1000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, false, 2000), RETRY_NOTHING);
	assert_int_equal(retry_step(&r, 3, 5, false, false, 16000), RETRY_NOTHING);
}

static void test_best(void **state)
{
	(void)state;
	assert_int_equal(best_rated((struct rating[]) { { 100, 2, 2 }, { 10, 1, 1 } }, 2), 1);
	assert_int_equal(best_rated((struct rating[]) { { 10, 1, 1 }, { 100, 2, 2 } }, 2), 2);
	assert_int_equal(best_rated((struct rating[]) { { 50, 1, 1 }, { 100, 2, 2 } }, 2), 2);	/* equal: more paths */
	assert_int_equal(best_rated((struct rating[]) { { 50, 1, 1 }, { 50, 1, 1 } }, 2), 1);
	assert_int_equal(best_rated((struct rating[]) { { 0, 0, 0 }, { 1, 1, 1 } }, 2), 2);
	assert_int_equal(best_rated((struct rating[]) { { 0, 0, 0 }, { 0, 0, 0 } }, 2), 0);
	assert_int_equal(best_rated((struct rating[]) { { 0, 0, 2 }, { 0, 0, 1 } }, 2), 1);	/* no priorities known */
}

static const struct rating both[] = { { 50, 1, 1 }, { 10, 1, 1 } }, second[] = { { 0, 0, 0 }, { 10, 1, 1 } };

static void test_failback_immediate(void **state)
{
	struct failback f = { 0 };

	(void)state;
	assert_int_equal(failback_step(&f, FAILBACK_IMMEDIATE, both, 2, 1, 0), 0);
	assert_int_equal(failback_step(&f, FAILBACK_IMMEDIATE, second, 2, 2, 1000), 0);
	assert_int_equal(failback_step(&f, FAILBACK_IMMEDIATE, both, 2, 2, 2000), 1);
	assert_int_equal(failback_step(&f, FAILBACK_IMMEDIATE, both, 2, 2, 3000), 0);	/* asked once; the kernel switches with the next I/O */
	assert_int_equal(failback_step(&f, FAILBACK_IMMEDIATE, both, 2, 1, 4000), 0);
	assert_int_equal(failback_step(&f, FAILBACK_IMMEDIATE, both, 2, 2, 5000), 1);	/* it went away again */
}

static void test_failback_manual(void **state)
{
	struct failback f = { 0 };

	(void)state;
	assert_int_equal(failback_step(&f, FAILBACK_MANUAL, second, 2, 2, 1000), 0);
	assert_int_equal(failback_step(&f, FAILBACK_MANUAL, both, 2, 2, 2000), 0);
}

static void test_failback_seconds(void **state)
{
	struct failback f = { 0 };

	(void)state;
	assert_int_equal(failback_step(&f, 10, both, 2, 2, 1000), 0);
	assert_int_equal(failback_step(&f, 10, both, 2, 2, 10999), 0);
	assert_int_equal(failback_step(&f, 10, second, 2, 2, 10999), 0);	/* gone again: the wait starts anew */
	assert_int_equal(failback_step(&f, 10, both, 2, 2, 11000), 0);
	assert_int_equal(failback_step(&f, 10, both, 2, 2, 20999), 0);
	assert_int_equal(failback_step(&f, 10, both, 2, 2, 21000), 1);
}

/* followover: not because another node moved the LUN (priorities changed), but when the group's own path comes back */
static void test_failback_followover(void **state)
{
	static const struct rating moved[] = { { 10, 1, 1 }, { 50, 1, 1 } };
	struct failback f = { 0 };

	(void)state;
	assert_int_equal(failback_step(&f, FAILBACK_FOLLOWOVER, both, 2, 1, 0), 0);
	assert_int_equal(failback_step(&f, FAILBACK_FOLLOWOVER, moved, 2, 1, 1000), 0);
	assert_int_equal(failback_step(&f, FAILBACK_FOLLOWOVER, second, 2, 2, 2000), 0);
	assert_int_equal(failback_step(&f, FAILBACK_FOLLOWOVER, both, 2, 2, 3000), 1);
}

static void test_flap(void **state)
{
	struct flap f = { 0 };

	(void)state;
	assert_false(flap_failed(&f, 1000));	/* the first failure is nothing */
	assert_true(flap_is_over(&f, 1000));
	flap_reinstated(&f, 2000);
	assert_false(flap_failed(&f, 5000));	/* once: a plug that was pulled twice */
	assert_true(flap_is_over(&f, 5000));
	flap_reinstated(&f, 6000);
	assert_true(flap_failed(&f, 7000));	/* twice: 4 s */
	assert_false(flap_is_over(&f, 10999));
	assert_true(flap_is_over(&f, 11000));
	flap_reinstated(&f, 11000);
	assert_false(flap_failed(&f, 12000));	/* said already; 8 s */
	assert_false(flap_is_over(&f, 19999));
	for (int i = 0; i < 10; i++) {
		flap_reinstated(&f, 20000);
		flap_failed(&f, 20000);
	}
	assert_true(flap_is_over(&f, 20000 + 64000));
	flap_reinstated(&f, 100000);
	assert_false(flap_failed(&f, 100000 + FLAP_SOON_MS + 1));	/* it held: forgiven */
	assert_true(flap_is_over(&f, 100000 + FLAP_SOON_MS + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_retry_for_ever_or_never),
		cmocka_unit_test(test_retry_respects_others),
		cmocka_unit_test(test_best),
		cmocka_unit_test(test_failback_immediate),
		cmocka_unit_test(test_failback_manual),
		cmocka_unit_test(test_failback_seconds),
		cmocka_unit_test(test_failback_followover),
		cmocka_unit_test(test_flap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
