/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages for people. Severity, "unable to", verb, object, cause; said once, by the one who knows the context.
 * Never allocates; a line is cut at 500 bytes.
 */
#ifndef MPATH_LOG_H
#define MPATH_LOG_H

#include "util.h"

enum log_level {
	LOG_FATAL,
	LOG_ERROR,
	LOG_WARNING,
	LOG_INFO,
	LOG_DEBUG,
};

/* The program's name in front of each line (borrowed); INFO and above are shown, DEBUG only with @debug. */
void log_init(const char *name, bool debug);

/* From now on write to the kernel log through @fd (/dev/kmsg; borrowed) instead of stderr; -1: back to stderr. */
void log_to_kmsg(int fd);

/*
 * Also append "<seconds since boot> <text>" for each line of INFO and above to @fd (borrowed; open for reading, too, and with O_APPEND); -1: no more.
 * When the file has 256 kB, all but its first 192 and its last 16 kB are left out: how the machine booted stays, and what came last.
 */
void log_also_to(int fd);

void log_msg(enum log_level level, const char *fmt, ...) _printf_(2, 3);

#define log_fatal(...) log_msg(LOG_FATAL, __VA_ARGS__)
#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_msg(LOG_WARNING, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
