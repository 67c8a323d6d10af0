/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <cmocka.h>

#include "conf.h"
#include "resolve.h"
#include "snapshot-tool/config.h"

#define WWID "36001405abcdef0000000000000000000"

static char *recorded;	/* multipath -t of 0.9.4 */

static int read_fixture(void **state)
{
	const struct host here = { .fd = AT_FDCWD };

	(void)state;
	return host_read_file(&here, "tests/fixtures/multipath-t-0.9.4.conf", &recorded, NULL);
}

static int free_fixture(void **state)
{
	(void)state;
	free(recorded);
	return 0;
}

struct heard {
	unsigned int n;
	char text[2000];
};

static void hear(void *arg, const char *text)
{
	struct heard *h = arg;

	h->n++;
	strncat(h->text, text, sizeof(h->text) - strlen(h->text) - 1);
}

static struct path_facts a_path(const char *vendor, const char *product)
{
	struct path_facts p = { .name = "sda", .bus = BUS_SCSI, .protocol = "scsi:iscsi", .tpgs = TPGS_NONE, .timeout_s = 45 };

	snprintf(p.vendor, sizeof(p.vendor), "%s", vendor);
	snprintf(p.product, sizeof(p.product), "%s", product);
	return p;
}

static struct path_facts alua_path(const char *vendor, const char *product)
{
	struct path_facts p = a_path(vendor, product);

	p.tpgs = 3;
	return p;
}

struct result {
	struct conf *conf;
	struct resolved r;
	struct heard heard;
};

/* The recorded configuration with @more behind it, which therefore wins. */
static void run_in(struct result *res, const char *more, struct resolve_in in)
{
	_auto_free_ char *text = NULL;

	*res = (struct result){ 0 };
	assert_true(asprintf(&text, "%s%s", recorded, more) > 0);
	assert_int_equal(conf_parse(text, strlen(text), false, NULL, NULL, &res->conf), 0);
	in.config = res->conf;
	if (!in.wwid)
		in.wwid = WWID;
	in.bindings_file = "/etc/multipath/bindings";
	resolve(&in, hear, &res->heard, &res->r);
}

static void run_paths(struct result *res, const char *more, const struct path_facts *paths, size_t n)
{
	run_in(res, more, (struct resolve_in){ .paths = paths, .n_paths = n });
}

static void run(struct result *res, const char *more, struct path_facts path)
{
	run_paths(res, more, &path, 1);
}

static void check(const struct result *res, enum option o, const char *value, const char *section)
{
	const struct setting *s = &res->r.v[o];

	if (!value) {
		assert_false(s->is_set);
		return;
	}
	assert_true(s->is_set);
	assert_string_equal(s->value, value);
	if (section)
		assert_string_equal(s->section ? s->section->key : s->why[0] ? s->why : "built-in", section);
}

static void done(struct result *res)
{
	conf_free(res->conf);
}

static void test_unknown_disk(void **state)
{
	struct result res;

	(void)state;
	run(&res, "", a_path("ACME", "Disk"));
	check(&res, OPT_ALIAS, WWID, "the WWID: user_friendly_names no");
	check(&res, OPT_UID_ATTRIBUTE, "ID_SERIAL", "defaults");
	check(&res, OPT_PATH_GROUPING_POLICY, "failover", "defaults");
	check(&res, OPT_PATH_SELECTOR, "service-time 0", "defaults");
	check(&res, OPT_FEATURES, "0", "defaults");
	check(&res, OPT_HARDWARE_HANDLER, "0", "built-in");
	check(&res, OPT_NO_PATH_RETRY, NULL, NULL);
	check(&res, OPT_PRIO, "const", "defaults");
	check(&res, OPT_PRIO_ARGS, "", NULL);
	check(&res, OPT_PATH_CHECKER, "tur", "defaults");
	check(&res, OPT_CHECKER_TIMEOUT, "45", "the timeout of the path's commands in /sys");
	check(&res, OPT_MINIO, "1", NULL);
	check(&res, OPT_FAILBACK, "manual", NULL);
	check(&res, OPT_FAST_IO_FAIL_TMO, "5", NULL);
	check(&res, OPT_DEV_LOSS_TMO, NULL, NULL);
	check(&res, OPT_GHOST_DELAY, NULL, NULL);
	check(&res, OPT_MAX_SECTORS_KB, NULL, NULL);
	assert_int_equal(res.heard.n, 0);
	done(&res);
}

/* Entries of the recorded hardware table, picked for what is unusual in each. */
static void test_hardware_table(void **state)
{
	struct path_facts dasd = a_path("IBM", "S/390 DASD ECKD"), nvme = a_path("NVME", "EMC PowerMax");
	struct result res;

	(void)state;
	run(&res, "", alua_path("LIO-ORG", "disk0"));
	check(&res, OPT_PATH_GROUPING_POLICY, "group_by_prio", "device");
	check(&res, OPT_NO_PATH_RETRY, "12", "device");
	check(&res, OPT_HARDWARE_HANDLER, "1 alua", "device");
	check(&res, OPT_PRIO, "alua", "detected: ALUA");
	done(&res);

	run(&res, "", a_path("NFINIDAT", "InfiniBox"));
	check(&res, OPT_PATH_SELECTOR, "round-robin 0", "device");
	check(&res, OPT_RR_WEIGHT, "priorities", "device");
	check(&res, OPT_NO_PATH_RETRY, "fail", "device");
	check(&res, OPT_DEV_LOSS_TMO, "15", "device");
	check(&res, OPT_PRIO, "const", "detected: no ALUA, so not prio alua");
	done(&res);

	run(&res, "", a_path("DGC", "RAID 5"));
	check(&res, OPT_PATH_CHECKER, "emc_clariion", "device");
	check(&res, OPT_HARDWARE_HANDLER, "1 emc", "device");
	check(&res, OPT_PRIO, "emc", "device");
	done(&res);

	/* both NVMe entries match: each property is the last one's that has it */
	nvme.bus = BUS_NVME;
	nvme.tpgs = TPGS_UNKNOWN;
	run(&res, "", nvme);
	check(&res, OPT_UID_ATTRIBUTE, "ID_WWN", "device");
	check(&res, OPT_PATH_CHECKER, "none", "device");
	check(&res, OPT_NO_PATH_RETRY, "queue", "device");
	check(&res, OPT_PRIO, "const", "defaults");
	done(&res);

	dasd.bus = BUS_DASD;
	dasd.tpgs = TPGS_UNKNOWN;
	run(&res, "", dasd);
	check(&res, OPT_UID_ATTRIBUTE, "ID_UID", "device");
	check(&res, OPT_PATH_CHECKER, "directio", "device");
	done(&res);
}

static const char all_levels[] =
	"defaults {\n failback 1\n rr_weight priorities\n rr_min_io_rq 1\n skip_kpartx yes\n}\n"
	"devices {\n device {\n vendor ACME\n product Disk\n failback 2\n path_selector \"queue-length 0\"\n skip_kpartx no\n fast_io_fail_tmo 2\n max_sectors_kb 64\n}\n}\n"
	"overrides {\n failback 3\n path_selector \"round-robin 0\"\n fast_io_fail_tmo 3\n protocol {\n type \"scsi:iscsi\"\n fast_io_fail_tmo 4\n}\n"
	" protocol {\n type \"scsi:fcp\"\n fast_io_fail_tmo 44\n}\n}\n"
	"multipaths {\n multipath {\n wwid " WWID "\n failback 4\n}\n multipath {\n wwid 3600\n failback 5\n}\n}\n";

static void test_precedence(void **state)
{
	struct result res;

	(void)state;
	run(&res, all_levels, a_path("ACME", "Disk"));
	check(&res, OPT_FAILBACK, "4", "multipath");
	check(&res, OPT_PATH_SELECTOR, "round-robin 0", "overrides");
	check(&res, OPT_SKIP_KPARTX, "no", "device");
	check(&res, OPT_RR_WEIGHT, "priorities", "defaults");
	check(&res, OPT_FAST_IO_FAIL_TMO, "4", "protocol");
	check(&res, OPT_MAX_SECTORS_KB, "64", "device");
	done(&res);
}

static void test_devices(void **state)
{
	static const char two[] =
		"devices {\n device {\n vendor \"^ACME\"\n product .*\n failback 1\n no_path_retry 7\n}\n"
		" device {\n vendor ACME\n product \"(Disk|Tape)$\"\n failback 2\n}\n"
		" device {\n vendor ACME\n product Disk\n revision \"^9\"\n failback 3\n}\n"
		" device {\n vendor ACME\n failback 4\n}\n device {\n vendor \"AC(ME\"\n product Disk\n failback 5\n}\n}\n";
	struct path_facts old = a_path("ACME", "Big Disk"), new = old;
	struct result res;

	(void)state;
	run(&res, two, old);
	check(&res, OPT_FAILBACK, "2", "device");
	check(&res, OPT_NO_PATH_RETRY, "7", "device");
	done(&res);
	snprintf(new.revision, sizeof(new.revision), "9.1");
	run(&res, two, new);
	check(&res, OPT_FAILBACK, "3", "device");
	done(&res);
}

static void test_detection(void **state)
{
	struct path_facts p = alua_path("ACME", "Disk"), two[2];
	struct result res;

	(void)state;
	run(&res, "", p);
	check(&res, OPT_PRIO, "alua", NULL);
	check(&res, OPT_PATH_CHECKER, "tur", "detected: ALUA");
	check(&res, OPT_HARDWARE_HANDLER, "1 alua", "detected: ALUA on all paths");
	check(&res, OPT_PATH_GROUPING_POLICY, "failover", "defaults");
	done(&res);

	p.has_access_state = true;
	snprintf(p.dh_state, sizeof(p.dh_state), "alua");
	run(&res, "multipaths {\n multipath {\n wwid " WWID "\n prio const\n prio_args x\n}\n}\n", p);
	check(&res, OPT_PRIO, "sysfs", NULL);	/* detection comes before the section multipaths */
	check(&res, OPT_PRIO_ARGS, "", NULL);
	check(&res, OPT_HARDWARE_HANDLER, "1 alua", "detected: the attached device handler");
	done(&res);

	run(&res, "overrides {\n detect_prio no\n prio weightedpath\n prio_args \"hbtl . 1\"\n detect_checker no\n path_checker directio\n}\n", p);
	check(&res, OPT_PRIO, "weightedpath", "overrides");
	check(&res, OPT_PRIO_ARGS, "hbtl . 1", "overrides");
	check(&res, OPT_PATH_CHECKER, "directio", "overrides");
	done(&res);

	/* arguments come from where the name does, of several entries "device" from any */
	run(&res, "overrides {\n prio_args \"hbtl . 2\"\n}\ndevices {\n device {\n vendor ACME\n product .*\n prio weightedpath\n}\n}\n", a_path("ACME", "Disk"));
	check(&res, OPT_PRIO, "weightedpath", "device");
	check(&res, OPT_PRIO_ARGS, "", NULL);
	done(&res);
	run(&res, "devices {\n device {\n vendor ACME\n product .*\n prio weightedpath\n}\n device {\n vendor .*\n product Disk\n prio_args \"hbtl . 3\"\n}\n}\n", a_path("ACME", "Disk"));
	check(&res, OPT_PRIO_ARGS, "hbtl . 3", "device");
	done(&res);

	/* from 0.9.5 on LIO is to be read, whatever it says of ALUA; the prioritizer is detected all the same */
	run(&res, "devices {\n device {\n vendor \"(LIO-ORG|SUSE)\"\n product .*\n detect_checker no\n path_checker directio\n}\n}\n",
	    alua_path("LIO-ORG", "disk0"));
	check(&res, OPT_PATH_CHECKER, "directio", "device");
	check(&res, OPT_PRIO, "alua", "detected: ALUA");
	done(&res);

	/* NVMe: no TPGS, so its checker is the configuration's */
	two[0] = a_path("NVME", "x");
	two[0].bus = BUS_NVME;
	two[0].tpgs = TPGS_UNKNOWN;
	two[0].has_ana = true;
	run_paths(&res, "overrides {\n prio weightedpath\n prio_args \"hbtl . 1\"\n}\n", two, 1);
	check(&res, OPT_PATH_CHECKER, "none", "device");
	check(&res, OPT_PRIO, "ana", "detected: NVMe ANA");
	check(&res, OPT_PRIO_ARGS, "", NULL);
	done(&res);

	/* explicit ALUA is the kernel's handler's, even on RDAC */
	p.is_rdac = true;
	p.tpgs = 3;
	run(&res, "", p);
	check(&res, OPT_PATH_CHECKER, "rdac", NULL);
	check(&res, OPT_PRIO, "sysfs", NULL);
	done(&res);

	/* RDAC with implicit ALUA only: the checker is rdac's, and so prio alua, not sysfs */
	p.is_rdac = true;
	p.tpgs = 1;
	run(&res, "", p);
	check(&res, OPT_PATH_CHECKER, "rdac", NULL);
	check(&res, OPT_PRIO, "alua", NULL);
	done(&res);

	/* newer multipath-tools, which print detect_pgpolicy */
	run(&res, "defaults {\n detect_pgpolicy yes\n}\nmultipaths {\n multipath {\n wwid " WWID "\n path_grouping_policy multibus\n}\n}\n", p);
	check(&res, OPT_PATH_GROUPING_POLICY, "group_by_prio", "detected: ALUA (detect_pgpolicy)");
	done(&res);
	run(&res, "defaults {\n detect_pgpolicy yes\n detect_pgpolicy_use_tpg yes\n}\n", p);
	check(&res, OPT_PATH_GROUPING_POLICY, "group_by_tpg", NULL);
	done(&res);
	run(&res, "defaults {\n path_grouping_policy group_by_tpg\n}\n", a_path("ACME", "Disk"));
	check(&res, OPT_PATH_GROUPING_POLICY, "failover", NULL);
	done(&res);

	/* one path without ALUA: not for all, and a word about it */
	two[0] = alua_path("LIO-ORG", "x");
	two[1] = a_path("LIO-ORG", "x");
	run_paths(&res, "", two, 2);
	check(&res, OPT_HARDWARE_HANDLER, "0", "detected: no ALUA, so not hardware_handler alua");
	assert_non_null(strstr(res.heard.text, "paths disagree on prio"));
	done(&res);

	snprintf(two[0].dh_state, sizeof(two[0].dh_state), "detached");
	snprintf(two[1].dh_state, sizeof(two[1].dh_state), "rdac");
	run_paths(&res, "", two, 2);
	check(&res, OPT_HARDWARE_HANDLER, "1 rdac", NULL);
	done(&res);
}

static void test_features(void **state)
{
	struct path_facts tcp = a_path("NVME", "x"), p = a_path("ACME", "Disk");
	struct result res;

	(void)state;
	run(&res, "defaults {\n features \"3 queue_if_no_path pg_init_retries 50\"\n}\n", p);
	check(&res, OPT_FEATURES, "2 pg_init_retries 50", "defaults");
	check(&res, OPT_NO_PATH_RETRY, "queue", "defaults");
	assert_string_equal(res.r.v[OPT_NO_PATH_RETRY].node->key, "features");
	done(&res);
	run(&res, "defaults {\n features \"1 queue_if_no_path\"\n no_path_retry fail\n}\n", p);
	check(&res, OPT_FEATURES, "0", NULL);
	check(&res, OPT_NO_PATH_RETRY, "fail", NULL);
	done(&res);
	run(&res, "defaults {\n no_path_retry 0\n}\n", p);
	check(&res, OPT_NO_PATH_RETRY, "fail", NULL);
	done(&res);
	tcp.bus = BUS_NVME;
	snprintf(tcp.protocol, sizeof(tcp.protocol), "nvme:tcp");
	run(&res, "defaults {\n features \"2 pg_init_retries 3\"\n}\n", tcp);
	check(&res, OPT_FEATURES, "4 pg_init_retries 3 queue_mode bio", NULL);
	assert_int_equal(res.heard.n, 0);
	done(&res);
}

static void test_alias(void **state)
{
	static const char friendly[] = "defaults {\n user_friendly_names yes\n}\n";
	static const char named[] = "multipaths {\n multipath {\n wwid " WWID "\n alias root\n}\n}\n";
	struct path_facts p = a_path("ACME", "Disk");
	struct resolve_in in = { .paths = &p, .n_paths = 1, .binding = "mpathc", .live_name = "mpathx" };
	struct result res;

	(void)state;
	run_in(&res, named, in);
	check(&res, OPT_ALIAS, "root", "multipath");
	done(&res);
	run_in(&res, "", in);	/* a binding counts only with user_friendly_names */
	check(&res, OPT_ALIAS, WWID, NULL);
	done(&res);
	run_in(&res, friendly, in);
	check(&res, OPT_ALIAS, "mpathc", "/etc/multipath/bindings");
	assert_int_equal(res.heard.n, 0);
	done(&res);
	in.binding = NULL;
	run_in(&res, friendly, in);
	check(&res, OPT_ALIAS, "mpathx", "the live map");
	assert_non_null(strstr(res.heard.text, "has no alias for " WWID));
	assert_false(res.r.loses_name);
	done(&res);
	for (size_t i = 0; i < 4; i++) {	/* what user_friendly_names would not have given */
		static const char *const names[] = { "rootlun", WWID, "mpath", "mpatha2" };

		in.live_name = names[i];
		run_in(&res, friendly, in);
		check(&res, OPT_ALIAS, names[i], "the live map");
		assert_true(res.r.loses_name);
		done(&res);
	}
	run_in(&res, "defaults {\n user_friendly_names yes\n alias_prefix root\n}\n", (struct resolve_in){ .paths = &p, .n_paths = 1, .live_name = "rootlun" });
	assert_false(res.r.loses_name);
	done(&res);
	in.live_name = "rootlun";
	run_in(&res, "", in);
	assert_false(res.r.loses_name);
	done(&res);
	/* NetApp's entry says user_friendly_names no, which beats defaults */
	p = a_path("NETAPP", "LUN C-Mode");
	run_in(&res, friendly, in);
	check(&res, OPT_ALIAS, WWID, NULL);
	done(&res);
}

static void test_uid_attrs(void **state)
{
	struct result res;

	(void)state;
	run(&res, "defaults {\n uid_attrs \"nvme:ID_X sd:ID_WWN_X\"\n}\noverrides {\n uid_attribute ID_Y\n}\n", a_path("ACME", "Disk"));
	check(&res, OPT_UID_ATTRIBUTE, "ID_WWN_X", "defaults");
	done(&res);
	run(&res, "defaults {\n uid_attrs \"dasd:ID_X\"\n}\noverrides {\n uid_attribute ID_Y\n}\n", a_path("ACME", "Disk"));
	check(&res, OPT_UID_ATTRIBUTE, "ID_Y", "overrides");
	done(&res);
}

static void check_warns(const char *more, const char *text)
{
	struct result res;

	run(&res, more, a_path("ACME", "Disk"));
	if (!strstr(res.heard.text, text))
		fail_msg("\"%s\" says \"%s\"", more, res.heard.text);
	done(&res);
}

static void test_reloads(void **state)
{
	(void)state;
	check_warns("defaults {\n rr_min_io_rq 100\n}\n", "rr_min_io_rq 100");
	check_warns("defaults {\n path_selector \"historical-service-time 0\"\n}\n", "path_selector");
	check_warns("defaults {\n path_selector \"io-affinity 2 a b\"\n}\n", "path_selector");
	check_warns("defaults {\n features \"2 queue_mode mq\"\n}\n", "features");
	check_warns("defaults {\n features \"4 pg_init_delay_msecs 5 pg_init_retries 50\"\n}\n", "features");
	check_warns("defaults {\n features \" 2  pg_init_retries   7 \"\n}\n", "other blanks");
	check_warns("defaults {\n features \"3  queue_if_no_path   pg_init_retries  7\"\n}\n", "other blanks");
	check_warns("defaults {\n path_selector \"round-robin  0\"\n}\n", "path_selector \"round-robin  0\": the kernel shows it with other blanks");
	check_warns("defaults {\n prio random\n}\n", "prio random");
	check_warns("defaults {\n prio path_latency\n}\n", "prio path_latency");
}

static void test_origins(void **state)
{
	static const char user[] = "defaults {\n}\n\ndevices {\n device {\n  vendor ACME\n  product Disk\n  failback 9\n  failback 2\n }\n}\n";
	struct source source = { .file = "/etc/multipath.conf" };
	struct config c = { .version = "0.9.4", .sources = &source, .n_sources = 1 };
	struct result res;
	char origin[300];

	(void)state;
	assert_int_equal(conf_parse(user, strlen(user), false, NULL, NULL, &source.conf), 0);
	run(&res, "devices {\n device {\n vendor ACME\n product Disk\n failback 2\n path_selector \"round-robin 0\"\n}\n}\n", a_path("ACME", "Disk"));
	c.conf = res.conf;
	config_origin(&c, &res.r.v[OPT_FAILBACK], origin, sizeof(origin));
	assert_string_equal(origin, "/etc/multipath.conf:9");
	config_origin(&c, &res.r.v[OPT_PATH_SELECTOR], origin, sizeof(origin));
	assert_string_equal(origin, "multipath 0.9.4 built-in, devices \"ACME\" \"Disk\"");
	config_origin(&c, &res.r.v[OPT_HARDWARE_HANDLER], origin, sizeof(origin));
	assert_string_equal(origin, "multipath 0.9.4 built-in");
	config_origin(&c, &res.r.v[OPT_ALIAS], origin, sizeof(origin));
	assert_string_equal(origin, "the WWID: user_friendly_names no");
	c.file = "recorded";
	config_default_origin(&c, "polling_interval", origin, sizeof(origin));
	assert_string_equal(origin, "recorded:4");
	conf_free(source.conf);
	done(&res);
}

static void test_state_files(void **state)
{
	struct config c = {
		.bindings = (char *)"# Multipath bindings\nmpatha 3600\n mpathb\t" WWID " # b\nmpathc " WWID "0\nmpathd " WWID "\n",
		.wwids = (char *)"# Valid WWIDs:\n#" WWID "/\n/3600/\n/" WWID "0/\n",
	};
	char alias[64];

	(void)state;
	assert_true(config_binding(&c, WWID, alias, sizeof(alias)));
	assert_string_equal(alias, "mpathb");
	assert_false(config_binding(&c, "360", alias, sizeof(alias)));
	c.bindings = (char *)"mpatha 37\nmpatha " WWID "\n";	/* the first of two has it */
	assert_false(config_binding(&c, WWID, alias, sizeof(alias)));
	c.bindings = (char *)"mpatha 37\nmpatha " WWID "\nmpathb " WWID "\nmpathb 38\n";
	assert_true(config_binding(&c, WWID, alias, sizeof(alias)));
	assert_string_equal(alias, "mpathb");
	assert_true(config_has_wwid(&c, "3600"));
	assert_false(config_has_wwid(&c, WWID));
	assert_false(config_has_wwid(&c, "360"));
	c.bindings = c.wwids = NULL;
	assert_false(config_binding(&c, WWID, alias, sizeof(alias)));
	assert_false(config_has_wwid(&c, WWID));
}

/* Of sections with one alias, the WWID that comes first by its bytes has it; the others go on as if they had none. */
static void test_rival_alias(void **state)
{
	struct path_facts path = a_path("ACME", "disk");
	struct result res;

	(void)state;
	run(&res, "multipaths {\nmultipath {\nwwid " WWID "\nalias root\n}\nmultipath {\nwwid 36\nalias root\n}\n}\n", path);
	check(&res, OPT_ALIAS, WWID, NULL);
	assert_non_null(strstr(res.heard.text, "leave it to that one"));
	done(&res);
	run(&res, "multipaths {\nmultipath {\nwwid 37\nalias root\n}\nmultipath {\nwwid " WWID "\nalias root\n}\n}\n", path);
	check(&res, OPT_ALIAS, "root", "multipath");
	done(&res);
	/* a binding is weaker than any section */
	run_in(&res, "defaults {\nuser_friendly_names yes\n}\nmultipaths {\nmultipath {\nwwid 37\nalias mpatha\n}\n}\n",
	       (struct resolve_in){ .paths = &path, .n_paths = 1, .binding = "mpatha", .live_name = "mpathb" });
	check(&res, OPT_ALIAS, "mpathb", NULL);
	done(&res);
}

static void test_bio(void **state)
{
	static const char more[] = "overrides {\nfeatures \"2 queue_mode bio\"\n}\n";
	struct path_facts path = alua_path("ACME", "disk");
	struct result res;

	(void)state;
	run_in(&res, more, (struct resolve_in){ .paths = &path, .n_paths = 1, .tools = "0.11.1" });
	check(&res, OPT_HARDWARE_HANDLER, "1 alua", NULL);
	assert_non_null(strstr(res.heard.text, "at each of its starts"));
	done(&res);
	run_in(&res, more, (struct resolve_in){ .paths = &path, .n_paths = 1, .tools = "0.15.0" });
	check(&res, OPT_HARDWARE_HANDLER, "0", NULL);
	assert_int_equal(res.heard.n, 0);
	done(&res);
	run_in(&res, "overrides {\nfeatures \"2 queue_mode mq\"\n}\n", (struct resolve_in){ .paths = &path, .n_paths = 1, .tools = "1.0" });
	check(&res, OPT_HARDWARE_HANDLER, "1 alua", NULL);
	done(&res);
}

/* pg_init_delay_msecs 0 is no default of the kernel's, which shows it as it was told; pg_init_retries 0 it does not take. */
static void test_zero_features(void **state)
{
	struct path_facts path = a_path("ACME", "disk");
	struct result res;

	(void)state;
	run(&res, "overrides {\nfeatures \"2 pg_init_delay_msecs 0\"\n}\n", path);
	assert_int_equal(res.heard.n, 0);
	done(&res);
	run(&res, "overrides {\nfeatures \"2 pg_init_retries 0\"\n}\n", path);
	assert_non_null(strstr(res.heard.text, "nobody can make this map"));
	done(&res);
}

/* detect_pgpolicy asks for the name of the prioritizer, not how it was chosen. */
static void test_detect_pgpolicy(void **state)
{
	static const char more[] = "overrides {\ndetect_prio no\nprio alua\ndetect_pgpolicy yes\npath_grouping_policy failover\n}\n";
	struct result res;

	(void)state;
	run(&res, more, alua_path("ACME", "disk"));
	check(&res, OPT_PATH_GROUPING_POLICY, "group_by_prio", NULL);
	done(&res);
	run(&res, more, a_path("ACME", "disk"));
	check(&res, OPT_PATH_GROUPING_POLICY, "failover", "overrides");
	done(&res);
	/* without a device handler, sysfs is an error for all paths */
	run(&res, "overrides {\ndetect_prio no\nprio sysfs\n}\n", alua_path("ACME", "disk"));
	check(&res, OPT_PRIO, "const", NULL);
	done(&res);
}

static void test_blanks(void **state)
{
	struct result res;

	(void)state;
	run(&res, "overrides {\npath_selector \" round-robin \t 0 \"\nfeatures \" 2  pg_init_retries\t7 \"\n}\n", a_path("ACME", "disk"));
	check(&res, OPT_PATH_SELECTOR, "round-robin 0", "overrides");
	check(&res, OPT_FEATURES, "2 pg_init_retries 7", "overrides");
	done(&res);
}

/* multipath -t forgets braces, and the quotes round several words. */
static void test_print_mended(void **state)
{
	static const char text[] = "defaults {\n\tuid_attrs sd:ID_A dasd:ID_B\n\tprio \"const\"\n}\nblacklist {\n\t\tproduct \"P\"\n\t}\n"
		"\tdevice {\n\t\tvendor \"V\"\n\tdevice {\n\t\tvendor \"W\"\n\t\tproduct \"Q\"\n\t}\n\tdevice {\n\t\tvendor \"X\"\n}\n"
		"devices {\n}\noverrides {\n\tprio \"alua\"\n}\n";
	const struct host here = { .fd = AT_FDCWD };
	char file[] = "/tmp/test-resolve.XXXXXX";
	int fd = mkstemp(file);
	const struct conf_node *top;
	struct config c;
	size_t n_devices = 0;

	(void)state;
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(config_load(&here, file, &c), 0);
	unlink(file);
	assert_string_equal(resolve_default(c.conf, "uid_attrs", ""), "sd:ID_A dasd:ID_B");
	top = conf_find(c.conf->first, "blacklist");
	assert_non_null(top);
	for (const struct conf_node *n = top->child; n; n = n->next) {
		static const char *const first[] = { "P", "V", "W", "X" };

		assert_in_range(n_devices, 0, ARRAY_SIZE(first) - 1);
		assert_string_equal(n->key, "device");
		assert_string_equal(n->child->value, first[n_devices++]);
	}
	assert_int_equal(n_devices, 4);
	top = conf_find(c.conf->first, "overrides");
	assert_non_null(top);
	assert_string_equal(conf_find(top->child, "prio")->value, "alua");
	config_clear(&c);
}

/* 1 ms on a machine of 2024; 50 are the limit, and sanitizers or valgrind take a few times as long. */
static void test_thousand_sections(void **state)
{
	size_t size = 1000 * 120, len = 0;
	_auto_free_ char *more = malloc(size);
	struct timespec start, end;
	struct result res;
	long ms;

	(void)state;
	len += (size_t)sprintf(more, "multipaths {\n");
	for (int i = 0; i < 1000; i++)
		len += (size_t)snprintf(more + len, size - len, "multipath {\nwwid 3600140%026d\nalias lun%d\nno_path_retry %d\nprio const\n}\n", i, i, i + 1);
	snprintf(more + len, size - len, "multipath {\nwwid " WWID "\nalias root\nfeatures \"2 pg_init_retries 3\"\n}\n}\n");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	run(&res, more, alua_path("ACME", "disk"));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	check(&res, OPT_ALIAS, "root", "multipath");
	check(&res, OPT_FEATURES, "2 pg_init_retries 3", "multipath");
	done(&res);
	ms = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
	print_message("a thousand sections: %ld ms of CPU\n", ms);
	assert_true(ms < 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unknown_disk), cmocka_unit_test(test_hardware_table), cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_devices), cmocka_unit_test(test_detection), cmocka_unit_test(test_features), cmocka_unit_test(test_alias),
		cmocka_unit_test(test_uid_attrs), cmocka_unit_test(test_reloads), cmocka_unit_test(test_origins), cmocka_unit_test(test_state_files),
		cmocka_unit_test(test_rival_alias), cmocka_unit_test(test_bio), cmocka_unit_test(test_blanks), cmocka_unit_test(test_zero_features),
		cmocka_unit_test(test_detect_pgpolicy), cmocka_unit_test(test_print_mended),
		cmocka_unit_test(test_thousand_sections),
	};

	return cmocka_run_group_tests(tests, read_fixture, free_fixture);
}
