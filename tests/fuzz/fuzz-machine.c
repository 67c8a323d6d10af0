/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc, /sys and udev's database say, on both sides of the boot. A machine with a SCSI disk, an NVMe namespace and a DASD lies in a temporary
 * directory; the first byte chooses a file of it, all others are its contents, and then everything that reads files of this kind looks at the machine.
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "discover.h"
#include "explain-facts.h"
#include "rootwatch.h"
#include "sha256.h"
#include "state.h"
#include "snapshot-tool/identity.h"
#include "snapshot-tool/net.h"
#include "snapshot-tool/path-info.h"
#include "snapshot-tool/roots.h"
#include "snapshot-tool/udev-db.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define SCSI "sys/devices/platform/host2/session1/target2:0:0/2:0:0:1/"
#define NVME "sys/devices/pci0/0000:00:04.0/nvme/nvme0/"
#define DASD "sys/devices/css0/0.0.0100/0.0.0200/"

static const struct {
	const char *name, *text;	/* what is there while another file is being tried; a text that begins with @ is a link */
} files[] = {
	{ "proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n" },
	{ "proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n" },
	{ "proc/cmdline", "root=/dev/sda1" },
	{ "proc/net/route", "Iface\neth0 0002000A 00000000 0001 0 0 0 00FFFFFF 0 0 0\n" },
	{ "proc/net/ipv6_route", "fd000000000000000000000000000000 40 0 00 0 00000100 1 0 00000001 eth0\n" },
	{ "etc/initramfs-tools/conf.d/resume", "RESUME=none\n" },
	{ "run/udev/data/b8:0", "E:ID_SERIAL=36001\n" },
	{ "run/mpath-boot/claims/sda", "36009\n0\n" },
	{ SCSI "vpd_pg83", "" },
	{ SCSI "vpd_pg80", "" },
	{ SCSI "vpd_pgc9", "" },
	{ SCSI "inquiry", "" },
	{ SCSI "vendor", "LIO-ORG\n" },
	{ SCSI "model", "lun\n" },
	{ SCSI "dh_state", "alua\n" },
	{ SCSI "access_state", "standby\n" },
	{ SCSI "state", "running\n" },
	{ SCSI "block/sda/dev", "8:0\n" },
	{ SCSI "block/sda/size", "4096\n" },
	{ SCSI "block/sda/sda1/partition", "1\n" },
	{ SCSI "block/sda/sda1/start", "8\n" },
	{ NVME "nvme0n1/wwid", "eui.0011\n" },
	{ NVME "address", "traddr=10.0.0.1,trsvcid=4420\n" },
	{ NVME "serial", "1\n" },
	{ NVME "model", "QEMU\n" },
	{ NVME "subsysnqn", "nqn.test\n" },
	{ DASD "uid", "1\n" },
	{ "run/mpath-boot/state", "state {\n\tversion 1\n}\n" },
	/* never chosen */
	{ "proc/1/root/etc", "" },
	{ SCSI "block/sda/device", "@../.." },
	{ SCSI "block/sda/sda1/dev", "8:1\n" },
	{ SCSI "block/sda/sda1/size", "8\n" },
	{ NVME "transport", "tcp\n" },
	{ NVME "nvme0n1/device", "@.." },
	{ NVME "nvme0n1/dev", "259:0\n" },
	{ NVME "nvme0n1/size", "8\n" },
	{ DASD "block/dasda/device", "@../.." },
	{ DASD "block/dasda/dev", "94:0\n" },
	{ DASD "block/dasda/size", "8\n" },
	{ "sys/block/sda", "@../devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sda" },
	{ "sys/block/nvme0n1", "@../devices/pci0/0000:00:04.0/nvme/nvme0/nvme0n1" },
	{ "sys/block/dasda", "@../devices/css0/0.0.0100/0.0.0200/block/dasda" },
	{ "sys/class/block", "@../block" },
	{ "sys/block/sda1", "@../devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sda/sda1" },
	{ "sys/dev/block/8:0", "@../../devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sda" },
	{ "sys/dev/block/8:1", "@../../devices/platform/host2/session1/target2:0:0/2:0:0:1/block/sda/sda1" },
};
#define N_CHOICES 28	/* of them, the first ones */

static char top[64];

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static void remove_machine(void)
{
	nftw(top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(int dir, const char *name, const void *text, size_t len)
{
	_auto_close_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
}

static int make_machine(void)
{
	int dir;

	snprintf(top, sizeof(top), "%s/fuzz-machine-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(top))
		abort();
	atexit(remove_machine);
	dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s", files[i].name);
		for (char *slash = path; (slash = strchr(slash, '/')); slash++) {
			*slash = '\0';
			mkdirat(dir, path, 0755);
			*slash = '/';
		}
		if (files[i].text[0] == '@' ? symlinkat(files[i].text + 1, dir, path) < 0 : (put(dir, path, files[i].text, strlen(files[i].text)), 0))
			abort();
	}
	return dir;
}

/* With a map of each kind, so that each kind of identity is looked for. */
static struct snapshot *make_snapshot(void)
{
	static const char *const designators[] = { "naa.6001405abcdef000", "eui.0011", "vpd80.31", "vnd.41", "nvme.31", "dasd.31", NULL };
	char text[4096] = "snapshot {\n\tversion 1\n}\n", hex[SHA256_HEX_SIZE];
	size_t len = strlen(text);
	struct snapshot_error err;
	struct snapshot *snap;

	for (int i = 0; designators[i]; i++)
		len += (size_t)sprintf(text + len, "map {\n\twwid \"3600%d\"\n\talias \"m%d\"\n\tdesignator \"%s\"\n}\n", i, i, designators[i]);
	len += (size_t)sprintf(text + len, "map {\n\twwid \"36009\"\n\talias \"claimed\"\n}\n");
	sha256_hex(text, len, hex);
	len += (size_t)sprintf(text + len, "checksum \"sha256:%s\"\n", hex);
	if (snapshot_parse(text, len, &snap, &err) != 0) {
		fprintf(stderr, "line %u: %s\n", err.line, err.text);
		abort();
	}
	return snap;
}

/* The side of the initramfs. */
static void boot_side(const struct sysroot *root, const struct snapshot *snap, const struct conf *state)
{
	const struct explain_scene scene = { .root = root, .snap = snap, .state = state };
	static const char *const names[] = { "sda", "nvme0n1", "dasda" };
	struct snap_part parts[4];
	struct rootwatch watch;
	struct explain_facts facts;
	struct explanation said;
	struct path path;
	char wwid[WWID_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		discover_disk(root, snap, names[i], &path);
		discover_wwid(root, names[i], wwid);
		explain_read(&scene, names[i], names[i], &facts);
		explain_decide(&facts, &said);
	}
	discover_parts(root, "sda", parts, ARRAY_SIZE(parts));
	rootwatch_open(&watch, root);
	if (watch.fd >= 0)
		close(watch.fd);
}

/* The side of the full system; @disk is the one whose file it is. */
static void full_side(const struct host *host, const char *disk)
{
	static const char *const portals[] = { "10.0.2.2", "fd00::2", "fe80::1%eth0" };
	struct map_info map = { .n_paths = 0 };
	struct udev_properties p;
	struct names modules = { .n = 0 };
	struct path_place place = { .lun = 0 };
	struct path_info path;
	struct roots roots;
	char wwid[512];

	if (roots_find(host, NULL, &roots) == 0)
		roots_clear(&roots);
	for (size_t i = 0; i < ARRAY_SIZE(portals); i++)
		net_find_place(host, portals[i], "", "", &place);
	if (udev_properties_read(host, disk, &p) == 0)
		udev_properties_clear(&p);
	if (path_info_read(host, disk, &path, &modules) == 0) {
		map.paths = &path;
		map.n_paths = 1;
		if (identity_read(host, &map) == 0)
			free(map.designators);
		identity_sys_wwid(host, &path.facts, wwid, sizeof(wwid));
	}
	free(modules.v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct sysroot root = SYSROOT_INIT;
	static struct snapshot *snap;
	static struct host host = { .fd = -1 };
	struct conf *state = NULL;
	size_t i;

	if (host.fd < 0) {
		host.fd = make_machine();
		snap = make_snapshot();
		if (sysroot_open(&root, top) < 0)
			abort();
	}
	if (!len)
		return 0;
	i = data[0] % N_CHOICES;
	put(host.fd, files[i].name, data + 1, len - 1);
	if (streq(files[i].name, "run/mpath-boot/state"))
		state_parse((const char *)data + 1, len - 1, &state);
	boot_side(&root, snap, state);
	conf_free(state);
	full_side(&host, str_after(files[i].name, NVME) ? "nvme0n1" : str_after(files[i].name, DASD) ? "dasda" : "sda");
	put(host.fd, files[i].name, files[i].text, strlen(files[i].text));
	return 0;
}
