/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <scsi/sg.h>
#include <cmocka.h>

#include "device.h"
#include "path-facts.h"
#include "util.h"

/* The disk behind the door. */
static struct {
	bool is_dead;
	bool has_rtpg;
	unsigned int attentions;	/* unit attentions that it has to tell first */
	bool lists_rdac, is_rdac;
	unsigned int rtpgs, rdacs;	/* how often it was asked */
} disk;

static void check_condition(struct sg_io_hdr *io, uint8_t key)
{
	io->status = 2;
	io->sb_len_wr = 8;
	memset(io->sbp, 0, 8);
	io->sbp[0] = 0x70;
	io->sbp[2] = key;
}

int device_ioctl(int fd, unsigned long request, void *arg)
{
	struct sg_io_hdr *io = arg;
	uint8_t *data = io->dxferp;

	assert_int_equal(fd, 7);
	assert_int_equal(request, SG_IO);
	if (disk.is_dead) {
		errno = EIO;
		return -1;
	}
	memset(data, 0, io->dxfer_len);
	if (io->cmdp[0] == 0xa3) {	/* REPORT TARGET PORT GROUPS */
		disk.rtpgs++;
		if (disk.attentions && disk.attentions--)
			check_condition(io, 6);
		else if (!disk.has_rtpg)
			check_condition(io, 5);
		return 0;
	}
	assert_int_equal(io->cmdp[0], 0x12);	/* INQUIRY */
	assert_int_equal(io->cmdp[1], 1);
	data[1] = io->cmdp[2];
	if (io->cmdp[2] == 0x00) {
		data[3] = 3;
		data[5] = 0x83;
		data[6] = disk.lists_rdac ? 0xc9 : 0xb0;
	} else {
		assert_int_equal(io->cmdp[2], 0xc9);
		disk.rdacs++;
		memcpy(data + 4, disk.is_rdac ? "vac1" : "none", 4);
	}
	return 0;
}

static struct path_facts ask(int tpgs)
{
	struct path_facts f = { .bus = BUS_SCSI, .tpgs = tpgs };
	uint8_t page[PATH_FACTS_PAGE];

	path_facts_ask(7, 1000, page, &f);
	return f;
}

static void test_alua(void **state)
{
	(void)state;
	memset(&disk, 0, sizeof(disk));
	disk.has_rtpg = true;
	assert_int_equal(ask(3).tpgs, 3);
	disk.attentions = 2;
	assert_int_equal(ask(3).tpgs, 3);
	disk.has_rtpg = false;
	assert_int_equal(ask(3).tpgs, TPGS_NONE);
	disk.attentions = 2;
	assert_int_equal(ask(1).tpgs, TPGS_NONE);
	disk.rtpgs = 0;
	assert_int_equal(ask(TPGS_NONE).tpgs, TPGS_NONE);
	assert_int_equal(ask(TPGS_UNKNOWN).tpgs, TPGS_UNKNOWN);
	assert_int_equal(disk.rtpgs, 0);	/* nobody asks who does not claim it */
}

static void test_rdac(void **state)
{
	(void)state;
	memset(&disk, 0, sizeof(disk));
	disk.is_rdac = true;
	assert_false(ask(TPGS_NONE).is_rdac);
	assert_int_equal(disk.rdacs, 0);	/* a page that it does not list is not asked for */
	disk.lists_rdac = true;
	assert_true(ask(TPGS_NONE).is_rdac);
	disk.is_rdac = false;
	assert_false(ask(TPGS_NONE).is_rdac);
}

/* Who does not answer tells nothing: INQUIRY's word, which the kernel keeps, stands. */
static void test_silence(void **state)
{
	struct path_facts f = { .bus = BUS_DASD, .tpgs = TPGS_UNKNOWN };

	(void)state;
	memset(&disk, 0, sizeof(disk));
	disk.is_dead = true;
	assert_int_equal(ask(3).tpgs, 3);
	assert_false(ask(3).is_rdac);
	path_facts_ask(-1, 1000, NULL, &f);	/* a DASD is asked nothing */
	assert_int_equal(f.tpgs, TPGS_UNKNOWN);
}

static void test_component(void **state)
{
	const char *dir = "../../devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sda";
	size_t len;

	(void)state;
	assert_ptr_equal(path_facts_component(dir, "session", &len), strstr(dir, "session1"));
	assert_int_equal(len, 8);
	assert_null(path_facts_component(dir, "rport-", &len));
	assert_null(path_facts_component(dir, "plat", &len));	/* no digit behind it */
	assert_null(path_facts_component("host2", "host", &len));	/* a component has a slash before it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alua),
		cmocka_unit_test(test_rdac),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_component),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
