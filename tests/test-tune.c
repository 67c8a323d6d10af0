/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A /sys of our own making: attributes are files that start as the kernel's defaults. */
#include "cmocka.h.inc"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tune.h"

static char dir[] = "/tmp/test-tune.XXXXXX";
static struct sysroot root = SYSROOT_INIT;

static void put(const char *file, const char *text)
{
	char path[256];
	int fd;

	for (const char *p = file; (p = strchr(p, '/')); p++) {
		snprintf(path, sizeof(path), "%.*s", (int)(p - file), file);
		mkdirat(root.sys_fd, path, 0755);
	}
	fd = openat(root.sys_fd, file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *get(const char *file)
{
	static char text[64];

	assert_true(sys_read_str(root.sys_fd, file, text, sizeof(text)) >= 0);
	return text;
}

#define RPORT "class/fc_remote_ports/rport-3:0-1/"

static const struct path fc = { .name = "sda", .syspath = "../devices/pci0000:00/0000:00:05.0/host3/rport-3:0-1/target3:0:1/3:0:1:0/block/sda" },
	iscsi = { .syspath = "../devices/platform/host4/session7/target4:0:0/4:0:0:0/block/sdb" },
	sas = { .syspath = "../devices/pci0000:00/0000:00:06.0/host5/port-5:0/end_device-5:0/target5:0:0/5:0:0:0/block/sdc" },
	nvme = { .name = "nvme0n1", .syspath = "../devices/host9/nvme/nvme0/nvme0n1", .bus = BUS_NVME };

static int fill(void **state)
{
	(void)state;
	put(RPORT "fast_io_fail_tmo", "off\n");
	put(RPORT "dev_loss_tmo", "60\n");
	put("class/iscsi_session/session7/recovery_tmo", "120\n");
	put("class/sas_end_device/end_device-5:0/I_T_nexus_loss_timeout", "7\n");
	put("class/scsi_host/host3/eh_deadline", "off\n");
	put("class/scsi_host/host4/eh_deadline", "off\n");
	put("class/scsi_host/host5/eh_deadline", "off\n");
	put("class/scsi_host/host9/eh_deadline", "off\n");
	put("block/sda/queue/max_sectors_kb", "1280\n");
	put("block/nvme0n1/queue/max_sectors_kb", "128\n");
	return 0;
}

static void tune(const struct path *path, struct snap_map map)
{
	struct tune_error err;

	tune_path(&root, path, &map, 5, &err);
	assert_int_equal(err.error, 0);
}

#define UNSET .fast_io_fail_tmo = TMO_UNDEF, .eh_deadline = TMO_UNDEF, .no_path_retry = NO_PATH_RETRY_UNDEF

static void test_unset(void **state)
{
	(void)state;
	tune(&fc, (struct snap_map) { UNSET, .dev_loss_tmo = TMO_UNDEF });
	tune(&iscsi, (struct snap_map) { UNSET, .dev_loss_tmo = TMO_UNDEF });
	tune(&sas, (struct snap_map) { UNSET, .dev_loss_tmo = TMO_UNDEF });
	assert_string_equal(get(RPORT "fast_io_fail_tmo"), "off");
	assert_string_equal(get(RPORT "dev_loss_tmo"), "60");
	assert_string_equal(get("class/iscsi_session/session7/recovery_tmo"), "120");
	assert_string_equal(get("class/sas_end_device/end_device-5:0/I_T_nexus_loss_timeout"), "7");
	assert_string_equal(get("class/scsi_host/host3/eh_deadline"), "off");
	assert_string_equal(get("block/sda/queue/max_sectors_kb"), "1280");
}

static void test_set(void **state)
{
	static const struct snap_map map = { .fast_io_fail_tmo = 5, .dev_loss_tmo = 30, .eh_deadline = 20, .no_path_retry = 12 };

	(void)state;
	tune(&fc, map);
	assert_string_equal(get(RPORT "fast_io_fail_tmo"), "5");
	assert_string_equal(get(RPORT "dev_loss_tmo"), "60");	/* 12 checks of 5 s are longer than 30 s */
	assert_string_equal(get("class/scsi_host/host3/eh_deadline"), "20");
	tune(&iscsi, map);
	assert_string_equal(get("class/iscsi_session/session7/recovery_tmo"), "5");
	assert_string_equal(get("class/scsi_host/host4/eh_deadline"), "20");
	tune(&sas, map);
	assert_string_equal(get("class/sas_end_device/end_device-5:0/I_T_nexus_loss_timeout"), "60");
	tune(&nvme, map);
	assert_string_equal(get("class/scsi_host/host9/eh_deadline"), "off");
}

static void test_requests(void **state)
{
	(void)state;
	assert_int_equal(tune_requests(&root, "sda", 64), 0);
	assert_string_equal(get("block/sda/queue/max_sectors_kb"), "64");
	assert_int_equal(tune_requests(&root, "nvme0n1", 64), 0);
	assert_string_equal(get("block/nvme0n1/queue/max_sectors_kb"), "64");
	assert_int_equal(tune_requests(&root, "sdx", 64), 0);	/* there is no such thing */
}

static void test_words(void **state)
{
	(void)state;
	put(RPORT "fast_io_fail_tmo", "5\n");
	tune(&fc, (struct snap_map) { .fast_io_fail_tmo = TMO_OFF, .dev_loss_tmo = TMO_INFINITY, .eh_deadline = TMO_OFF, .no_path_retry = NO_PATH_RETRY_FAIL });
	assert_string_equal(get(RPORT "fast_io_fail_tmo"), "off");
	assert_string_equal(get(RPORT "dev_loss_tmo"), "600");	/* the kernel takes no more then */
	tune(&iscsi, (struct snap_map) { .fast_io_fail_tmo = TMO_OFF, .dev_loss_tmo = TMO_UNDEF, .eh_deadline = TMO_UNDEF });
	assert_string_equal(get("class/iscsi_session/session7/recovery_tmo"), "120");
}

/* A map that queues for ever must not lose its ports to a timer. */
static void test_queue(void **state)
{
	struct snap_map map = { UNSET, .dev_loss_tmo = TMO_UNDEF };

	(void)state;
	map.no_path_retry = NO_PATH_RETRY_QUEUE;
	map.dev_loss_tmo = 30;
	tune(&fc, map);
	assert_string_equal(get(RPORT "dev_loss_tmo"), "2147483647");
}

static void test_refusal_is_told(void **state)
{
	struct tune_error err;

	(void)state;
	unlinkat(root.sys_fd, RPORT "dev_loss_tmo", 0);
	assert_int_equal(symlinkat("/proc/sys/kernel/ostype", root.sys_fd, RPORT "dev_loss_tmo"), 0);
	tune_path(&root, &fc, &(struct snap_map) { UNSET, .dev_loss_tmo = 30 }, 5, &err);
	unlinkat(root.sys_fd, RPORT "dev_loss_tmo", 0);
	assert_true(err.error < 0);
	assert_string_equal(err.attr, RPORT "dev_loss_tmo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_unset, fill),
		cmocka_unit_test_setup(test_set, fill),
		cmocka_unit_test_setup(test_requests, fill),
		cmocka_unit_test_setup(test_words, fill),
		cmocka_unit_test_setup(test_queue, fill),
		cmocka_unit_test_setup(test_refusal_is_told, fill),
	};
	char command[64];
	int failed;

	if (!mkdtemp(dir))
		return 1;
	root.sys_fd = open(dir, O_RDONLY | O_DIRECTORY);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) ? 1 : failed;
}
