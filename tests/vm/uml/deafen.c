/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deafen on|off PID...: news of devices does not reach these processes: a filter on their sockets for it drops all, and they are not told of that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_for_news(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_NETLINK &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) == 0 && protocol == NETLINK_KOBJECT_UEVENT;
}

static int deafen(const char *pid, int on)
{
	struct sock_filter drop = { BPF_RET | BPF_K, 0, 0, 0 };
	struct sock_fprog program = { .len = 1, .filter = &drop };
	int pidfd = (int)syscall(SYS_pidfd_open, atoi(pid), 0), n = 0;
	char name[64];
	struct dirent *d;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%s/fd", pid);
	dir = opendir(name);
	while (dir && (d = readdir(dir))) {
		int fd = (int)syscall(SYS_pidfd_getfd, pidfd, atoi(d->d_name), 0);

		if (fd < 0)
			continue;
		if (is_for_news(fd))
			n += setsockopt(fd, SOL_SOCKET, on ? SO_ATTACH_FILTER : SO_DETACH_FILTER, &program, sizeof(program)) == 0;
		close(fd);
	}
	if (dir)
		closedir(dir);
	close(pidfd);
	return n;
}

int main(int argc, char **argv)
{
	int n = 0;

	if (argc < 2)
		return 2;
	for (int i = 2; i < argc; i++)
		n += deafen(argv[i], !strcmp(argv[1], "on"));
	printf("%d sockets\n", n);
	return n ? 0 : 1;
}
