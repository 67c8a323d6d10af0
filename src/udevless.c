/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "udevless.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/*
 * The coldplug of the real root is an "add", which device-mapper's rules take for spurious unless the database has the first flag: systemd would call
 * the map not ready, and it would get no links. Without the second one multipathd reloads the map ("udev incomplete").
 */
static int write_record(const struct sysroot *root, const struct dm_info *info, bool is_map)
{
	char name[64], text[128];
	_auto_close_ int fd = -1;
	int n;

	mkdirat(root->run_fd, "udev", 0755);
	mkdirat(root->run_fd, "udev/data", 0755);
	snprintf(name, sizeof(name), "udev/data/b%u:%u", info->major, info->minor);
	fd = openat(root->run_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return errno == EEXIST ? 0 : -errno;
	n = snprintf(text, sizeof(text), "E:DM_UDEV_PRIMARY_SOURCE_FLAG=1\n%s", is_map ? "E:MPATH_DEVICE_READY=1\nE:DM_SUBSYSTEM_UDEV_FLAG1=1\n" : "");
	return write(fd, text, (size_t)n) == n ? 0 : -EIO;
}

int udevless_announce(const struct sysroot *root, const struct dm_info *info, bool is_map)
{
	char link[DM_NAME_SIZE + 16], target[32];
	int r = 0;

	/* The socket is the sign that libdevmapper uses, too. */
	if (root->run_fd >= 0 && faccessat(root->run_fd, "udev/control", F_OK, 0) == 0)
		return 0;
	if (root->run_fd >= 0)
		r = write_record(root, info, is_map);
	snprintf(link, sizeof(link), "mapper/%s", info->name);
	snprintf(target, sizeof(target), "../dm-%u", info->minor);
	if (symlinkat(target, root->dev_fd, link) < 0 && errno != EEXIST)
		r = -errno;
	return r;
}
