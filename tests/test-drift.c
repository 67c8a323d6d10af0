/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "snapshot-tool/drift.h"

static const char base[] =
	"snapshot {\n\tversion 1\n\tmultipath_tools \"0.9.4\" \n\tfind_multipaths \"strict\"\n\tpolling_interval 5\n}\n"
	"map {\n\twwid \"3A\"\n\talias \"mpatha\" # /etc/multipath/bindings\n\tneeded_for \"/\"\n\tuid_attribute \"ID_SERIAL\"\n\tsize 100\n"
	"\tdesignator \"naa.A\"\n\tdesignator \"t10.A\"\n"
	"\tpath_grouping_policy \"failover\" # built-in\n\tpath_selector \"service-time 0\"\n\tfeatures 0\n\thardware_handler 0\n"
	"\tno_path_retry \"queue\"\n\tprio \"const\"\n\tprio_args \"\"\n\tpath_checker \"tur\"\n\tchecker_timeout 30\n\tminio 1\n\trr_weight \"uniform\"\n"
	"\tfailback \"manual\"\n\tskip_kpartx \"no\"\n\tpartition_delimiter \"-part\"\n\tfast_io_fail_tmo 5\n\tmodule \"dm-multipath\"\n\tmodule \"iscsi_tcp\"\n"
	"\tpartition {\n\t\tnumber 1\n\t\tstart 8\n\t\tsize 80\n\t}\n"
	"\tpath {\n\t\ttransport \"iscsi\"\n\t\tdriver \"iscsi_tcp\"\n\t\ttarget \"iqn.x\"\n\t\tportal \"10.0.2.2:3260\"\n\t\tinterface \"eth0\"\n"
	"\t\tinterface_mac \"00:01\"\n\t\tinterface_address \"10.0.2.15/24\"\n\t\tlun 1\n\t}\n"
	"\tpath {\n\t\ttransport \"iscsi\"\n\t\tdriver \"iscsi_tcp\"\n\t\ttarget \"iqn.x\"\n\t\tportal \"10.0.3.2:3260\"\n\t\tinterface \"eth1\"\n"
	"\t\tinterface_mac \"00:02\"\n\t\tinterface_address \"10.0.3.15/24\"\n\t\tlun 1\n\t}\n"
	"}\n"
	"map {\n\twwid \"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"\n\tdesignator \"naa.B\"\n}\n";

/* @base with all @from replaced by @to; "": as it is. */
static struct conf *edit(const char *from, const char *to)
{
	static char text[2 * sizeof(base)];
	struct conf *conf;
	size_t len = 0;

	for (const char *s = base; *s; ) {
		if (*from && strncmp(s, from, strlen(from)) == 0) {
			len += (size_t)sprintf(text + len, "%s", to);
			s += strlen(from);
		} else {
			text[len++] = *s++;
		}
	}
	text[len] = '\0';
	assert_true(!*from || strcmp(text, base) != 0);
	assert_int_equal(conf_parse(text, len, true, NULL, NULL, &conf), 0);
	return conf;
}

/* "severity key old>new; …" */
static char *summary(const struct conf *old, const struct conf *new)
{
	static char text[4000];
	struct drift d = { .n = 0 };
	size_t len;

	drift_compare(old, new, &d);
	drift_compare_others(old, new, &d);
	assert_false(d.failed);
	len = (size_t)sprintf(text, "%s:", severity_names[d.worst]);
	for (size_t i = 0; i < d.n; i++) {
		assert_non_null(d.v[i].text);
		len += (size_t)sprintf(text + len, " %s %s %s>%s;", severity_names[d.v[i].severity], d.v[i].key, d.v[i].old_value ? d.v[i].old_value : "-",
				       d.v[i].new_value ? d.v[i].new_value : "-");
	}
	drift_clear(&d);
	return text;
}

static void check(const char *from, const char *to, const char *wanted)
{
	struct conf *old = edit("", ""), *new = edit(from, to);

	assert_string_equal(summary(old, new), wanted);
	conf_free(old);
	conf_free(new);
}

/* The other way round: the snapshot is the edited one. */
static void check_back(const char *from, const char *to, const char *wanted)
{
	struct conf *old = edit(from, to), *new = edit("", "");

	assert_string_equal(summary(old, new), wanted);
	conf_free(old);
	conf_free(new);
}

/* Only how it begins. */
static void check_start(const char *from, const char *to, const char *from_new, const char *to_new, const char *wanted)
{
	struct conf *old = edit(from, to), *new = edit(from_new, to_new);

	assert_memory_equal(summary(old, new), wanted, strlen(wanted));
	conf_free(old);
	conf_free(new);
}

static void test_same(void **state)
{
	(void)state;
	check("", "", "same:");
	check("/etc/multipath/bindings", "/etc/multipath.conf:7", "same:");
}

static void test_header(void **state)
{
	(void)state;
	check("0.9.4", "0.11.1", "harmless: harmless multipath_tools 0.9.4>0.11.1;");
	check("\"strict\"", "\"on\"", "harmless: harmless find_multipaths strict>on;");
}

static void test_options(void **state)
{
	(void)state;
	check("failover", "multibus", "reload: reload path_grouping_policy failover>multibus;");
	check("service-time 0", "round-robin 0", "reload: reload path_selector service-time 0>round-robin 0;");
	check("features 0", "features \"2 pg_init_retries 50\"", "reload: reload features 0>2 pg_init_retries 50;");
	check("hardware_handler 0", "hardware_handler \"1 alua\"", "reload: reload hardware_handler 0>1 alua;");
	check("prio \"const\"", "prio \"alua\"", "reload: reload prio const>alua;");
	check("minio 1\n", "minio 8\n", "reload: reload minio 1>8;");
	check("\"manual\"", "\"immediate\"", "harmless: harmless failback manual>immediate;");
	check("\"tur\"", "\"directio\"", "harmless: harmless path_checker tur>directio;");
	check("size 100", "size 200", "harmless: harmless size 100>200;");
	check("\tfast_io_fail_tmo 5\n", "", "harmless: harmless fast_io_fail_tmo 5>-;");
}

static void test_queueing(void **state)
{
	(void)state;
	check("\"queue\"", "12", "harmless: harmless no_path_retry queue>12;");
	check("\"queue\"", "\"fail\"", "reload: reload no_path_retry queue>fail;");
	check("\tno_path_retry \"queue\"\n", "", "reload: reload no_path_retry queue>-;");
	check_back("\tno_path_retry \"queue\"\n", "", "reload: reload no_path_retry ->queue;");
}

static void test_names(void **state)
{
	(void)state;
	check("\"mpatha\"", "\"san\"", "lose: lose alias mpatha>san;");
	check("\talias \"mpatha\"", "", "lose: lose alias mpatha>3A;");
	check("\"-part\"", "\"p\"", "lose: lose partition_delimiter -part>p;");
	check("skip_kpartx \"no\"", "skip_kpartx \"yes\"", "harmless: harmless skip_kpartx no>yes;");
	check_back("skip_kpartx \"no\"", "skip_kpartx \"yes\"", "lose: lose skip_kpartx yes>no;");
}

static void test_identity(void **state)
{
	(void)state;
	check("\tdesignator \"naa.A\"\n", "", "lose: lose designator naa.A>t10.A;");
	check("\tdesignator \"t10.A\"\n", "", "same:");
	check("\tdesignator \"naa.A\"\n\tdesignator \"t10.A\"\n", "", "harmless: harmless designator naa.A>-;");
	check("\"ID_SERIAL\"", "\"ID_WWN\"", "harmless: harmless uid_attribute ID_SERIAL>ID_WWN;");
	check("\"3A\"", "\"3C\"", "lose: lose wwid 3A>3C;");	/* the same LUN */
	check("3A\"\n\talias \"mpatha\" # /etc/multipath/bindings\n\tneeded_for \"/\"\n\tuid_attribute \"ID_SERIAL\"\n\tsize 100\n\tdesignator \"naa.A\"",
	      "3C\"\n\talias \"mpatha\"\n\tneeded_for \"/\"\n\tdesignator \"naa.C\"", "lose: lose wwid 3A>3C;");	/* another one of its name */
}

static void test_maps(void **state)
{
	static const char swap[] = "map {\n\twwid \"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"\n\tdesignator \"naa.B\"\n}\n";

	(void)state;
	check(swap, "", "harmless: harmless map 3B>-;");
	check_back(swap, "", "harmless: harmless map ->3B;");
	check("map {\n\twwid \"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"", "map {\n\twwid \"3D\"\n\talias \"data\"\n\tneeded_for \"/usr\"\n}\n"
	      "map {\n\twwid \"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"", "lose: lose map ->3D;");
}

static void test_blacklists(void **state)
{
	static const char from[] = "}\nmap {\n\twwid \"3A\"", one[] = "}\nblacklist {\n\tdevnode \"^sdb$\" # x\n}\nmap {\n\twwid \"3A\"",
		two[] = "}\nblacklist_exceptions {\n\tprotocol \"scsi:fcp\"\n}\nmap {\n\twwid \"3A\"";

	(void)state;
	check(from, one, "harmless: harmless devnode ->^sdb$;");
	check_back(from, one, "harmless: harmless devnode ^sdb$>-;");
	check(from, two, "harmless: harmless protocol ->scsi:fcp;");
	check_start(from, one, from, one, "same:");
	check_start(from, one, from, two, "harmless: harmless devnode ^sdb$>-; harmless protocol ->scsi:fcp;");
}

/* Root does not depend on a map that is for resume only, unless it has come to need it since. */
static void test_resume(void **state)
{
	(void)state;
	check("\"swap\"", "\"other\"", "harmless: harmless alias swap>other;");
	check("\"naa.B\"", "\"naa.D\"", "harmless: harmless designator naa.B>naa.D;");
	check("\"3B\"", "\"3D\"", "harmless: harmless wwid 3B>3D;");
	check("\"swap\"\n\tneeded_for \"resume\"", "\"other\"\n\tneeded_for \"/\"", "lose: lose alias swap>other; harmless needed_for resume>/;");
	check("\"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"", "\"3D\"\n\talias \"swap\"\n\tneeded_for \"/\"", "lose: lose wwid 3B>3D;");
	check("\"swap\"\n", "\"swap\"\n\tprio \"alua\"\n", "harmless: harmless prio ->alua;");
}

/* One that only has other volumes of root's group is none that root cannot do without. */
static void test_group(void **state)
{
	(void)state;
	check("map {\n\twwid \"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"", "map {\n\twwid \"3D\"\n\talias \"data\"\n\tneeded_for \"group\"\n}\n"
	      "map {\n\twwid \"3B\"\n\talias \"swap\"\n\tneeded_for \"resume\"", "harmless: harmless map ->3D;");
}

static void test_others(void **state)
{
	static const char end[] = "\tdesignator \"naa.B\"\n}\n", one[] = "\tdesignator \"naa.B\"\n}\nother {\n\twwid \"3X\"\n\tdesignator \"naa.X\"\n}\n",
		two[] = "\tdesignator \"naa.B\"\n}\nother {\n\twwid \"3X\"\n}\nother {\n\twwid \"3Y\"\n}\nother {\n\twwid \"3A\"\n}\n";

	(void)state;
	check(end, one, "harmless: harmless other ->3X;");
	check(end, two, "harmless: harmless other ->3X and 1 more;");	/* 3A is a map of the image */
	check_back(end, two, "same:");
}

static void test_paths(void **state)
{
	(void)state;
	check("10.0.3.2", "10.0.4.2", "harmless: harmless path iscsi iqn.x at 10.0.3.2:3260 lun 1 through eth1 00:02 10.0.3.15/24>-;"
	      " harmless path ->iscsi iqn.x at 10.0.4.2:3260 lun 1 through eth1 00:02 10.0.3.15/24;");
	check("10.0.2.15/24", "10.0.2.16/24", "harmless: harmless path iscsi iqn.x at 10.0.2.2:3260 lun 1 through eth0 00:01 10.0.2.15/24>-;"
	      " harmless path ->iscsi iqn.x at 10.0.2.2:3260 lun 1 through eth0 00:01 10.0.2.16/24;");
	/* The portal was down when the image was made. */
	check_back("\t\tinterface_address \"10.0.3.15/24\"\n", "", "reload: reload path iscsi iqn.x at 10.0.3.2:3260 lun 1 through eth1 00:02 >-;"
		   " harmless path ->iscsi iqn.x at 10.0.3.2:3260 lun 1 through eth1 00:02 10.0.3.15/24;");
	check_back("\t\tinterface \"eth1\"\n\t\tinterface_mac \"00:02\"\n\t\tinterface_address \"10.0.3.15/24\"\n", "",
		   "reload: reload path iscsi iqn.x at 10.0.3.2:3260 lun 1>-;"
		   " harmless path ->iscsi iqn.x at 10.0.3.2:3260 lun 1 through eth1 00:02 10.0.3.15/24;");
	check_start("\t\tinterface_address \"10.0.3.15/24\"\n", "", "0.3.2", "0.4.2", "harmless: ");
	check_start("\"iscsi\"\n\t\tdriver \"iscsi_tcp\"", "\"nvme\"\n\t\tdriver \"nvme_fc\"", "", "", "harmless: ");
	check("\t\tinterface_address \"10.0.3.15/24\"\n", "", "harmless: harmless path iscsi iqn.x at 10.0.3.2:3260 lun 1 through eth1 00:02 10.0.3.15/24>-;"
	      " harmless path ->iscsi iqn.x at 10.0.3.2:3260 lun 1 through eth1 00:02 ;");
	/* None of the logins is left. */
	check_start("", "", "iqn.x", "iqn.y", "lose: lose path ");
	check_start("", "", "mac \"00:0", "mac \"00:1", "lose: lose path ");
	check_start("\"iscsi\"\n\t\tdriver \"iscsi_tcp\"", "\"nvme\"\n\t\tdriver \"nvme_tcp\"", "iqn.x", "iqn.y", "lose: lose path nvme ");
	check_start("\"iscsi\"\n\t\tdriver \"iscsi_tcp\"", "\"nvme\"\n\t\tdriver \"nvme_tcp\"", "0.3.2", "0.4.2", "harmless: ");
	/* Other paths are found without us. */
	check_start("\"iscsi\"\n\t\tdriver \"iscsi_tcp\"", "\"nvme\"\n\t\tdriver \"nvme_fc\"", "iqn.x", "iqn.y", "harmless: ");
	check_start("\"iscsi\"", "\"fc\"", "iqn.x", "0x5", "harmless: ");
}

static void test_modules(void **state)
{
	(void)state;
	check("module \"dm-multipath\"\n", "module \"dm-multipath\"\n\tmodule \"virtio_net\"\n", "harmless: harmless module ->virtio_net;");
	check("\tmodule \"dm-multipath\"\n", "", "harmless: harmless module dm-multipath>-;");
	check("iscsi_tcp", "qla4xxx", "lose: harmless module iscsi_tcp>-; lose module ->qla4xxx;");
}

static void test_partitions(void **state)
{
	(void)state;
	check("start 8", "start 9", "harmless: harmless partition 1 start 8 size 80>-; harmless partition ->1 start 9 size 80;");
}

static void test_extensions(void **state)
{
	static const char one[] = "\textension \"x.so\"\n}\nsource {\n\tfile \"/usr/lib/mpath-boot/x.so\"\n\tsha256 \"1\"\n}\nmap {\n\twwid \"3A\"",
		two[] = "\textension \"x.so\"\n}\nsource {\n\tfile \"/usr/lib/mpath-boot/x.so\"\n\tsha256 \"2\"\n}\nmap {\n\twwid \"3A\"",
		from[] = "}\nmap {\n\twwid \"3A\"";
	struct conf *plain = edit("", ""), *old = edit(from, one), *new = edit(from, two);

	(void)state;
	assert_string_equal(summary(plain, old), "reload: reload extension ->x.so;");
	assert_string_equal(summary(old, plain), "harmless: harmless extension x.so>-;");
	assert_string_equal(summary(old, old), "same:");
	assert_string_equal(summary(old, new), "harmless: harmless extension x.so>x.so;");
	conf_free(plain);
	conf_free(old);
	conf_free(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_queueing),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_blacklists),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_partitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
