/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmocka.h.inc"

#include "table.h"

static const struct snap_map plain = {
	.selector = "service-time 0", .features = "0", .hwhandler = "0", .minio = 1, .no_path_retry = NO_PATH_RETRY_UNDEF,
};

static struct path paths[3] = { { .devno = "8:0" }, { .devno = "8:16" }, { .devno = "65:32" } };
static const struct candidate cand[3] = {
	{ .path = &paths[0], .state = PATH_STATE_UP, .prio = 50 }, { .path = &paths[1], .state = PATH_STATE_UP, .prio = 10 }, { .path = &paths[2], .state = PATH_STATE_UP, .prio = 50 },
};

static void check(const struct snap_map *map, enum pg_policy policy, size_t n, const char *handler, const char *want)
{
	struct grouping g;
	char mem[TABLE_SIZE];
	struct buf out = BUF_INIT(mem, sizeof(mem));

	buf_reset(&out);
	group_paths(policy, cand, n, &g);
	table_format(map, cand, &g, handler, &out);
	assert_false(out.overflow);
	assert_string_equal(out.s, want);
}

static void test_format(void **state)
{
	struct snap_map map = plain;

	(void)state;
	check(&map, POLICY_FAILOVER, 1, "", "0 0 1 1 service-time 0 1 1 8:0 1");
	check(&map, POLICY_GROUP_BY_PRIO, 3, "alua", "0 1 alua 2 1 service-time 0 2 1 8:0 1 65:32 1 service-time 0 1 1 8:16 1");
	map.no_path_retry = NO_PATH_RETRY_QUEUE;
	check(&map, POLICY_FAILOVER, 1, "", "1 queue_if_no_path 0 1 1 service-time 0 1 1 8:0 1");
	map.no_path_retry = 12;
	map.features = "2 pg_init_retries 50";
	map.hwhandler = "1 rdac";
	check(&map, POLICY_FAILOVER, 1, "", "3 pg_init_retries 50 queue_if_no_path 1 rdac 1 1 service-time 0 1 1 8:0 1");
	map.no_path_retry = NO_PATH_RETRY_FAIL;
	map.features = "1 queue_if_no_path";
	map.rr_weight = RR_WEIGHT_PRIORITIES;
	map.minio = 2;
	check(&map, POLICY_FAILOVER, 1, "alua", "0 1 alua 1 1 service-time 0 1 1 8:0 100");
	map.no_path_retry = NO_PATH_RETRY_UNDEF;
	check(&map, POLICY_FAILOVER, 1, "", "1 queue_if_no_path 1 rdac 1 1 service-time 0 1 1 8:0 100");
}

static void test_parse(void **state)
{
	struct table t;

	(void)state;
	/* as the kernel prints it: two path arguments, a trailing blank */
	assert_int_equal(table_parse("1 queue_if_no_path 1 alua 2 1 service-time 0 2 2 8:0 1 1 65:32 1 1 service-time 0 1 2 8:16 1 1 ", &t), 0);
	assert_true(t.queueing);
	assert_string_equal(t.features, "0");
	assert_string_equal(t.hwhandler, "1 alua");
	assert_string_equal(t.selector, "service-time 0");
	/* a bio-based map, of NVMe over TCP: the kernel adds a word of its own */
	assert_int_equal(table_parse("3 retain_attached_hw_handler queue_mode bio 0 1 1 service-time 0 1 2 259:0 1 1 ", &t), 0);
	assert_string_equal(t.features, "2 queue_mode bio");
	assert_int_equal(table_parse("1 queue_if_no_path 1 alua 2 1 service-time 0 2 2 8:0 1 1 65:32 1 1 service-time 0 1 2 8:16 1 1 ", &t), 0);
	assert_int_equal(t.n_paths, 3);
	assert_int_equal(t.paths[2].group, 2);
	assert_string_equal(t.paths[1].devno, "65:32");
	assert_int_equal(table_parse("", &t), -EBADMSG);
	assert_int_equal(table_parse("0 0 1 1 service-time 0 2 1 8:0 1", &t), -EBADMSG);
	assert_int_equal(table_parse("0 0 4294967297 1", &t), -EBADMSG);
	assert_int_equal(table_parse("0 0 1 1 service-time 0 1 1 123456789012345678901 1", &t), -EBADMSG);
}

static void test_status(void **state)
{
	struct table t;

	(void)state;
	assert_int_equal(table_parse_status("2 0 0 0 2 1 A 0 1 2 8:0 F 3 0 1 E 0 1 2 8:16 A 0 0 1 ", &t), 0);
	assert_int_equal(t.n_paths, 2);
	assert_true(t.paths[0].failed);
	assert_false(t.paths[1].failed);
	assert_int_equal(t.current, 1);
	assert_int_equal(table_parse_status("2 0 0 0 1 1 A 0 1 2 8:0 X 3 0 1", &t), -EBADMSG);
}

static void test_diff(void **state)
{
	struct table want, have;

	(void)state;
	table_parse("0 1 alua 2 1 service-time 0 1 1 8:0 1 service-time 0 1 1 8:16 1", &want);
	table_parse("0 1 alua 2 1 service-time 0 1 2 8:0 1 1 service-time 0 1 2 8:16 1 1 ", &have);
	assert_null(table_diff(&want, &have));
	table_parse("0 1 alua 1 1 service-time 0 1 2 8:0 1 1 ", &have);
	assert_string_equal(table_diff(&want, &have), "a path is missing");
	table_parse("0 1 alua 2 1 service-time 0 1 2 8:16 1 1 service-time 0 1 2 8:0 1 1 ", &have);
	assert_string_equal(table_diff(&want, &have), "other path groups");
	/* the kernel puts features in its own order and drops what bio-based maps cannot have: such a map must not be loaded for ever */
	table_parse("5 queue_if_no_path pg_init_retries 3 queue_mode bio 0 2 1 service-time 0 1 2 8:0 1 1 service-time 0 1 2 8:16 1 1 ", &have);
	assert_null(table_diff(&want, &have));
}

static void test_overflow(void **state)
{
	struct snap_map map = plain;
	struct grouping g;
	char mem[20];
	struct buf out = BUF_INIT(mem, sizeof(mem));

	(void)state;
	buf_reset(&out);
	group_paths(POLICY_FAILOVER, cand, 3, &g);
	table_format(&map, cand, &g, "", &out);
	assert_true(out.overflow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format), cmocka_unit_test(test_parse), cmocka_unit_test(test_status),
		cmocka_unit_test(test_diff), cmocka_unit_test(test_overflow),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
