/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-keeper: keeps root's iSCSI sessions from the initramfs until the real root's iscsid does so, and whenever that one is away.
 *
 *	KEEPING: our own iscsid runs, and logs in to each portal that has no session, again and again
 *	  ─ the real root's iscsid listens to the kernel ─▶ STANDBY: ours is killed; the sessions are the kernel's, and the other takes them over
 *	STANDBY: portals without a session are logged in to, through the real one
 *	  ─ it is gone, and a session is broken ─▶ KEEPING
 *	  ─ no session is left, portals answer, and it does not log in: it waits for the very root that it should bring back ─▶ it is killed: KEEPING
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "../cgroup.h"
#include "../log.h"
#include "../resident.h"
#include "nest.h"
#include "portal.h"
#include "program.h"
#include "successor.h"

#define RUN_DIR "/run/mpath-boot"
#define NEST RUN_DIR "/nest"
#define LIST "/etc/mpath-boot/keeper.files"
#define RECORDS "/etc/iscsi/nodes"

#define TICK_MS 100		/* for so long two daemons may look after one session */
#define LOGIN_MS 30000		/* iscsiadm has its own deadline; this one is for an iscsid that does not answer. A slow machine may need half of it to start both */
#define RETRY_SOON_MS 1000
#define RETRY_LATE_MS 5000
#define SOON_MS 120000		/* a boot */
#define ABSENCE_MS 3000		/* a restart of the real iscsid is no absence */
#define RECOVERY_MS 60000	/* the real iscsid sets its own recovery_tmo with each session that it takes over */
#define STUCK_MS 10000		/* between two looks at portals whose sessions the real iscsid does not mend; it tries more often itself */
#define STUCK_TIMES 3		/* so often they have to answer before it is taken for stuck */
#define ANSWER_MS 1000
#define ISCSI_ERR_SESS_EXISTS 15

struct keeper {
	struct portal portals[PORTALS_MAX];
	size_t n;
	struct programs programs;
	unsigned int recovery_s;	/* 0: as it is */
	int iscsid;			/* 0: none */
	uint64_t iscsid_next_ms;
	unsigned int successor;		/* 0: none */
	uint64_t successor_ms;		/* when it came or went */
	uint64_t stuck_ms;		/* the next look at whether it is stuck; 0: there is no reason to */
	unsigned int n_answers;		/* portals answered at so many looks in a row */
	bool is_keeping;
	int run_fd;
	struct resident log;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static const char *reason(int status)
{
	static const struct {
		int code;
		const char *text;
	} known[] = { { 4, "cannot be reached" }, { 8, "cannot be reached" }, { 11, "does not answer" }, { 19, "target not found there" }, { 24, "refuses our credentials" } };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (WIFEXITED(status) && WEXITSTATUS(status) == known[i].code)
			return known[i].text;
	return "does not let us in";
}

/* Open-iscsi's lock is a file that a killed iscsiadm leaves behind. */
static void forget_login(struct portal *p)
{
	p->pid = 0;
	unlink("/run/lock/iscsi/lock.write");
}

static void end_login(struct portal *p, int status, uint64_t now)
{
	bool exists = WIFEXITED(status) && WEXITSTATUS(status) == ISCSI_ERR_SESS_EXISTS;
	bool is_in = exists || (WIFEXITED(status) && WEXITSTATUS(status) == 0);

	p->pid = 0;
	p->next_ms = now + (now < SOON_MS ? RETRY_SOON_MS : RETRY_LATE_MS);
	if (WIFSIGNALED(status))
		forget_login(p);
	if (exists && p->state == PORTAL_BROKEN)
		return;		/* and is still broken */
	if (is_in) {
		/* one that lacks a session is tried on, in silence */
		if (!p->was_in || p->has_said)
			log_info("iscsi: logged in to %s at %s:%u", p->target, p->address, p->port);
		p->has_said = false;
		p->was_in = true;
	} else if (!p->has_said) {
		log_info("iscsi: portal %s:%u %s (exit %d, see " RUN_DIR "/iscsi.log); trying on", p->address, p->port,
			 p->n_sessions ? "does not let us in from each interface" : reason(status), WIFEXITED(status) ? WEXITSTATUS(status) : -1);
		p->has_said = true;
	}
}

static void reap(struct keeper *k, uint64_t now)
{
	int status, pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == k->iscsid) {
			k->iscsid = 0;
			k->iscsid_next_ms = now + RETRY_SOON_MS;
			if (k->is_keeping)
				log_warning("iscsi: iscsid has ended (status %#x, see " RUN_DIR "/iscsi.log); starting it again", (unsigned int)status);
		}
		for (size_t i = 0; i < k->n; i++)
			if (pid == k->portals[i].pid)
				end_login(&k->portals[i], status, now);
	}
}

static void stop_iscsid(struct keeper *k)
{
	k->is_keeping = false;
	if (k->iscsid)
		kill(-k->iscsid, SIGKILL);	/* with a child that scans: the successor does it anew */
	for (size_t i = 0; i < k->n; i++)
		if (k->portals[i].pid)
			kill(k->portals[i].pid, SIGKILL);
}

/* sysvinit's sendsigs spares whom it finds there. */
static void write_pids(const struct keeper *k)
{
	static const char *const files[] = { "mpath-boot/keeper.pid", "sendsigs.omit.d/mpath-keeper" };
	char text[32];

	snprintf(text, sizeof(text), k->iscsid ? "%d\n%d\n" : "%d\n", getpid(), k->iscsid);
	mkdirat(k->run_fd, "sendsigs.omit.d", 0755);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_auto_close_ int fd = openat(k->run_fd, files[i], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

		if (fd >= 0 && write(fd, text, strlen(text)) < 0)
			log_debug("unable to write /run/%s: %s", files[i], strerror(errno));
	}
}

static void watch_successor(struct keeper *k, uint64_t now)
{
	unsigned int found = successor_find(k->iscsid);

	if (found == k->successor)
		return;
	if (found) {
		log_info("iscsi: the real root's iscsid (pid %u) takes the sessions over", found);
		stop_iscsid(k);
	} else {
		log_info("iscsi: the real root's iscsid has gone");
	}
	k->successor = found;
	k->successor_ms = now;
	for (size_t i = 0; i < k->n; i++)
		k->portals[i].next_ms = now + RETRY_LATE_MS;
}

static const struct portal *find_answering(const struct keeper *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->portals[i].state == PORTAL_BROKEN && portal_answers(&k->portals[i], ANSWER_MS))
			return &k->portals[i];
	return NULL;
}

/*
 * The real iscsid has its files on the root that its sessions lead to. With the last of them broken it may wait for a page or a journal of that root, and
 * the root waits for it. Its process is not needed then: the sessions are the kernel's.
 */
static void relieve_successor(struct keeper *k, uint64_t now)
{
	const struct portal *answering;
	bool is_broken = false, is_in = false;

	for (size_t i = 0; i < k->n; i++) {
		is_broken = is_broken || k->portals[i].state == PORTAL_BROKEN;
		is_in = is_in || k->portals[i].state == PORTAL_IN;
	}
	if (!k->successor || !is_broken || is_in) {
		k->stuck_ms = 0;
		k->n_answers = 0;
		return;
	}
	if (!k->stuck_ms)
		k->stuck_ms = now + STUCK_MS;
	if (now < k->stuck_ms)
		return;
	answering = find_answering(k);
	k->n_answers = answering ? k->n_answers + 1 : 0;
	k->stuck_ms = now + STUCK_MS;
	if (k->n_answers < STUCK_TIMES)
		return;
	log_warning("iscsi: %s:%u answers, and the real root's iscsid (pid %u) does not log in: it waits for the root, as the root does for it; ending it",
		    answering->address, answering->port, k->successor);
	successor_end(k->successor);
	k->n_answers = 0;
}

static bool all_in(const struct keeper *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->portals[i].n_in < k->portals[i].n_records)
			return false;
	return true;
}

/* Taking a session over means a new connection for it: not before one needs it. */
static void keep(struct keeper *k, uint64_t now)
{
	int pid;

	if (k->successor || k->iscsid || now < k->iscsid_next_ms)
		return;
	if (!k->is_keeping && k->successor_ms && (now < k->successor_ms + ABSENCE_MS || all_in(k)))
		return;
	pid = program_start_iscsid(&k->programs);
	k->iscsid_next_ms = now + RETRY_SOON_MS;
	if (pid < 0) {
		log_error("iscsi: unable to start iscsid: %s", strerror(-pid));
		return;
	}
	if (!k->is_keeping && k->successor_ms)
		log_info("iscsi: keeping the sessions again");
	k->iscsid = pid;
	k->is_keeping = true;
	write_pids(k);
}

static void log_in(struct keeper *k, struct portal *p, uint64_t now)
{
	int pid;

	if (p->pid) {
		if (now > p->deadline_ms)
			kill(p->pid, SIGKILL);
		return;
	}
	if (p->state == PORTAL_BROKEN || p->state == PORTAL_IN) {
		if (p->state == PORTAL_BROKEN && p->was_in)
			log_info("iscsi: session with %s:%u is broken", p->address, p->port);
		else if (p->state == PORTAL_IN && !p->was_in)
			log_info("iscsi: session with %s:%u is there", p->address, p->port);
		p->was_in = p->state == PORTAL_IN;
		if (portal_is_complete(p)) {
			/* it may be there though the login was given up, or by another's */
			p->has_said = p->has_said && !p->was_in;
			return;
		}
	}
	if (now < p->next_ms || (!k->iscsid && !k->successor))
		return;
	pid = program_start_login(&k->programs, p, k->iscsid);
	p->was_in = p->state == PORTAL_IN;
	p->next_ms = now + RETRY_SOON_MS;
	p->deadline_ms = now + LOGIN_MS;
	if (pid > 0)
		p->pid = pid;
}

/* iscsid must not wait for a page of its log that has been swapped out. */
static void keep_log(struct keeper *k)
{
	struct stat st;

	if (fstat(k->programs.log_fd, &st) == 0 && (size_t)st.st_size > k->log.size)
		resident_keep(&k->log, k->programs.log_fd, (size_t)st.st_size);
}

static void run(struct keeper *k)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	sigset_t signals;
	int got = 0;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	while (got != SIGTERM) {
		uint64_t now = now_ms();

		reap(k, now);
		keep_log(k);
		watch_successor(k, now);
		portals_look(k->portals, k->n, !k->successor || now < k->successor_ms + RECOVERY_MS ? k->recovery_s : 0);
		relieve_successor(k, now);
		keep(k, now);
		for (size_t i = 0; i < k->n; i++)
			log_in(k, &k->portals[i], now);
		got = sigtimedwait(&signals, NULL, &tick);
	}
	stop_iscsid(k);
}

static void write_text(const char *file, const char *text)
{
	_auto_close_ int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		log_warning("unable to write %s: %s", file, strerror(errno));
}

static int read_portals(struct keeper *k, const char *file)
{
	_auto_close_ int fd = open(file, O_RDONLY | O_CLOEXEC);
	static char text[64 << 10];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	k->n = portals_parse(text, k->portals, PORTALS_MAX);
	for (size_t i = 0; i < k->n; i++)
		k->portals[i].n_records = portal_count_records(&k->portals[i], RECORDS);
	return k->n ? 0 : -ENODATA;
}

static int settle_down(void)
{
	const char *what;
	int r;

	cgroup_leave();
	write_text("/proc/self/oom_score_adj", "-1000\n");
	r = nest_make(NEST, LIST, &what);
	if (r)
		log_fatal("unable to %s: %s", what, strerror(-r));
	else if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		log_warning("unable to lock memory: %s", strerror(errno));
	return r;
}

static int open_files(struct keeper *k)
{
	mkdir(RUN_DIR, 0755);
	k->run_fd = open("/run", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	k->programs.log_fd = open(RUN_DIR "/iscsi.log", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	return k->run_fd < 0 || k->programs.log_fd < 0 ? -errno : 0;
}

static void usage(FILE *to)
{
	fputs("usage: mpath-keeper [--recovery-tmo SECONDS] PORTALS\n"
	      "Keep iSCSI sessions to the portals in the file PORTALS from the initramfs on; started by its boot scripts.\n", to);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "recovery-tmo", required_argument, NULL, 'r' }, { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 },
	};
	static struct keeper k;
	int c, r, kmsg_fd;
	pid_t pid;

	log_init("mpath-keeper", false);
	while ((c = getopt_long(argc, argv, "r:hV", options, NULL)) >= 0) {
		switch (c) {
		case 'r':
			k.recovery_s = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'h':
			usage(stdout);
			return EXIT_DONE;
		case 'V':
			puts("mpath-keeper " MPATH_VERSION);
			return EXIT_DONE;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind != argc - 1) {
		usage(stderr);
		return EXIT_USAGE;
	}
	r = read_portals(&k, argv[optind]);
	if (!r)
		r = programs_find(LIST, &k.programs);
	if (r) {
		log_fatal("unable to read %s or " LIST ": %s", argv[optind], strerror(-r));
		return EXIT_USAGE;
	}
	r = open_files(&k);
	if (r) {
		log_fatal("unable to open " RUN_DIR ": %s", strerror(-r));
		return EXIT_SYSTEM;
	}
	pid = fork();
	if (pid < 0) {
		log_fatal("unable to fork: %s", strerror(errno));
		return EXIT_SYSTEM;
	}
	if (pid > 0)
		return EXIT_DONE;

	setsid();
	argv[0][0] = '@';	/* spared by systemd when it leaves an initramfs, and at the end (ROOT_STORAGE_DAEMONS.md) */
	kmsg_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	log_init("mpath-boot", false);
	log_to_kmsg(kmsg_fd);
	if (settle_down() < 0)
		return EXIT_SYSTEM;
	for (int fd = 0; fd < 3; fd++)
		dup2(kmsg_fd, fd);
	write_pids(&k);
	run(&k);
	return EXIT_DONE;
}
