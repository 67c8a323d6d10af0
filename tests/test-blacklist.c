/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "blacklist.h"

#define BUILT_IN \
	"blacklist {\n devnode \"!^(sd[a-z]|dasd[a-z]|nvme[0-9])\"\n device {\n vendor \"^DGC\"\n product \"LUNZ\"\n }\n}\n" \
	"blacklist_exceptions {\n property \"(SCSI_IDENT_|ID_WWN)\"\n}\n"

static const char *const with_wwn[] = { "DEVNAME", "ID_SERIAL", "ID_WWN", NULL };
static const char *const without_wwn[] = { "DEVNAME", "ID_SERIAL", NULL };

/* "class line", "" where it is no blacklisted disk; "!" in front for a property that is missing. */
static void check(const char *more, const char *name, const char *vendor, const char *const *properties, const char *wanted)
{
	struct path_facts f = { .protocol = "scsi:iscsi", .product = "LUNZ" };
	struct blacklist_in in = { .facts = &f, .wwid = "36001405abc", .uid_attribute = "ID_SERIAL", .properties = properties };
	struct blacklist_verdict v;
	struct conf *conf;
	char text[2000], got[100] = "";

	snprintf(f.name, sizeof(f.name), "%s", name);
	snprintf(f.vendor, sizeof(f.vendor), "%s", vendor);
	snprintf(text, sizeof(text), "%s%s", BUILT_IN, more);
	assert_int_equal(conf_parse(text, strlen(text), false, NULL, NULL, &conf), 0);
	in.config = conf;
	blacklist_check(&in, &v);
	assert_int_equal(v.is_blacklisted, v.rule != NULL);
	if (v.is_blacklisted)
		snprintf(got, sizeof(got), "%s%s %u", v.lacks_property ? "!" : "", v.class, v.rule->line);
	else if (v.exception)
		snprintf(got, sizeof(got), "exception %u", v.exception->line);
	assert_string_equal(got, wanted);
	conf_free(conf);
}

static void test_built_in(void **state)
{
	(void)state;
	check("", "sda", "LIO-ORG", with_wwn, "");
	check("", "vda", "LIO-ORG", with_wwn, "devnode 2");
	check("", "sda", "DGC", with_wwn, "device 5");
	check("", "sda", "xDGC", with_wwn, "");
	check("", "sda", "LIO-ORG", without_wwn, "!property 9");
	check("", "sda", "LIO-ORG", NULL, "");
}

static void test_user(void **state)
{
	(void)state;
	check("blacklist {\n devnode sda\n}\n", "sda", "X", with_wwn, "devnode 12");
	check("blacklist {\n devnode ^a\n}\n", "sda", "X", with_wwn, "");
	check("blacklist {\n devnode \"(\"\n}\n", "sda", "X", with_wwn, "");
	check("blacklist {\n wwid 36001405\n}\n", "sda", "X", with_wwn, "wwid 12");
	check("blacklist {\n wwid .*\n}\nblacklist_exceptions {\n wwid 36001405abc\n}\n", "sda", "X", with_wwn, "exception 15");
	check("blacklist {\n protocol scsi\n}\n", "sda", "X", with_wwn, "protocol 12");
	check("blacklist {\n protocol scsi\n wwid .*\n}\nblacklist_exceptions {\n wwid .*\n}\n", "sda", "X", with_wwn, "protocol 12");
	check("blacklist {\n device {\n vendor LIO\n }\n}\n", "sda", "LIO-ORG", with_wwn, "device 13");
	check("blacklist {\n device {\n vendor LIO\n product \"!LUNZ\"\n }\n}\n", "sda", "LIO-ORG", with_wwn, "");
	check("blacklist {\n device {\n }\n}\n", "sda", "LIO-ORG", with_wwn, "");
	check("blacklist {\n property ID_SER\n}\n", "sda", "X", without_wwn, "property 12");
	check("blacklist {\n property ID_SER\n}\nblacklist_exceptions {\n property ID_S\n}\n", "sda", "X", without_wwn, "");
	/* An exception of one class does not help against another. */
	check("blacklist {\n devnode sd\n}\nblacklist_exceptions {\n wwid .*\n}\n", "sda", "X", with_wwn, "devnode 12");
	check("blacklist {\n devnode sd\n}\nblacklist_exceptions {\n devnode sda\n}\n", "sda", "X", with_wwn, "exception 15");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
