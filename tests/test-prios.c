/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every prioritizer against a device of our own making (probe.cases), and those that look at /sys, at a real file, or at long replies. */
#include "cmocka.h.inc"

#include <unistd.h>

#include "fake-probe.h"
#include "prio.h"
#include "prio-args.h"

static int get(const struct prio_ops *ops, struct fake_probe *p)
{
	int prio = PRIO_UNDEF;

	if (ops->get(&p->args, &prio) < 0)
		return PRIO_UNDEF;
	assert_true(prio >= 0);
	return prio;
}

static void test_cases(void **unused)
{
	size_t n, played = 0, bad = 0;
	struct fake_case *cases = fake_load(CASES, &n);

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		const struct prio_ops *ops = prio_find(cases[i].plugin);
		struct fake_probe p;
		char got[16];
		int prio;

		if (strcmp(cases[i].kind, "prio"))
			continue;
		assert_non_null(ops);
		fake_probe_open(&p, cases[i].args);
		playing = &cases[i];
		prio = get(ops, &p);
		snprintf(got, sizeof(got), "%d", prio);
		bad += !is_kept(&cases[i], prio < 0 ? "undef" : got);
		fake_probe_close(&p, ops->release);
		played++;
	}
	playing = NULL;
	fake_free(cases, n);
	assert_true(played > 100);
	assert_int_equal(bad, 0);
}

/* ---- alua and sysfs: TPGS and the port group are in /sys, or asked for */

static const uint8_t std_alua[36] = { 0, 0, 6, 2, 31, 0x10 }, std_plain[36] = { 0, 0, 6, 2, 31, 0x00 };
static const uint8_t pg83[] = { 0, 0x83, 0, 8, 0x01, 0x15, 0, 4, 0, 0, 0, 2 };	/* target port group 2 */
static const uint8_t pg83_none[] = { 0, 0x83, 0, 12, 0x01, 0x03, 0, 8, 0x50, 0, 0, 0, 0, 0, 0, 1 };

static struct fake_step rtpg_step(uint8_t *data, size_t len)
{
	return (struct fake_step){ .kind = FAKE_SCSI, .cdb = { 0xa3, 0x0a }, .cdb_len = 2, .times = 1, .data = data, .len = len };
}

static struct fake_step inquiry_step(uint8_t evpd, uint8_t page, const uint8_t *data, size_t len)
{
	return (struct fake_step){ .kind = FAKE_SCSI, .cdb = { 0x12, evpd, page }, .cdb_len = 3, .times = 1, .data = (uint8_t *)data, .len = len };
}

static struct fake_step sense_step(struct fake_step s, unsigned int times, uint8_t key, uint8_t asc, uint8_t ascq)
{
	s.times = times;
	s.status = 0x02;
	memcpy(s.sense, (uint8_t[18]){ 0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq }, 18);
	s.sense_len = 18;
	return s;
}

/* Group 1 is optimized, group 2 in @state. */
static void put_groups(uint8_t data[28], uint8_t state)
{
	memcpy(data, (uint8_t[28]){ 0, 0, 0, 24, 0x00, 0xff, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, state, 0xff, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2 }, 28);
}

static void open_alua(struct fake_probe *p, const char *options)
{
	fake_probe_open(p, options);
	fake_attr(p, "device/inquiry", std_alua, sizeof(std_alua));
	fake_attr(p, "device/vpd_pg83", pg83, sizeof(pg83));
}

static void test_alua_states(void **unused)
{
	static const struct {
		uint8_t state;
		const char *options;
		int prio;
	} table[] = {
		{ 0x0, "", 50 }, { 0x1, "", 10 }, { 0x2, "", 1 }, { 0x3, "", 0 }, { 0x4, "", 5 }, { 0xe, "", 0 }, { 0xf, "", 0 }, { 0x7, "", 0 },
		{ 0x80, "", 50 }, { 0x81, "", 90 }, { 0x82, "", 81 }, { 0x83, "", 80 }, { 0x84, "", 85 },
		{ 0x80, "exclusive_pref_bit", 130 }, { 0x81, "exclusive_pref_bit", 90 }, { 0x00, "exclusive_pref_bit", 50 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct fake_case c = { .n_steps = 1 };
		struct fake_probe p;
		uint8_t groups[28];

		put_groups(groups, table[i].state);
		c.steps[0] = rtpg_step(groups, sizeof(groups));
		open_alua(&p, table[i].options);
		playing = &c;
		assert_int_equal(get(prio_find("alua"), &p), table[i].prio);
		assert_true(fake_is_over(&c));
		assert_string_equal(c.wrong, "");
		c.at = 0;
		assert_int_equal(get(prio_find("sysfs"), &p), table[i].prio);	/* no device handler: it asks */
		assert_true(fake_is_over(&c));
		fake_probe_close(&p, NULL);
	}
	assert_int_equal(stray, 0);
}

static void test_sysfs_states(void **unused)
{
	static const struct {
		const char *state, *preferred, *options;
		int prio;
	} table[] = {
		{ "active/optimized\n", "0\n", "", 50 }, { "active/non-optimized\n", "0\n", "", 10 }, { "lba-dependent\n", "0\n", "", 5 },
		{ "standby\n", "0\n", "", 1 }, { "unavailable\n", "0\n", "", 0 }, { "offline\n", "0\n", "", 0 },
		{ "transitioning\n", "0\n", "", 0 }, { "unknown\n", "0\n", "", 0 }, { "active/optimized\n", "1\n", "", 50 },
		{ "active/non-optimized\n", "1\n", "", 90 }, { "active/optimized\n", "1\n", "exclusive_pref_bit", 130 },
		{ "active/optimized\n", NULL, "exclusive_pref_bit", 50 },
	};

	(void)unused;
	playing = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct fake_probe p;

		fake_probe_open(&p, table[i].options);
		fake_attr_text(&p, "device/access_state", table[i].state);
		if (table[i].preferred)
			fake_attr_text(&p, "device/preferred_path", table[i].preferred);
		assert_int_equal(get(prio_find("sysfs"), &p), table[i].prio);
		fake_probe_close(&p, NULL);
	}
	assert_int_equal(stray, 0);
}

/* One way through alua: the attributes that are there, the steps, and what comes out. */
static void run_alua(bool has_inquiry, bool has_pg83, const struct fake_step *steps, size_t n, int want)
{
	struct fake_case c = { .n_steps = n };
	struct fake_probe p;

	memcpy(c.steps, steps, n * sizeof(*steps));
	fake_probe_open(&p, "");
	if (has_inquiry)
		fake_attr(&p, "device/inquiry", std_alua, sizeof(std_alua));
	if (has_pg83)
		fake_attr(&p, "device/vpd_pg83", pg83, sizeof(pg83));
	playing = &c;
	assert_int_equal(get(prio_find("alua"), &p), want);
	assert_true(fake_is_over(&c));
	assert_string_equal(c.wrong, "");
	assert_int_equal(stray, 0);
	fake_probe_close(&p, NULL);
}

#define STEPS(...) ((const struct fake_step[]){ __VA_ARGS__ }), ARRAY_SIZE(((const struct fake_step[]){ __VA_ARGS__ }))

static void test_alua_ways(void **unused)
{
	uint8_t groups[28], bad[28];
	struct fake_step rtpg = rtpg_step(groups, sizeof(groups)), timeout = rtpg, gone = rtpg, cut = rtpg;

	(void)unused;
	put_groups(groups, 0x1);
	/* nothing is in /sys: an old kernel */
	run_alua(false, false, STEPS(inquiry_step(0, 0, std_alua, 36), inquiry_step(1, 0x83, pg83, sizeof(pg83)), rtpg), 10);
	run_alua(false, true, STEPS(inquiry_step(0, 0, std_plain, 36)), -1);	/* TPGS none */
	run_alua(false, true, STEPS(inquiry_step(0, 0, std_alua, 5)), -1);	/* cut short */
	run_alua(false, true, STEPS(sense_step(inquiry_step(0, 0, std_alua, 0), 1, 5, 0x24, 0)), -1);
	run_alua(true, false, STEPS(inquiry_step(1, 0x83, pg83_none, sizeof(pg83_none))), -1);	/* no port group */
	/* unit attention and not ready: three more tries */
	run_alua(true, true, STEPS(sense_step(rtpg, 2, 6, 0x2a, 0x06), sense_step(rtpg, 1, 2, 0x04, 0x0a), rtpg), 10);
	run_alua(true, true, STEPS(sense_step(rtpg, 4, 6, 0x2a, 0x06)), -1);
	run_alua(true, true, STEPS(sense_step(rtpg, 1, 5, 0x20, 0)), -1);
	timeout.host = 0x03;
	run_alua(true, true, STEPS(timeout), -1);
	gone.error = EIO;
	run_alua(true, true, STEPS(gone), -1);
	/* the port moved to a group that the kernel's page does not know */
	groups[19] = 7;
	run_alua(true, true, STEPS(rtpg, inquiry_step(1, 0x83, (const uint8_t[]){ 0, 0x83, 0, 8, 1, 0x15, 0, 4, 0, 0, 0, 7 }, 12), rtpg), 10);
	run_alua(true, true, STEPS(rtpg, inquiry_step(1, 0x83, pg83, sizeof(pg83)), rtpg), -1);
	put_groups(groups, 0x1);
	/* our group is cut off; it is there in spite of the cut */
	cut.len = 20;
	run_alua(true, true, STEPS(cut), -1);
	cut.len = 24;
	run_alua(true, true, STEPS(cut), 10);
	/* a number of ports that leads out of the data */
	put_groups(bad, 0x1);
	bad[11] = 200;
	run_alua(true, true, STEPS(rtpg_step(bad, 28), inquiry_step(1, 0x83, pg83, sizeof(pg83)), rtpg_step(bad, 28)), -1);
}

static void test_alua_none(void **unused)
{
	struct fake_probe p;

	(void)unused;
	playing = NULL;
	fake_probe_open(&p, "");
	fake_attr(&p, "device/inquiry", std_plain, sizeof(std_plain));
	fake_attr(&p, "device/vpd_pg83", pg83, sizeof(pg83));
	assert_int_equal(prio_find("alua")->get(&p.args, &(int){ 0 }), -EOPNOTSUPP);
	assert_int_equal(stray, 0);
	fake_probe_close(&p, NULL);
}

/* 400 groups of one port: 4804 bytes, of which a page arrives. */
static void test_alua_many_groups(void **unused)
{
	static uint8_t data[4 + 400 * 12];
	struct fake_case c = { .n_steps = 1 };
	struct fake_probe p;

	(void)unused;
	data[2] = (400 * 12) >> 8;
	data[3] = (400 * 12) & 0xff;
	for (unsigned int i = 0; i < 400; i++) {
		uint8_t *d = data + 4 + i * 12;

		d[0] = 0x01;
		d[2] = (uint8_t)((i + 1000) >> 8);
		d[3] = (uint8_t)(i + 1000);
		d[7] = 1;
	}
	c.steps[0] = rtpg_step(data, sizeof(data));
	open_alua(&p, "");
	playing = &c;
	assert_int_equal(prio_find("alua")->get(&p.args, &(int){ 0 }), -EMSGSIZE);
	data[4 + 399 * 12 + 2] = 0;	/* the last one is ours: out of reach still */
	data[4 + 399 * 12 + 3] = 2;
	c.at = 0;
	assert_int_equal(get(prio_find("alua"), &p), -1);
	fake_attr_text(&p, "device/access_state", "standby\n");	/* the kernel's handler takes longer replies */
	c.at = 0;
	assert_int_equal(get(prio_find("alua"), &p), 1);
	data[4 + 300 * 12 + 2] = 0;	/* the 301st is ours: in reach */
	data[4 + 300 * 12 + 3] = 2;
	c.at = 0;
	assert_int_equal(get(prio_find("alua"), &p), 10);
	assert_int_equal(stray, 0);
	fake_probe_close(&p, NULL);
}

/* ---- ana: a log of more than a page goes on behind its last whole descriptor */

static uint8_t ana_log[16 + 300 * 32];

static void test_ana_long_log(void **unused)
{
	static uint8_t controller[77], namespace[96], rest[4096];
	struct fake_case c = {
		.n_steps = 5,
		.steps = {
			{ .kind = FAKE_NVME_ID, .times = 1, .result = 1 },
			{ .kind = FAKE_NVME, .nvme_opcode = 6, .nvme_cdw10 = 1, .has_cdw10 = true, .times = 1, .data = controller, .len = 77 },
			{ .kind = FAKE_NVME, .nvme_opcode = 6, .nvme_cdw10 = 0, .has_cdw10 = true, .times = 1, .data = namespace, .len = 96 },
			/* 1024 dwords of log 0Ch, groups only */
			{ .kind = FAKE_NVME, .nvme_opcode = 2, .nvme_cdw10 = 1023 << 16 | 1 << 8 | 0x0c, .has_cdw10 = true, .times = 1,
			  .data = ana_log, .len = 4096 },
			{ .kind = FAKE_NVME, .nvme_opcode = 2, .nvme_cdw12 = 16 + 127 * 32, .times = 1, .data = rest, .len = 4096 },
		},
	};
	struct fake_probe p;

	(void)unused;
	controller[76] = 0x08;
	namespace[92] = 200;
	ana_log[8] = 300 & 0xff;
	ana_log[9] = 300 >> 8;
	for (unsigned int i = 0; i < 300; i++) {
		uint8_t *d = ana_log + 16 + i * 32;

		d[0] = (uint8_t)(i + 1);
		d[1] = (uint8_t)((i + 1) >> 8);
		d[16] = i + 1 == 200 ? 0x02 : 0x01;
	}
	/* 127 descriptors are whole in the first page: it goes on at 16 + 127 * 32 */
	memcpy(rest, ana_log + 16 + 127 * 32, 4096);
	fake_probe_open(&p, "");
	playing = &c;
	assert_int_equal(get(prio_find("ana"), &p), 10);
	assert_true(fake_is_over(&c));
	assert_string_equal(c.wrong, "");
	assert_int_equal(stray, 0);
	fake_probe_close(&p, NULL);
}

/* ---- those that ask no device */

static void test_path_latency(void **unused)
{
	static const char *const bad[] = { "", "io_num=19 base_num=10", "io_num=201 base_num=10", "io_num=20 base_num=1.09", "io_num=20 base_num=10.1",
		"io_num=20", "base_num=10", "io_num=x base_num=10", "io_num=20 base_num=1.5x" };
	const struct prio_ops *ops = prio_find("path_latency");
	struct fake_probe p;
	int by_ten, by_two, by_little;

	(void)unused;
	fake_probe_open(&p, "io_num=20 base_num=10");
	p.args.dev_fd = fake_disk(8192);
	if (p.args.dev_fd < 0) {
		fake_probe_close(&p, NULL);
		skip();
	}
	/* a read takes between 1 us and 10 s: 8 to 1; floor(log2) is between 3.3 and 4.3 times that. One slow moment may lie between the two. */
	by_ten = get(ops, &p);
	assert_true(by_ten >= 1 && by_ten <= 8);
	p.args.options = "io_num=200 base_num=2";
	by_two = get(ops, &p);
	assert_true(by_two >= 3 && by_two <= 26);
	assert_true(by_two >= by_ten * 3 - 4 && by_two <= (by_ten + 2) * 4);
	p.args.options = "io_num=20 base_num=1.1";
	by_little = get(ops, &p);
	assert_true(by_little >= 24 && by_little <= 193);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		p.args.options = bad[i];	/* as "io_num=100 base_num=1.778" */
		assert_true(get(ops, &p) >= 4 && get(ops, &p) <= 32);
	}
	close(p.args.dev_fd);
	p.args.dev_fd = fake_disk(0);
	assert_int_equal(get(ops, &p), -1);
	close(p.args.dev_fd);
	p.args.dev_fd = -1;
	assert_int_equal(get(ops, &p), -1);
	fake_probe_close(&p, NULL);
}

static void test_iet(void **unused)
{
	const struct prio_ops *ops = prio_find("iet");
	struct fake_probe p;

	(void)unused;
	fake_probe_open(&p, "preferredip=10.0.0.1");
	assert_int_equal(get(ops, &p), 20);
	strcpy(p.path.portal, "10.0.0.11:3260");
	assert_int_equal(get(ops, &p), 10);
	strcpy(p.path.portal, "[fe80::1]:3260");
	assert_int_equal(get(ops, &p), 10);
	p.path.portal[0] = '\0';	/* Fibre Channel */
	assert_int_equal(get(ops, &p), -1);
	fake_probe_close(&p, NULL);
}

static void test_weightedpath(void **unused)
{
	const struct prio_ops *ops = prio_find("weightedpath");
	struct fake_probe p;

	(void)unused;
	/* /sys/devices/host3/rport-3:0-1/target3:0:1/3:0:1:5, with host3's FC host beside the remote port */
	fake_probe_open(&p, "wwn ^0x2000000000000001:0x1000000000000001:0x5000000000000002:0x5000000000000003$ 40");
	fake_dir(&p, "fc_host");
	fake_dir(&p, "fc_host/host3");
	fake_attr_text(&p, "fc_host/host3/node_name", "0x2000000000000001\n");
	fake_attr_text(&p, "fc_host/host3/port_name", "0x1000000000000001\n");
	fake_dir(&p, "rport-3:0-1");
	fake_dir(&p, "rport-3:0-1/target3:0:1");
	fake_dir(&p, "rport-3:0-1/target3:0:1/3:0:1:5");
	fake_dir(&p, "sdc");
	close(p.args.sys_fd);
	{
		char dir[128], link[128];

		snprintf(link, sizeof(link), "%s/sdc/device", p.dir);
		assert_int_equal(symlink("../rport-3:0-1/target3:0:1/3:0:1:5", link), 0);
		snprintf(dir, sizeof(dir), "%s/sdc", p.dir);
		p.args.sys_fd = open(dir, O_RDONLY | O_DIRECTORY);
	}
	strcpy(p.path.syspath, "../devices/host3/rport-3:0-1/target3:0:1/3:0:1:5/block/sdc");
	strcpy(p.path.node_name, "0x5000000000000002");
	strcpy(p.path.target, "0x5000000000000003");
	assert_int_equal(get(ops, &p), 40);
	p.args.options = "hbtl . 5";	/* nothing that it looks at changes for a path, so it looks once */
	assert_int_equal(get(ops, &p), 40);
	p.ctx = NULL;
	assert_int_equal(get(ops, &p), 5);
	p.ctx = NULL;
	/* iSCSI: its node name is the target's, it has no port name */
	p.args.options = "wwn ^.undef.:.undef.:iqn.2026-01.test:t:.undef.$ 30";
	strcpy(p.path.syspath, "../devices/platform/host3/session1/target3:0:1/3:0:1:5/block/sdc");
	strcpy(p.path.node_name, "iqn.2026-01.test:t");
	strcpy(p.path.target, "iqn.2026-01.test:t");
	{
		char file[128];

		snprintf(file, sizeof(file), "%s/fc_host/host3/node_name", p.dir);
		unlink(file);
		snprintf(file, sizeof(file), "%s/fc_host/host3/port_name", p.dir);
		unlink(file);
	}
	assert_int_equal(get(ops, &p), 30);
	p.ctx = NULL;
	p.args.options = "serial \"^20 ?00$\" 12";	/* a quoted expression may have blanks */
	assert_int_equal(get(ops, &p), 12);
	fake_probe_close(&p, NULL);
}

static void test_random(void **unused)
{
	struct fake_probe p;
	unsigned int seen = 0;

	(void)unused;
	fake_probe_open(&p, "");
	for (int i = 0; i < 100000 && seen != 0x7fe; i++) {
		int prio = get(prio_find("random"), &p);

		assert_true(prio >= 1 && prio <= 10);
		seen |= 1u << prio;
	}
	assert_int_equal(seen, 0x7fe);	/* each from 1 to 10 */
	fake_probe_close(&p, NULL);
}

static void test_args(void **unused)
{
	static const struct {
		const char *text;
		int64_t value;
	} numbers[] = {
		{ "20", 20000 }, { "1.1", 1100 }, { "1.778", 1778 }, { "1.77899", 1778 }, { "10.", 10000 }, { "0", 0 }, { "1000000", 1000000000 },
		{ "1000001", -1 }, { "99999999999999999999", -1 }, { "", -1 }, { ".5", -1 }, { "-1", -1 }, { "1.2.3", -1 }, { "1e3", -1 }, { " 1", -1 },
	};
	const char *s = "  a=1\t\"b c\" d ", *word;
	size_t len;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		assert_int_equal(prio_args_thousandths(numbers[i].text, strlen(numbers[i].text)), numbers[i].value);
	word = prio_args_word(&s, &len);
	assert_true(len == 3 && !memcmp(word, "a=1", 3));
	word = prio_args_word(&s, &len);
	assert_true(len == 3 && !memcmp(word, "b c", 3));
	word = prio_args_word(&s, &len);
	assert_true(len == 1 && *word == 'd');
	assert_null(prio_args_word(&s, &len));
	s = "\"open";
	word = prio_args_word(&s, &len);
	assert_true(len == 5 && *word == '"');
	assert_null(prio_args_value("ab=1 abc=2", "a", &len));
	word = prio_args_value("ab=1 abc=22", "abc", &len);
	assert_true(len == 2 && *word == '2');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_alua_states), cmocka_unit_test(test_sysfs_states),
		cmocka_unit_test(test_alua_ways), cmocka_unit_test(test_alua_none), cmocka_unit_test(test_alua_many_groups),
		cmocka_unit_test(test_ana_long_log), cmocka_unit_test(test_path_latency), cmocka_unit_test(test_iet),
		cmocka_unit_test(test_weightedpath), cmocka_unit_test(test_random), cmocka_unit_test(test_args),
	};

	return cmocka_run_group_tests_name("prios", tests, NULL, NULL);
}
