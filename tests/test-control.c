/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may come in over the control socket, well-formed and not; whatever it is, no descriptor stays behind. */
#include "cmocka.h.inc"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "control.h"

static struct control control;
static struct sysroot root = SYSROOT_INIT;
static int client;

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void begin(void)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	client = ends[0];
	control.fd = client;	/* it is being answered already: nobody is accepted */
	control.client_fd = ends[1];
	control.deadline_ms = 2000;
}

static void send_with(const char *text, size_t len, const int *fds, size_t n)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(16 * sizeof(int))];
	} room = { 0 };
	struct iovec data = { .iov_base = (void *)(uintptr_t)text, .iov_len = len };
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1 };

	if (n) {
		struct cmsghdr *h;

		msg.msg_control = &room;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(h), fds, n * sizeof(int));
	}
	assert_int_equal(sendmsg(client, &msg, 0), (ssize_t)len);
}

/* The answer to @text with @n descriptors. */
static const char *ask(const char *text, size_t len, size_t n)
{
	static char answer[CONTROL_ANSWER_MAX + 1];
	int fds[16], zero = open("/dev/zero", O_RDONLY | O_CLOEXEC), before;
	ssize_t got;

	for (size_t i = 0; i < n; i++)
		fds[i] = zero;
	begin();
	before = count_fds();
	send_with(text, len, fds, n);
	assert_false(control_step(&control, &root, 0));
	assert_int_equal(control.client_fd, -1);
	got = recv(client, answer, sizeof(answer) - 1, MSG_DONTWAIT);
	assert_true(got > 0);
	answer[got] = '\0';
	assert_int_equal(count_fds(), before - 1);	/* its end of the pair, and nothing that came with the request */
	close(client);
	close(zero);
	return answer;
}

static void test_list(void **state)
{
	(void)state;
	assert_non_null(strstr(ask("mpath-boot 1 list", 17, 0), "ok\ncheckers:\n"));
	assert_non_null(strstr(ask("mpath-boot 1 list", 17, 1), "\nprioritizers:\n"));
	assert_null(strstr(ask("mpath-boot 1 list prios", 23, 0), "\ntur "));
	assert_non_null(strstr(ask("mpath-boot 1 list checkers", 26, 0), "\ntur "));
}

static void test_refused(void **state)
{
	static const char *const bad[] = { "x", "mpath-boot 2 list", "mpath-boot 1 list all", "mpath-boot 1 list ", "mpath-boot 1 extend", "mpath-boot 1 extend a",
		"mpath-boot 1 extend /a.so", "mpath-boot 1 extend ../a.so", "mpath-boot 1 extend .so", "mpath-boot 1 extend a.so b.so", "mpath-boot 1 list\n" };
	char text[CONTROL_REQUEST_MAX + 100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_non_null(strstr(ask(bad[i], strlen(bad[i]), 0), "error\nthis guard"));
		assert_non_null(strstr(ask(bad[i], strlen(bad[i]), 3), "error\nthis guard"));
	}
	assert_non_null(strstr(ask("mpath-boot 1 list\0x", 19, 0), "error\nthis guard"));
	memset(text, 'a', sizeof(text));
	assert_non_null(strstr(ask(text, sizeof(text), 1), "error\nthis guard"));
	for (size_t n = 0; n < 16; n++)
		assert_non_null(strstr(ask("mpath-boot 1 extend a.so", 24, n), "error\n"));
	assert_non_null(strstr(ask("mpath-boot 1 extend a.so", 24, 1), "relink"));	/* a static guard's answer */
}

static void test_silence(void **state)
{
	(void)state;
	begin();
	assert_false(control_step(&control, &root, 0));
	assert_int_equal(control_poll_fd(&control), control.client_fd);
	assert_false(control_step(&control, &root, 1999));
	assert_true(control.client_fd >= 0);
	assert_false(control_step(&control, &root, 2000));
	assert_int_equal(control.client_fd, -1);
	close(client);
	begin();
	close(client);	/* hangs up without a word */
	assert_false(control_step(&control, &root, 0));
	assert_int_equal(control.client_fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
