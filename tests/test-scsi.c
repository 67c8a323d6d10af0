/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes written by hand from SPC-4: 7.8.6 (device identification), 4.5 (sense), 6.37 (target port groups). */
#include "cmocka.h.inc"

#include "alua.h"
#include "discover.h"
#include "scsi.h"

static char seen[4096];

static int note(const struct designator *d, void *arg)
{
	char wwid[WWID_MAX] = "-";

	(void)arg;
	designator_wwid(d, wwid);
	snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s=%s;", d->text, wwid);
	return 0;
}

static int visit(const uint8_t *page, size_t len)
{
	seen[0] = '\0';
	return vpd83_visit(page, len, NULL, note, NULL);
}

static void test_vpd83(void **state)
{
	static const uint8_t page[] = {
		0, 0x83, 0, 56,
		0x01, 0x03, 0, 16, 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,	/* NAA 6 */
		0x02, 0x01, 0, 12, 'A', 'C', 'M', 'E', ' ', ' ', ' ', ' ', 'X', ' ', ' ', '1',	/* T10 */
		0x01, 0x15, 0, 4, 0, 0, 0x12, 0x34,						/* target port group */
		0x01, 0x13, 0, 8, 0x50, 0, 0, 0, 0, 0, 0, 1,					/* NAA 5 of the port: not the LUN */
	};
	unsigned int group = 0;

	(void)state;
	assert_int_equal(visit(page, sizeof(page)), 0);
	assert_string_equal(seen, "naa.600102030405060708090a0b0c0d0e0f=3600102030405060708090a0b0c0d0e0f;"
				  "t10.41434d45202020205820" "2031=1ACME_X_1;");
	assert_int_equal(vpd83_port_group(page, sizeof(page), &group), 0);
	assert_int_equal(group, 0x1234);
}

static void test_vpd83_kinds(void **state)
{
	static const uint8_t page[] = {
		0, 0x83, 0, 12 + 12 + 16 + 12,
		0x01, 0x02, 0, 8, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0xAA,		/* EUI-64 */
		0x01, 0x03, 0, 8, 0x33, 0x33, 0x33, 0x30, 0, 0, 0x07, 0xd0,			/* NAA 3, as scsi_debug has it */
		0x03, 0x08, 0, 12, 'n', 'a', 'a', '.', '6', 'A', 'B', 'C', 0, 0, 0, 0,		/* SCSI name string */
		0x01, 0x06, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1,					/* LUN group: shared by many */
	};

	(void)state;
	assert_int_equal(visit(page, sizeof(page)), 0);
	assert_string_equal(seen, "eui.00112233445566aa=200112233445566aa;naa.33333330000007d0=333333330000007d0;"
				  "name.6e61612e3641424300000000=36abc;");
}

/* Who is behind a path that was away? */
static void test_identity(void **state)
{
	static const uint8_t page[] = {
		0, 0x83, 0, 12 + 16 + 20,
		0x01, 0x03, 0, 8, 0x33, 0x33, 0x33, 0x30, 0, 0, 0x07, 0xd0,			/* NAA 3 */
		0x03, 0x08, 0, 12, 'n', 'a', 'a', '.', '6', 'A', 'B', 'C', 0, 0, 0, 0,		/* SCSI name string: too short for a NAA, and as good */
		0x01, 0x03, 0, 16, 0x60, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,	/* NAA 6 */
	};
	const char *designators[] = { "naa.600102030405060708090a0b0c0d0e0f", "t10.41" };
	struct snap_map map = { .wwid = "anything", .uid_attribute = "ID_SERIAL", .n_designators = 1, .designators = designators };

	(void)state;
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_SAME);
	map.designators = designators + 1;
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_OTHER);
	/* a map by rules has none: its WWID has to do, where it is a NAA */
	map.n_designators = 0;
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_UNKNOWN);
	map.wwid = "3600102030405060708090a0b0c0d0e0f";
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_SAME);
	map.wwid = "333333330000007d0";
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_SAME);
	map.wwid = "3600102030405060708090a0b0c0d0e10";
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_OTHER);
	assert_int_equal(discover_identity(&map, page, 4), IDENTITY_UNKNOWN);
	map.uid_attribute = "ID_OF_OUR_OWN";	/* that it looks so may be chance */
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_UNKNOWN);
	map.uid_attribute = "";
	map.wwid = "36abc";	/* no NAA is so short: who knows where it is from */
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_UNKNOWN);
	map.wwid = "3SERIAL_OF_SOME_OTHER_PAGE_0x80__";
	assert_int_equal(discover_identity(&map, page, sizeof(page)), IDENTITY_UNKNOWN);
}

static void test_vpd83_hostile(void **state)
{
	static const uint8_t too_long[] = { 0, 0x83, 0, 12, 0x01, 0x03, 0, 200, 0x60, 1, 2, 3, 4, 5, 6, 7 };
	static const uint8_t other_page[] = { 0, 0x80, 0, 4, 'A', 'B', 'C', 'D' };
	static const uint8_t bad_naa[] = { 0, 0x83, 0, 8, 0x01, 0x03, 0, 4, 0x60, 1, 2, 3 };
	char text[DESIGNATOR_MAX];

	(void)state;
	assert_int_equal(visit(too_long, sizeof(too_long)), -EBADMSG);
	assert_string_equal(seen, "");
	assert_int_equal(visit(other_page, sizeof(other_page)), -EBADMSG);
	assert_int_equal(visit(bad_naa, sizeof(bad_naa)), 0);
	assert_string_equal(seen, "");
	assert_int_equal(visit(bad_naa, 3), -EBADMSG);
	assert_int_equal(vpd80_text(other_page, sizeof(other_page), NULL, text), 0);
	assert_string_equal(text, "vpd80.41424344");
	assert_int_equal(vpd80_text(other_page, 6, NULL, text), -EBADMSG);
}

static void test_sense(void **state)
{
	static const uint8_t fixed[] = { 0x70, 0, 2, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x04, 0x0b, 0, 0, 0, 0 };
	static const uint8_t cut[] = { 0x70, 0, 6 };
	static const uint8_t descriptor[] = { 0x72, 5, 0x25, 0x00, 0, 0, 0, 0 };
	struct scsi_sense s;

	(void)state;
	assert_int_equal(scsi_sense_decode(fixed, sizeof(fixed), &s), 0);
	assert_int_equal(s.key << 16 | s.asc << 8 | s.ascq, 0x02040b);
	assert_int_equal(scsi_sense_decode(cut, sizeof(cut), &s), 0);
	assert_int_equal(s.key << 16 | s.asc << 8 | s.ascq, 0x060000);
	assert_int_equal(scsi_sense_decode(descriptor, sizeof(descriptor), &s), 0);
	assert_int_equal(s.key << 16 | s.asc << 8 | s.ascq, 0x052500);
	assert_int_equal(scsi_sense_decode(cut, 2, &s), -EBADMSG);
}

static void test_alua(void **state)
{
	static const uint8_t data[] = {
		0, 0, 0, 24,
		0x00, 0xff, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1,	/* group 1, optimized, one port */
		0x81, 0xff, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2,	/* group 2, non-optimized and preferred */
	};
	unsigned int group_state;
	bool preferred;

	(void)state;
	assert_int_equal(alua_find_group(data, sizeof(data), 2, &group_state, &preferred), 0);
	assert_int_equal(group_state, ALUA_NON_OPTIMIZED);
	assert_true(preferred);
	assert_int_equal(alua_find_group(data, sizeof(data), 3, &group_state, &preferred), -ENOENT);
	assert_int_equal(alua_find_group(data, 2, 1, &group_state, &preferred), -EBADMSG);
	assert_int_equal(alua_prio(ALUA_OPTIMIZED, true, ""), 50);
	assert_int_equal(alua_prio(ALUA_OPTIMIZED, true, "exclusive_pref_bit"), 130);
	assert_int_equal(alua_prio(ALUA_NON_OPTIMIZED, true, ""), 90);
	assert_int_equal(alua_prio(ALUA_STANDBY, false, ""), 1);
	assert_int_equal(alua_prio(ALUA_OFFLINE, false, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vpd83), cmocka_unit_test(test_vpd83_kinds), cmocka_unit_test(test_vpd83_hostile), cmocka_unit_test(test_identity),
		cmocka_unit_test(test_sense), cmocka_unit_test(test_alua),
	};

	return cmocka_run_group_tests_name("scsi", tests, NULL, NULL);
}
