/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmocka.h.inc"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "keeper/portal.h"
#include "keeper/successor.h"

static void reads_portals(void **state)
{
	struct portal p[3];

	(void)state;
	assert_int_equal(portals_parse("iqn.a 10.0.2.2 3260 1\niqn.b:c fd00::1 3261 -1 eth0 52:54:00:12:34:07 - -\n", p, 3), 2);
	assert_string_equal(p[0].target, "iqn.a");
	assert_string_equal(p[1].address, "fd00::1");
	assert_int_equal(p[1].port, 3261);
	assert_int_equal(p[1].group, -1);
}

static void leaves_out_what_is_no_portal(void **state)
{
	struct portal p[2];
	char longer[700];

	(void)state;
	assert_int_equal(portals_parse("", p, 2), 0);
	assert_int_equal(portals_parse("iqn.a 10.0.2.2 3260\n\niqn.a 10.0.2.2 0 1\niqn.a 10.0.2.2 70000 1\n", p, 2), 0);
	/* they become names of files */
	assert_int_equal(portals_parse("../iqn.a 10.0.2.2 3260 1\niqn.a ../10 3260 1\n", p, 2), 0);
	memset(longer, 'a', sizeof(longer));
	memcpy(longer + sizeof(longer) - 30, " 10.0.2.2 3260 1\niqn 1 1 1\n", 28);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(portals_parse(longer, p, 2), 1);
	assert_string_equal(p[0].target, "iqn");
	assert_int_equal(portals_parse("a 1 1 1\nb 1 1 1\nc 1 1 1", p, 2), 2);
}

static void knows_addresses(void **state)
{
	(void)state;
	assert_true(portal_same_address("10.0.2.2", "10.0.2.2"));
	assert_false(portal_same_address("10.0.2.2", "10.0.2.20"));
	/* as the kernel writes it, and as an administrator does */
	assert_true(portal_same_address("fd00:0000:0000:0000:0000:0000:0000:0001", "fd00::1"));
	assert_false(portal_same_address("fd00::1", "fd00::2"));
}

static void touch(const char *dir, const char *name)
{
	char file[256];
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	f = fopen(file, "w");
	assert_non_null(f);
	fclose(f);
}

/* A session for each of the records, which are bound to an interface each. */
static void wants_a_session_for_each_record(void **state)
{
	struct portal p = { .target = "iqn.a", .address = "10.0.2.2", .port = 3260, .group = 1 };
	char nodes[] = "/tmp/test-keeper.XXXXXX", target[64], dir[128], command[64];

	(void)state;
	assert_non_null(mkdtemp(nodes));
	snprintf(target, sizeof(target), "%s/iqn.a", nodes);
	snprintf(dir, sizeof(dir), "%s/10.0.2.2,3260,1", target);
	assert_int_equal(portal_count_records(&p, nodes), 1);	/* it cannot be told */
	assert_int_equal(mkdir(target, 0700), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(portal_count_records(&p, nodes), 1);
	touch(dir, "card1");
	touch(dir, "card2");
	assert_int_equal(portal_count_records(&p, nodes), 2);
	p.group = 2;
	assert_int_equal(portal_count_records(&p, nodes), 1);
	snprintf(command, sizeof(command), "rm -r %s", nodes);
	assert_int_equal(system(command), 0);

	p.n_records = 2;
	portal_note_session(&p, "LOGGED_IN");
	assert_int_equal(p.state, PORTAL_IN);
	assert_false(portal_is_complete(&p));
	/* the other card's is broken: the portal is in, but not with all of them */
	portal_note_session(&p, "FAILED");
	assert_int_equal(p.state, PORTAL_IN);
	assert_true(portal_is_complete(&p));
	assert_int_equal(p.n_in, 1);
}

static void is_in_with_one_session(void **state)
{
	struct portal p = { .n_records = 1 };

	(void)state;
	assert_int_equal(p.state, PORTAL_AWAY);
	assert_false(portal_is_complete(&p));
	portal_note_session(&p, "FAILED");
	assert_int_equal(p.state, PORTAL_BROKEN);
	portal_note_session(&p, "LOGGED_IN");
	assert_int_equal(p.state, PORTAL_IN);
	assert_true(portal_is_complete(&p));
}

static void finds_who_listens(void **state)
{
	/* Linux 6.1, /proc/net/netlink: the second is iscsid, the third iscsiuio, the fourth somebody's without a port */
	const char *text =
		"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n"
		"0000000000000000 0   1          00000001 0        0        0     2        0        1184\n"
		"0000000000000000 8   412        00000001 0        0        0     2        0        4711\n"
		"0000000000000000 8   413        00000002 0        0        0     2        0        4712\n"
		"0000000000000000 8   0          00000001 0        0        0     2        0        17\n"
		"0000000000000000 8   900        00000003 0        0        0     2        0        4713\n";

	(void)state;
	assert_int_equal(successor_next(&text), 412);
	assert_int_equal(successor_next(&text), 900);
	assert_int_equal(successor_next(&text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_portals),
		cmocka_unit_test(leaves_out_what_is_no_portal),
		cmocka_unit_test(knows_addresses),
		cmocka_unit_test(wants_a_session_for_each_record),
		cmocka_unit_test(is_in_with_one_session),
		cmocka_unit_test(finds_who_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
