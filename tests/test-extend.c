/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the dynamic flavour's guard does with a library that comes in over its control socket: its own code of that flavour, in this program. */
#define PLUGINS_SHARED
#include "../src/plugin.c"
#include "../src/control.c"

#include "cmocka.h.inc"

static struct control control;
static struct sysroot root = SYSROOT_INIT;

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int memory(size_t size, const char *text, unsigned int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

/* What is answered to a request with @fd, which is closed. */
static const char *extend(int fd)
{
	static const char request[] = "mpath-boot 1 extend x.so";
	static char answer[CONTROL_ANSWER_MAX + 1];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} room = { 0 };
	struct iovec data = { .iov_base = (void *)(uintptr_t)request, .iov_len = sizeof(request) - 1 };
	struct msghdr msg = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof(room) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
	struct pollfd wait = { .fd = control.notify_fd, .events = POLLIN };
	char before[4096], after[4096];
	int ends[2];
	uint64_t one;
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(int));
	assert_int_equal(sendmsg(ends[0], &msg, 0), sizeof(request) - 1);
	close(fd);
	assert_non_null(getcwd(before, sizeof(before)));
	control.fd = ends[0];
	control.client_fd = ends[1];
	control.deadline_ms = 2000;
	assert_false(control_step(&control, &root, 0));
	if (control.loading) {
		assert_int_equal(control_poll_fd(&control), -1);
		assert_int_equal(poll(&wait, 1, 10000), 1);
		assert_int_equal(read(control.notify_fd, &one, sizeof(one)), sizeof(one));
		assert_false(control_step(&control, &root, 1));
	}
	assert_int_equal(control.client_fd, -1);
	assert_non_null(getcwd(after, sizeof(after)));
	assert_string_equal(before, after);
	n = recv(ends[0], answer, sizeof(answer) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	answer[n] = '\0';
	close(ends[0]);
	return answer;
}

static void test_refused(void **state)
{
	static const struct {
		size_t size;
		unsigned int seals;
		const char *why;
	} bad[] = {
		{ 100, 0, "sealed memory file" },
		{ 100, SEALS & ~F_SEAL_WRITE, "sealed memory file" },
		{ 100, SEALS & ~F_SEAL_SHRINK, "sealed memory file" },
		{ 0, SEALS, "empty, or too large" },
		{ CONTROL_LIBRARY_MAX + 1, SEALS, "empty, or too large" },
	};
	int before = count_fds();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_non_null(strstr(extend(memory(bad[i].size, "", bad[i].seals)), bad[i].why));
	assert_non_null(strstr(extend(open("/proc/self/exe", O_RDONLY | O_CLOEXEC)), "sealed memory file"));
	assert_non_null(strstr(extend(open("/dev/zero", O_RDONLY | O_CLOEXEC)), "sealed memory file"));
	assert_int_equal(count_fds(), before);
	/* The dynamic linker says no; it may know the descriptor's number from now on, so that stays open. */
	assert_non_null(strstr(extend(memory(100, "no library", SEALS)), "error\n"));
	assert_non_null(strstr(extend(memory(10000, "\177ELF\2\1\1 no library", SEALS)), "error\n"));
	assert_int_equal(count_fds(), before + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refused) };

	root.proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	control.notify_fd = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
