// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens to the paths of root, seen from inside the guest but from no file system that could hang with them.
 *
 * The kernel runs this as rdinit=/lab/init from a cpio behind the real initramfs. It leaves a child behind and becomes
 * the initramfs's own /init. The child keeps /proc and /sys by descriptors of its own, so it lives through switch_root, and says
 * on the kernel log ("lab: ...") when disks and maps come, when PID 1 is the real root's, when multipathd comes and goes.
 *
 * lab.gap=AFTER:SECONDS on the kernel command line: AFTER seconds after the real root's init has started, take every SCSI disk
 * offline, and SECONDS later bring them back.
 *
 * lab.opens: say who opens a SCSI disk or its partitions, once for each program.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 50, TICKS_PER_PROC_SCAN = 5, SEEN_MAX = 256 };

static int proc_fd, sys_fd, kmsg_fd;

__attribute__((format(printf, 1, 2)))
static void say(const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (write(kmsg_fd, line, n) < 0)
		return;			/* nobody else to tell */
}

/* A descriptor of a fresh proc or sysfs that is mounted nowhere. */
static int private_mount(const char *type)
{
	int fd;

	mkdir("/lab/mnt", 0700);
	if (mount(type, "/lab/mnt", type, 0, NULL))
		return -1;
	fd = open("/lab/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	umount2("/lab/mnt", MNT_DETACH);
	return fd;
}

static bool read_at(int dir_fd, const char *name, char *text, size_t size)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return true;
}

static DIR *opendir_at(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? NULL : fdopendir(fd);
}

static bool first_time(const char *name)
{
	static char seen[SEEN_MAX][32];
	static int n;

	for (int i = 0; i < n; i++)
		if (!strcmp(seen[i], name))
			return false;
	if (n < SEEN_MAX)
		snprintf(seen[n++], sizeof(seen[0]), "%s", name);
	return true;
}

static void report_disks(void)
{
	char file[300], name[130], size[32];
	struct dirent *entry;
	DIR *dir = opendir_at(sys_fd, "block");

	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "sd", 2)) {
			if (first_time(entry->d_name))
				say("lab: %s seen", entry->d_name);
		} else if (!strncmp(entry->d_name, "dm-", 3)) {
			/* a map without a table has no size */
			snprintf(file, sizeof(file), "block/%s/size", entry->d_name);
			if (!read_at(sys_fd, file, size, sizeof(size)) || !strcmp(size, "0"))
				continue;
			snprintf(file, sizeof(file), "block/%s/dm/name", entry->d_name);
			if (read_at(sys_fd, file, name, sizeof(name)) && first_time(entry->d_name))
				say("lab: %s live as %s", name, entry->d_name);
		}
	}
	closedir(dir);
}

/* STATE ends in a newline: the kernel wants one. */
static void set_disks(const char *state)
{
	struct dirent *entry;
	DIR *dir = opendir_at(sys_fd, "block");
	char file[300];
	int fd, n = 0;

	while (dir && (entry = readdir(dir))) {
		snprintf(file, sizeof(file), "block/%s/device/state", entry->d_name);
		if (strncmp(entry->d_name, "sd", 2))
			continue;
		fd = openat(sys_fd, file, O_WRONLY | O_CLOEXEC);
		if (fd >= 0 && write(fd, state, strlen(state)) > 0)
			n++;
		if (fd >= 0)
			close(fd);
	}
	if (dir)
		closedir(dir);
	say("lab: gap: %d disks %s", n, state);
}

/* PID 1 runs from something that is not the initramfs, and is past the program that switched. */
static bool real_root_runs(void)
{
	char exe[256];
	struct statfs fs;
	const char *base;
	ssize_t n;
	int fd;

	n = readlinkat(proc_fd, "1/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return false;
	exe[n] = '\0';
	base = strrchr(exe, '/');
	base = base ? base + 1 : exe;
	if (strncmp(base, "systemd", 7) && strcmp(base, "init"))
		return false;
	fd = openat(proc_fd, "1/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = fstatfs(fd, &fs);
	close(fd);
	return !n && fs.f_type != RAMFS_MAGIC && fs.f_type != TMPFS_MAGIC;
}

static int find_multipathd(void)
{
	char file[64], comm[32];
	struct dirent *entry;
	DIR *dir = opendir_at(proc_fd, ".");
	int pid = 0;

	while (!pid && dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(file, sizeof(file), "%.20s/comm", entry->d_name);
		if (read_at(proc_fd, file, comm, sizeof(comm)) && !strcmp(comm, "multipathd"))
			pid = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return pid;
}

/* Of a whole disk or its partition the name; the record has that of the directory in front of it. */
static const char *opened_name(const struct fanotify_event_metadata *event)
{
	const struct fanotify_event_info_fid *info = (const void *)(event + 1);
	const struct file_handle *handle = (const void *)info->handle;

	if (event->event_len <= event->metadata_len || info->hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME)
		return "";
	return (const char *)handle->f_handle + handle->handle_bytes;
}

static void report_opens(int fd)
{
	char events[8192] __attribute__((aligned(8))), file[64], comm[32], seen[64];
	ssize_t len;

	while ((len = read(fd, events, sizeof(events))) > 0) {
		const struct fanotify_event_metadata *event = (const void *)events;

		for (; FAN_EVENT_OK(event, len); event = FAN_EVENT_NEXT(event, len)) {
			const char *name = opened_name(event);

			if (strncmp(name, "sd", 2) || event->pid == getpid())
				continue;
			snprintf(file, sizeof(file), "%d/comm", event->pid);
			if (!read_at(proc_fd, file, comm, sizeof(comm)))
				snprintf(comm, sizeof(comm), "?");
			snprintf(seen, sizeof(seen), "%s %s", name, comm);
			if (first_time(seen))
				say("lab: %s opened by %s, pid %d", name, comm, event->pid);
		}
	}
}

/* Every open() of a node in /dev, by anyone. */
static void watch_opens(void)
{
	struct sched_param first = { .sched_priority = 1 };
	int dev_fd = private_mount("devtmpfs"), fd;

	fd = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE, O_RDONLY);
	if (dev_fd < 0 || fd < 0 || fanotify_mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, dev_fd, ".")) {
		say("lab: unable to watch who opens a disk");
		_exit(111);
	}
	mlockall(MCL_CURRENT | MCL_FUTURE);
	/* ahead of whoever opens it, and so before his end */
	sched_setscheduler(0, SCHED_FIFO, &first);
	report_opens(fd);
	_exit(0);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void witness(void)
{
	enum { GAP_NONE, GAP_WANTED, GAP_OPEN, GAP_OVER } gap = GAP_NONE;
	char cmdline[4096];
	const char *option;
	double after = 0, seconds = 0, root_at = 0;
	int pid, daemon_pid = 0;

	proc_fd = private_mount("proc");
	sys_fd = private_mount("sysfs");
	mknod("/lab/kmsg", S_IFCHR | 0600, makedev(1, 11));
	kmsg_fd = open("/lab/kmsg", O_WRONLY | O_CLOEXEC);
	unlink("/lab/kmsg");
	if (proc_fd < 0 || sys_fd < 0 || kmsg_fd < 0)
		_exit(111);
	setsid();
	mlockall(MCL_CURRENT | MCL_FUTURE);

	read_at(proc_fd, "cmdline", cmdline, sizeof(cmdline));
	option = strstr(cmdline, "lab.gap=");
	if (option && sscanf(option, "lab.gap=%lf:%lf", &after, &seconds) == 2)
		gap = GAP_WANTED;

	if (strstr(cmdline, "lab.opens") && fork() == 0)
		watch_opens();

	for (unsigned int tick = 0;; tick++) {
		usleep(TICK_MS * 1000);
		report_disks();
		if (!root_at && real_root_runs()) {
			root_at = now();
			say("lab: real root");
		}
		if (tick % TICKS_PER_PROC_SCAN == 0 && (pid = find_multipathd()) != daemon_pid) {
			if (daemon_pid)
				say("lab: multipathd gone");
			if (pid)
				say("lab: multipathd runs, pid %d", pid);
			daemon_pid = pid;
		}
		if (gap == GAP_WANTED && root_at && now() >= root_at + after) {
			set_disks("offline\n");
			gap = GAP_OPEN;
		}
		if (gap == GAP_OPEN && now() >= root_at + after + seconds) {
			set_disks("running\n");
			gap = GAP_OVER;
		}
	}
}

int main(int argc, char **argv)
{
	if (argc < 1 || getpid() != 1)
		return 100;
	if (fork() == 0) {
		argv[0][0] = '@';	/* spared by systemd when it leaves an initramfs (ROOT_STORAGE_DAEMONS.md) */
		witness();
	}
	argv[0] = "/init";
	execv("/init", argv);
	return 111;
}
