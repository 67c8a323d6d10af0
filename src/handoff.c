/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "handoff.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define PID_FILE "multipathd.pid"
#define SOCKET_NAME "/org/kernel/linux/storage/multipathd"	/* abstract; every version has it */
/* Paths and WWID: a map whose paths it has blacklisted it keeps in its list, with none (0.9.4). */
#define SHOW_MAPS "show maps raw format %N:%w"
#define LOCK_MS 20
#define POLL_MS 500
#define SURELY_MS 5000	/* the same while nobody holds the lock and /run is watched, should an event be lost */
#define ALERT_MS 5000	/* the lock may come some time after the file */
#define REPLY_MS 30000	/* multipathd answers only between two rounds of its own work */

/* A lock wakes nobody when it is taken; the file that is made before does, and the process id that is written to it behind. */
static int watch_run(const struct sysroot *root)
{
	_auto_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char name[32];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", root->run_fd);
	if (fd < 0 || inotify_add_watch(fd, name, IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE | IN_ONLYDIR) < 0)
		return -1;	/* a kernel without it: POLL_MS it is */
	return steal_fd(&fd);
}

int handoff_init(struct handoff *h, const struct sysroot *root, bool *flags, size_t n)
{
	struct stat st;

	memset(h, 0, sizeof(*h));
	h->fd = -1;
	h->watch_fd = root->run_fd < 0 ? -1 : watch_run(root);
	h->found = flags;
	h->has = flags + n;
	if (stat("/", &st) < 0)
		return -errno;
	h->root_dev = st.st_dev;
	h->root_ino = st.st_ino;
	return 0;
}

/* Who holds the lock: the file alone says nothing, it survives a crash. */
static int lock_holder(const struct sysroot *root)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_auto_close_ int fd = openat(root->run_fd, PID_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid > 0 ? lock.l_pid : 0;
}

/* A multipathd that was started from the initramfs dies at switch_root: nothing is handed over to it. */
static bool same_root(const struct handoff *h, const struct sysroot *root, int pid)
{
	char name[32];
	struct stat st;

	snprintf(name, sizeof(name), "%d/root", pid);
	if (root->proc_fd < 0 || fstatat(root->proc_fd, name, &st, 0) < 0)
		return false;
	return st.st_dev == h->root_dev && st.st_ino == h->root_ino;
}

static void hang_up(struct handoff *h)
{
	close_ptr(&h->fd);
	h->fd = -1;
	h->asked = ASK_NOTHING;
}

static int send_question(struct handoff *h, const char *text, enum handoff_question question, uint64_t now_ms)
{
	char packet[64];
	size_t len = strlen(text) + 1;

	memcpy(packet, &len, sizeof(len));
	memcpy(packet + sizeof(len), text, len);
	if (send(h->fd, packet, sizeof(len) + len, MSG_NOSIGNAL) != (ssize_t)(sizeof(len) + len))
		return -EPIPE;
	h->asked = question;
	h->len = 0;
	h->left = UINT64_MAX;
	h->deadline_ms = now_ms + REPLY_MS;
	return 0;
}

static int call(struct handoff *h, uint64_t now_ms)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(SOCKET_NAME));

	memcpy(addr.sun_path + 1, SOCKET_NAME, strlen(SOCKET_NAME));
	h->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->fd < 0)
		return -errno;
	if (connect(h->fd, (struct sockaddr *)&addr, len) < 0)
		return -errno;
	return send_question(h, "show daemon", ASK_DAEMON, now_ms);
}

bool handoff_daemon_is_ready(const char *reply, int pid)
{
	char want[32];
	const char *rest;

	snprintf(want, sizeof(want), "pid %d ", pid);
	rest = str_after(reply, want);
	return rest && (str_after(rest, "idle") || str_after(rest, "running"));
}

bool handoff_has_map(const char *reply, const char *wwid)
{
	size_t len = strlen(wwid);

	while (*reply) {
		size_t n = strcspn(reply, "\n"), used = n, digits = strspn(reply, "0123456789");

		while (used && (reply[used - 1] == ' ' || reply[used - 1] == '\r'))
			used--;
		if (digits && reply[0] != '0' && reply[digits] == ':' && used == digits + 1 + len && !memcmp(reply + digits + 1, wwid, len))
			return true;
		reply += n + (reply[n] == '\n');
	}
	return false;
}

/* Tick off the maps in the complete lines that have come, keep the incomplete one. */
static void take_lines(struct handoff *h, const struct snapshot *snap)
{
	char *end = memrchr(h->reply, '\n', h->len);
	size_t used = h->left == 0 || (!end && h->len == sizeof(h->reply) - 1) ? h->len : end ? (size_t)(end + 1 - h->reply) : 0;
	char next = h->reply[used];

	if (!used)
		return;
	h->reply[used] = '\0';
	for (size_t i = 0; i < snap->n_maps; i++)
		h->found[i] = h->found[i] || handoff_has_map(h->reply, snap->maps[i].wwid);
	h->reply[used] = next;
	memmove(h->reply, h->reply + used, h->len - used);
	h->len -= used;
}

int handoff_read_reply(struct handoff *h, const struct snapshot *snap)
{
	while (h->left) {
		size_t room = sizeof(h->reply) - 1 - h->len;
		size_t want = h->left == UINT64_MAX ? sizeof(h->left) - h->len : h->left < room ? h->left : room;
		ssize_t n = recv(h->fd, h->reply + h->len, want, 0);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (n == 0)
			return -EPIPE;
		h->len += (size_t)n;
		if (h->left != UINT64_MAX) {
			h->left -= (uint64_t)n;
		} else if (h->len == sizeof(h->left)) {
			/* mpath_cmd: a size_t of the machine's, then so many bytes with their NUL */
			memcpy(&h->left, h->reply, sizeof(h->left));
			h->len = 0;
			if (h->left > 1 << 24)
				return -EBADMSG;
		}
		h->reply[h->len] = '\0';
		if (h->asked == ASK_MAPS && h->left != UINT64_MAX)
			take_lines(h, snap);
		else if (h->len == sizeof(h->reply) - 1)
			return -EBADMSG;	/* an answer to "show daemon" is one short line */
	}
	return 1;
}

static enum handoff_verdict judge_maps(struct handoff *h, const struct snapshot *snap)
{
	memcpy(h->has, h->found, snap->n_maps * sizeof(h->found[0]));
	for (size_t i = 0; i < snap->n_maps; i++)
		if (!h->found[i] && !snap->maps[i].gone) {
			snprintf(h->missing, sizeof(h->missing), "%s", snap->maps[i].wwid);
			return HANDOFF_UNWANTED;
		}
	return HANDOFF_READY;
}

/* One question at a time; every fault means: hang up and ask again later. */
static void converse(struct handoff *h, const struct snapshot *snap, uint64_t now_ms)
{
	int r = h->fd < 0 ? call(h, now_ms) : 0;

	if (r == 0)
		r = handoff_read_reply(h, snap);
	if (r == 1 && h->asked == ASK_DAEMON && handoff_daemon_is_ready(h->reply, h->pid)) {
		memset(h->found, 0, snap->n_maps * sizeof(h->found[0]));
		r = send_question(h, SHOW_MAPS, ASK_MAPS, now_ms);
	} else if (r == 1 && h->asked == ASK_MAPS) {
		h->verdict = judge_maps(h, snap);
		r = -ECONNRESET;	/* all is said; ask anew next time */
	} else if (r == 1) {
		r = -EAGAIN;
	}
	if (r < 0 || now_ms > h->deadline_ms) {
		hang_up(h);
		h->next_ms = now_ms + POLL_MS;
	}
}

bool handoff_is_theirs(const struct handoff *h, size_t map)
{
	return h->verdict == HANDOFF_UNWANTED && h->has[map];
}

void handoff_take_events(struct handoff *h, uint64_t now_ms)
{
	_Alignas(struct inotify_event) char text[4096];
	ssize_t n;

	while ((n = read(h->watch_fd, text, sizeof(text))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e = (const void *)(text + at);

			if ((e->mask & IN_Q_OVERFLOW) || (e->len && streq(e->name, PID_FILE))) {
				h->next_lock_ms = 0;
				h->alert_until_ms = now_ms + ALERT_MS;
			}
			at += (ssize_t)(sizeof(*e) + e->len);
		}
}

uint64_t handoff_next_ms(const struct handoff *h)
{
	return h->next_poll_ms;
}

enum handoff_verdict handoff_step(struct handoff *h, const struct sysroot *root, const struct snapshot *snap, uint64_t now_ms)
{
	int pid = h->pid;

	/* Rounds come in bursts. It takes its lock long before it touches a map. */
	if (now_ms >= h->next_lock_ms) {
		pid = root->run_fd < 0 ? 0 : lock_holder(root);
		h->next_lock_ms = now_ms + LOCK_MS;
		h->next_poll_ms = now_ms + (pid || h->watch_fd < 0 || now_ms < h->alert_until_ms ? POLL_MS : SURELY_MS);
	}
	if (pid != h->pid) {
		hang_up(h);
		h->pid = pid;
		h->next_ms = now_ms;
		h->verdict = pid ? HANDOFF_STARTING : HANDOFF_NOBODY;
	}
	if (!pid || now_ms < h->next_ms)
		return h->verdict;
	if (!h->may_leave_same_root && same_root(h, root, pid))
		return h->verdict;
	converse(h, snap, now_ms);
	return h->verdict;
}
