/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes in at the edges: uevents, the kernel command line, multipathd's answers, names. */
#include "cmocka.h.inc"

#include <fcntl.h>

#include "buf.h"
#include "cmdline.h"
#include "discover.h"
#include "dm-mangle.h"
#include "dm.h"
#include "handoff.h"
#include "shell-word.h"
#include "uevent.h"

static int parse(const char *bytes, size_t len, struct uevent *e)
{
	static char text[UEVENT_SIZE];

	memcpy(text, bytes, len);
	return uevent_parse(text, len, e);
}
#define PARSE(s, e) parse(s, sizeof(s) - 1, e)

static void test_uevent(void **state)
{
	struct uevent e;

	(void)state;
	assert_int_equal(PARSE("add@/devices/x/block/sda\0ACTION=add\0SUBSYSTEM=block\0DEVTYPE=disk\0DEVNAME=sda\0", &e), 0);
	assert_int_equal(e.action, UEVENT_ADD);
	assert_string_equal(e.devname, "sda");
	assert_string_equal(e.dm_action, "");
	assert_int_equal(PARSE("change@/x\0ACTION=change\0DM_ACTION=PATH_FAILED\0DM_PATH=8:16", &e), 0);
	assert_string_equal(e.dm_path, "8:16");	/* not NUL-terminated in the message */
	assert_int_equal(PARSE("libudev\0\xfe\xed\xca\xfe", &e), -EBADMSG);	/* udevd's own format */
	assert_int_equal(PARSE("add@/devices/unfinished", &e), -EBADMSG);
	assert_int_equal(PARSE("", &e), -EBADMSG);
}

static void test_cmdline(void **state)
{
	struct cmdline c;

	(void)state;
	cmdline_parse("root=UUID=1 quiet", &c);
	assert_false(c.off);
	assert_int_equal(c.degraded_after_ms, 3000);
	assert_int_equal(c.timeout_ms, 30000);
	cmdline_parse("rd.mpath-boot.degraded-after=7 rd.mpath_boot.timeout=x rd.mpath_boot.wwid=a,b mpath.wwid=c\n", &c);
	assert_int_equal(c.degraded_after_ms, 7000);
	assert_int_equal(c.timeout_ms, 30000);
	assert_string_equal(c.wwids, "a,b,c");
	for (const char *const *off = (const char *const[]) { "nompath", "multipath=off", "rd.multipath=0", "rd.mpath_boot=0", NULL }; *off; off++) {
		cmdline_parse(*off, &c);
		assert_true(c.off);
	}
	cmdline_parse("rd.multipath=default rd.mpath_boot=1 nompathx", &c);
	assert_false(c.off);
}

/* What @text says, read from a file. */
static void read_cmdline(const char *text, size_t len, struct cmdline *out)
{
	char name[] = "/tmp/mpath-cmdline-XXXXXX";
	int dir = open(mkdtemp(name), O_RDONLY | O_DIRECTORY), fd = openat(dir, "cmdline", O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, text, len), len);
	cmdline_read(dir, out);
	close(fd);
	unlinkat(dir, "cmdline", 0);
	close(dir);
	rmdir(name);
}

static void test_long_cmdline(void **state)
{
	static char text[40000];
	struct cmdline c;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 5000, " rd.mpath_boot=0\n", 17);
	read_cmdline(text, 5017, &c);
	assert_true(c.off);
	/* longer than is ever read: what is whole counts */
	memcpy(text, "rd.mpath_boot.wwid=a ", 21);
	memcpy(text + 5000, " rd.mpath_boot.wwid=", 20);
	read_cmdline(text, sizeof(text), &c);
	assert_string_equal(c.wwids, "a");
	cmdline_read(-1, &c);
	assert_int_equal(c.timeout_ms, 30000);
}

static void test_multipathd(void **state)
{
	(void)state;
	assert_true(handoff_daemon_is_ready("pid 512 idle\n", 512));
	assert_true(handoff_daemon_is_ready("pid 512 running", 512));
	assert_false(handoff_daemon_is_ready("pid 512 configure\n", 512));
	assert_false(handoff_daemon_is_ready("pid 51 idle\n", 512));
	assert_false(handoff_daemon_is_ready("", 512));
	assert_true(handoff_has_map("2:3600a\n1:3600b \n12:3600c", "3600b"));
	assert_true(handoff_has_map("2:3600a\n1:3600b \n12:3600c", "3600c"));
	assert_false(handoff_has_map("2:3600ab\n", "3600a"));
	assert_false(handoff_has_map("0:3600a\n", "3600a"));	/* it has the map and wants none of its paths */
	assert_false(handoff_has_map("3600a\n", "3600a"));
	assert_false(handoff_has_map("", "3600a"));
}

static void test_names(void **state)
{
	char out[64];

	(void)state;
	assert_true(discover_name_is_disk("sda"));
	assert_true(discover_name_is_disk("sdaab"));
	assert_true(discover_name_is_disk("nvme0n1"));
	assert_true(discover_name_is_disk("dasda"));
	assert_false(discover_name_is_disk("sda1"));
	assert_false(discover_name_is_disk("sd"));
	assert_false(discover_name_is_disk("nvme0n1p1"));
	assert_false(discover_name_is_disk("nvme0c0n1"));
	assert_false(discover_name_is_disk("vda"));
	assert_false(discover_name_is_disk("../sda"));
	assert_int_equal(dm_mangle("mpatha", out, sizeof(out)), 0);
	assert_string_equal(out, "mpatha");
	assert_int_equal(dm_mangle("root disk", out, sizeof(out)), 0);
	assert_string_equal(out, "root\\x20disk");
	assert_int_equal(dm_mangle("root\\x20disk", out, sizeof(out)), 0);
	assert_string_equal(out, "root\\x20disk");
	assert_int_equal(dm_mangle("$(x)\\x41", out, sizeof(out)), 0);
	assert_string_equal(out, "\\x24\\x28x\\x29\\x5cx41");
	assert_int_equal(dm_mangle("a\\x4", out, sizeof(out)), 0);
	assert_string_equal(out, "a\\x5cx4");
	assert_int_equal(dm_mangle("too long", out, 6), -ENAMETOOLONG);
	dm_unmangle("\\x24\\x28x\\x29\\x5cx4\\x4", out);
	assert_string_equal(out, "$(x)\\x4\\x4");
	strcpy(out, "a\\x4A\\x4a");
	dm_unmangle(out, out);
	assert_string_equal(out, "aJJ");
}

static void test_buf(void **state)
{
	char mem[16];
	struct buf b = BUF_INIT(mem, sizeof(mem));

	(void)state;
	buf_reset(&b);
	buf_add_quoted(&b, "a\"b\n");
	assert_string_equal(b.s, "\"a\"\"b?\"");
	assert_false(b.overflow);
	buf_add(&b, "0123456789");
	assert_true(b.overflow);
}

static void test_shell_word(void **state)
{
	char mem[SHELL_WORD_SIZE(20)];

	(void)state;
	assert_string_equal(shell_word("36001405-a.b:c", mem, sizeof(mem)), "36001405-a.b:c");
	assert_string_equal(shell_word("a b", mem, sizeof(mem)), "'a b'");
	assert_string_equal(shell_word("a\\x22;id", mem, sizeof(mem)), "'a\\x22;id'");
	assert_string_equal(shell_word("'$(id)'", mem, sizeof(mem)), "''\\''$(id)'\\'''");
	assert_string_equal(shell_word("", mem, sizeof(mem)), "''");
	assert_int_equal(strlen(shell_word("''''''''''''''''''''", mem, sizeof(mem))), 82);
	assert_string_equal(shell_word("'''''''''''''''''''''", mem, sizeof(mem)), "''");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uevent), cmocka_unit_test(test_cmdline), cmocka_unit_test(test_long_cmdline), cmocka_unit_test(test_multipathd),
		cmocka_unit_test(test_names), cmocka_unit_test(test_buf), cmocka_unit_test(test_shell_word),
	};

	return cmocka_run_group_tests_name("edges", tests, NULL, NULL);
}
