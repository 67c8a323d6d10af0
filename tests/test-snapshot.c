/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "conf.h"
#include "rules.h"
#include "sha256.h"
#include "snapshot.h"
#include "util.h"

#define WWID "36001405abcdef0000000000000000000"

static const char good[] =
	"# mpath-boot snapshot; see mpath-boot.snapshot(5)\n"
	"snapshot {\n"
	"\tversion 1\n"
	"\tgenerator \"mpath-snapshot 0.1.0\"\n"
	"\tmultipath_tools \"0.9.4\"\n"
	"\tpolling_interval 7 # /etc/multipath.conf:3\n"
	"}\n"
	"source {\n"
	"\tfile \"/etc/multipath.conf\"\n"
	"\tsha256 \"absent\"\n"
	"}\n"
	"map {\n"					/* line 12 */
	"\twwid \"" WWID "\" # udev ID_SERIAL\n"
	"\talias \"mpatha\"\n"
	"\tneeded_for \"/ resume moonbase\"\n"
	"\tsize 8388608\n"
	"\tdesignator \"naa.6001405abcdef0000000000000000000\"\n"
	"\tdesignator \"t10.4c49\"\n"
	"\tpath_grouping_policy \"group_by_prio\"\n"	/* line 19 */
	"\tpath_selector \"service-time 0\"\n"
	"\tfeatures \"2 pg_init_retries 50\"\n"
	"\thardware_handler \"1 alua\"\n"
	"\tno_path_retry \"queue\"\n"
	"\tprio \"alua\"\n"
	"\tprio_args \"\"\n"
	"\tchecker_timeout 17\n"
	"\tfailback 15\n"
	"\tdev_loss_tmo \"infinity\"\n"
	"\tfast_io_fail_tmo \"off\"\n"
	"\tskip_kpartx \"yes\"\n"
	"\tfrom_the_future \"yes\"\n"
	"\tmodule \"iscsi_tcp\"\n"
	"\tpartition {\n"				/* line 33 */
	"\t\tnumber 1\n"
	"\t\tstart 2048\n"
	"\t\tsize 8384512\n"
	"\t}\n"
	"\tpath {\n"
	"\t\ttransport \"iscsi\"\n"
	"\t\ttarget \"iqn.2026-01.test:root\"\n"
	"\t\tportal \"10.0.2.2:3260\"\n"
	"\t\tlun 1\n"
	"\t}\n"
	"}\n";

struct text {
	char s[1 << 20];
	size_t len;
};

/* @text with @from replaced by @to ("" for neither), and a checksum. */
static void make(struct text *t, const char *text, const char *from, const char *to)
{
	const char *at = *from ? strstr(text, from) : NULL;
	char hex[SHA256_HEX_SIZE];

	if (*from)
		assert_non_null(at);
	t->len = (size_t)snprintf(t->s, sizeof(t->s), "%.*s%s%s", at ? (int)(at - text) : (int)strlen(text), text, to,
				  at ? at + strlen(from) : "");
	sha256_hex(t->s, t->len, hex);
	t->len += (size_t)snprintf(t->s + t->len, sizeof(t->s) - t->len, "checksum \"sha256:%s\"\n", hex);
}

static struct text t;

static void test_good(void **state)
{
	struct snapshot_error err;
	struct snapshot *s = NULL;
	const struct snap_map *m;

	(void)state;
	make(&t, good, "", "");
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), 0);
	memset(t.s, 'x', t.len);	/* it keeps a copy */
	assert_int_equal(s->n_maps, 1);
	assert_string_equal(s->tools, "0.9.4");
	assert_int_equal(s->polling_interval, 7);
	assert_int_equal(s->max_polling_interval, 20);
	assert_false(s->from_cmdline);
	m = s->maps;
	assert_string_equal(m->wwid, WWID);
	assert_string_equal(m->alias, "mpatha");
	assert_int_equal(m->needed_for, NEED_ROOT | NEED_RESUME);
	assert_int_equal(m->size, 8388608);
	assert_int_equal(m->n_designators, 2);
	assert_string_equal(m->designators[1], "t10.4c49");
	assert_int_equal(m->policy, POLICY_GROUP_BY_PRIO);
	assert_string_equal(m->features, "2 pg_init_retries 50");
	assert_string_equal(m->hwhandler, "1 alua");
	assert_int_equal(m->no_path_retry, NO_PATH_RETRY_QUEUE);
	assert_string_equal(m->prio_args, "");
	assert_string_equal(m->checker, "tur");
	assert_int_equal(m->checker_timeout_ms, 17000);
	assert_int_equal(m->failback, 15);
	assert_int_equal(m->dev_loss_tmo, TMO_INFINITY);
	assert_int_equal(m->fast_io_fail_tmo, TMO_OFF);
	assert_int_equal(m->ghost_delay, TMO_UNDEF);
	assert_true(m->skip_kpartx);
	assert_int_equal(m->line, 12);
	assert_int_equal(m->n_parts, 1);
	assert_int_equal(m->parts[0].start, 2048);
	assert_int_equal(m->n_paths, 1);
	assert_string_equal(m->paths[0].portal, "10.0.2.2:3260");
	assert_string_equal(m->paths[0].driver, "");
	assert_int_equal(m->paths[0].lun, 1);
	snapshot_free(s);
}

static void check_bad_text(const char *text, const char *from, const char *to, int error, unsigned int line, const char *says)
{
	struct snapshot *s = (void *)&t;
	struct snapshot_error err = { 0 };

	make(&t, text, from, to);
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), error);
	assert_ptr_equal(s, &t);
	assert_int_equal(err.line, line);
	if (!strstr(err.text, says))
		fail_msg("\"%s\" does not say \"%s\"", err.text, says);
}

static void check_bad(const char *from, const char *to, int error, unsigned int line, const char *says)
{
	check_bad_text(good, from, to, error, line, says);
}

static void test_bad(void **state)
{
	static char twice[2 * sizeof(good)];

	(void)state;
	check_bad("version 1", "version 3", -EPROTONOSUPPORT, 3, "version 3 is newer");
	check_bad("version 1", "versoin 1", -EBADMSG, 2, "no version");
	check_bad("snapshot {", "snapshto {", -EBADMSG, 0, "no snapshot");
	check_bad("group_by_prio", "group_by_magic", -EBADMSG, 19, "bad path_grouping_policy \"group_by_magic\"");
	check_bad("service-time 0", "service-time", -EBADMSG, 20, "path_selector");
	check_bad("service-time 0", "service-time 1", -EBADMSG, 20, "path_selector");
	check_bad("2 pg_init_retries 50", "3 pg_init_retries 50", -EBADMSG, 21, "features");
	check_bad("1 alua", "alua", -EBADMSG, 22, "hardware_handler");
	check_bad("retry \"queue\"", "retry \"forever\"", -EBADMSG, 23, "no_path_retry");
	check_bad("checker_timeout 17", "checker_timeout 0", -EBADMSG, 26, "checker_timeout");
	check_bad("checker_timeout 17", "checker_timeout 4294968", -EBADMSG, 26, "checker_timeout");
	check_bad("failback 15", "failback -15", -EBADMSG, 27, "failback");
	check_bad("size 8388608", "size 99999999999999999999", -EBADMSG, 16, "size");
	check_bad("\"mpatha\"", "\"a/b\"", -EBADMSG, 14, "alias");
	check_bad("\"mpatha\"", "\"..\"", -EBADMSG, 14, "alias");
	check_bad("\"mpatha\"", "\"control\"", -EBADMSG, 14, "alias");
	check_bad("\"mpatha\"", "\"\"", -EBADMSG, 14, "alias");
	check_bad("\"mpatha\"", "\"a\033b\"", -EBADMSG, 14, "control character");
	check_bad("\"" WWID "\"", "\"3600/1405\"", -EBADMSG, 13, "wwid");
	check_bad("wwid \"" WWID "\"", "waid \"\"", -EBADMSG, 12, "without wwid");
	check_bad("number 1", "number 0", -EBADMSG, 33, "partition number 0");
	check_bad("number 1", "number 257", -EBADMSG, 33, "partition number 257");
	check_bad("size 8384512", "size 8388608", -EBADMSG, 33, "does not fit");
	check_bad("start 2048", "start 18446744073709551615", -EBADMSG, 33, "does not fit");
	check_bad("\tpath {\n", "\tpath\n", -EBADMSG, 38, "no value for 'path'");
	check_bad("lun 1\n\t}\n", "lun 1\n", -EBADMSG, 44, "missing '}'");

	snprintf(twice, sizeof(twice), "%s%s", good, strstr(good, "map {"));
	check_bad_text(twice, "", "", -EBADMSG, 45, "named twice (line 12)");
	snprintf(twice, sizeof(twice), "%s%s", good, "map {\n\twwid \"3600\"\n\talias \"mpatha\"\n}\n");
	check_bad_text(twice, "", "", -EBADMSG, 45, "alias \"mpatha\" is named twice");
}

static void test_length(void **state)
{
	char name[200], quoted[210];
	struct snapshot_error err;
	struct snapshot *s;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[128] = '\0';
	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	check_bad("\"mpatha\"", quoted, -EBADMSG, 14, "alias");
	check_bad("\"" WWID "\"", quoted, -EBADMSG, 13, "wwid");
	name[127] = '\0';
	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	make(&t, good, "\"mpatha\"", quoted);
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), 0);
	snapshot_free(s);
}

/* Cut anywhere or changed anywhere, it is refused, and says so in a few words. */
static void test_damage(void **state)
{
	struct snapshot_error err;
	struct snapshot *s = NULL;

	(void)state;
	make(&t, good, "", "");
	for (size_t len = 0; len < t.len; len++)
		assert_int_equal(snapshot_parse(t.s, len, &s, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "truncated"));
	for (size_t i = 0; i < t.len; i++) {
		t.s[i] ^= 1;
		assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), -EBADMSG);
		t.s[i] ^= 1;
	}
	t.s[100] ^= 1;
	snapshot_parse(t.s, t.len, &s, &err);
	assert_non_null(strstr(err.text, "wrong checksum"));
	assert_int_equal(err.line, 45);
	assert_null(s);
}

static void test_load(void **state)
{
	char file[] = "/tmp/test-snapshot.XXXXXX";
	int fd = mkstemp(file);
	struct snapshot_error err = { 0 };
	struct snapshot *s;

	(void)state;
	make(&t, good, "", "");
	assert_int_equal(write(fd, t.s, t.len), t.len);
	if (getuid() == 0) {
		assert_int_equal(snapshot_load(file, &s, &err), 0);
		snapshot_free(s);
	}
	fchmod(fd, 0666);
	assert_int_equal(snapshot_load(file, &s, &err), -EPERM);
	close(fd);
	unlink(file);
	assert_int_equal(snapshot_load(file, &s, &err), -ENOENT);
	assert_string_equal(err.text, "unable to open it: No such file or directory");
}

static void test_wwids(void **state)
{
	struct snapshot *s = NULL;
	struct snapshot_error err;

	(void)state;
	assert_int_equal(snapshot_add_wwids(&s, "a/b"), -EINVAL);
	assert_null(s);
	assert_int_equal(snapshot_add_wwids(&s, "," WWID ",," WWID ",a/b,eui.0025,1ATA_disk,"), -EINVAL);
	assert_true(s->from_cmdline);
	assert_int_equal(s->n_maps, 3);
	assert_string_equal(s->maps[0].alias, WWID);
	assert_string_equal(s->maps[0].designators[0], "naa.6001405abcdef0000000000000000000");
	assert_int_equal(s->maps[0].needed_for, NEED_ROOT);
	assert_string_equal(s->maps[1].designators[0], "nvme.6575692e30303235");
	assert_string_equal(s->maps[1].checker, "none");
	assert_int_equal(s->maps[2].n_designators, 0);
	snapshot_free(s);

	make(&t, good, "", "");
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), 0);
	assert_int_equal(snapshot_add_wwids(&s, WWID ",3600"), 0);
	assert_int_equal(s->n_maps, 2);
	assert_false(s->from_cmdline);
	assert_string_equal(s->maps[0].alias, "mpatha");
	snapshot_free(s);
}

static const char generic[] =
	"snapshot {\n"
	"\tversion 2\n"
	"}\n"
	"generic {\n"			/* line 4 */
	"\tmodule \"dm-multipath\"\n"
	"\tbinding {\n"		/* line 6 */
	"\t\talias \"mpathc\"\n"
	"\t\twwid \"3600c\"\n"
	"\t}\n"
	"\twwid \"3600c\"\n"	/* line 10 */
	"\twwid \"3600d\"\n"
	"\tconfig {\n"		/* line 12 */
	"\t\tdefaults {\n"
	"\t\t\tfind_multipaths \"yes\"\n"
	"\t\t}\n"
	"\t\tdevices {\n"
	"\t\t\tdevice {\n"
	"\t\t\t\tvendor \"A \"\"B\"\"\"\n"
	"\t\t\t}\n"
	"\t\t}\n"
	"\t}\n"
	"}\n";

static void check_bad_generic(const char *from, const char *to, unsigned int line, const char *what)
{
	struct snapshot_error err;
	struct snapshot *s = NULL;

	make(&t, generic, from, to);
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), -EBADMSG);
	assert_null(s);
	assert_int_equal(err.line, line);
	assert_non_null(strstr(err.text, what));
}

static void test_generic(void **state)
{
	struct snapshot_error err;
	const struct conf_node *n;
	struct snapshot *s = NULL;

	(void)state;
	make(&t, generic, "", "");
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), 0);
	assert_int_equal(s->n_maps, 0);
	assert_non_null(s->rules);
	assert_int_equal(s->rules->find, FIND_ON);
	assert_int_equal(s->rules->n_bindings, 1);
	assert_string_equal(s->rules->bindings[0].alias, "mpathc");
	assert_string_equal(s->rules->bindings[0].wwid, "3600c");
	assert_int_equal(s->rules->n_wwids, 2);
	assert_string_equal(s->rules->wwids[1], "3600d");
	n = conf_find(s->rules->config.first, "devices");
	assert_non_null(n);
	assert_string_equal(conf_find(n->child->child, "vendor")->value, "A \"B\"");
	assert_int_equal(snapshot_reserve(s, 3), 0);
	snapshot_init_map(&s->maps[0]);
	assert_true(snapshot_set_option(&s->maps[0], "no_path_retry", "12"));
	assert_int_equal(s->maps[0].no_path_retry, 12);
	assert_false(snapshot_set_option(&s->maps[0], "no_path_retry", "perhaps"));
	assert_false(snapshot_set_option(&s->maps[0], "features", "7 words"));
	assert_false(snapshot_set_option(&s->maps[0], "no_such_option", "1"));
	snapshot_free(s);

	make(&t, good, "", "");
	assert_int_equal(snapshot_parse(t.s, t.len, &s, &err), 0);
	assert_null(s->rules);
	snapshot_free(s);

	check_bad_generic("\tconfig {\n", "\tconfiguration {\n", 4, "without \"config\"");
	check_bad_generic("\"yes\"", "\"clever\"", 12, "find_multipaths");
	check_bad_generic("\"mpathc\"", "\"a/b\"", 6, "binding");
	check_bad_generic("\t\twwid", "\t\tid", 6, "binding");
	check_bad_generic("\twwid \"3600c\"\n\twwid", "\twwid \"\"\n\twwid", 10, "wwid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generic),
		cmocka_unit_test(test_good), cmocka_unit_test(test_bad), cmocka_unit_test(test_length), cmocka_unit_test(test_damage),
		cmocka_unit_test(test_load), cmocka_unit_test(test_wwids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
