/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>

#define FILE_NAME "events"
#define KEPT_GUARD 64
#define KEPT_MAP 48
#define KEPT_PATH 16
#define KEPT_MAX 32768		/* some 4 MB */
#define RECENT_MIN 256
#define VALUE_MAX 200

const char *const event_names[N_EVENT_KINDS] = {
	[EVENT_OTHER] = "other",
	[EVENT_GUARD_START] = "guard-start",
	[EVENT_ROOT_MOUNTED] = "root-mounted",
	[EVENT_SWITCH_ROOT] = "switch-root",
	[EVENT_STANDBY] = "standby",
	[EVENT_ON_GUARD] = "on-guard",
	[EVENT_UNWANTED] = "unwanted",
	[EVENT_HANDED_OVER] = "handed-over",
	[EVENT_EXIT] = "exit",
	[EVENT_LOST] = "lost",
	[EVENT_FOUND] = "found",
	[EVENT_CREATED] = "created",
	[EVENT_RELOADED] = "reloaded",
	[EVENT_REFUSED] = "refused",
	[EVENT_REMOVED] = "removed",
	[EVENT_GAVE_UP] = "gave-up",
	[EVENT_QUEUEING] = "queueing",
	[EVENT_SWITCHED] = "switched",
	[EVENT_PARTITION] = "partition",
	[EVENT_MISSING] = "missing",
	[EVENT_READY] = "ready",
	[EVENT_APPEARED] = "appeared",
	[EVENT_STATE] = "state",
	[EVENT_SLOW] = "slow",
	[EVENT_HUNG] = "hung",
	[EVENT_ADDED] = "added",
	[EVENT_LEFT_OUT] = "left-out",
	[EVENT_FAILED] = "failed",
	[EVENT_REINSTATED] = "reinstated",
	[EVENT_GONE] = "gone",
};

enum event_kind event_kind_find(const char *name)
{
	for (int i = EVENT_OTHER + 1; i < N_EVENT_KINDS; i++)
		if (streq(event_names[i], name))
			return (enum event_kind)i;
	return EVENT_OTHER;
}

uint64_t event_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Calls @each for every complete line of the file; its text ends in a newline and is not terminated. */
static int each_line(int fd, int (*each)(const char *line, size_t len, void *arg), void *arg)
{
	char text[4096];
	size_t have = 0;
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, text + have, sizeof(text) - have, at)) > 0) {
		char *line = text, *end;

		at += n;
		have += (size_t)n;
		while ((end = memchr(line, '\n', have))) {
			size_t len = (size_t)(end + 1 - line);
			int r = each(line, len, arg);

			if (r < 0)
				return r;
			line += len;
			have -= len;
		}
		memmove(text, line, have);
		if (have == sizeof(text))
			have = 0;	/* no line of ours is so long */
	}
	return n < 0 ? -errno : 0;
}

static int count_line(const char *line, size_t len, void *arg)
{
	struct event_log *log = arg;

	(void)len;
	log->kept += line[0] == '+';
	log->recent += line[0] == '-';
	return 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	return n == (ssize_t)len ? 0 : n < 0 ? -errno : -ENOSPC;
}

static int write_head(struct event_log *log)
{
	struct utsname u;
	char text[EVENT_LINE_MAX];
	int n;

	uname(&u);
	/* The host has no name of its own in an initramfs: it comes with a later event. */
	n = snprintf(text, sizeof(text), "events version=%d kernel=\"%.100s\" machine=\"%.60s\"\n", EVENTS_VERSION, u.release, u.machine);
	log->size = (size_t)n;
	return write_all(log->fd, text, (size_t)n);
}

int event_log_open(struct event_log *log, int dir_fd, size_t maps, size_t paths)
{
	struct stat st;
	int r;

	*log = (struct event_log){ .dir_fd = dir_fd, .fd = -1 };
	log->out = (struct buf)BUF_INIT(log->mem, sizeof(log->mem));
	buf_reset(&log->out);
	log->n_slots = 1 + maps + paths;
	log->kept_max = KEPT_GUARD + maps * KEPT_MAP + paths * KEPT_PATH;
	if (log->kept_max > KEPT_MAX)
		log->kept_max = KEPT_MAX;
	log->recent_max = RECENT_MIN + 2 * paths;
	log->left = calloc(log->n_slots, 1);
	if (!log->left)
		return -ENOMEM;
	for (size_t i = 0; i < log->n_slots; i++)
		log->left[i] = i == 0 ? KEPT_GUARD : i <= maps ? KEPT_MAP : KEPT_PATH;
	log->fd = openat(dir_fd, FILE_NAME, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (log->fd < 0)
		return -errno;
	if (fstat(log->fd, &st) < 0)
		return -errno;
	log->size = (size_t)st.st_size;
	r = log->size ? each_line(log->fd, count_line, log) : write_head(log);
	resident_keep(&log->resident, log->fd, log->size);
	return r;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("._:/@+,-", c));
}

/* May stand in quotes as it is. */
static bool is_clean(char c)
{
	return c >= ' ' && c <= 126 && c != '"' && c != '\\';
}

static void put_value(struct buf *out, const char *value)
{
	bool plain = *value;
	size_t n = 0;

	for (const char *p = value; *p && plain; p++)
		plain = is_plain(*p);
	buf_add(out, plain ? "" : "\"");
	while (*value && n < VALUE_MAX) {
		size_t clean = 0;

		while (is_clean(value[clean]) && n + clean < VALUE_MAX)
			clean++;
		if (clean) {
			buf_addf(out, "%.*s", (int)clean, value);
		} else {
			buf_addf(out, "\\x%02x", (unsigned char)*value);
			n += 3;
		}
		n += clean ? clean : 1;
		value += clean ? clean : 1;
	}
	buf_add(out, plain ? "" : "\"");
}

void event_put(struct event_log *log, const char *key, const char *value)
{
	size_t before = log->out.len;

	if (log->fd < 0)
		return;
	buf_addf(&log->out, " %s=", key);
	put_value(&log->out, value);
	/* One long value must not cost the line. */
	if (log->out.overflow || log->out.len - log->line > EVENT_LINE_MAX - 1) {
		log->out.len = before;
		log->out.s[before] = '\0';
		log->out.overflow = false;
	}
}

void event_putf(struct event_log *log, const char *key, const char *fmt, ...)
{
	char text[VALUE_MAX + 1];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	event_put(log, key, text);
}

static void begin(struct event_log *log, enum event_kind kind, bool keep, const char *map, const char *path)
{
	uint64_t now = event_clock_us();

	log->keep = keep;
	log->line = log->out.len;
	buf_addf(&log->out, "%c %llu.%06llu %s", keep ? '+' : '-', (unsigned long long)now / 1000000, (unsigned long long)now % 1000000,
		 event_names[kind]);
	if (map)
		event_put(log, "map", map);
	if (path)
		event_put(log, "path", path);
}

void event_begin(struct event_log *log, enum event_kind kind, size_t slot, const char *map, const char *path)
{
	bool keep;

	if (log->fd < 0)
		return;
	if (log->out.size - log->out.len < 2 * EVENT_LINE_MAX)
		event_flush(log);
	keep = slot < log->n_slots && log->left[slot] && log->kept + log->new_kept < log->kept_max;
	if (keep)
		log->left[slot]--;
	begin(log, kind, keep, map, path);
}

void event_end(struct event_log *log)
{
	if (log->fd < 0)
		return;
	buf_add(&log->out, "\n");
	if (log->keep)
		log->new_kept++;
	else
		log->new_recent++;
}

struct thinning {
	int fd;
	size_t skip;		/* recent lines still to be left out */
	size_t kept, recent, size;
	struct buf out;
	char mem[4096];
};

static int thin_flush(struct thinning *t)
{
	int r = t->out.len ? write_all(t->fd, t->out.s, t->out.len) : 0;

	t->size += t->out.len;
	buf_reset(&t->out);
	return r;
}

static int thin_line(const char *line, size_t len, void *arg)
{
	struct thinning *t = arg;

	if (line[0] == '-' && t->skip) {
		t->skip--;
		return 0;
	}
	if (len >= t->out.size)
		return 0;
	t->kept += line[0] == '+';
	t->recent += line[0] == '-';
	if (t->out.len + len >= t->out.size) {
		int r = thin_flush(t);

		if (r < 0)
			return r;
	}
	memcpy(t->out.s + t->out.len, line, len);
	t->out.len += len;
	return 0;
}

/* Write the file anew without the older half of its recent lines. When /run has no room for that, the file stays as it is and the half is tried again later. */
static void thin_out(struct event_log *log)
{
	struct thinning t = { .skip = log->recent - log->recent_max };
	int r;

	t.out = (struct buf)BUF_INIT(t.mem, sizeof(t.mem));
	t.fd = openat(log->dir_fd, FILE_NAME ".new", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (t.fd < 0)
		return;
	r = each_line(log->fd, thin_line, &t);
	if (r == 0)
		r = thin_flush(&t);
	if (r == 0 && renameat(log->dir_fd, FILE_NAME ".new", log->dir_fd, FILE_NAME) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(log->dir_fd, FILE_NAME ".new", 0);
		close(t.fd);
		return;
	}
	close(log->fd);
	log->fd = t.fd;
	log->size = t.size;
	log->kept = t.kept;
	log->recent = t.recent;
	resident_keep(&log->resident, log->fd, log->size);
}

static void drop_batch(struct event_log *log)
{
	buf_reset(&log->out);
	log->new_kept = log->new_recent = 0;
}

void event_flush(struct event_log *log)
{
	if (log->fd < 0 || !log->out.len)
		return;
	/* A file that could not be thinned out takes no more when it is twice as long as it should be. */
	if (log->recent > 4 * log->recent_max || write_all(log->fd, log->out.s, log->out.len) < 0) {
		log->lost += log->new_kept + log->new_recent;
		drop_batch(log);
		/* half a line is worse than none; if it stays, readers skip it */
		if (ftruncate(log->fd, (off_t)log->size) < 0)
			log->lost++;
	} else {
		log->size += log->out.len;
		log->kept += log->new_kept;
		log->recent += log->new_recent;
		drop_batch(log);
		if (log->size > log->resident.size)
			resident_keep(&log->resident, log->fd, log->size);
		if (log->lost) {
			begin(log, EVENT_LOST, false, NULL, NULL);
			event_putf(log, "lines", "%zu", log->lost);
			event_end(log);
			log->lost = 0;
		}
	}
	if (log->recent >= 2 * log->recent_max)
		thin_out(log);
}
