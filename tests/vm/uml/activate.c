/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * activate: systemd's part of multipathd.socket. Holds multipathd's socket until somebody connects, leaves a note of that in /run/activated, and becomes multipathd.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "/org/kernel/linux/storage/multipathd"

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), note;
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char pid[16];

	memcpy(addr.sun_path + 1, SOCKET_NAME, strlen(SOCKET_NAME));
	if (bind(fd, (struct sockaddr *)&addr, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(SOCKET_NAME))) < 0 || listen(fd, 8) < 0) {
		perror("activate");
		return 1;
	}
	while (poll(&wait, 1, -1) != 1)
		;
	note = open("/run/activated", O_WRONLY | O_CREAT, 0644);
	close(note);
	if (fd != 3)
		dup2(fd, 3);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	execlp("multipathd", "multipathd", "-d", NULL);
	perror("activate: multipathd");
	return 1;
}
