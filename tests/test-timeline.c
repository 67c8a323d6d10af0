/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event log: what is kept, what is bounded, what a reader makes of it; and when root is mounted. */
#include "cmocka.h.inc"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "event.h"
#include "log.h"
#include "rootwatch.h"
#include "state.h"
#include "conf.h"
#include "timeline-show.h"
#include "trust.h"
#include "waiting.h"

struct fixture {
	char dir[64], file[80];
	int fd;
	struct event_log log;
};

static struct fixture *f;

static int set_up(void **state)
{
	(void)state;
	f = calloc(1, sizeof(*f));
	strcpy(f->dir, "/tmp/test-timeline.XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->file, sizeof(f->file), "%s/events", f->dir);
	f->fd = open(f->dir, O_RDONLY | O_DIRECTORY);
	return 0;
}

static void close_log(void)
{
	free(f->log.left);
	if (f->log.fd >= 0)
		close(f->log.fd);
}

static int tear_down(void **state)
{
	(void)state;
	unlinkat(f->fd, "events", 0);
	unlinkat(f->fd, "events.new", 0);
	close(f->fd);
	rmdir(f->dir);
	free(f);
	return 0;
}

static void say(enum event_kind kind, size_t slot, const char *map, const char *path, const char *why)
{
	event_begin(&f->log, kind, slot, map, path);
	event_put(&f->log, "why", why);
	event_end(&f->log);
}

static struct timeline *read_back(void)
{
	struct timeline *t = NULL;

	assert_int_equal(timeline_load(f->file, false, &t), 0);
	return t;
}

static size_t count(const struct timeline *t, enum event_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_events; i++)
		n += t->events[i].kind == kind;
	return n;
}

static void test_round_trip(void **state)
{
	static const char evil[] = "a \"b\" \\x41 \n\t\xff <svg> =";
	struct timeline *t;

	(void)state;
	assert_int_equal(event_log_open(&f->log, f->fd, 1, 1), 0);
	say(EVENT_APPEARED, 2, evil, "sda", evil);
	say(EVENT_READY, 1, "mpatha", NULL, "");
	event_flush(&f->log);
	t = read_back();
	assert_int_equal(t->n_bad, 0);
	assert_int_equal(t->n_events, 2);
	assert_int_equal(t->events[0].kind, EVENT_APPEARED);
	assert_string_equal(t->events[0].map, evil);
	assert_string_equal(t->events[0].path, "sda");
	assert_string_equal(timeline_get(&t->events[0], "why"), evil);
	assert_string_equal(timeline_get(&t->events[1], "why"), "");
	assert_true(t->events[0].time_us <= t->events[1].time_us);
	assert_true(*t->kernel);
	timeline_free(t);
	close_log();
}

/* A path that flaps 100 000 times. What happened before, and what others say meanwhile, stays. */
static void test_bounds(void **state)
{
	struct timeline *t;
	struct stat st;

	(void)state;
	assert_int_equal(event_log_open(&f->log, f->fd, 1, 2), 0);
	say(EVENT_GUARD_START, 0, NULL, NULL, "");
	say(EVENT_APPEARED, 2, "mpatha", "sda", "");
	say(EVENT_APPEARED, 3, "mpatha", "sdb", "");
	for (int i = 0; i < 100000; i++) {
		if (i == 50000)
			say(EVENT_ROOT_MOUNTED, 0, NULL, NULL, "");
		say(i & 1 ? EVENT_REINSTATED : EVENT_FAILED, 3, "mpatha", "sdb", i == 99999 ? "the last" : "");
		event_flush(&f->log);
	}
	say(EVENT_HANDED_OVER, 0, NULL, NULL, "");
	event_flush(&f->log);
	assert_int_equal(stat(f->file, &st), 0);
	assert_true(st.st_size < 64 << 10);
	t = read_back();
	assert_int_equal(t->n_bad, 0);
	assert_int_equal(count(t, EVENT_GUARD_START), 1);
	assert_int_equal(count(t, EVENT_APPEARED), 2);
	assert_int_equal(count(t, EVENT_ROOT_MOUNTED), 1);
	assert_int_equal(count(t, EVENT_HANDED_OVER), 1);
	assert_int_equal(count(t, EVENT_LOST), 0);
	assert_true(count(t, EVENT_FAILED) > 100);	/* the first ones, and the latest */
	assert_string_equal(timeline_get(&t->events[t->n_events - 2], "why"), "the last");
	timeline_free(t);
	close_log();
}

/* Guards that crash and come again share one account. */
static void test_restarts(void **state)
{
	struct timeline *t;
	struct stat st;

	(void)state;
	for (int i = 0; i < 500; i++) {
		assert_int_equal(event_log_open(&f->log, f->fd, 1, 1), 0);
		for (int j = 0; j < 10; j++)
			say(EVENT_GUARD_START, 0, NULL, NULL, "");
		event_flush(&f->log);
		close_log();
	}
	assert_int_equal(stat(f->file, &st), 0);
	assert_true(st.st_size < 64 << 10);
	t = read_back();
	assert_int_equal(t->n_bad, 0);
	assert_true(t->n_events < 1000);
	timeline_free(t);
}

/* No room: what does not fit is counted, and no half line stays. */
static void test_no_room(void **state)
{
	struct rlimit old, limit;
	struct timeline *t;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(event_log_open(&f->log, f->fd, 1, 1), 0);
	say(EVENT_GUARD_START, 0, NULL, NULL, "");
	event_flush(&f->log);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = f->log.size + 20;	/* half a line */
	setrlimit(RLIMIT_FSIZE, &limit);
	for (int i = 0; i < 3; i++) {
		say(EVENT_FAILED, 2, "mpatha", "sda", "");
		event_flush(&f->log);
	}
	setrlimit(RLIMIT_FSIZE, &old);
	say(EVENT_EXIT, 0, NULL, NULL, "");
	event_flush(&f->log);
	event_flush(&f->log);
	t = read_back();
	assert_int_equal(t->n_bad, 0);
	assert_int_equal(count(t, EVENT_FAILED), 0);
	assert_int_equal(count(t, EVENT_EXIT), 1);
	assert_int_equal(count(t, EVENT_LOST), 1);
	assert_string_equal(timeline_get(&t->events[2], "lines"), "3");
	timeline_free(t);
	close_log();
}

/* A value that is too long costs itself, not the line. */
static void test_long_values(void **state)
{
	char longest[2000];
	struct timeline *t;

	(void)state;
	memset(longest, '"', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(event_log_open(&f->log, f->fd, 1, 1), 0);
	for (int i = 0; i < 100; i++) {
		event_begin(&f->log, EVENT_STATE, 2, longest, longest);
		event_put(&f->log, "why", longest);
		event_put(&f->log, "state", "ready");
		event_end(&f->log);
	}
	event_flush(&f->log);
	t = read_back();
	assert_int_equal(t->n_bad, 0);
	assert_int_equal(t->n_events, 100);
	assert_string_equal(timeline_get(&t->events[99], "state"), "ready");
	timeline_free(t);
	close_log();
}

static int parse(const char *text, struct timeline **t)
{
	return timeline_parse(text, strlen(text), t);
}

static void test_parse(void **state)
{
	struct timeline *t;

	(void)state;
	assert_int_equal(parse("", &t), -EBADMSG);
	assert_int_equal(parse("root:x:0:0\n", &t), -EBADMSG);
	assert_int_equal(parse("events kernel=6\n", &t), -EBADMSG);
	assert_int_equal(parse("events version=2\n", &t), -EPROTONOSUPPORT);
	assert_int_equal(timeline_parse("events version=1\n\0", 18, &t), -EBADMSG);
	/* Lines of a later format, half lines, lines out of order: skipped, kept, sorted. */
	assert_int_equal(parse("events version=1 machine=x86_64 new=key\n+ 2.5 later path=sda colour=red\n+ 1.000001 ready\n+ x ready\n"
			       "- 3.1 state why=\"unfinished\n? 1.0 ready\n+ 3.0 hung Path=sda\n- 1.0", &t), 0);
	assert_int_equal(t->n_events, 2);
	assert_int_equal(t->n_bad, 5);
	assert_int_equal(t->events[0].time_us, 1000001);
	assert_int_equal(t->events[1].kind, EVENT_OTHER);
	assert_string_equal(t->events[1].name, "later");
	assert_string_equal(timeline_get(&t->events[1], "colour"), "red");
	assert_string_equal(t->machine, "x86_64");
	timeline_free(t);
}

/* Nothing in a file may speak to the terminal, or end a JSON string. */
static void test_show(void **state)
{
	struct timeline *t;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	(void)state;
	assert_int_equal(parse("events version=1 kernel=\"\\x1b[2J\"\n+ 1.5 state map=\"\\x1b]0;x\\x07\" path=sda state=ready prio=010 took=0.5 "
			       "why=\"\\x22}\\x0a\"\n", &t), 0);
	out = open_memstream(&text, &len);
	timeline_show_text(t, out);
	fclose(out);
	for (size_t i = 0; i < len; i++)
		assert_true((unsigned char)text[i] >= ' ' || text[i] == '\n');
	assert_non_null(strstr(text, "sda    ready, prio 010: \"}?, check took 0.5 s\n"));
	free(text);
	out = open_memstream(&text, &len);
	timeline_show_json(t, out);
	fclose(out);
	assert_non_null(strstr(text, "{\"time\": 1.500000, \"event\": \"state\", \"map\": \"\\u001b]0;x\\u0007\", \"path\": \"sda\", \"state\": \"ready\", "
				     "\"prio\": \"010\", \"took\": 0.5, \"why\": \"\\\"}\\u000a\"}"));
	free(text);
	timeline_free(t);
}

static void test_trust(void **state)
{
	char *text;
	size_t len;
	int fd;

	(void)state;
	if (getuid() != 0)
		skip();
	fd = openat(f->fd, "events", O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(trust_read(f->file, 10, &text, &len), 0);
	assert_int_equal(len, 1);
	free(text);
	assert_int_equal(trust_read(f->file, 0, &text, &len), -EFBIG);
	chmod(f->file, 0664);
	assert_int_equal(trust_read(f->file, 10, &text, &len), -EPERM);
	assert_int_equal(trust_read_any(f->file, 10, &text, &len), 0);
	free(text);
	chmod(f->file, 0644);
	assert_int_equal(chown(f->file, 1, 0), 0);
	assert_int_equal(trust_read(f->file, 10, &text, &len), -EPERM);
	assert_int_equal(chown(f->file, 0, 0), 0);
	chmod(f->dir, 0777);
	assert_int_equal(trust_read(f->file, 10, &text, &len), -EPERM);
	chmod(f->dir, 0755);
	assert_int_equal(trust_read(f->file, 10, &text, &len), 0);
	free(text);
	unlinkat(f->fd, "events", 0);
	assert_int_equal(symlinkat("/etc/passwd", f->fd, "events"), 0);
	assert_int_equal(trust_read(f->file, 10, &text, &len), -EPERM);
	unlinkat(f->fd, "events", 0);
	assert_int_equal(mkfifoat(f->fd, "events", 0644), 0);
	assert_int_equal(trust_read(f->file, 10, &text, &len), -EPERM);
}

static void test_mountinfo(void **state)
{
	char source[128], at[16];

	(void)state;
	assert_true(rootwatch_parse("25 1 254:1 / /root rw,relatime - ext4 /dev/mapper/mpatha-part1 rw", source, at));
	assert_string_equal(source, "/dev/mapper/mpatha-part1");
	assert_string_equal(at, "/root");
	assert_true(rootwatch_parse("25 1 254:1 / / rw shared:1 master:2 - btrfs /dev/dm-3 rw", source, at));
	assert_string_equal(at, "/");
	assert_false(rootwatch_parse("25 1 254:1 / /rootfs rw - ext4 /dev/dm-1 rw", source, at));
	assert_false(rootwatch_parse("25 1 254:1 / /run rw - tmpfs tmpfs rw", source, at));
	assert_false(rootwatch_parse("25 1 - /", source, at));
	assert_false(rootwatch_parse("", source, at));
}

static int parse_state(const char *text)
{
	struct conf *conf;
	int r = state_parse(text, strlen(text), &conf);

	if (r == 0)
		conf_free(conf);
	return r;
}

static void test_state(void **state)
{
	(void)state;
	assert_int_equal(parse_state("state {\n version 1\n later 5\n}\nmap {\n later x\n}\nlater {\n}\n"), 0);
	assert_int_equal(parse_state("state {\n version 2\n}\n"), -EPROTONOSUPPORT);
	assert_int_equal(parse_state("state {\n version 99999999999999999999\n}\n"), -EPROTONOSUPPORT);
	assert_int_equal(parse_state("state {\n pid 1\n}\n"), -EBADMSG);
	assert_int_equal(parse_state("state {\n version -1\n}\n"), -EBADMSG);
	assert_int_equal(parse_state("map {\n}\n"), -EBADMSG);
	assert_int_equal(parse_state(""), -EBADMSG);
	assert_int_equal(parse_state("state {\n version 1\n"), -EBADMSG);	/* half a file */
}

static void describe(const char *maps, char *text, size_t size)
{
	struct buf out = BUF_INIT(text, size);
	struct conf *conf;

	assert_int_equal(conf_parse(maps, strlen(maps), true, NULL, NULL, &conf), 0);
	waiting_describe(conf, 20 * 1000000, &out);
	conf_free(conf);
}

static void test_waiting(void **state)
{
	static const char bad[] =
		"map {\n name mpatha\n required 1\n ready 0\n"
		" path {\n name sda\n state ready\n portal 10.0.2.2:3260\n target iqn.a\n }\n"
		" path {\n name sdb\n state undef\n portal 10.0.3.2:3260\n target iqn.a\n no_answer_since 13.5\n }\n"
		" path {\n name sdc\n state faulty\n hctl 2:0:0:1\n failure_reason \"No route to host\"\n }\n"
		" missing \"iscsi iqn.a at 10.0.3.2:3260 lun 1\"\n missing \"fc 0x5000 lun 1\"\n missing \"fc 0x6000 lun 1\"\n}\n"
		"map {\n name mpathb\n required 0\n ready 0\n}\nmap {\n name mpathc\n required 1\n ready 1\n}\n"
		"map {\n name mpathd\n required 1\n ready 0\n}\n";
	char text[700], small[40];

	(void)state;
	describe(bad, text, sizeof(text));
	assert_string_equal(text, "map mpatha: sdb (10.0.3.2:3260) has not answered for 6 s; sdc (2:0:0:1) is faulty: No route to host; "
			    "missing fc 0x5000 lun 1; and 1 more, map mpathd: no path has appeared");
	describe(bad, small, sizeof(small));
	assert_true(strlen(small) < sizeof(small));
	describe("map {\n name a\n required 1\n ready 1\n}\n", text, sizeof(text));
	assert_string_equal(text, "");
	/* A day's wait: some three thousand lines, and none in the first two seconds. */
	size_t n = 0;
	uint64_t said = 0;

	for (uint64_t now = 0; now < 60000; now += 10)
		if (waiting_is_due(now, said)) {
			said = now;
			assert_true(now >= 2000 && (now - 2000) % 5000 == 0);
			n++;
		}
	assert_int_equal(n, 12);
	assert_false(waiting_is_due(70000, said));
	assert_true(waiting_is_due(said + 30000, said));
}

/* The log for people: its beginning and its end, whole lines, however much is said, also by guards that come after each other. */
static void test_log(void **state)
{
	_auto_free_ char *text = NULL;
	size_t len;
	int fd = -1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		if (i % 9000 == 0) {
			close(fd);
			fd = openat(f->fd, "events", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
			log_also_to(fd);
			log_to_kmsg(open("/dev/null", O_WRONLY));
		}
		log_info("line %d is as long as this, or longer by some sevens: %.*s", i, i % 8, "7777777");
	}
	log_also_to(-1);
	log_to_kmsg(-1);
	close(fd);
	assert_int_equal(trust_read_any(f->file, 1 << 20, &text, &len), 0);
	assert_true(len <= 256 << 10);
	assert_non_null(strstr(text, " line 0 is"));
	assert_non_null(strstr(text, " line 2000 is"));
	assert_non_null(strstr(text, " line 19999 is"));
	assert_non_null(strstr(text, " line 19900 is"));
	assert_null(strstr(text, " line 12000 is"));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strstr(line, " line ") != NULL || strstr(line, "...") == line);
}

int main(void)
{
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_FILES(test_round_trip),
		WITH_FILES(test_bounds),
		WITH_FILES(test_restarts),
		WITH_FILES(test_no_room),
		WITH_FILES(test_long_values),
		WITH_FILES(test_trust),
		WITH_FILES(test_log),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_mountinfo),
		cmocka_unit_test(test_state),
		cmocka_unit_test(test_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
