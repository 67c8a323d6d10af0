/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every checker against a device of our own making (probe.cases), and what takes more than one call or a real file. */
#include "cmocka.h.inc"

#include <unistd.h>

#include "checker.h"
#include "fake-probe.h"

static const char *check(const struct checker_ops *ops, struct fake_probe *p)
{
	static const char *const names[] = { "unchecked", "down", "up", "shaky", "ghost", "pending" };
	enum path_state state = PATH_STATE_UNCHECKED;
	int r = ops->check(&p->args, &state);

	assert_true(r <= 0);
	return r < 0 ? "unchecked" : names[state];
}

static void test_cases(void **unused)
{
	size_t n, played = 0, bad = 0;
	struct fake_case *cases = fake_load(CASES, &n);

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		const struct checker_ops *ops = checker_find(cases[i].plugin);
		struct fake_probe p;

		if (strcmp(cases[i].kind, "checker"))
			continue;
		assert_non_null(ops);
		fake_probe_open(&p, cases[i].args);
		playing = &cases[i];
		bad += !is_kept(&cases[i], check(ops, &p));
		fake_probe_close(&p, ops->release);
		played++;
	}
	playing = NULL;
	fake_free(cases, n);
	assert_true(played > 80);
	assert_int_equal(bad, 0);
}

static struct fake_case *cases_of(const char *plugin)
{
	static struct fake_case *all;
	static size_t n;

	if (!all)
		all = fake_load(CASES, &n);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].kind, "checker") && !strcmp(all[i].plugin, plugin))
			return &all[i];
	fail_msg("no case of %s", plugin);
	return NULL;
}

/* The first two cases of emc_clariion: owned, and owned by the other processor. */
static void play(struct fake_case *c)
{
	c->at = c->done = 0;
	playing = c;
}

static void test_emc_wwn(void **unused)
{
	const struct checker_ops *ops = checker_find("emc_clariion");
	struct fake_case passive = cases_of("emc_clariion")[1];
	struct fake_probe p;

	(void)unused;
	fake_probe_open(&p, "");
	play(&passive);
	assert_string_equal(check(ops, &p), "up");
	play(&passive);
	assert_string_equal(check(ops, &p), "up");
	passive.steps[0].data[25] ^= 1;
	play(&passive);
	assert_string_equal(check(ops, &p), "down");
	passive.steps[0].data[25] ^= 1;
	play(&passive);
	assert_string_equal(check(ops, &p), "up");
	fake_probe_close(&p, ops->release);
}

static void test_emc_snapshot(void **unused)
{
	const struct checker_ops *ops = checker_find("emc_clariion");
	struct fake_case active = cases_of("emc_clariion")[0], passive = cases_of("emc_clariion")[1];
	struct fake_probe a, b;

	(void)unused;
	fake_probe_open(&a, "");
	fake_probe_open(&b, "");
	b.args.map_word = a.args.map_word;
	active.steps[1].status = 0x02;	/* 5/25/01: the LUN is an inactive snapshot */
	memcpy(active.steps[1].sense, (uint8_t[18]){ 0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x25, 0x01 }, 18);
	active.steps[1].sense_len = 18;
	play(&passive);
	assert_string_equal(check(ops, &b), "up");
	play(&active);
	assert_string_equal(check(ops, &a), "down");
	play(&passive);
	assert_string_equal(check(ops, &b), "down");	/* another path of the map has told */
	active.steps[1].status = 0;
	active.steps[1].sense_len = 0;
	play(&active);
	assert_string_equal(check(ops, &a), "up");
	play(&passive);
	assert_string_equal(check(ops, &b), "up");
	fake_probe_close(&a, ops->release);
	fake_probe_close(&b, ops->release);
}

/* The mode page is looked at once for each device. */
static void test_rdac_once(void **unused)
{
	const struct checker_ops *ops = checker_find("rdac");
	struct fake_case first = cases_of("rdac")[0], next = first;
	struct fake_probe p;

	(void)unused;
	next.steps[0] = first.steps[1];
	next.n_steps = 1;
	fake_probe_open(&p, "");
	play(&first);
	assert_string_equal(check(ops, &p), "up");
	play(&next);
	assert_string_equal(check(ops, &p), "up");
	assert_true(fake_is_over(&next));
	fake_probe_close(&p, ops->release);
	assert_int_equal(stray, 0);
}

static void test_block_size(void **unused)
{
	const struct checker_ops *ops = checker_find("readsector0");
	struct fake_case c = cases_of("readsector0")[0];
	struct fake_probe p;

	(void)unused;
	fake_probe_open(&p, "");
	memcpy(c.steps[0].cdb, (uint8_t[10]){ 0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0 }, 10);
	c.steps[0].cdb_len = 10;
	play(&c);
	assert_string_equal(check(ops, &p), "up");
	block_size = 4096;
	c.steps[0].cdb[8] = 1;
	play(&c);
	assert_string_equal(check(ops, &p), "up");
	block_size = 8192;	/* 4096 bytes are no number of these */
	assert_string_equal(check(ops, &p), "unchecked");
	block_size = 512;
	fake_probe_close(&p, ops->release);
	assert_int_equal(stray, 0);
}

static void test_directio(void **unused)
{
	const struct checker_ops *ops = checker_find("directio");
	struct fake_probe p;

	(void)unused;
	playing = NULL;
	fake_probe_open(&p, "");
	p.args.dev_fd = fake_disk(8192);
	if (p.args.dev_fd < 0) {
		fake_probe_close(&p, NULL);
		skip();
	}
	block_size = 4096;
	assert_string_equal(check(ops, &p), "up");
	assert_string_equal(check(ops, &p), "up");
	close(p.args.dev_fd);
	p.args.dev_fd = fake_disk(0);
	assert_string_equal(check(ops, &p), "down");	/* nothing comes */
	close(p.args.dev_fd);
	p.args.dev_fd = fake_disk(512);
	assert_string_equal(check(ops, &p), "down");	/* less comes */
	close(p.args.dev_fd);
	p.args.dev_fd = -1;
	assert_string_equal(check(ops, &p), "unchecked");
	block_size = 512;
	fake_probe_close(&p, ops->release);
}

static void test_none(void **unused)
{
	struct fake_probe p;

	(void)unused;
	fake_probe_open(&p, "");
	assert_string_equal(check(checker_find("none"), &p), "up");
	assert_int_equal(stray, 0);
	fake_probe_close(&p, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_emc_wwn), cmocka_unit_test(test_emc_snapshot),
		cmocka_unit_test(test_rdac_once), cmocka_unit_test(test_block_size), cmocka_unit_test(test_directio),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests_name("checkers", tests, NULL, NULL);
}
