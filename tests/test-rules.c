/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "bindings.h"
#include "properties.h"
#include "resolve.h"
#include "rules.h"
#include "snapshot.h"
#include "util.h"

static const struct rules_binding bindings[] = { { "mpatha", "36001" }, { "mpathc", "36003" }, { "other", "36009" } };
static const char *const wwids[] = { "36001", "36002" };

static struct rules rules_of(enum find_multipaths find)
{
	return (struct rules){
		.find = find, .bindings = bindings, .n_bindings = ARRAY_SIZE(bindings), .wwids = wwids, .n_wwids = ARRAY_SIZE(wwids),
	};
}

static void test_judge(void **state)
{
	static const struct {
		enum find_multipaths find;
		enum rules_verdict known, one, two;
	} cases[] = {
		{ FIND_OFF, VERDICT_YES, VERDICT_YES, VERDICT_YES },
		{ FIND_GREEDY, VERDICT_YES, VERDICT_YES, VERDICT_YES },
		{ FIND_ON, VERDICT_YES, VERDICT_SECOND, VERDICT_YES },
		{ FIND_SMART, VERDICT_YES, VERDICT_SECOND, VERDICT_YES },
		{ FIND_STRICT, VERDICT_YES, VERDICT_NO, VERDICT_NO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct rules r = rules_of(cases[i].find);

		assert_int_equal(rules_judge(&r, "", "36002", 1), cases[i].known);
		assert_int_equal(rules_judge(&r, "", "36008", 1), cases[i].one);
		assert_int_equal(rules_judge(&r, "", "36008", 2), cases[i].two);
		/* what is asked for by name, and nothing else */
		assert_int_equal(rules_judge(&r, "36007,36008", "36008", 1), VERDICT_YES);
		assert_int_equal(rules_judge(&r, "36007,36008", "3600", 9), VERDICT_NO);
		assert_int_equal(rules_judge(&r, "36007,36008", "36002", 9), VERDICT_NO);
	}
}

static void test_find(void **state)
{
	static const struct {
		const char *word;
		bool is_known;
		enum find_multipaths find;
	} words[] = {
		{ "off", true, FIND_OFF }, { "no", true, FIND_OFF }, { "on", true, FIND_ON }, { "yes", true, FIND_ON }, { "greedy", true, FIND_GREEDY },
		{ "smart", true, FIND_SMART }, { "strict", true, FIND_STRICT }, { "clever", false, FIND_STRICT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char text[80];
		struct conf *conf;
		struct rules r = { .find = FIND_OFF };

		snprintf(text, sizeof(text), "defaults {\nfind_multipaths %s\n}\n", words[i].word);
		assert_int_equal(conf_parse(text, strlen(text), true, NULL, NULL, &conf), 0);
		r.config.first = conf->first;
		assert_int_equal(rules_read_find(&r), words[i].is_known);
		assert_int_equal(r.find, words[i].find);
		conf_free(conf);
	}
}

static bool is_taken(void *arg, const char *alias)
{
	return streq(alias, arg);
}

static bool is_short(void *arg, const char *alias)
{
	return strlen(alias) < *(size_t *)arg;
}

static void test_names(void **state)
{
	const struct rules r = rules_of(FIND_ON);
	char alias[64];
	size_t len;

	(void)state;
	assert_string_equal(rules_binding_of(&r, "36003"), "mpathc");
	assert_null(rules_binding_of(&r, "36002"));
	assert_true(rules_new_alias(&r, "mpath", is_taken, (void *)"mpathx", alias, sizeof(alias)));
	assert_string_equal(alias, "mpathb");
	assert_true(rules_new_alias(&r, "mpath", is_taken, (void *)"mpathb", alias, sizeof(alias)));
	assert_string_equal(alias, "mpathd");
	len = 7;	/* behind z comes aa, behind zz aaa */
	assert_true(rules_new_alias(&r, "mpath", is_short, &len, alias, sizeof(alias)));
	assert_string_equal(alias, "mpathaa");
	len = 8;
	assert_true(rules_new_alias(&r, "mpath", is_short, &len, alias, sizeof(alias)));
	assert_string_equal(alias, "mpathaaa");
	assert_false(rules_new_alias(&r, "a prefix that leaves no room for a letter", is_taken, (void *)"", alias, 42));
}

static struct path_facts disk(const char *name, const char *protocol, const char *vendor, const char *product)
{
	struct path_facts f = { .bus = str_after(name, "nvme") ? BUS_NVME : BUS_SCSI };

	snprintf(f.name, sizeof(f.name), "%s", name);
	snprintf(f.protocol, sizeof(f.protocol), "%s", protocol);
	snprintf(f.vendor, sizeof(f.vendor), "%s", vendor);
	snprintf(f.product, sizeof(f.product), "%s", product);
	return f;
}

/* The rules that hold without a configuration: they parse, find ALUA, know NVMe and leave USB sticks alone. */
static void test_built_in(void **state)
{
	const char *const udev[] = { "ID_SERIAL", NULL }, *const udev_wwn[] = { "ID_SERIAL", "ID_WWN_WITH_EXTENSION", NULL };
	struct path_facts f = disk("sda", "scsi:fcp", "ACME", "Disk");
	struct snapshot *snap;
	struct resolved r;
	struct resolve_in in = { .wwid = "36001", .bindings_file = "", .paths = &f, .n_paths = 1 };

	(void)state;
	assert_int_equal(snapshot_built_in(&snap), 0);
	assert_int_equal(snap->rules->find, FIND_ON);
	assert_false(rules_blacklisted(snap->rules, &f, "36001", "", NULL));
	assert_true(rules_blacklisted(snap->rules, &f, "36001", "ID_SERIAL", udev));
	assert_false(rules_blacklisted(snap->rules, &f, "36001", "ID_SERIAL", udev_wwn));
	f = disk("sda", "scsi:usb", "ACME", "Stick");
	assert_true(rules_blacklisted(snap->rules, &f, "36001", "", NULL));
	f = disk("vda", "undef", "", "");
	assert_true(rules_blacklisted(snap->rules, &f, "36001", "", NULL));

	in.config = &snap->rules->config;
	f = disk("sda", "scsi:fcp", "ACME", "Disk");
	f.tpgs = 3;
	resolve(&in, NULL, NULL, &r);
	assert_string_equal(r.v[OPT_PATH_GROUPING_POLICY].value, "group_by_prio");
	assert_string_equal(r.v[OPT_PATH_CHECKER].value, "tur");
	assert_string_equal(r.v[OPT_HARDWARE_HANDLER].value, "1 alua");
	assert_string_equal(r.v[OPT_ALIAS].value, "36001");
	f.tpgs = TPGS_NONE;
	resolve(&in, NULL, NULL, &r);
	assert_string_equal(r.v[OPT_PATH_GROUPING_POLICY].value, "failover");
	assert_string_equal(r.v[OPT_PRIO].value, "const");
	f = disk("nvme0n1", "nvme:tcp", "NVME", "Linux");
	f.has_ana = true;
	resolve(&in, NULL, NULL, &r);
	assert_string_equal(r.v[OPT_PRIO].value, "ana");
	assert_string_equal(r.v[OPT_PATH_CHECKER].value, "none");
	assert_string_equal(r.v[OPT_UID_ATTRIBUTE].value, "ID_WWN");
	snapshot_free(snap);
}

static bool first_free(void *arg, const char *prefix, char *alias, size_t size)
{
	(void)arg;
	return (size_t)snprintf(alias, size, "%sq", prefix) < size;
}

static void test_allocated_alias(void **state)
{
	static const char text[] = "defaults {\nuser_friendly_names yes\n}\ndevices {\ndevice {\nvendor ACME\nproduct .*\nalias_prefix acme\n}\n}\n";
	struct path_facts f = disk("sda", "scsi:fcp", "ACME", "Disk");
	struct resolve_in in = { .wwid = "36001", .bindings_file = "", .paths = &f, .n_paths = 1, .allocate = first_free };
	struct resolved r;
	struct conf *conf;

	(void)state;
	assert_int_equal(conf_parse(text, strlen(text), false, NULL, NULL, &conf), 0);
	in.config = conf;
	resolve(&in, NULL, NULL, &r);
	assert_string_equal(r.v[OPT_ALIAS].value, "acmeq");
	in.binding = "mpathc";
	resolve(&in, NULL, NULL, &r);
	assert_string_equal(r.v[OPT_ALIAS].value, "mpathc");
	conf_free(conf);
}

static void test_files(void **state)
{
	static const char b[] = "# Multipath bindings, Version : 1.0\n\nmpatha 36001\n  mpathb\t36002 # two\nbroken\nmpathc 36001\nlast 36005";
	static const char w[] = "# valid\n/36001/\n#36002/\n/36003\n/36004/\n";
	const char *text = b;
	char alias[32], wwid[32], small[3], all[200] = "";

	(void)state;
	while (bindings_next(&text, alias, sizeof(alias), wwid, sizeof(wwid)))
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s=%s ", alias, wwid);
	assert_string_equal(all, "mpatha=36001 mpathb=36002 mpathc=36001 last=36005 ");
	assert_true(bindings_find(b, "36001", alias, sizeof(alias)));
	assert_string_equal(alias, "mpatha");
	assert_false(bindings_find(b, "3600", alias, sizeof(alias)));
	assert_false(bindings_find(NULL, "36001", alias, sizeof(alias)));
	text = b;
	assert_false(bindings_next(&text, small, sizeof(small), wwid, sizeof(wwid)));
	all[0] = '\0';
	text = w;
	while (wwids_next(&text, wwid, sizeof(wwid)))
		strcat(all, wwid);
	assert_string_equal(all, "3600136004");
	assert_true(wwids_find(w, "36004"));
	assert_false(wwids_find(w, "36002"));
	assert_false(wwids_find(NULL, "36001"));
}

static void test_properties(void **state)
{
	static struct properties p;

	(void)state;
	strcpy(p.text, "S:disk/by-id/x=y\nI:12\nE:ID_SERIAL=360 01 \nE:ID_BUS=scsi\nE:broken\nG:E:no=1\nE:A==b\nE:LAST=x");
	properties_parse(&p, strlen(p.text));
	assert_int_equal(p.n, 4);
	assert_string_equal(p.names[0], "A");
	assert_string_equal(p.names[3], "LAST");
	assert_null(p.names[4]);
	assert_string_equal(properties_get(&p, "A"), "=b");
	assert_string_equal(properties_get(&p, "ID_SERIAL"), "360 01 ");
	assert_string_equal(properties_get(&p, "ID"), "");
	properties_parse(&p, 0);
	assert_int_equal(p.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_built_in),
		cmocka_unit_test(test_allocated_alias),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_properties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
