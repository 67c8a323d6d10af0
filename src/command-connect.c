/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects to NVMe controllers over a fabric, as the kernel's /dev/nvme-fabrics wants to be asked. A write there returns when the controller is
 * connected, or after seconds; so each has a process of its own, and a target that is not there costs only itself. The kernel sees to a connection
 * that breaks later.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "command.h"
#include "log.h"
#include "nvme.h"

#define PAUSE_MAX_S 30

/* 0 when it is connected, whoever has done that */
static int try_to_connect(int dev_fd, const char *options)
{
	_auto_close_ int fd = openat(dev_fd, "nvme-fabrics", O_RDWR | O_CLOEXEC);
	size_t len = strlen(options);

	if (fd < 0)
		return -errno;
	if (write(fd, options, len) == (ssize_t)len || errno == EALREADY)
		return 0;
	return -errno;
}

/* Said is only the address: among the options may be keys. */
static void say(const char *options, int r, const char *more)
{
	char address[128];

	nvme_address_part(options, "traddr", address, sizeof(address));
	if (r < 0)
		log_warning("nvme: unable to connect to %s: %s%s", address, strerror(-r), more);
	else
		log_info("nvme: connected to %s", address);
}

static void connect_until_done(int dev_fd, const char *options)
{
	unsigned int pause = 1;
	int r = try_to_connect(dev_fd, options);

	say(options, r, "; will try again");
	if (r == 0)
		return;
	do {
		sleep(pause);
		pause = pause * 2 < PAUSE_MAX_S ? pause * 2 : PAUSE_MAX_S;
	} while (try_to_connect(dev_fd, options) < 0);
	say(options, 0, "");
}

/* One after the other, until one is connected. */
static int connect_one(int dev_fd, char *const *options)
{
	int r = -ENODEV;

	for (; *options && r < 0; options++) {
		r = try_to_connect(dev_fd, *options);
		say(*options, r, "");
	}
	return r < 0 ? EXIT_NO : EXIT_DONE;
}

/* Nothing of the initramfs may be needed from now on: it goes, and the try after the next may come when root cannot be read. */
static void go_to_background(int dev_fd, char *name)
{
	int null_fd = openat(dev_fd, "null", O_RDWR | O_CLOEXEC), kmsg_fd = openat(dev_fd, "kmsg", O_WRONLY | O_CLOEXEC);

	setsid();
	cgroup_leave();
	name[0] = '@';	/* spared by systemd: ROOT_STORAGE_DAEMONS.md */
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warning("nvme: unable to lock memory: %s", strerror(errno));
	if (kmsg_fd >= 0)
		log_to_kmsg(kmsg_fd);
	for (int fd = 0; fd <= 2 && null_fd >= 0; fd++)
		dup2(null_fd, fd);
}

int command_connect(int argc, char **argv)
{
	static const struct option options[] = {
		{ "daemon", no_argument, NULL, 'd' },
		{ "one", no_argument, NULL, '1' },
		{ 0 },
	};
	_auto_close_ int dev_fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool daemon = false, one = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 'd':
			daemon = true;
			break;
		case '1':
			one = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind == argc || (daemon && one)) {
		log_error("nothing to connect to; see mpath-boot connect --help");
		return EXIT_USAGE;
	}
	if (dev_fd < 0 || faccessat(dev_fd, "nvme-fabrics", F_OK, 0) < 0) {
		log_error("unable to open /dev/nvme-fabrics: %s (is the module nvme-fabrics loaded?)", strerror(errno));
		return EXIT_SYSTEM;
	}
	if (one)
		return connect_one(dev_fd, argv + optind);
	for (int i = optind; i < argc; i++) {
		switch (fork()) {
		case 0:
			if (daemon)
				go_to_background(dev_fd, argv[-1]);
			connect_until_done(dev_fd, argv[i]);
			_exit(EXIT_DONE);
		case -1:
			log_error("unable to start a process: %s", strerror(errno));
			return EXIT_SYSTEM;
		}
	}
	while (!daemon && (wait(NULL) > 0 || errno == EINTR))
		;
	return EXIT_DONE;
}
