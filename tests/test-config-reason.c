/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "snapshot-tool/config-reason.h"

static char seen[N_CONFIG_REASONS][3000];	/* the texts that tests have had of each reason */
static struct config config = { .version = "0.9.4", .wwids_file = "/etc/multipath/wwids", .wwids = (char *)"/3A/\n" };

static void set_config(const char *text)
{
	conf_free(config.conf);
	config.conf = NULL;
	assert_int_equal(conf_parse(text, strlen(text), false, NULL, NULL, &config.conf), 0);
}

/* A disk that is a path, its name in the configuration by the blacklist's rules. */
static struct config_case a_disk(void)
{
	static struct config_case c;

	c = (struct config_case){
		.name = "sda", .config = &config, .exists = true, .is_disk = true, .has_udev = true, .wwid = "3A", .is_udev_wwid = true, .n_same = 2,
		.info.facts = { .name = "sda", .protocol = "scsi:iscsi", .vendor = "V", .product = "P" },
		.uid_attribute.value = "ID_SERIAL",
	};
	for (enum option o = 0; o < N_OPTIONS; o++)
		c.resolved.v[o].is_set = true;
	strcpy(c.resolved.v[OPT_ALIAS].value, "mpatha");
	return c;
}

static void check(const struct config_case *c, enum config_reason reason, bool is_path, const char *part)
{
	static struct config_answer a;
	struct config_case with = *c;

	if (c->is_disk) {
		const struct blacklist_in in = {
			.config = config.conf, .facts = &c->info.facts, .wwid = c->wwid, .uid_attribute = "ID_SERIAL",
			.properties = (const char *const[]){ "ID_BUS", "ID_SERIAL", NULL },
		};

		blacklist_check(&in, &with.blacklist);
	}
	config_decide(&with, &a);
	if (a.reason != reason || !strstr(a.text.s, part))
		print_error("%s: %s\n", config_reason_names[a.reason], a.text.s);
	assert_string_equal(config_reason_names[a.reason], config_reason_names[reason]);
	assert_int_equal(a.is_path, is_path);
	assert_non_null(strstr(a.text.s, part));
	assert_false(a.text.overflow);
	snprintf(seen[reason], sizeof(seen[reason]), "%s", a.text.s);
}

static void test_kinds(void **state)
{
	struct config_case c = { .name = "sda", .config = &config };

	(void)state;
	check(&c, CONFIG_NO_DEVICE, false, "there is no such block device");
	c.exists = true;
	check(&c, CONFIG_NO_DISK, false, "is no disk");
	c.is_hidden = true;
	check(&c, CONFIG_HIDDEN, false, "own NVMe multipath");
	strcpy(c.dm_name, "vg-root");
	check(&c, CONFIG_OTHER_DM, false, "device-mapper device (vg-root)");
	strcpy(c.dm_uuid, "mpath-3A");
	check(&c, CONFIG_MAP, false, "is the map vg-root (3A)");
	c.is_partition = true;
	strcpy(c.disk, "sdz");
	check(&c, CONFIG_PARTITION, false, "is a partition of sdz");
}

static void check_conf(const char *text, enum config_reason reason, bool is_path, const char *part)
{
	struct config_case c = a_disk();

	set_config(text);
	check(&c, reason, is_path, part);
}

static void test_blacklists(void **state)
{
	(void)state;
	check_conf("blacklist {\n devnode sda\n}\n", CONFIG_DEVNODE, false, "sda is blacklisted by devnode \"sda\" (multipath 0.9.4 built-in)");
	check_conf("blacklist {\n wwid 3A\n}\n", CONFIG_WWID, false, "sda (WWID 3A) is blacklisted by wwid");
	check_conf("blacklist {\n protocol scsi\n}\n", CONFIG_PROTOCOL, false, "sda (scsi:iscsi) is blacklisted by protocol");
	check_conf("blacklist {\n device {\n vendor V\n product P\n }\n}\n", CONFIG_DEVICE, false, "(vendor \"V\", product \"P\") is blacklisted by a device section");
	check_conf("blacklist {\n property ID_BUS\n}\n", CONFIG_PROPERTY, false, "is blacklisted by property");
	check_conf("blacklist_exceptions {\n property ID_WWN\n}\n", CONFIG_NO_PROPERTY, false, "no property of it that the exceptions name with property \"ID_WWN\"");
	check_conf("blacklist {\n wwid 3\n}\nblacklist_exceptions {\n wwid 3A\n}\n", CONFIG_PATH, true, "taken out of the blacklist by wwid \"3A\"");
}

static void test_wwids(void **state)
{
	struct config_case c = a_disk();

	(void)state;
	set_config("");
	c.has_udev = false;
	check(&c, CONFIG_NO_UDEV, false, "is not in udev's database");
	c = a_disk();
	strcpy(c.info.facts.protocol, "scsi:usb");
	check(&c, CONFIG_USB, false, "is a USB disk");
	c = a_disk();
	c.wwid[0] = '\0';
	check(&c, CONFIG_NO_WWID, false, "has no WWID: udev knows no ID_SERIAL of it");
	c = a_disk();
	strcpy(c.wwid, "3B");
	check(&c, CONFIG_STRICT, false, "multipath -a 3B");
	strcpy(c.map_name, "mpathb");
	check(&c, CONFIG_STRICT, false, "it is in the map mpathb now, which multipathd gives up");
	c.map_name[0] = '\0';
	set_config("defaults {\n find_multipaths on\n}\n");
	check(&c, CONFIG_PATH, true, "would be a path of a map mpatha");
	c.n_same = 1;
	check(&c, CONFIG_ALONE, false, "is the only disk of its LUN, is not in /etc/multipath/wwids, and find_multipaths is on");
	set_config("defaults {\n find_multipaths smart\n}\n");
	check(&c, CONFIG_SMART, false, "so far");
	c.wwid_has_map = true;
	check(&c, CONFIG_PATH, true, "would be");
	set_config("defaults {\n find_multipaths greedy\n}\n");
	c.wwid_has_map = false;
	check(&c, CONFIG_PATH, true, "would be");
	c.is_failed = true;
	check(&c, CONFIG_FAILED, false, "/run/multipath/failed_wwids");
}

static void test_maps(void **state)
{
	struct config_case c = a_disk();

	(void)state;
	set_config("");
	strcpy(c.map_name, "mpatha");
	strcpy(c.map_wwid, "3A");
	check(&c, CONFIG_IN_MAP, true, "sda is a path of the map mpatha; WWID 3A by ID_SERIAL (multipath 0.9.4 built-in), alias \"mpatha\"");
	strcpy(c.map_wwid, "3Z");
	check(&c, CONFIG_OTHER_WWID, false, "is in the map mpatha (3Z), but its WWID is 3A now");
}

/* Every reason has been seen, and no two of them read the same. */
static void test_all_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CONFIG_REASONS; i++) {
		assert_non_null(config_reason_names[i]);
		if (!seen[i][0])
			fail_msg("no test of %s", config_reason_names[i]);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(seen[i], seen[j]);
			assert_string_not_equal(config_reason_names[i], config_reason_names[j]);
		}
	}
	conf_free(config.conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_blacklists),
		cmocka_unit_test(test_wwids),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_all_distinct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
