/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uevent.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include "util.h"

#define KERNEL_GROUP 1		/* 2 is udevd's, with another format */
#define RECEIVE_BUFFER (2 << 20)	/* a SAN's thousand disks announce themselves in one burst */

static enum uevent_action action_of(const char *name)
{
	if (streq(name, "add"))
		return UEVENT_ADD;
	if (streq(name, "remove"))
		return UEVENT_REMOVE;
	if (streq(name, "change"))
		return UEVENT_CHANGE;
	return UEVENT_OTHER;
}

int uevent_parse(char *text, size_t len, struct uevent *out)
{
	const struct {
		const char *key;
		const char **value;
	} keys[] = {
		{ "SUBSYSTEM=", &out->subsystem },
		{ "DEVTYPE=", &out->devtype },
		{ "DEVNAME=", &out->devname },
		{ "DEVPATH=", &out->devpath },
		{ "DM_ACTION=", &out->dm_action },
		{ "DM_PATH=", &out->dm_path },
	};
	size_t at = strnlen(text, len);

	if (at == len || !memchr(text, '@', at))
		return -EBADMSG;
	text[len] = '\0';
	*out = (struct uevent) { .action = UEVENT_OTHER };
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		*keys[i].value = "";
	for (at++; at < len; at += strlen(text + at) + 1) {
		const char *value = str_after(text + at, "ACTION=");

		if (value)
			out->action = action_of(value);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
			value = str_after(text + at, keys[i].key);
			if (value)
				*keys[i].value = value;
		}
	}
	return 0;
}

int uevent_open(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	_auto_close_ int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	int size = RECEIVE_BUFFER;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));	/* in a container: what we may have */
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return steal_fd(&fd);
}

int uevent_read(int fd, char *text, struct uevent *out)
{
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(fd, text, UEVENT_SIZE - 1, 0, (struct sockaddr *)&from, &from_len);

	if (n < 0)
		return errno == ENOBUFS ? -ENOBUFS : 0;
	/* Only the kernel has port 0; anyone with CAP_NET_ADMIN could send to the group. */
	if (from.nl_pid != 0 || uevent_parse(text, (size_t)n, out) < 0)
		return -EAGAIN;
	return 1;
}
