/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list and extend: which checkers and prioritizers there are, and one more for the running guard.
 */
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "choice.h"
#include "command.h"
#include "control.h"
#include "extensions.h"
#include "log.h"
#include "plugin.h"

#define ANSWER_MS (PLUGIN_LOAD_MS + 5000)

#ifndef MFD_EXEC
#define MFD_EXEC 0x10u	/* since 6.3: it will be mapped executable, whatever vm.memfd_noexec says */
#endif

/* For boot scripts that need what belongs to the snapshot, such as its portals. The guard says what is wrong with a bad one. */
static int list_snapshot(void)
{
	struct choice choice;

	if (choice_load_image(&choice) < 0)
		return EXIT_NO;
	printf("%s\n", choice.file);
	return EXIT_DONE;
}

/* A connection to the running guard, or -errno; -ENOENT and -ECONNREFUSED: there is none. */
static int call_guard(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = CONTROL_PATH };
	_auto_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return steal_fd(&fd);
}

/* Send @request, with @lib_fd unless that is -1, and take the answer, NUL-terminated. Its length or -errno. */
static ssize_t ask(int fd, const char *request, int lib_fd, char *answer, size_t size)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room = { 0 };
	struct iovec data = { .iov_base = (void *)(uintptr_t)request, .iov_len = strlen(request) };
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1 };
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (lib_fd >= 0) {
		struct cmsghdr *h;

		msg.msg_control = &room;
		msg.msg_controllen = sizeof(room);
		h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &lib_fd, sizeof(int));
	}
	if (sendmsg(fd, &msg, MSG_NOSIGNAL) < 0)
		return -errno;
	n = poll(&wait, 1, ANSWER_MS);
	if (n == 0)
		return -ETIMEDOUT;
	n = n < 0 ? -1 : recv(fd, answer, size - 1, 0);
	if (n < 0)
		return -errno;
	answer[n] = '\0';
	return n > 0 ? n : -EPIPE;
}

/* Print what the guard says. Exit code; -1: no guard to ask. */
static int list_of_guard(const char *word)
{
	_auto_close_ int fd = call_guard();
	static char answer[CONTROL_ANSWER_MAX];
	char request[64];
	ssize_t n;

	if (fd < 0)
		return -1;	/* none, or not for us to ask */
	snprintf(request, sizeof(request), "mpath-boot 1 list%s%s", *word ? " " : "", word);
	n = ask(fd, request, -1, answer, sizeof(answer));
	if (n < 0) {
		log_error("unable to ask the running guard: %s (mpath-boot list --self shows what this program has)", strerror((int)-n));
		return EXIT_SYSTEM;
	}
	if (!str_after(answer, "ok\n")) {
		log_error("the running guard says: %s", str_after(answer, "error\n") ? str_after(answer, "error\n") : "something odd");
		return EXIT_SYSTEM;
	}
	fputs(answer + 3, stdout);
	return EXIT_DONE;
}

int command_list(int argc, char **argv)
{
	static const struct option options[] = { { "extension", required_argument, NULL, 'e' }, { "self", no_argument, NULL, 's' }, { 0 } };
	static char mem[LIST_SIZE];
	struct buf text = BUF_INIT(mem, sizeof(mem));
	bool failed = false, self = false;
	enum list_what what;
	const char *word;
	int c;

	if (argc == 2 && streq(argv[1], "snapshot"))
		return list_snapshot();
	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (c != 'e' && c != 's')
			return EXIT_USAGE;
		self = true;
		if (c == 'e')
			failed |= extensions_load(optarg) < 0;
	}
	word = optind < argc ? argv[optind] : "";
	if (argc - optind > 1 || !list_what(word, &what)) {
		log_error("usage: mpath-boot list [--self] [--extension FILE]... [checkers | prios | snapshot]");
		return EXIT_USAGE;
	}
	if (!self) {
		c = list_of_guard(word);
		if (c >= 0)
			return c;
	}
	plugin_load_all();
	buf_reset(&text);
	list_text(what, &text);
	fputs(text.s, stdout);
	return failed ? EXIT_USAGE : EXIT_DONE;
}

/* ---- extend ---- */

/* The library @file in memory, sealed; or -errno, which has been said. */
static int sealed_copy(const char *file, const char *name)
{
	_auto_close_ int in = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), out = -1;
	struct stat st;
	char bytes[16384];
	size_t total = 0;
	ssize_t n;

	if (in < 0 || fstat(in, &st) < 0) {
		log_error("unable to read %s: %s", file, strerror(errno));
		return -errno;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		log_error("%s: must be a file of root's that nobody else may write (owner %u, mode %o)", file, (unsigned int)st.st_uid,
			  (unsigned int)(st.st_mode & 07777));
		return -EPERM;
	}
	out = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (out < 0 && errno == EINVAL)
		out = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (out < 0) {
		log_error("unable to make a memory file: %s", strerror(errno));
		return -errno;
	}
	while ((n = read(in, bytes, sizeof(bytes))) > 0 && total <= CONTROL_LIBRARY_MAX) {
		if (write(out, bytes, (size_t)n) != n) {
			n = -1;
			break;
		}
		total += (size_t)n;
	}
	if (n < 0 || total > CONTROL_LIBRARY_MAX) {
		log_error("unable to read %s: %s", file, n < 0 ? strerror(errno) : "it is larger than 16 MiB");
		return -EFBIG;
	}
	if (fcntl(out, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
		log_error("unable to seal a memory file: %s", strerror(errno));
		return -errno;
	}
	return steal_fd(&out);
}

int command_extend(int argc, char **argv)
{
	_auto_free_ char *path = NULL;
	_auto_close_ int guard = -1, lib = -1;
	static char answer[CONTROL_ANSWER_MAX];
	char request[CONTROL_REQUEST_MAX];
	const char *name, *text;
	ssize_t n;

	if (argc != 2 || argv[1][0] == '-') {
		log_error("usage: mpath-boot extend FILE");
		return EXIT_USAGE;
	}
	name = strrchr(argv[1], '/') ? strrchr(argv[1], '/') + 1 : argv[1];
	if (!extension_file_is_valid(name)) {
		log_error("%s: a name is letters, digits and \"_-+.\", and ends in .so", argv[1]);
		return EXIT_USAGE;
	}
	guard = call_guard();
	if (guard < 0) {
		log_error("unable to reach a guard: %s", guard == -ENOENT || guard == -ECONNREFUSED ? "none is running" : strerror(-guard));
		return guard == -ENOENT || guard == -ECONNREFUSED ? EXIT_NO : EXIT_SYSTEM;
	}
	path = realpath(argv[1], NULL);
	if (!path) {
		log_error("unable to read %s: %s", argv[1], strerror(errno));
		return EXIT_USAGE;
	}
	if (extensions_try(path) < 0)
		return EXIT_USAGE;
	lib = sealed_copy(path, name);
	if (lib < 0)
		return EXIT_USAGE;
	snprintf(request, sizeof(request), "mpath-boot 1 extend %s", name);
	n = ask(guard, request, lib, answer, sizeof(answer));
	text = n < 0 ? NULL : str_after(answer, "ok\n");
	if (text) {
		fputs(text, stdout);
		return EXIT_DONE;
	}
	log_error("the guard did not load %s: %s", name,
		  n < 0 ? strerror((int)-n) : str_after(answer, "error\n") ? str_after(answer, "error\n") : "it says something odd");
	return n < 0 ? EXIT_SYSTEM : EXIT_NO;
}
