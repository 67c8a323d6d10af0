/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "control.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "log.h"

#define CLIENT_MS 2000	/* for a request that was announced by connect() */
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int control_parse(const char *text, size_t len, struct control_request *out)
{
	char line[CONTROL_REQUEST_MAX + 1];
	const char *rest;

	*out = (struct control_request) { .verb = CONTROL_LIST };
	if (len > CONTROL_REQUEST_MAX || memchr(text, '\0', len))
		return -EBADMSG;
	memcpy(line, text, len);
	line[len] = '\0';
	rest = str_after(line, "mpath-boot 1 ");
	if (!rest)
		return -EBADMSG;
	if (streq(rest, "list"))
		return 0;
	if (str_after(rest, "list ") && list_what(str_after(rest, "list "), &out->what) && out->what != LIST_ALL)
		return 0;
	rest = str_after(rest, "extend ");
	if (!rest || !extension_file_is_valid(rest) || strchr(rest, '/'))
		return -EBADMSG;
	out->verb = CONTROL_EXTEND;
	snprintf(out->name, sizeof(out->name), "%.*s", EXTENSION_FILE_MAX, rest);
	return 0;
}

int control_open(struct control *c, int notify_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CONTROL_NAME };
	_auto_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	c->fd = c->client_fd = -1;
#ifdef PLUGINS_SHARED
	c->notify_fd = notify_fd;
#else
	(void)notify_fd;
#endif
	if (fd < 0)
		return -errno;
	/* The pid file's lock says that there is no other guard. */
	unlink(CONTROL_NAME);
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	if (r < 0)
		r = -errno;
	umask(mask);
	if (r == 0 && listen(fd, 4) < 0)
		r = -errno;
	if (r == 0)
		c->fd = steal_fd(&fd);
	return r;
}

bool control_is_busy(const struct control *c)
{
#ifdef PLUGINS_SHARED
	if (c->loading)
		return true;
#endif
	return c->client_fd >= 0;
}

int control_poll_fd(const struct control *c)
{
#ifdef PLUGINS_SHARED
	if (c->loading)
		return -1;
#endif
	return c->client_fd >= 0 ? c->client_fd : c->fd;
}

static void hang_up(struct control *c)
{
	close_ptr(&c->client_fd);
	c->client_fd = -1;
}

static void answer(struct control *c, const struct buf *text)
{
	/* Whoever does not take it has gone. */
	if (send(c->client_fd, text->s, text->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("control: unable to answer: %s", strerror(errno));
	hang_up(c);
}

static void _printf_(2, 3) refuse(struct control *c, const char *fmt, ...)
{
	struct buf text = BUF_INIT(c->answer, sizeof(c->answer));
	char why[PLUGIN_WHY_SIZE + 200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	buf_reset(&text);
	buf_addf(&text, "error\n%s\n", why);
	answer(c, &text);
}

static void answer_list(struct control *c, enum list_what what)
{
	struct buf text = BUF_INIT(c->answer, sizeof(c->answer));

	buf_reset(&text);
	buf_add(&text, "ok\n");
	list_text(what, &text);
	answer(c, &text);
}

static bool is_root(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == 0;
}

/* The request's length and the one descriptor that came with it (-1: none); -EAGAIN, or -errno. More descriptors than one are closed. */
static ssize_t receive(int client_fd, char *text, size_t size, int *fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} room;
	struct iovec data = { .iov_base = text, .iov_len = size };
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof(room) };
	ssize_t n = recvmsg(client_fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[4], n_fds = 0;

	*fd = -1;
	if (n < 0)
		return -errno;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&msg); h; h = CMSG_NXTHDR(&msg, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		n_fds = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		n_fds = n_fds > 4 ? 4 : n_fds;
		memcpy(fds, CMSG_DATA(h), (size_t)n_fds * sizeof(int));
		break;	/* the kernel puts them all into one */
	}
	if (n_fds != 1 || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		while (n_fds > 0)
			close(fds[--n_fds]);
		return msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EMSGSIZE : n;
	}
	*fd = fds[0];
	return n;
}

#ifdef PLUGINS_SHARED

/* Memory that nobody can change any more: what is looked at is what runs. */
static const char *what_is_wrong_with(int fd)
{
	struct stat st;
	int seals;

	if (fd < 0)
		return "the library did not come along";
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return "the library must come as a sealed memory file";
	if (st.st_size <= 0 || st.st_size > (off_t)CONTROL_LIBRARY_MAX)
		return "the library is empty, or too large";
	return NULL;
}

/* Takes @fd. The guard's own file system is gone after switch_root: its way to the library is the descriptor of /proc. */
static void start_extending(struct control *c, const struct sysroot *root, int fd, uint64_t now_ms)
{
	const char *wrong = what_is_wrong_with(fd);

	c->cwd_fd = wrong ? -1 : open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (!wrong && (c->cwd_fd < 0 || fchdir(root->proc_fd) < 0))
		wrong = strerror(errno);
	if (wrong) {
		refuse(c, "%s", wrong);
	} else if (plugin_load_start(&c->load, fd, true, c->notify_fd) < 0) {
		refuse(c, "%s", c->load.why);
		if (fchdir(c->cwd_fd) < 0)
			log_debug("unable to go back from /proc: %s", strerror(errno));
	} else {
		c->loading = true;
		c->deadline_ms = now_ms + PLUGIN_LOAD_MS;
		return;	/* fd stays open: the dynamic linker knows the library by it */
	}
	close_ptr(&c->cwd_fd);
	close_ptr(&fd);
}

static bool finish_extending(struct control *c, uint64_t now_ms)
{
	bool in_time = __atomic_load_n(&c->load.state, __ATOMIC_ACQUIRE) != LOAD_RUNNING;
	int r;

	if (!in_time && now_ms < c->deadline_ms)
		return false;
	c->loading = false;
	r = plugin_load_finish(&c->load, c->request.name, in_time);
	if (fchdir(c->cwd_fd) < 0)
		log_debug("unable to go back from /proc: %s", strerror(errno));
	close_ptr(&c->cwd_fd);
	if (r < 0) {
		log_error("unable to load extension %s: %s", c->request.name, c->load.why);
		refuse(c, "%s", c->load.why);
		return false;
	}
	log_info("extension %s loaded", c->request.name);
	answer_list(c, LIST_ALL);
	return true;
}

#endif

static void take_request(struct control *c, const struct sysroot *root, uint64_t now_ms)
{
	char text[CONTROL_REQUEST_MAX];
	struct control_request request;
	int fd;
	ssize_t n = receive(c->client_fd, text, sizeof(text), &fd);

	if (n == -EAGAIN) {
		if (now_ms >= c->deadline_ms)
			hang_up(c);
		return;
	}
	if (n == 0) {
		hang_up(c);
		return;
	}
	if (n < 0 || control_parse(text, (size_t)n, &request) < 0) {
		close_ptr(&fd);
		refuse(c, "this guard (%s) does not understand the request", MPATH_VERSION);
		return;
	}
	if (request.verb == CONTROL_LIST) {
		close_ptr(&fd);
		answer_list(c, request.what);
		return;
	}
#ifdef PLUGINS_SHARED
	c->request = request;
	start_extending(c, root, fd, now_ms);
#else
	(void)root;
	close_ptr(&fd);
	refuse(c, "the running guard is static and loads nothing. For the next boot: put extension \"%s\" into /etc/mpath-boot/extensions.conf and make the image again, "
	       "or link it in (mpath-boot relink)", request.name);
#endif
}

bool control_step(struct control *c, const struct sysroot *root, uint64_t now_ms)
{
#ifdef PLUGINS_SHARED
	if (c->loading)
		return finish_extending(c, now_ms);
#endif
	if (c->fd < 0)
		return false;
	if (c->client_fd < 0) {
		c->client_fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (c->client_fd < 0)
			return false;
		c->deadline_ms = now_ms + CLIENT_MS;
		if (!is_root(c->client_fd)) {
			refuse(c, "only root may ask");
			return false;
		}
	}
	take_request(c, root, now_ms);
	return false;
}
