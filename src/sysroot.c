/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysroot.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

static int open_below(const char *prefix, const char *dir)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s%s", prefix, dir) >= (int)sizeof(path))
		return -1;
	return openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);	/* musl's open() asks for O_CLOEXEC twice */
}

int sysroot_open(struct sysroot *root, const char *prefix)
{
	*root = (struct sysroot)SYSROOT_INIT;
	root->block_fd = open_below(prefix, "/sys/block");
	if (root->block_fd < 0)
		return -errno;
	root->sys_fd = open_below(prefix, "/sys");
	root->run_fd = open_below(prefix, "/run");
	root->proc_fd = open_below(prefix, "/proc");
	if (!*prefix)
		root->dev_fd = open_below(prefix, "/dev");
	return 0;
}

void sysroot_close(struct sysroot *root)
{
	close_ptr(&root->block_fd);
	close_ptr(&root->sys_fd);
	close_ptr(&root->run_fd);
	close_ptr(&root->proc_fd);
	close_ptr(&root->dev_fd);
}

ssize_t sys_read(int dirfd, const char *name, void *buf, size_t size)
{
	_auto_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t have = 0;

	if (fd < 0)
		return -errno;
	while (have < size) {
		ssize_t n = read(fd, (char *)buf + have, size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

ssize_t sys_read_once(int dirfd, const char *name, void *buf, size_t size)
{
	_auto_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return -errno;
	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* @n bytes in @buf, or -errno, to text. */
static ssize_t make_text(ssize_t n, char *buf, size_t size)
{
	char *end;

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -E2BIG;
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	end = buf + strlen(buf);
	while (end > buf && end[-1] == ' ')
		*--end = '\0';
	return end - buf;
}

ssize_t sys_read_str(int dirfd, const char *name, char *buf, size_t size)
{
	return make_text(sys_read_once(dirfd, name, buf, size), buf, size);
}

ssize_t sys_read_again(int fd, char *buf, size_t size)
{
	ssize_t n;

	do
		n = pread(fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	return make_text(n < 0 ? -errno : n, buf, size);
}

int sys_read_u64(int dirfd, const char *name, uint64_t *out)
{
	char text[32], *end;
	ssize_t n = sys_read_str(dirfd, name, text, sizeof(text));
	unsigned long long value;

	if (n < 0)
		return (int)n;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno)
		return -EBADMSG;
	*out = value;
	return 0;
}

ssize_t sys_read_link(int dirfd, const char *name, char *buf, size_t size)
{
	ssize_t n = readlinkat(dirfd, name, buf, size);

	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	return n;
}

int sys_write(int dirfd, const char *name, const char *text)
{
	_auto_close_ int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* getdents64(2): libc hides the structure, and its opendir() allocates. */
struct dirent64_raw {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

int sys_each(int dirfd, const char *name, int (*each)(const char *entry, void *arg), void *arg)
{
	_auto_close_ int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(8) char buf[4096];

	if (fd < 0)
		return -errno;
	for (;;) {
		long n = syscall(SYS_getdents64, fd, buf, sizeof(buf));

		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (long at = 0; at < n;) {
			const struct dirent64_raw *d = (const void *)(buf + at);
			int r = streq(d->name, ".") || streq(d->name, "..") ? 0 : each(d->name, arg);

			if (r)
				return r;
			at += d->reclen;
		}
	}
}
