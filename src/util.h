/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small helpers without a home of their own. No state, no I/O.
 */
#ifndef MPATH_UTIL_H
#define MPATH_UTIL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MPATH_VERSION "0.1.0"

/* Exit codes are part of the interface: boot hooks branch on them. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_NO = 1,		/* a deadline passed, or the answer is no */
	EXIT_NOT_MULTIPATH = 2,	/* mpath-snapshot: root is not on multipath */
	EXIT_HARMLESS = 10,	/* mpath-snapshot check, and the two below: how much a difference matters */
	EXIT_RELOAD = 20,
	EXIT_LOSE = 30,
	EXIT_USAGE = 100,	/* bad usage, configuration or snapshot */
	EXIT_SYSTEM = 111,	/* a system call or a program failed */
};

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* The rest of @s behind @prefix, or NULL. */
static inline const char *str_after(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

static inline void free_ptr(void *p)
{
	free(*(void **)p);
}

static inline void close_ptr(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

/* Owned from birth to end of scope; steal_ptr()/steal_fd() hand over. */
#define _auto_free_ __attribute__((cleanup(free_ptr)))
#define _auto_close_ __attribute__((cleanup(close_ptr)))

#define steal_ptr(p) \
	({ __typeof__(p) stolen_ = (p); (p) = NULL; stolen_; })

static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))

#endif
