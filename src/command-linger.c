/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linger: in memory for the machine's life, and awake only at its end. Who is told to go down without a path to root would wait for ever for what systemd
 * has to stop before multipathd, and multipathd is the only one who could end that. mpath-boot-shutdown.service.
 *
 * It also keeps in memory what PID 1 will need then. systemd-shutdown locks itself into memory first of all, with each page of its libraries, and the kernel
 * tries a page that cannot be read again and again, for ever. Where even that is not enough: shutdown.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "boot.h"
#include "command.h"
#include "daemon.h"
#include "dm-mangle.h"
#include "log.h"
#include "shutdown.h"
#include "state.h"
#include "table.h"

struct lingering_map {
	char uuid[DM_UUID_SIZE];
	const char *name;
	struct retry retry;
	bool told;	/* that it fails: multipathd makes it queue again each time that it looks */
};

struct lingering {
	struct dm dm;
	struct lingering_map *maps;
	size_t n_maps;
	struct cover cover;
};

static volatile sig_atomic_t leave_signal, stop_signal;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		leave_signal = sig;
	else
		stop_signal = sig;
}

/* They come in ppoll() alone: none is lost between a look and the sleep. */
static void catch_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGUSR1, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
}

/* The guard's maps; their names are @state's. 0 or -ENOMEM. */
static int take_maps(struct lingering *l, const struct conf *state)
{
	size_t n = 0;

	for (const struct conf_node *m = conf_find(state->first, "map"); m; m = conf_find(m->next, "map"))
		n++;
	l->maps = calloc(n + 1, sizeof(l->maps[0]));
	if (!l->maps)
		return -ENOMEM;
	for (const struct conf_node *m = conf_find(state->first, "map"); m; m = conf_find(m->next, "map")) {
		const struct conf_node *wwid = conf_find(m->child, "wwid"), *name = conf_find(m->child, "name");

		if (!wwid || !wwid->value || dm_mangle_wwid(wwid->value, l->maps[l->n_maps].uuid, DM_UUID_SIZE) < 0)
			continue;
		l->maps[l->n_maps++].name = name && name->value ? name->value : wwid->value;
	}
	return 0;
}

enum look { MAP_WORKS, MAP_HANGS, MAP_FAILS };

/* What becomes of those who read or write it. */
static enum look look_at_map(struct dm *dm, struct lingering_map *map, uint64_t now_ms)
{
	struct table status, table;
	char text[TABLE_SIZE];
	enum retry_act act;
	bool has_path;

	if (dm->ops->status(dm, map->uuid, text, sizeof(text)) < 0 || table_parse_status(text, &status) < 0 ||
	    dm->ops->table(dm, map->uuid, text, sizeof(text)) < 0 || table_parse(text, &table) < 0)
		return MAP_WORKS;
	has_path = table_has_active_path(&status);
	if (!has_path && !table.queueing && !map->retry.gave_up)
		return MAP_FAILS;	/* as its options want it */
	act = retry_step(&map->retry, LEAVING_S, 1, has_path, table.queueing, now_ms);
	if (act == RETRY_NOTHING)
		return has_path ? MAP_WORKS : table.queueing ? MAP_HANGS : MAP_FAILS;
	if (dm->ops->message(dm, map->uuid, act == RETRY_QUEUE ? "queue_if_no_path" : "fail_if_no_path") < 0)
		return has_path ? MAP_WORKS : MAP_HANGS;
	if (has_path)
		log_info("map %s: a path is back: queueing again", map->name);
	else if (!map->told)
		log_warning("map %s: no path for %d s: I/O fails from now on (the machine goes down)", map->name, LEAVING_S);
	map->told = !has_path;
	return has_path ? MAP_WORKS : MAP_FAILS;
}

/* Also to the guard, if multipathd never came: it outlives us. */
static void begin_to_leave(void)
{
	int guard = state_guard_pid();

	if (guard > 0)
		kill(guard, SIGUSR1);
	log_info("the machine goes down: a map without a path fails its I/O after %d s", LEAVING_S);
}

/* The whole file, once all of our memory is locked. 0, also when there is none; -errno. */
static int keep_file(const char *path)
{
	_auto_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return 0;
	return mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -errno : 0;
}

/* The program and the libraries of PID 1, which are systemd-shutdown's, too. */
static int keep_files_of_init(void)
{
	FILE *maps = fopen("/proc/1/maps", "re");
	_auto_free_ char *line = NULL, *last = NULL;
	size_t size = 0;
	int r = 0;

	if (!maps)
		return -errno;
	while (r == 0 && getline(&line, &size, maps) >= 0) {
		char *path = strchr(line, '/');

		if (!path)
			continue;
		path[strcspn(path, "\n")] = '\0';
		if (last && streq(path, last))
			continue;
		r = keep_file(path);
		free(last);
		last = strdup(path);
	}
	fclose(maps);
	return r;
}

static void keep(const char *program)
{
	int r = keep_file(program);

	if (r < 0)
		log_warning("unable to keep %s in memory: %s", program, strerror(-r));
}

static void keep_files(char **programs)
{
	int r = keep_files_of_init();

	if (r < 0)
		log_warning("unable to keep the files of PID 1 in memory: %s", strerror(-r));
	for (char **program = programs; *program; program++)
		keep(*program);
	keep(COVER_COPY);	/* in /run, which may be swapped out */
}

static void cover(struct cover *c)
{
	int r = cover_mount(c);

	if (r < 0) {
		log_warning("unable to take %s's place: %s; if PID 1 cannot run it, this machine needs its reset", c->program, strerror(-r));
		c->program = NULL;
	}
}

static void linger(struct lingering *l)
{
	static const struct timespec second = { .tv_sec = 1 };
	bool leaving = false;
	sigset_t none;

	sigemptyset(&none);
	for (;;) {
		bool hangs = false, fails = false;

		if (leave_signal && !leaving)
			begin_to_leave();
		leaving = leave_signal;
		for (size_t i = 0; leaving && i < l->n_maps; i++) {
			enum look look = look_at_map(&l->dm, &l->maps[i], clock_ms());

			hangs |= look == MAP_HANGS;
			fails |= look == MAP_FAILS;
		}
		/* A look at root that hung would be for ever. */
		if (fails && !hangs)
			cover(&l->cover);
		/* systemd kills all that is left, and waits for those who hang longer than we need. */
		if (stop_signal && !hangs)
			return;
		ppoll(NULL, 0, leaving ? &second : NULL, &none);
	}
}

int command_linger(int argc, char **argv)
{
	static struct lingering l;
	const char *last = NULL;
	struct sysroot root;
	struct conf *state;
	int r, kmsg_fd;

	if (argc > 2 && streq(argv[1], "--shutdown")) {
		last = argv[2];
		argv++;		/* it is kept like the others */
		argc--;
	}
	if (argc > 1 && argv[1][0] == '-') {
		log_error("linger has no option \"%s\", or it lacks its argument", argv[1]);
		return EXIT_USAGE;
	}
	catch_signals();
	daemon_need_no_disk();
	if (sysroot_open(&root, "") < 0)
		return EXIT_SYSTEM;
	kmsg_fd = openat(root.dev_fd, "kmsg", O_WRONLY | O_CLOEXEC);
	if (kmsg_fd >= 0)
		log_to_kmsg(kmsg_fd);
	r = state_load(&state);
	if (r < 0) {
		log_error("unable to read " STATE_FILE ": %s", state_problem(r));
		return EXIT_SYSTEM;
	}
	r = dm_open(&l.dm, &root);
	if (r == 0)
		r = take_maps(&l, state);
	if (r < 0) {
		log_error("unable to watch over the machine's end: %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	r = last ? cover_prepare(&l.cover, last) : 0;
	if (r < 0 && r != -ENOENT)
		log_warning("unable to prepare for an end without %s: %s", last, strerror(-r));
	keep_files(argv + 1);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warning("unable to lock memory: %s", strerror(errno));
	linger(&l);
	return EXIT_DONE;
}
