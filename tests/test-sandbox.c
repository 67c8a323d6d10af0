/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each case is a child that restricts itself and then does one thing. */
#include "cmocka.h.inc"

#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <scsi/sg.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"
#include "util.h"

static int dir_fd, null_fd;

static int open_path(void) { return (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY); }
static int open_below(void) { return (int)syscall(SYS_openat, dir_fd, "null", O_RDONLY); }
static int clone_process(void) { return (int)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static int run_program(void) { return (int)syscall(SYS_execve, "/bin/true", NULL, NULL); }
static int map_memory(void) { return syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -1 ? -1 : 0; }
static int map_file(void) { return syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, null_fd, 0) == -1 && errno == EPERM ? -1 : 0; }
static int map_to_read(void) { return syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_SHARED, null_fd, 0) == -1 && errno == EPERM ? -1 : 0; }
static int map_to_write(void) { return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, null_fd, 0) == -1 && errno == EPERM ? -1 : 0; }
static int more_heap(void) { return syscall(SYS_brk, 0) == -1 ? -1 : 0; }
static int mount_something(void) { return (int)syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, NULL); }
/* /dev/null knows none of these: ENOTTY says that the request came through. */
static int ask(unsigned long request) { return syscall(SYS_ioctl, null_fd, request, NULL) == -1 && errno == EPERM ? -1 : 0; }
static int ask_dm(void) { return ask(DM_VERSION); }
static int ask_sg(void) { return ask(SG_IO); }
static int ask_tty(void) { return ask(0x5401); }
static int make_socket(void) { return (int)syscall(SYS_socket, 1, 1, 0); }
static int write_null(void) { return write(null_fd, "", 1) == 1 ? 0 : -1; }

static const struct {
	const char *name;
	int (*act)(void);
	bool main, probe, dm;	/* is it allowed there? */
} acts[] = {
	{ "open by path", open_path, false, false, false },
	{ "open below a descriptor", open_below, true, true, false },
	{ "clone", clone_process, false, false, false },
	{ "exec", run_program, false, false, false },
	{ "anonymous memory", map_memory, false, true, false },
	{ "memory from a file", map_file, false, false, false },
	{ "a file to be read", map_to_read, true, false, false },
	{ "a file to be written to", map_to_write, false, false, false },
	{ "heap", more_heap, false, true, false },
	{ "mount", mount_something, false, false, false },
	{ "device-mapper", ask_dm, true, false, true },
	{ "SG_IO", ask_sg, false, true, false },
	{ "another ioctl", ask_tty, false, false, false },
	{ "socket", make_socket, true, false, false },
	{ "write", write_null, true, true, true },
};

/* Exit code 0: done; 1: refused with EPERM; 128 + signal. */
static int try(enum sandbox_thread thread, enum sandbox_mode mode, int (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (sandbox_enter(thread, mode) < 0)
			syscall(SYS_exit_group, 99);
		errno = 0;
		syscall(SYS_exit_group, act() == -1 && errno == EPERM ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void check(enum sandbox_thread thread, size_t i, bool allowed)
{
	int refused = try(thread, SANDBOX_REFUSE, acts[i].act), killed = try(thread, SANDBOX_KILL, acts[i].act);

	if (refused != (allowed ? 0 : 1) || killed != (allowed ? 0 : 128 + SIGSYS))
		fail_msg("%s in thread kind %d: %s wanted; got %d and %d", acts[i].name, thread, allowed ? "leave" : "refusal", refused, killed);
}

static void test_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		check(SANDBOX_MAIN, i, acts[i].main);
		check(SANDBOX_PROBE, i, acts[i].probe);
		check(SANDBOX_DM, i, acts[i].dm);
	}
}

static void test_off(void **state)
{
	(void)state;
	assert_int_equal(try(SANDBOX_MAIN, SANDBOX_OFF, open_path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_off),
	};

	dir_fd = open("/dev", O_RDONLY | O_DIRECTORY);
	null_fd = open("/dev/null", O_RDWR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
