/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/stat.h>

#include "snapshot-tool/append.h"
#include "snapshot-tool/host.h"
#include "snapshot-tool/image.h"

static const char dir[] = "/tmp/mpath-boot-test-cpio";
static char *snapshot;
static size_t snapshot_len;

static int read_fixture(void **state)
{
	const struct host here = { .fd = AT_FDCWD };

	(void)state;
	return host_read_file(&here, "tests/fixtures/lio-alua-iscsi/etc/mpath-boot/snapshot", &snapshot, &snapshot_len);
}

static int free_fixture(void **state)
{
	(void)state;
	free(snapshot);
	return 0;
}

static struct cpio made(void)
{
	struct cpio c = { .data = NULL };

	assert_int_equal(append_format(snapshot, snapshot_len, &c), 0);
	return c;
}

static void write_file(const char *name, const void *data, size_t len, const char *mode)
{
	FILE *f = fopen(name, mode);

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

/* The output of @command, its first 4 kB. */
static char *output_of(const char *command)
{
	static char text[4096];
	FILE *f = popen(command, "re");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	assert_int_equal(pclose(f), 0);
	return text;
}

struct memory {
	const uint8_t *data;
	size_t len, at;
};

static size_t read_memory(void *arg, void *buf, size_t len)
{
	struct memory *m = arg;

	len = len < m->len - m->at ? len : m->len - m->at;
	memcpy(buf, m->data + m->at, len);
	m->at += len;
	return len;
}

/* cpio(1) of GNU is the judge. */
static void test_written(void **state)
{
	struct cpio c = made(), again = made();

	(void)state;
	assert_int_equal(c.len % 512, 0);
	assert_int_equal(c.len, again.len);
	assert_memory_equal(c.data, again.data, c.len);
	mkdir(dir, 0755);
	write_file("/tmp/mpath-boot-test-cpio/a", c.data, c.len, "w");
	assert_string_equal(output_of("cpio -t --quiet < /tmp/mpath-boot-test-cpio/a"), "etc\netc/mpath-boot\netc/mpath-boot/iscsi.new\netc/mpath-boot/snapshot.new\n");
	assert_string_equal(output_of("cd /tmp/mpath-boot-test-cpio && cpio -i --quiet < a && stat -c '%a %F' etc/mpath-boot etc/mpath-boot/*"),
			    "755 directory\n600 regular file\n644 regular file\n");
	assert_string_equal(output_of("cmp /tmp/mpath-boot-test-cpio/etc/mpath-boot/snapshot.new tests/fixtures/lio-alua-iscsi/etc/mpath-boot/snapshot && echo same"), "same\n");
	assert_non_null(strstr(output_of("cat /tmp/mpath-boot-test-cpio/etc/mpath-boot/iscsi.new"), " 3260 "));
	output_of("rm -r /tmp/mpath-boot-test-cpio");
	free(c.data);
	free(again.data);
}

static void test_read(void **state)
{
	struct cpio c = made();
	struct memory m = { c.data, c.len, 0 };
	struct image image = { .own = NULL };
	size_t end;

	(void)state;
	assert_int_equal(image_take_archive(read_memory, &m, &image), 0);
	assert_null(image.own);
	assert_int_equal(image.appended_len, snapshot_len);
	assert_memory_equal(image.appended, snapshot, snapshot_len);
	image_clear(&image);
	end = m.at;
	/* Every truncation is seen; nothing reads behind the end. */
	for (size_t len = 0; len < c.len; len += len < 600 ? 1 : 97) {
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, c.data, len);
		m = (struct memory){ cut, len, 0 };
		assert_int_equal(image_take_archive(read_memory, &m, &image), len == 0 ? -ENODATA : len >= end ? 0 : -EBADMSG);
		image_clear(&image);
		free(cut);
	}
	free(c.data);
}

static void own_archive(struct cpio *c, const char *prefix, const char *text)
{
	char name[64];

	snprintf(name, sizeof(name), "%setc/mpath-boot/snapshot", prefix);
	cpio_add(c, name, S_IFREG | 0644, text, strlen(text));
	cpio_end(c);
}

/* As builders make them: microcode in front, the rest compressed, something appended. */
static void try_image(const char *packer, const char *prefix)
{
	struct cpio micro = { .data = NULL }, own = { .data = NULL }, appended = made();
	const char *file = "/tmp/mpath-boot-test-cpio/image";
	struct image image;
	char command[256];
	struct stat st;

	mkdir(dir, 0755);
	cpio_add(&micro, "kernel", S_IFDIR | 0755, NULL, 0);
	cpio_add(&micro, "kernel/x86.bin", S_IFREG | 0644, "12345", 5);
	cpio_end(&micro);
	own_archive(&own, prefix, "the image's own");
	write_file(file, micro.data, micro.len, "w");
	write_file("/tmp/mpath-boot-test-cpio/own", own.data, own.len, "w");
	snprintf(command, sizeof(command), "%s < /tmp/mpath-boot-test-cpio/own >> %s", packer, file);
	output_of(command);
	assert_int_equal(image_read(&file, 1, &image), 0);
	assert_string_equal(image.own, "the image's own");
	assert_null(image.appended);
	image_clear(&image);

	assert_int_equal(stat(file, &st), 0);
	write_file(file, "\0\0\0", (size_t)(-st.st_size & 3), "a");
	write_file(file, appended.data, appended.len, "a");
	assert_int_equal(image_read(&file, 1, &image), 0);
	assert_string_equal(image.own, "the image's own");
	assert_int_equal(image.appended_len, snapshot_len);
	image_clear(&image);

	/* The same as a file of its own behind the image. */
	write_file("/tmp/mpath-boot-test-cpio/appended", appended.data, appended.len, "w");
	assert_int_equal(image_read((const char *[]){ file, "/tmp/mpath-boot-test-cpio/appended" }, 2, &image), 0);
	assert_int_equal(image.appended_len, snapshot_len);
	image_clear(&image);
	output_of("rm -r /tmp/mpath-boot-test-cpio");
	free(micro.data);
	free(own.data);
	free(appended.data);
}

static void test_images(void **state)
{
	(void)state;
	try_image("cat", "");
	try_image("gzip -9", "./");
	try_image("xz --check=crc32", "/");
	try_image("zstd -q -19", "");
	try_image("lz4 -q -l", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_images),
	};

	return cmocka_run_group_tests(tests, read_fixture, free_fixture);
}
