/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard and assemble: the two that change something. assemble is the guard's loop, ended as soon as the maps are ready.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot.h"
#include "choice.h"
#include "command.h"
#include "daemon.h"
#include "extensions.h"
#include "foreign.h"
#include "generic.h"
#include "log.h"
#include "note.h"
#include "state.h"
#include "takeover.h"
#include "table.h"
#include "watch.h"

#define RELIEVE_MS 5000		/* for the guard that runs to end */
#define SNAPSHOT_KEPT_FILE "/run/" STATE_DIR "/snapshot"

static volatile sig_atomic_t stop_signal, leave_signal;
static int wake_fd = -1;	/* the guard's eventfd: the signal may come just before it goes to sleep */

static void on_signal(int sig)
{
	uint64_t one = 1;
	ssize_t n;

	if (sig == SIGUSR1)
		leave_signal = sig;
	else
		stop_signal = sig;
	n = write(wake_fd, &one, sizeof(one));
	(void)n;
}

static void catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGUSR1, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGHUP, &ignore, NULL);
}

/* The one who holds the lock is to end, and has done so when we have it. 0; -EBUSY: it does not; -errno. */
static int relieve(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	uint64_t end = clock_ms() + RELIEVE_MS;
	pid_t told = 0;

	while (fcntl(fd, F_SETLK, &lock) < 0) {
		struct flock holder = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		if (clock_ms() >= end)
			return -EBUSY;
		if (fcntl(fd, F_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0 && holder.l_pid != told) {
			told = holder.l_pid;
			kill(told, SIGTERM);
		}
		usleep(2000);
	}
	return 0;
}

/* 0; -EEXIST: a guard runs already, and we are not to @replace it; -errno. The lock lives as long as the process, or until leave_pid_file(). */
static int take_pid_file(struct boot *b, bool replace, int *pid_fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[16];
	int fd, n;

	mkdirat(b->root.run_fd, STATE_DIR, 0755);
	b->run_dir_fd = openat(b->root.run_fd, STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (b->run_dir_fd < 0)
		return -errno;
	fd = openat(b->run_dir_fd, "pid", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock) < 0) {
		int r = errno != EAGAIN && errno != EACCES ? -errno : !replace ? -EEXIST : relieve(fd);

		if (r < 0)
			return r;
	}
	n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	/* The lock is what counts; a full /run keeps no machine from its root. */
	if (ftruncate(fd, 0) < 0 || write(fd, text, (size_t)n) != n)
		log_warning("unable to write " PID_FILE ": %s", strerror(errno));
	*pid_fd = fd;
	return 0;
}

/* A worker whose command hangs keeps the process, and so the lock, until that is over: the next guard need not wait. */
static void leave_pid_file(int pid_fd)
{
	struct flock lock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(pid_fd, F_SETLK, &lock);
}

static void open_logs(struct boot *b, bool daemon)
{
	int r, fd = openat(b->run_dir_fd, "log", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd >= 0)
		log_also_to(fd);
	fd = daemon ? openat(b->root.dev_fd, "kmsg", O_WRONLY | O_CLOEXEC) : -1;
	if (fd >= 0)
		log_to_kmsg(fd);
	r = event_log_open(&b->events, b->run_dir_fd, b->max_maps, b->n_paths);
	if (r < 0)
		log_warning("unable to write the event log: %s", strerror(-r));
}

/* A copy for the real root, which does not see the initramfs: mpath-snapshot check compares with it what this machine booted with. */
static void keep_snapshot(const struct boot *b)
{
	_auto_close_ int in = -1, out = -1;
	char text[4096];
	ssize_t n = 0;

	if (streq(b->snapshot_file, SNAPSHOT_KEPT_FILE))
		return;
	unlinkat(b->run_dir_fd, "snapshot", 0);
	if (b->snapshot_problem[0] || b->snap->from_cmdline)
		return;
	in = open(b->snapshot_file, O_RDONLY | O_CLOEXEC);
	out = openat(b->run_dir_fd, "snapshot.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	while (in >= 0 && out >= 0 && (n = read(in, text, sizeof(text))) > 0)
		if (write(out, text, (size_t)n) != n)
			n = -1;
	if (in < 0 || out < 0 || n < 0 || renameat(b->run_dir_fd, "snapshot.tmp", b->run_dir_fd, "snapshot") < 0)
		log_warning("unable to keep a copy of %s in /run/" STATE_DIR ": %s", b->snapshot_file, strerror(errno));
}

static int load_error_code(int r)
{
	return r == -ENOENT || r == -EBADMSG || r == -EPROTONOSUPPORT || r == -EPERM ? EXIT_USAGE : EXIT_SYSTEM;
}

/* We stay, since paths may come back; but whoever hangs on a map that queues would keep the machine from its end for ever. */
static void begin_to_leave(struct boot *b)
{
	if (b->leaving || !leave_signal)
		return;
	b->leaving = true;
	log_info("the machine goes down: a map without a path fails its I/O after %d s", LEAVING_S);
	for (size_t m = 0; m < b->n_maps; m++) {
		b->maps[m].retry.counting = false;
		watch_soon(b, m);
	}
}

struct guard_options {
	bool daemon, initrd, replace;
	int ended_by;	/* the signal that has ended the guard before this one, whose parent is ours; 0: there was none */
};

static int run_guard(struct boot *b, const struct guard_options *opt, int ready_fd)
{
	int pid_fd = -1, r = take_pid_file(b, opt->replace && !opt->ended_by, &pid_fd);

	if (r == -EEXIST) {
		log_info("a guard is running already (pid in " PID_FILE ")");
		return EXIT_DONE;
	}
	if (r == -EBUSY) {
		log_error("the guard that runs (pid in " PID_FILE ") does not end on SIGTERM: it stays");
		return EXIT_SYSTEM;
	}
	if (r < 0) {
		log_error("unable to write " PID_FILE ": %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	open_logs(b, opt->daemon);
	if (opt->ended_by)
		log_error("the guard before this one was ended by signal %d (%s)", opt->ended_by, strsignal(opt->ended_by));
	log_info("guard %s starts: %zu maps, snapshot %s", MPATH_VERSION, b->n_maps,
		 b->snapshot_problem[0] ? "not usable" : b->snap->tools);
	for (size_t i = 0; i < b->snap->n_extensions; i++)
		log_info("extension %s: %s", b->snap->extensions[i], foreign_extension_state(b->snap->extensions[i]));
	/* Said on stderr before there was a log. */
	if (b->appended_problem[0])
		log_error("unable to use the appended snapshot %s; the image's own counts", b->appended_problem);
	else if (streq(b->snapshot_file, SNAPSHOT_APPENDED_FILE))
		log_info("the snapshot is the appended one, " SNAPSHOT_APPENDED_FILE);
	if (b->snapshot_problem[0])
		log_error("unable to use snapshot %s; the maps are those of rd.mpath_boot.wwid=", b->snapshot_problem);
	if (!opt->ended_by)
		keep_snapshot(b);
	/* From here names are found, too, where / is an initramfs that is no more. */
	if (fchdir(b->root.run_fd) < 0)
		log_warning("unable to go to /run: %s", strerror(errno));
	note_guard(b, EVENT_GUARD_START, opt->ended_by ? strsignal(opt->ended_by) : "");
	r = boot_start(b);
	if (r < 0) {
		note_guard(b, EVENT_EXIT, "it cannot start");
		event_flush(&b->events);
		return EXIT_SYSTEM;
	}
	wake_fd = b->notify_fd;
	takeover_read(b);
	r = control_open(&b->control, b->notify_fd);
	if (r < 0)
		log_warning("unable to make the control socket " CONTROL_PATH ": %s", strerror(-r));
	b->handoff.may_leave_same_root = !opt->initrd;
	daemon_lock(&b->root);
	if (ready_fd >= 0) {
		char zero = 0;

		if (write(ready_fd, &zero, 1) < 0)
			log_debug("nobody waits for our start");
		close(ready_fd);
	}
	if (opt->daemon)
		daemon_close_stdio();
	r = sandbox_enter(SANDBOX_MAIN, b->cmdline.seccomp);
	if (r < 0)
		log_warning("unable to restrict what the guard may do (seccomp): %s", strerror(-r));
	if (opt->ended_by)
		boot_catch_up(b);
	boot_scan(b);
	while (!b->quit && !stop_signal) {
		begin_to_leave(b);
		boot_step(b);
		if (!b->quit)
			boot_wait(b, -1);
	}
	if (stop_signal)
		log_info("guard ends on signal %d; maps stay as they are", (int)stop_signal);
	note_guard(b, EVENT_EXIT, stop_signal ? strsignal(stop_signal) : "");
	event_flush(&b->events);
	leave_pid_file(pid_fd);
	return EXIT_DONE;
}

/* systemd spares such a process at switch_root and at shutdown (src/shared/killall.c); the name in ps stays readable. */
static void mark_root_storage(char **argv)
{
	argv[-1][0] = '@';
}

int command_guard(int argc, char **argv)
{
	static const struct option options[] = {
		{ "daemon", no_argument, NULL, 'd' },
		{ "initrd", no_argument, NULL, 'i' },
		{ "replace", no_argument, NULL, 'r' },
		{ "snapshot", required_argument, NULL, 's' },
		{ "extension", required_argument, NULL, 'e' },
		{ 0 },
	};
	static struct boot b;	/* with a table of its own in each map it is too large for a stack */
	struct boot_options opt = { .sysroot = "" };
	struct guard_options guard = { 0 };
	int c, r, status, ready_fd = -1, parent_fd;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 'd':
			guard.daemon = true;
			break;
		case 'i':
			guard.initrd = true;
			break;
		case 'r':
			guard.replace = true;
			break;
		case 's':
			opt.snapshot_file = optarg;
			break;
		case 'e':
			extensions_load(optarg);	/* it says what is wrong; something else stands in */
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (argc != optind) {
		log_error("guard takes no argument \"%s\"", argv[optind]);
		return EXIT_USAGE;
	}
	if (guard.initrd)
		mark_root_storage(argv);
	/* The real root does not see the initramfs: there the copy is what this machine has booted with. */
	if (!opt.snapshot_file && access(SNAPSHOT_FILE, F_OK) < 0 && access(SNAPSHOT_APPENDED_FILE, F_OK) < 0 && access(SNAPSHOT_KEPT_FILE, F_OK) == 0)
		opt.snapshot_file = SNAPSHOT_KEPT_FILE;
	r = boot_load(&b, &opt);
	if (r == 0 && b.cmdline.off) {
		log_info("switched off on the kernel command line");
		return EXIT_NO;
	}
	if (r < 0)
		return load_error_code(r);
	log_init("mpath-boot", b.cmdline.debug);
	catch_signals();
	daemon_need_no_disk();
	parent_fd = guard.daemon ? daemon_fork(&ready_fd) : -1;
	if (parent_fd >= 0) {
		char word;

		return read(parent_fd, &word, 1) == 1 ? EXIT_DONE : state_guard_pid() > 0 ? EXIT_DONE : EXIT_SYSTEM;
	}
	if (guard.initrd)
		rootwatch_open(&b.rootwatch, &b.root);
	if (ready_fd >= 0 && !daemon_respawn(&b.root, &ready_fd, &guard.ended_by, &status))
		return status;
	return run_guard(&b, &guard, ready_fd);
}

static void say_what_was_done(const struct boot *b)
{
	if (!b->n_maps)
		log_error("no map made: %s", *b->cmdline.wwids ? "no disk has one of those WWIDs" : "the rules want none of the LUNs there are; --wwid names one");
	for (size_t m = 0; m < b->n_maps; m++) {
		const struct boot_map *map = &b->maps[m];

		if (!map->devno[0]) {
			log_error("map %s (%s): not made: no usable path", map->snap->alias, map->snap->wwid);
			continue;
		}
		printf("/dev/mapper/%s %s %u paths\n", map->name, map->devno, map->have.n_paths);
		for (size_t i = 0; i < map->n_parts; i++)
			if (map->parts[i].devno[0])
				printf("/dev/mapper/%s %s\n", map->parts[i].name, map->parts[i].devno);
	}
}

static bool work_is_done(const struct boot *b)
{
	for (size_t i = 0; i < b->n_paths; i++)
		if (b->paths[i].used && (b->paths[i].probing || b->paths[i].waiting) && !b->paths[i].hung && b->now_ms < b->start_ms + b->cmdline.degraded_after_ms)
			return false;
	return !b->dm_busy && (b->generic ? generic_is_settled(b) : boot_is_ready(b, 0));
}

/* For status, when we are gone. */
static void leave_state(struct boot *b)
{
	b->phase = PHASE_ASSEMBLED;
	b->state_dirty = true;
	mkdirat(b->root.run_fd, STATE_DIR, 0755);
	b->run_dir_fd = openat(b->root.run_fd, STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (b->run_dir_fd < 0 || state_write(b) < 0)
		log_warning("unable to write " STATE_FILE ": mpath-boot status will not know of this");
}

int command_assemble(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "snapshot", required_argument, NULL, 's' },
		{ "extension", required_argument, NULL, 'e' },
		{ "wwid", required_argument, NULL, 'w' },
		{ "discover", no_argument, NULL, 'd' },
		{ 0 },
	};
	static struct boot b;
	struct boot_options opt = { .sysroot = "", .once = true };
	char wwids[WWIDS_SIZE] = "";
	unsigned int timeout_ms = 0;
	int c, r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 't':
			if (!command_seconds(optarg, &timeout_ms))
				return EXIT_USAGE;
			break;
		case 's':
			opt.snapshot_file = optarg;
			break;
		case 'e':
			extensions_load(optarg);	/* it says what is wrong; something else stands in */
			break;
		case 'w':
			if (strlen(wwids) + strlen(optarg) + 2 > sizeof(wwids))
				return EXIT_USAGE;
			if (*wwids)
				strcat(wwids, ",");
			strcat(wwids, optarg);
			break;
		case 'd':
			opt.discover = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	opt.wwids = wwids;
	if (state_guard_pid() > 0 && (*wwids || opt.discover)) {
		log_error("a guard is running, which makes only the maps of its snapshot: end it first, kill $(cat " PID_FILE ")");
		return EXIT_NO;
	}
	if (state_guard_pid() > 0) {
		log_info("a guard is running: it does that; see mpath-boot status");
		return EXIT_DONE;
	}
	r = boot_load(&b, &opt);
	if (r == 0)
		r = boot_start(&b);
	if (r < 0)
		return load_error_code(r);
	boot_scan(&b);
	for (;;) {
		uint64_t end = b.start_ms + (timeout_ms ? timeout_ms : b.cmdline.timeout_ms);

		boot_step(&b);
		if (b.phase != PHASE_GUARD) {
			if (b.phase != PHASE_NATIVE)
				log_info("multipathd runs: it looks after the maps");
			return EXIT_DONE;
		}
		if (work_is_done(&b) || b.now_ms >= end)
			break;
		boot_wait(&b, (int)(end - b.now_ms));
	}
	say_what_was_done(&b);
	fflush(stdout);
	leave_state(&b);
	/* Workers may hang in a command for minutes; the kernel ends them when it can. */
	_exit(b.n_maps && boot_is_ready(&b, 0) ? EXIT_DONE : EXIT_NO);
}
