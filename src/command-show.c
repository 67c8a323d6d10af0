/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wait, status, plan, list: those that only look.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>

#include "assemble.h"
#include "command.h"
#include "conf.h"
#include "extensions.h"
#include "foreign.h"
#include "generic.h"
#include "log.h"
#include "state.h"
#include "table.h"
#include "waiting.h"

#define POLL_MS 10	/* udev's part of the work announces itself nowhere */
#define IDLE_MS 200	/* whether the guard still lives, and how long we have waited */
#define RESPAWN_MS 2000	/* one that has fallen over is started again */

/* One line on the console; the first time also in the kernel log, so that the journal has it. */
static void tell_waiting(uint64_t waited_ms, uint64_t timeout_ms, bool first, const struct conf *state, const char *why)
{
	char mem[700], level[32] = "";
	struct buf what = BUF_INIT(mem, sizeof(mem));
	int fd = first ? open("/dev/kmsg", O_WRONLY | O_CLOEXEC) : -1;

	buf_reset(&what);
	if (state)
		waiting_describe(state, event_clock_us(), &what);
	if (!what.len)
		buf_addf(&what, "%.300s", why);
	if (fd >= 0) {
		log_to_kmsg(fd);
		log_info("waiting for %s", what.s);
		log_to_kmsg(-1);
		close(fd);
		/* The kernel has shown it on the console already, if it shows such lines there. */
		sys_read_str(AT_FDCWD, "/proc/sys/kernel/printk", level, sizeof(level));
	}
	if (strtoul(level, NULL, 10) <= 6 || !isatty(STDERR_FILENO))
		log_info("waiting (%llu s, %llu s left) for %s", (unsigned long long)waited_ms / 1000,
			 (unsigned long long)(timeout_ms - waited_ms + 999) / 1000, what.s);
}

/* The state anew, if it has been written since: its text may be long, and the guard may be busy. */
static void reload(int in, int *watched, struct conf **conf, struct buf *why)
{
	bool changed = *watched < 0 || !*conf;
	struct conf *newer;
	char events[1024];
	int r;

	if (*watched < 0)	/* the folder may be yet to come */
		*watched = inotify_add_watch(in, "/run/" STATE_DIR, IN_MOVED_TO);
	while (in >= 0 && read(in, events, sizeof(events)) > 0)
		changed = true;
	r = changed ? state_load(&newer) : -EAGAIN;
	if (r < 0 && r != -EAGAIN && !*conf) {
		buf_reset(why);
		buf_addf(why, "%s: %s", STATE_FILE, state_problem(r));
	}
	if (r < 0)
		return;
	if (*conf)
		conf_free(*conf);
	*conf = newer;
}

static int wait_ready(unsigned int timeout_ms)
{
	char mem[2048];
	struct buf why = BUF_INIT(mem, sizeof(mem));
	uint64_t start = clock_ms(), told = 0, guard_ms = 0;
	int in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct conf *conf = NULL;
	int watched = -1;

	for (;;) {
		struct pollfd fd = { .fd = in, .events = POLLIN };
		enum state_ready ready = STATE_NOT_READY;
		uint64_t now;

		reload(in, &watched, &conf, &why);
		if (conf)
			ready = state_check_ready(conf, &why);
		if (ready == STATE_READY) {
			if (why.len)
				log_warning("%s going on", why.s);
			return EXIT_DONE;
		}
		now = clock_ms();
		if (state_guard_pid() > 0) {
			guard_ms = now;
		} else if (!guard_ms || now - guard_ms >= RESPAWN_MS) {
			log_error("no guard is running: %s", why.s);
			return EXIT_SYSTEM;
		}
		if (now - start >= timeout_ms) {
			log_error("timed out: %s", why.s);
			return EXIT_NO;
		}
		if (waiting_is_due(now - start, told)) {
			tell_waiting(now - start, timeout_ms, !told, conf, why.s);
			told = now - start;
		}
		poll(&fd, 1, ready == STATE_UDEV_IS_BUSY || !conf || watched < 0 ? POLL_MS : IDLE_MS);
	}
}

int command_wait(int argc, char **argv)
{
	static const struct option options[] = { { "timeout", required_argument, NULL, 't' }, { 0 } };
	struct cmdline cmdline;
	struct sysroot root;
	int c;

	if (sysroot_open(&root, "") < 0)
		return EXIT_SYSTEM;
	cmdline_read(root.proc_fd, &cmdline);
	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0)
		if (c != 't' || !command_seconds(optarg, &cmdline.timeout_ms))
			return EXIT_USAGE;
	if (cmdline.off)
		return EXIT_NO;
	return wait_ready(cmdline.timeout_ms);
}

int command_status(int argc, char **argv)
{
	if (argc == 1)
		return state_show();
	if (argc == 2 && streq(argv[1], "--json"))
		return state_show_json();
	if (argc == 2 && streq(argv[1], "--devices"))
		return state_show_devices();
	log_error("usage: mpath-boot status [--json | --devices]");
	return EXIT_USAGE;
}

static void plan_path(struct boot *b, struct boot_path *p)
{
	const struct snap_map *map = b->maps[p->facts.map].snap;
	struct probe_job job = { .path = p->facts, .timeout_ms = 5000 };
	struct probe result;

	job.map_word = &b->maps[p->facts.map].plugin_word;
	job.checker = b->root.dev_fd >= 0 ? checker_find(map->checker) : checker_find("none");
	if (!job.checker)
		job.checker = checker_stand_in(p->facts.bus);
	job.prio = prio_find(map->prio);
	if (b->root.dev_fd < 0 && streq(map->prio, "alua"))
		job.prio = prio_find("sysfs");	/* a recorded machine answers no commands */
	if (!job.prio)
		job.prio = prio_stand_in();
	job.foreign = foreign_has(job.checker) || foreign_has(job.prio);
	job.prio_args = map->prio_args;
	probe_run_once(&b->root, &job, &result);
	if (result.state == PATH_STATE_UNCHECKED && !result.crashed) {	/* as the guard does */
		p->unsuited = job.checker != checker_stand_in(p->facts.bus);
		job.checker = checker_stand_in(p->facts.bus);
		probe_run_once(&b->root, &job, &result);
	}
	if (result.crashed)
		log_error("the code of %s \"%s\" crashed at path %s: %s", result.crashed == job.prio ? "prioritizer" : "checker",
			  result.crashed == job.prio ? map->prio : map->checker, p->facts.name, strsignal(result.signal));
	p->state = result.state;
	p->prio = result.prio;
	p->answered = result.opened;
}

static int plan_disk(const char *name, void *arg)
{
	struct boot *b = arg;
	struct boot_path *p;
	struct path facts;

	if (discover_disk(&b->root, b->snap, name, &facts) != 1)
		return 0;
	p = boot_new_path(b, &facts);
	if (p)
		plan_path(b, p);
	return 0;
}

static int note_disk(const char *name, void *arg)
{
	struct boot *b = arg;
	struct path facts;

	if (discover_name_is_disk(name) && discover_disk(&b->root, b->snap, name, &facts) == 0)
		generic_disk(b, name, &facts);
	return 0;
}

/* What the rules of a generic snapshot make of the disks that no map of it has. Options first, of all paths: they say how to check them. */
static void plan_by_rules(struct boot *b)
{
	sys_each(b->root.sys_fd, "block", note_disk, b);
	generic_step(b);
	for (size_t m = 0; m < b->n_maps; m++) {
		for_each_path_of(p, &b->maps[m]) {
			struct probe_job job = { .path = p->facts, .timeout_ms = 5000 };
			struct probe result;

			if (!p->ask)
				continue;
			generic_ask(b, p, &job);
			probe_run_once(&b->root, &job, &result);
			generic_answer(b, p, &result.facts);
		}
	}
	for (size_t m = 0; m < b->n_maps; m++)
		if (b->maps[m].snap->by_rules)
			for_each_path_of(p, &b->maps[m])
				plan_path(b, p);
}

static void print_plan(struct boot *b, size_t m)
{
	struct boot_map *map = &b->maps[m];
	char text[TABLE_SIZE];
	struct buf table = BUF_INIT(text, sizeof(text));
	struct snap_part parts[MAP_PARTS_MAX];
	uint64_t size;
	bool ro;
	int n = 0;

	buf_reset(&table);
	assemble_choose_paths(b, m);
	if (assemble_wanted(b, m, &table, &size, &ro) == 0) {
		printf("# %s %s: no usable path\n", map->name, map->uuid);
		return;
	}
	printf("%s %s 0 %llu multipath %s\n", map->name, map->uuid, (unsigned long long)size, table.s);
	if (map->snap->skip_kpartx)
		return;
	for_each_path_of(p, map)
		if (n <= 0 && p->answered)
			n = discover_parts(&b->root, p->facts.name, parts, MAP_PARTS_MAX);
	for (int i = 0; i < n; i++)
		printf("%s%s%u part%u-%s 0 %llu linear /dev/mapper/%s %llu\n", map->name, map->snap->part_delim, parts[i].number,
		       parts[i].number, map->uuid, (unsigned long long)parts[i].size, map->name, (unsigned long long)parts[i].start);
}

/* Behind '#', as what else is no table. */
static void print_paths(const struct boot *b, size_t m)
{
	for (size_t i = 0; i < b->n_paths; i++) {
		const struct boot_path *p = &b->paths[i];

		if (p->used && p->facts.map == m)
			printf("# path %s %s %s: %s, priority %d%s\n", p->facts.name, p->facts.devno, p->facts.portal[0] ? p->facts.portal : p->facts.hctl,
			       path_state_names[p->state], p->prio, p->wrong_size ? ", left out: another size than the map's" : "");
	}
}

int command_plan(int argc, char **argv)
{
	static const struct option options[] = {
		{ "sysroot", required_argument, NULL, 'r' },
		{ "snapshot", required_argument, NULL, 's' },
		{ "extension", required_argument, NULL, 'e' },
		{ "paths", no_argument, NULL, 'p' },
		{ 0 },
	};
	static struct boot b;
	struct boot_options opt = { .sysroot = "", .once = true, .touch_nothing = true };
	bool with_paths = false;
	char file[4096];
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 'r':
			opt.sysroot = optarg;
			break;
		case 's':
			opt.snapshot_file = optarg;
			break;
		case 'e':
			if (extensions_load(optarg) < 0)
				return EXIT_USAGE;
			break;
		case 'p':
			with_paths = true;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (!opt.snapshot_file && *opt.sysroot) {
		snprintf(file, sizeof(file), "%s" SNAPSHOT_FILE, opt.sysroot);
		opt.snapshot_file = file;
	}
	if (boot_load(&b, &opt) < 0)
		return EXIT_USAGE;
	sys_each(b.root.sys_fd, "block", plan_disk, &b);
	if (b.generic)
		plan_by_rules(&b);
	for (size_t m = 0; m < b.n_maps; m++) {
		print_plan(&b, m);
		if (with_paths)
			print_paths(&b, m);
	}
	return EXIT_DONE;
}
