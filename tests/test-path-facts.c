/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What detection asks of a device, and what it makes of the answers. */
#include "cmocka.h.inc"

#include <unistd.h>

#include "fake-probe.h"
#include "path-facts.h"

static struct fake_step step(const uint8_t *cdb, size_t cdb_len, const uint8_t *data, size_t len)
{
	struct fake_step s = { .kind = FAKE_SCSI, .cdb_len = cdb_len, .times = 1, .data = (uint8_t *)data, .len = len };

	memcpy(s.cdb, cdb, cdb_len);
	return s;
}

static struct fake_step refused(struct fake_step s, uint8_t key)
{
	s.status = 0x02;
	s.sense[0] = 0x70;
	s.sense[2] = key;
	s.sense_len = 18;
	return s;
}

static void ask(struct path_facts *f, const struct fake_step *steps, size_t n)
{
	static uint8_t page[PATH_FACTS_PAGE];
	struct fake_case c = { .n_steps = n };

	memcpy(c.steps, steps, n * sizeof(*steps));
	playing = &c;
	memset(page, 0xff, sizeof(page));
	path_facts_ask(-1, FAKE_TIMEOUT_MS, page, f);
	assert_true(fake_is_over(&c));
	assert_string_equal(c.wrong, "");
	assert_int_equal(stray, 0);
}

#define STEPS(...) ((const struct fake_step[]){ __VA_ARGS__ }), ARRAY_SIZE(((const struct fake_step[]){ __VA_ARGS__ }))
#define CDB(...) ((const uint8_t[]){ __VA_ARGS__ }), sizeof((const uint8_t[]){ __VA_ARGS__ })

static void test_rdac(void **unused)
{
	static const uint8_t with[] = { 0, 0, 0, 3, 0x00, 0x83, 0xc9 }, without[] = { 0, 0, 0, 2, 0x00, 0x83, 0xc9 };
	static const uint8_t vac1[48] = { 0, 0xc9, 0, 44, 'v', 'a', 'c', '1' }, other[48] = { 0, 0xc9, 0, 44, 'v', 'a', 'c', '2' };
	struct fake_step c9 = step(CDB(0x12, 1, 0xc9), vac1, 48);
	struct path_facts f = { .bus = BUS_SCSI, .tpgs = TPGS_NONE };

	(void)unused;
	ask(&f, STEPS(step(CDB(0x12, 1, 0), with, 7), c9));
	assert_true(f.is_rdac);
	ask(&f, STEPS(step(CDB(0x12, 1, 0), without, 7)));	/* not listed: not asked for */
	assert_false(f.is_rdac);
	ask(&f, STEPS(step(CDB(0x12, 1, 0), with, 7), step(CDB(0x12, 1, 0xc9), other, 48)));
	assert_false(f.is_rdac);
	ask(&f, STEPS(step(CDB(0x12, 1, 0), with, 7), step(CDB(0x12, 1, 0xc9), vac1, 7)));	/* cut short */
	assert_false(f.is_rdac);
	ask(&f, STEPS(step(CDB(0x12, 1, 0), with, 7), refused(c9, 5)));
	assert_false(f.is_rdac);
	ask(&f, STEPS(refused(step(CDB(0x12, 1, 0), with, 7), 5)));
	assert_false(f.is_rdac);
}

static void test_tpgs(void **unused)
{
	static const uint8_t no_pages[] = { 0, 0, 0, 0 }, groups[4];
	struct fake_step none = step(CDB(0x12, 1, 0), no_pages, 4), rtpg = step(CDB(0xa3, 0x0a), groups, 4), gone = rtpg;
	struct path_facts f = { .bus = BUS_SCSI, .tpgs = 3 };

	(void)unused;
	ask(&f, STEPS(rtpg, none));
	assert_int_equal(f.tpgs, 3);
	ask(&f, STEPS(refused(rtpg, 6), rtpg, none));
	assert_int_equal(f.tpgs, 3);
	gone.error = EIO;
	ask(&f, STEPS(gone, none));	/* no answer is no denial */
	assert_int_equal(f.tpgs, 3);
	ask(&f, STEPS(refused(rtpg, 5), none));
	assert_int_equal(f.tpgs, TPGS_NONE);
}

static void test_ana(void **unused)
{
	static uint8_t controller[77];
	struct fake_step identify = { .kind = FAKE_NVME, .nvme_opcode = 6, .nvme_cdw10 = 1, .has_cdw10 = true, .times = 1, .data = controller, .len = 77 };
	struct path_facts f = { .bus = BUS_NVME, .tpgs = TPGS_UNKNOWN };

	(void)unused;
	controller[76] = 0x07;
	ask(&f, STEPS(identify));
	assert_false(f.has_ana);
	controller[76] = 0x08;
	ask(&f, STEPS(identify));
	assert_true(f.has_ana);
	playing = NULL;
	path_facts_ask(-1, FAKE_TIMEOUT_MS, controller, &f);	/* known: not asked again */
	assert_int_equal(stray, 0);
	f.has_ana = false;
	identify.error = EACCES;
	ask(&f, STEPS(identify));
	assert_false(f.has_ana);
	f = (struct path_facts){ .bus = BUS_DASD };
	playing = NULL;
	path_facts_ask(-1, FAKE_TIMEOUT_MS, controller, &f);
	assert_int_equal(stray, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rdac), cmocka_unit_test(test_tpgs), cmocka_unit_test(test_ana) };

	return cmocka_run_group_tests_name("path facts", tests, NULL, NULL);
}
