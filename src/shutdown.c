/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shutdown.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "plugin.h"
#include "state.h"
#include "util.h"

#define SYNC_S 10
/* glibc and musl have no name for the kernel's LINUX_REBOOT_CMD_KEXEC (include/uapi/linux/reboot.h) */
#define REBOOT_KEXEC 0x45584543

static int copy_self(void)
{
	_auto_close_ int in = -1, out = -1;
	char part[4096];
	ssize_t n;

	if (unlink(COVER_COPY) < 0 && errno != ENOENT)
		return -errno;
	in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	out = open(COVER_COPY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0700);
	if (in < 0 || out < 0)
		return -errno;
	while ((n = read(in, part, sizeof(part))) > 0) {
		ssize_t written = write(out, part, (size_t)n);

		if (written != n)
			return written < 0 ? -errno : -ENOSPC;
	}
	return n < 0 ? -errno : 0;
}

int cover_prepare(struct cover *cover, const char *program)
{
	_auto_close_ int fd = open(program, O_PATH | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	/* Libraries are root's, and PID 1 must not fail for want of one of ours. */
	if (!streq(PLUGIN_FLAVOUR, "static"))
		return -ENOTSUP;
	r = copy_self();
	if (r < 0) {
		unlink(COVER_COPY);
		return r;
	}
	cover->fd = steal_fd(&fd);
	cover->program = program;
	return 0;
}

int cover_mount(struct cover *cover)
{
	char place[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	struct stat st;

	if (!cover->program || cover->is_mounted)
		return 0;
	/* An upgrade has put another file in its place. */
	if (fstat(cover->fd, &st) == 0 && st.st_nlink == 0) {
		int fd = open(cover->program, O_PATH | O_CLOEXEC);

		if (fd < 0)
			return -errno;
		close(cover->fd);
		cover->fd = fd;
	}
	snprintf(place, sizeof(place), "/proc/self/fd/%d", cover->fd);
	if (mount(COVER_COPY, place, NULL, MS_BIND, NULL) < 0)
		return -errno;
	/* /run may be mounted noexec. By its name: the descriptor is below the mount. */
	if (mount(NULL, cover->program, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL) < 0) {
		int r = -errno;

		umount2(cover->program, MNT_DETACH);	/* what could not be executed would be worse than what is below */
		return r;
	}
	cover->is_mounted = true;
	return 0;
}

/* What else is mounted may be well, and what is queueing may hang for ever. */
static void sync_for_a_while(void)
{
	static const struct timespec tenth = { .tv_nsec = 100000000 };
	pid_t child = fork();

	if (child == 0) {
		sync();
		_exit(0);
	}
	for (int i = 0; child > 0 && i < 10 * SYNC_S && waitpid(child, NULL, WNOHANG) == 0; i++)
		nanosleep(&tenth, NULL);
}

static int end_machine(const char *verb)
{
	if (streq(verb, "kexec"))
		reboot(REBOOT_KEXEC);	/* returns when no kernel is loaded */
	if (streq(verb, "poweroff"))
		reboot(RB_POWER_OFF);
	if (streq(verb, "halt"))
		reboot(RB_HALT_SYSTEM);
	return reboot(RB_AUTOBOOT);
}

int shutdown_main(char **argv)
{
	const char *verb = argv[1] ? argv[1] : "reboot";
	int kmsg_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	if (kmsg_fd >= 0)
		log_to_kmsg(kmsg_fd);
	/* Not mounted: then that is us. */
	if (umount2(argv[0], MNT_DETACH) == 0)
		execv(argv[0], argv);
	log_warning("unable to run %s: %s; %s without it", argv[0], strerror(errno), verb);
	sync_for_a_while();
	end_machine(verb);
	log_error("unable to %s: %s", verb, strerror(errno));
	return EXIT_SYSTEM;
}
