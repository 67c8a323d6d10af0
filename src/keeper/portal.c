/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "portal.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#define SESSIONS "/sys/class/iscsi_session"
#define CONNECTIONS "/sys/class/iscsi_connection"
#define SESSION_NAME_MAX 24

static bool take_line(const char *line, struct portal *p)
{
	memset(p, 0, sizeof(*p));
	return sscanf(line, "%223s %63s %5u %d", p->target, p->address, &p->port, &p->group) == 4 && p->port > 0 && p->port < 65536 &&
	       !strchr(p->target, '/') && !strchr(p->address, '/');
}

size_t portals_parse(const char *text, struct portal *portals, size_t max)
{
	size_t n = 0;

	while (*text && n < max) {
		char line[512];
		size_t len = strcspn(text, "\n");

		if (len < sizeof(line)) {
			memcpy(line, text, len);
			line[len] = '\0';
			n += take_line(line, &portals[n]);
		}
		text += len + (text[len] == '\n');
	}
	return n;
}

bool portal_same_address(const char *a, const char *b)
{
	struct in6_addr x, y;

	return streq(a, b) || (inet_pton(AF_INET6, a, &x) == 1 && inet_pton(AF_INET6, b, &y) == 1 && memcmp(&x, &y, sizeof(x)) == 0);
}

static bool read_attr(const char *class, const char *name, const char *attr, char *text, size_t size)
{
	char file[128];
	_auto_close_ int fd = -1;
	ssize_t n;

	snprintf(file, sizeof(file), "%s/%s/%s", class, name, attr);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, size - 1);
	if (n < 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

bool portal_answers(const struct portal *p, int timeout_ms)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)p->port) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)p->port) };
	bool is_six = inet_pton(AF_INET6, p->address, &six.sin6_addr) == 1;
	_auto_close_ int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int r, error = 0;

	if (fd < 0 || (!is_six && inet_pton(AF_INET, p->address, &four.sin_addr) != 1))
		return false;
	r = is_six ? connect(fd, (struct sockaddr *)&six, sizeof(six)) : connect(fd, (struct sockaddr *)&four, sizeof(four));
	if (r < 0 && errno == EINPROGRESS)
		r = poll(&wait, 1, timeout_ms) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && !error ? 0 : -1;
	return r == 0;
}

unsigned int portal_count_records(const struct portal *p, const char *nodes)
{
	const struct dirent *entry;
	char path[512];
	unsigned int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s/%s,%u,%d", nodes, p->target, p->address, p->port, p->group);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n ? n : 1;
}

void portal_note_session(struct portal *p, const char *state)
{
	bool is_in = streq(state, "LOGGED_IN");

	p->n_sessions++;
	p->n_in += is_in;
	if (p->state != PORTAL_IN)
		p->state = is_in ? PORTAL_IN : PORTAL_BROKEN;
}

bool portal_is_complete(const struct portal *p)
{
	return p->n_sessions >= p->n_records;
}

static void set_recovery(const char *session, unsigned int seconds)
{
	char text[16], want[16], file[96];
	_auto_close_ int fd = -1;

	snprintf(want, sizeof(want), "%u", seconds);
	if (!read_attr(SESSIONS, session, "recovery_tmo", text, sizeof(text)) || streq(text, want))
		return;
	snprintf(file, sizeof(file), SESSIONS "/%.23s/recovery_tmo", session);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, want, strlen(want)) < 0)
		return;	/* the session goes away just now */
}

static void look_at_session(struct portal *portals, size_t n, const char *session, unsigned int recovery_s)
{
	bool is_ours = false;
	char target[224], address[64], port[8], state[16], connection[40];

	/* connectionN:0 is the first of session N; open-iscsi makes no other */
	snprintf(connection, sizeof(connection), "connection%s:0", session + strlen("session"));
	if (!read_attr(SESSIONS, session, "targetname", target, sizeof(target)) || !read_attr(SESSIONS, session, "state", state, sizeof(state)) ||
	    !read_attr(CONNECTIONS, connection, "persistent_address", address, sizeof(address)) ||
	    !read_attr(CONNECTIONS, connection, "persistent_port", port, sizeof(port)))
		return;	/* it begins or ends just now */
	for (size_t i = 0; i < n; i++) {
		struct portal *p = &portals[i];

		if (!streq(p->target, target) || !portal_same_address(p->address, address) || p->port != (unsigned int)atoi(port))
			continue;
		portal_note_session(p, state);
		is_ours = true;
	}
	if (is_ours && recovery_s)
		set_recovery(session, recovery_s);
}

void portals_look(struct portal *portals, size_t n, unsigned int recovery_s)
{
	DIR *dir = opendir(SESSIONS);
	const struct dirent *entry;

	for (size_t i = 0; i < n; i++) {
		portals[i].state = PORTAL_AWAY;
		portals[i].n_sessions = portals[i].n_in = 0;
	}
	while (dir && (entry = readdir(dir)))
		if (str_after(entry->d_name, "session") && strlen(entry->d_name) < SESSION_NAME_MAX)
			look_at_session(portals, n, entry->d_name, recovery_s);
	if (dir)
		closedir(dir);
}
