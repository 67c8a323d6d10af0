/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "successor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define FAMILY_ISCSI 8
#define GROUP_ISCSID 1

unsigned int successor_next(const char **text)
{
	while (**text) {
		const char *line = *text;
		size_t len = strcspn(line, "\n");
		unsigned int family, port, groups;

		*text = line + len + (line[len] == '\n');
		/* sk Eth Pid Groups Rmem ...; the first line is a heading */
		if (sscanf(line, "%*s %u %u %x", &family, &port, &groups) == 3 && family == FAMILY_ISCSI && (groups & GROUP_ISCSID) && port)
			return port;
	}
	return 0;
}

/* All of a file of /proc; NULL if it cannot be. Its size is not known before. */
static char *read_all(const char *file)
{
	_auto_close_ int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t size = 4096, len = 0;
	char *text = fd < 0 ? NULL : malloc(size);
	ssize_t n;

	while (text && (n = read(fd, text + len, size - len - 1)) > 0) {
		len += (size_t)n;
		if (size - len < 1024) {
			char *more = realloc(text, size *= 2);

			if (!more)
				break;
			text = more;
		}
	}
	if (text)
		text[len] = '\0';
	return text;
}

static bool is_iscsid(unsigned int pid)
{
	char file[40], comm[16] = "";
	_auto_close_ int fd = -1;

	snprintf(file, sizeof(file), "/proc/%u/comm", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, comm, sizeof(comm) - 1) > 0 && streq(comm, "iscsid\n");
}

unsigned int successor_find(int own)
{
	_auto_free_ char *text = read_all("/proc/net/netlink");
	const char *at = text ? text : "";
	unsigned int port;

	while ((port = successor_next(&at)))
		if (port != (unsigned int)own && is_iscsid(port))
			return port;
	return 0;
}

void successor_end(unsigned int pid)
{
	_auto_free_ char *text = NULL;
	char file[64], *at, *end;
	long child;

	snprintf(file, sizeof(file), "/proc/%u/task/%u/children", pid, pid);
	text = read_all(file);
	kill((pid_t)pid, SIGKILL);
	for (at = text; at && (child = strtol(at, &end, 10)) > 1 && end != at; at = end)
		kill((pid_t)child, SIGKILL);
}
