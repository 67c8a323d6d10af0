/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trust.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static bool is_roots(const struct stat *st)
{
	return st->st_uid == 0 && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Up to @max bytes, however they come. */
static int read_whole(int fd, size_t max, char **text, size_t *len)
{
	size_t size = 4096, have = 0;
	_auto_free_ char *mem = NULL;
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size < max)
		size = (size_t)st.st_size + 2;
	mem = malloc(size);
	while (mem && (n = read(fd, mem + have, size - have - 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		have += (size_t)n;
		if (have > max)
			return -EFBIG;
		if (have + 1 == size) {
			char *more = realloc(mem, size *= 2);

			if (!more)
				return -ENOMEM;
			mem = more;
		}
	}
	if (!mem)
		return -ENOMEM;
	mem[have] = '\0';
	*len = have;
	*text = steal_ptr(mem);
	return 0;
}

int trust_read_any(const char *file, size_t max, char **text, size_t *len)
{
	_auto_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : read_whole(fd, max, text, len);
}

int trust_read(const char *file, size_t max, char **text, size_t *len)
{
	const char *slash = strrchr(file, '/');
	_auto_close_ int dir = -1, fd = -1;
	char folder[256];
	struct stat st;

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash ? slash - file : 1), slash ? file : ".");
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fstat(dir, &st) < 0)
		return -errno;
	if (!is_roots(&st))
		return -EPERM;
	fd = openat(dir, slash ? slash + 1 : file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || !is_roots(&st))
		return -EPERM;
	return read_whole(fd, max, text, len);
}
