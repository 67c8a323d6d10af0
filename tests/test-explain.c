/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "explain.h"
#include "sha256.h"
#include "state.h"

static struct snapshot *snap;
static char seen[N_EXPLAIN_REASONS][1600];	/* the texts that tests have had of each reason */

static int make_snapshot(void **state)
{
	static const char text[] =
		"snapshot {\n\tversion 1\n}\nmap {\n\twwid \"3A\"\n\talias \"mpatha\"\n\tsize 100\n\tdesignator \"naa.A\"\n\tdesignator \"t10.A\"\n"
		"\tpath_grouping_policy \"group_by_prio\" # /etc/multipath.conf:9\n\tprio \"alua\"\n\tchecker_timeout 7\n}\n"
		"map {\n\twwid \"3B\"\n\talias \"mpathb\"\n\tdesignator \"naa.B\"\n\tpath_grouping_policy \"failover\"\n\tprio \"const\" # multipath 0.9.4 built-in\n}\n";
	char all[2000], hex[SHA256_HEX_SIZE];
	struct snapshot_error err;

	(void)state;
	sha256_hex(text, strlen(text), hex);
	snprintf(all, sizeof(all), "%schecksum \"sha256:%s\"\n", text, hex);
	return snapshot_parse(all, strlen(all), &snap, &err);
}

static int free_snapshot(void **state)
{
	(void)state;
	snapshot_free(snap);
	return 0;
}

/* A path of mpatha that the guard sees. */
static struct explain_facts a_path(void)
{
	return (struct explain_facts){
		.name = "sda", .exists = true, .is_disk = true, .snap = snap, .is_ours = true, .identity = "naa.A", .wwid = "3A", .sys_state = "running",
		.has_state = true, .guard_runs = true, .is_seen = true, .state = PATH_STATE_UP, .prio = PRIO_UNDEF, .map_exists = true, .map_size = 100,
		.path = { .name = "sda", .size = 100, .port_group = 2 },
	};
}

static struct explain_facts foreign(void)
{
	return (struct explain_facts){ .name = "sdx", .exists = true, .is_disk = true, .snap = snap, .identity = "naa.F", .wwid = "3F", .path = { .name = "sdx" } };
}

static struct explain_facts member(void)
{
	struct explain_facts f = a_path();

	f.in_table = true;
	f.group = 1;
	f.n_groups = 2;
	f.prio = 50;
	return f;
}

static void check(struct explain_facts f, enum explain_reason reason, bool is_path, const char *part)
{
	struct explanation e;

	explain_decide(&f, &e);
	if (e.reason != reason || !strstr(e.text.s, part))
		print_error("%s: %s\n", explain_names[e.reason], e.text.s);
	assert_string_equal(explain_names[e.reason], explain_names[reason]);
	assert_int_equal(e.is_path, is_path);
	assert_non_null(strstr(e.text.s, part));
	assert_null(strchr(e.text.s, '\n'));
	assert_false(e.text.overflow);
	snprintf(seen[reason], sizeof(seen[reason]), "%s", e.text.s);
}

static void test_kinds(void **state)
{
	(void)state;
	check((struct explain_facts){ .name = "sdq" }, EXPLAIN_NO_DEVICE, false, "sdq: there is no such block device");
	check((struct explain_facts){ .name = "sda1", .exists = true, .is_partition = true, .disk = "sda" }, EXPLAIN_PARTITION, false, "sda1 is a partition of sda");
	check((struct explain_facts){ .name = "dm-0", .exists = true, .dm_name = "mpatha", .dm_uuid = "mpath-3A" }, EXPLAIN_MAP, false, "is the map mpatha (3A)");
	check((struct explain_facts){ .name = "dm-1", .exists = true, .dm_name = "mpatha-part1", .dm_uuid = "part1-mpath-3A" }, EXPLAIN_MAP_PARTITION, false,
	      "partition of a map (mpatha-part1)");
	check((struct explain_facts){ .name = "dm-2", .exists = true, .dm_name = "vg-root", .dm_uuid = "LVM-x" }, EXPLAIN_OTHER_DM, false, "vg-root");
	check((struct explain_facts){ .name = "nvme0c0n1", .exists = true, .is_hidden = true }, EXPLAIN_HIDDEN, false, "own NVMe multipath");
	check((struct explain_facts){ .name = "nvme0n1", .exists = true, .is_disk = true, .is_native = true }, EXPLAIN_NATIVE, false, "nvme_core.multipath=N");
	check((struct explain_facts){ .name = "sr0", .exists = true }, EXPLAIN_NO_DISK, false, "sr0 is no disk that can be a path");
}

static void test_identities(void **state)
{
	static const struct conf_node rule = { .key = "devnode", .value = "^sdx$", .comment = "/etc/multipath.conf:3", .line = 9 };
	struct explain_facts f = foreign();

	(void)state;
	check(f, EXPLAIN_FOREIGN, false, "sdx is another LUN (3F); the snapshot has mpatha (3A), mpathb (3B)");
	f.weak_map = &snap->maps[0];
	check(f, EXPLAIN_WEAK_IDENTITY, false, "a weaker designator of mpatha (3A) but not naa.A");
	f.place_map = &snap->maps[0];
	check(f, EXPLAIN_OTHER_LUN, false, "another LUN (3F) in the place of a path of mpatha (3A)");
	f.rule = &rule;
	check(f, EXPLAIN_BLACKLISTED, false, "sdx is blacklisted by devnode \"^sdx$\" (snapshot line 9, from /etc/multipath.conf:3)");
	f = foreign();
	f.identity[0] = f.wwid[0] = '\0';
	check(f, EXPLAIN_NO_IDENTITY, false, "shows no designator");
	snap->maps[1].n_designators = 0;
	check(f, EXPLAIN_NO_CLAIM, false, "/run/mpath-boot/claims/sdx is missing");
	f.has_claim = true;
	check(f, EXPLAIN_FOREIGN, false, "is another LUN");
	snap->maps[1].n_designators = 1;
	f = foreign();
	f.snap = &(struct snapshot){ .rules = (void *)"" };
	check(f, EXPLAIN_GENERIC, false, "sdx (3F): the snapshot is a generic one");
	f = foreign();
	f.snap = NULL;
	f.snapshot_problem = "/etc/mpath-boot/snapshot line 3: wrong checksum";
	check(f, EXPLAIN_NO_SNAPSHOT, false, "line 3: wrong checksum); its WWID is 3F; for this boot: mpath-boot assemble --wwid 3F");
}

static void test_members(void **state)
{
	struct explain_facts f = member();

	(void)state;
	snprintf(f.access_state, sizeof(f.access_state), "active/optimized");
	check(f, EXPLAIN_IN_GROUP, true, "sda is a path of mpatha (3A), in group 1 of 2: paths of one priority are a group, the highest first, by path_grouping_policy "
	      "group_by_prio (snapshot line 10, from /etc/multipath.conf:9); prio alua gives it 50 (target port group 2, active/optimized)");
	f.state = PATH_STATE_GHOST;
	check(f, EXPLAIN_GHOST, true, "passive (ghost)");
	f.state = PATH_STATE_DOWN;
	f.kernel_failed = true;
	check(f, EXPLAIN_FAILED, true, "failed there: checker tur says that it is down");
	snprintf(f.sys_state, sizeof(f.sys_state), "offline");
	check(f, EXPLAIN_FAILED, true, "failed there: the kernel calls it offline");
	f.state = PATH_STATE_UP;
	snprintf(f.sys_state, sizeof(f.sys_state), "running");
	check(f, EXPLAIN_FAILED, true, "I/O on it failed");
	snprintf(f.reason, sizeof(f.reason), STATE_REASON_PASSIVE);
	check(f, EXPLAIN_PASSIVE, true, "does not fail over on request");
	snprintf(f.reason, sizeof(f.reason), STATE_REASON_FLAPPING);
	check(f, EXPLAIN_FLAPPING, true, "failed soon after each return");
	f = member();
	f.path.map = 1;
	f.prio = 1;
	check(f, EXPLAIN_IN_GROUP, true, "each path is a group, the highest priority first, by path_grouping_policy failover (snapshot line 18); prio const gives it 1 "
	      "(snapshot line 19, from multipath 0.9.4 built-in)");
	/* Being in the map beats what keeps others out. */
	f.is_off = true;
	f.guard_runs = false;
	check(f, EXPLAIN_IN_GROUP, true, "; prio const gave it 1");
	f.kernel_failed = true;
	check(f, EXPLAIN_FAILED, true, "multipathd show paths");
	f.kernel_failed = false;
	check(f, EXPLAIN_IN_GROUP, true, "is a path of mpathb");
}

static void test_keepers(void **state)
{
	struct explain_facts f = a_path();

	(void)state;
	f.is_seen = false;
	check(f, EXPLAIN_UNSEEN, false, "that the guard has not seen yet");
	f.guard_runs = false;
	check(f, EXPLAIN_NO_GUARD, false, "no guard runs: mpath-boot guard");
	f.is_handed_over = true;
	check(f, EXPLAIN_MULTIPATHD, false, "mpath-snapshot explain sda");
	f.is_off = true;
	check(f, EXPLAIN_OFF, false, "switched off on the kernel command line");
	f = a_path();
	f.path.size = 0;
	check(f, EXPLAIN_NO_SIZE, false, "its size is 0");
}

static void test_outsiders(void **state)
{
	struct explain_facts f = a_path();

	(void)state;
	check(f, EXPLAIN_NOT_YET, false, "not in the map: it is ready, and joins with the next table");
	snprintf(f.reason, sizeof(f.reason), STATE_REASON_REFUSED);
	check(f, EXPLAIN_REFUSED, false, "the kernel refused a table with it");
	snprintf(f.reason, sizeof(f.reason), STATE_REASON_READ_ONLY);
	check(f, EXPLAIN_READ_ONLY, false, "it is read-only");
	snprintf(f.holders, sizeof(f.holders), "held by dm-3 (vg-root)");
	check(f, EXPLAIN_HELD, false, "in use (held by dm-3 (vg-root)), so the kernel refuses it to the map (EBUSY)");
	snprintf(f.used_as, sizeof(f.used_as), "swap");
	check(f, EXPLAIN_HELD, false, "in use (held by dm-3 (vg-root), swap)");
	f.state = PATH_STATE_SHAKY;
	check(f, EXPLAIN_SHAKY, false, "shaky");
	f.state = PATH_STATE_PENDING;
	check(f, EXPLAIN_PENDING, false, "in transition");
	f.state = PATH_STATE_DOWN;
	snprintf(f.failure, sizeof(f.failure), "No route to host");
	check(f, EXPLAIN_DOWN, false, "checker tur says that it is down: No route to host");
	f.state = PATH_STATE_UNCHECKED;
	check(f, EXPLAIN_UNCHECKED, false, "has not had an answer yet");
	f.no_answer_for_s = 3;
	check(f, EXPLAIN_SLOW, false, "waits for its answer since 3 s, 7 s at most");
	f.is_hung = true;
	check(f, EXPLAIN_HUNG, false, "has not come back within 7 s");
	snprintf(f.sys_state, sizeof(f.sys_state), "offline");
	check(f, EXPLAIN_OFFLINE, false, "the kernel calls it offline (device/state): it gave up");
	snprintf(f.sys_state, sizeof(f.sys_state), "blocked");
	check(f, EXPLAIN_BLOCKED, false, "device/state is blocked");
	f.path.size = 200;
	snprintf(f.reason, sizeof(f.reason), STATE_REASON_SIZE);
	check(f, EXPLAIN_WRONG_SIZE, false, "it has 200 sectors, not 100");
	f = a_path();
	f.state = PATH_STATE_GHOST;
	f.map_exists = false;
	check(f, EXPLAIN_GHOST_WAITS, false, "rd.mpath_boot.degraded_after=");
}

/* Every reason has been seen, and no two of them read the same. */
static void test_all_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_EXPLAIN_REASONS; i++) {
		assert_non_null(explain_names[i]);
		if (!seen[i][0])
			fail_msg("no test of %s", explain_names[i]);
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(seen[i], seen[j]);
			assert_string_not_equal(explain_names[i], explain_names[j]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_keepers),
		cmocka_unit_test(test_outsiders),
		cmocka_unit_test(test_all_distinct),
	};

	return cmocka_run_group_tests(tests, make_snapshot, free_snapshot);
}
