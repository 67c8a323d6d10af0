/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "resident.h"

#define LINE_SIZE 500
/* The log lives in /run, which is memory. */
#define ALSO_SIZE_MAX (256 << 10)
#define ALSO_HEAD (192 << 10)
#define ALSO_TAIL (16 << 10)

static struct {
	const char *name;
	bool debug;
	int kmsg_fd;
	int also_fd;
	size_t also_size;
	struct resident also;
} logger = { .name = "mpath-boot", .kmsg_fd = -1, .also_fd = -1 };

static const struct {
	const char *prefix;
	int kernel_level;	/* include/linux/kern_levels.h */
} levels[] = {
	[LOG_FATAL] = { "fatal: ", 2 },
	[LOG_ERROR] = { "error: ", 3 },
	[LOG_WARNING] = { "warning: ", 4 },
	[LOG_INFO] = { "", 6 },
	[LOG_DEBUG] = { "debug: ", 7 },
};

void log_init(const char *name, bool debug)
{
	logger.name = name;
	logger.debug = debug;
}

void log_to_kmsg(int fd)
{
	logger.kmsg_fd = fd;
}

void log_also_to(int fd)
{
	struct stat st;

	logger.also_fd = fd;
	logger.also_size = fd >= 0 && fstat(fd, &st) == 0 ? (size_t)st.st_size : 0;
	resident_keep(&logger.also, fd, logger.also_size);
}

/* A log that cannot be written must not stop a boot: results of write() are ignored on purpose. */
static void put(int fd, const char *line, size_t len)
{
	ssize_t n = write(fd, line, len);

	(void)n;
}

/* Where the line that @at is in begins; 0 if that is farther away than a line can be long. */
static off_t line_start(off_t at)
{
	char text[LINE_SIZE + 40];
	off_t from = at > (off_t)sizeof(text) ? at - (off_t)sizeof(text) : 0;
	ssize_t n = pread(logger.also_fd, text, (size_t)(at - from), from);
	char *end = n > 0 ? memrchr(text, '\n', (size_t)n) : NULL;

	return end ? from + (end + 1 - text) : 0;
}

/* Written over in place: there is no room for two, and whoever reads meanwhile is a person. */
static void leave_out_middle(void)
{
	static const char mark[] = "... (lines are left out here)\n";
	static char tail[ALSO_TAIL];
	off_t head = line_start(ALSO_HEAD), from = line_start((off_t)logger.also_size - ALSO_TAIL + LINE_SIZE);
	ssize_t n = pread(logger.also_fd, tail, sizeof(tail), from);

	if (!head || !from || n < 0 || ftruncate(logger.also_fd, head) < 0)
		return;
	put(logger.also_fd, mark, sizeof(mark) - 1);
	put(logger.also_fd, tail, (size_t)n);
	logger.also_size = (size_t)head + sizeof(mark) - 1 + (size_t)n;
	resident_keep(&logger.also, logger.also_fd, logger.also_size);
}

static void put_also(const char *prefix, const char *text)
{
	char line[LINE_SIZE + 40];
	struct timespec now;
	int n;

	clock_gettime(CLOCK_BOOTTIME, &now);
	n = snprintf(line, sizeof(line), "%lld.%03ld %s%s\n", (long long)now.tv_sec, now.tv_nsec / 1000000, prefix, text);
	if (n < 0)
		return;
	if (logger.also_size + (size_t)n > ALSO_SIZE_MAX)
		leave_out_middle();
	if (logger.also_size + (size_t)n > ALSO_SIZE_MAX)
		return;
	logger.also_size += (size_t)n;
	put(logger.also_fd, line, (size_t)n);
	if (logger.also_size > logger.also.size)
		resident_keep(&logger.also, logger.also_fd, logger.also_size);
}

void log_msg(enum log_level level, const char *fmt, ...)
{
	char text[LINE_SIZE], line[LINE_SIZE + 80];
	va_list args;
	int n;

	if (level == LOG_DEBUG && !logger.debug)
		return;
	va_start(args, fmt);
	n = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (n < 0)
		return;
	/* Foreign strings (aliases, SCSI vendor fields) end up here: one line stays one line. */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 127)
			*p = '?';
	if (logger.kmsg_fd >= 0)
		n = snprintf(line, sizeof(line), "<%d>%s: %s%s\n", levels[level].kernel_level, logger.name,
			     levels[level].prefix, text);
	else
		n = snprintf(line, sizeof(line), "%s: %s%s\n", logger.name, levels[level].prefix, text);
	if (n > 0)
		put(logger.kmsg_fd >= 0 ? logger.kmsg_fd : STDERR_FILENO, line, (size_t)n);
	if (logger.also_fd >= 0)
		put_also(levels[level].prefix, text);
}
