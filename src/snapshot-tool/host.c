/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>

#define FILE_SIZE_MAX (16u << 20)
#define NAME_SIZE 1024

int host_open(struct host *host, const char *prefix)
{
	int fd = open(*prefix ? prefix : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	host->fd = fd;
	host->is_live = !*prefix;
	return 0;
}

void host_close(struct host *host)
{
	close_ptr(&host->fd);
}

int host_read_file(const struct host *host, const char *name, char **text, size_t *len)
{
	size_t size = 4096;
	_auto_free_ char *buf = NULL;

	for (;; size *= 4) {
		char *grown = realloc(buf, size + 1);
		ssize_t n;

		if (!grown)
			return -ENOMEM;
		buf = grown;
		n = sys_read(host->fd, name, buf, size);
		if (n < 0)
			return (int)n;
		if ((size_t)n == size && size < FILE_SIZE_MAX)
			continue;
		if ((size_t)n == size)
			return -EFBIG;
		buf[n] = '\0';
		if (len)
			*len = (size_t)n;
		*text = steal_ptr(buf);
		return 0;
	}
}

/* A name that does not fit names nothing. */
static _printf_(2, 0) int format_name(char name[NAME_SIZE], const char *fmt, va_list args)
{
	int n = vsnprintf(name, NAME_SIZE, fmt, args);

	return n < 0 || n >= NAME_SIZE ? -ENOENT : 0;
}

ssize_t host_attr(const struct host *host, char *buf, size_t size, const char *fmt, ...)
{
	char name[NAME_SIZE];
	va_list args;
	ssize_t n;

	va_start(args, fmt);
	n = format_name(name, fmt, args);
	va_end(args);
	if (n == 0)
		n = sys_read_str(host->fd, name, buf, size);
	if (n < 0)
		buf[0] = '\0';
	return n;
}

bool host_has(const struct host *host, const char *fmt, ...)
{
	char name[NAME_SIZE];
	va_list args;
	int r;

	va_start(args, fmt);
	r = format_name(name, fmt, args);
	va_end(args);
	return r == 0 && faccessat(host->fd, name, F_OK, 0) == 0;
}

/* Links in /sys are relative and their "..": lead to its top, which is all that has to be known of them. */
int host_device_dir(const struct host *host, const char *link, char *dir, size_t size)
{
	char target[NAME_SIZE];
	const char *rest = target;
	ssize_t n = sys_read_link(host->fd, link, target, sizeof(target));

	if (n < 0)
		return (int)n;
	while (str_after(rest, "../"))
		rest += 3;
	if (!str_after(rest, "devices/"))
		return -ENOENT;
	return (size_t)snprintf(dir, size, "sys/%s", rest) < size ? 0 : -ENAMETOOLONG;
}

int host_link_name(const struct host *host, char *buf, size_t size, const char *fmt, ...)
{
	char name[NAME_SIZE], target[NAME_SIZE];
	const char *last;
	va_list args;
	ssize_t n;

	buf[0] = '\0';
	va_start(args, fmt);
	n = format_name(name, fmt, args);
	va_end(args);
	if (n == 0)
		n = sys_read_link(host->fd, name, target, sizeof(target));
	if (n < 0)
		return (int)n;
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	return (size_t)snprintf(buf, size, "%s", last) < size ? 0 : -ENAMETOOLONG;
}
