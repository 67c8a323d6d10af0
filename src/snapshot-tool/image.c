/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "image.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../choice.h"
#include "../log.h"

/* How the kernel knows them, too (lib/decompress.c); it wants lz4 in its legacy form. */
static const struct packer {
	const char *magic;
	size_t magic_len;
	const char *argv[5];
} packers[] = {
	{ "\x1f\x8b", 2, { "gzip", "-dc" } },
	{ "\xfd" "7zXZ\0", 6, { "xz", "-dc" } },
	{ "\x5d\0\0", 3, { "xz", "-dc", "--format=lzma" } },
	{ "\x28\xb5\x2f\xfd", 4, { "zstd", "-dcq" } },
	{ "\x02\x21\x4c\x18", 4, { "lz4", "-dcq" } },
	{ "BZh", 3, { "bzip2", "-dc" } },
	{ "\x89LZO", 4, { "lzop", "-dc" } },
};

struct memory {
	const uint8_t *data;
	size_t len, at;
};

static size_t read_memory(void *arg, void *buf, size_t len)
{
	struct memory *m = arg;

	if (len > m->len - m->at)
		len = m->len - m->at;
	if (len)
		memcpy(buf, m->data + m->at, len);
	m->at += len;
	return len;
}

/* A pipe from a program. */
struct stream {
	FILE *file;
};

static size_t read_stream(void *arg, void *buf, size_t len)
{
	return fread(buf, 1, len, ((struct stream *)arg)->file);
}

static int skip(cpio_read_fn *read, void *arg, uint64_t len)
{
	char waste[16384];

	while (len) {
		size_t want = len < sizeof(waste) ? (size_t)len : sizeof(waste);

		if (read(arg, waste, want) != want)
			return -EBADMSG;
		len -= want;
	}
	return 0;
}

static int take_file(cpio_read_fn *read, void *arg, const struct cpio_member *member, char **text, size_t *len)
{
	char *data = malloc((size_t)member->size + 1);

	if (!data)
		return -ENOMEM;
	if (read(arg, data, (size_t)member->size) != member->size) {
		free(data);
		return -EBADMSG;
	}
	data[member->size] = '\0';
	free(*text);	/* the kernel, too, lets the later one win */
	*text = data;
	*len = (size_t)member->size;
	return skip(read, arg, cpio_padding(member->size));
}

int image_take_archive(cpio_read_fn *read, void *arg, struct image *out)
{
	struct cpio_member member;
	bool any = false;
	int r;

	while ((r = cpio_next(read, arg, &member)) == 1) {
		bool is_file = S_ISREG(member.mode) && member.size && member.size <= SNAPSHOT_SIZE_MAX;

		any = true;
		if (is_file && streq(member.name, &SNAPSHOT_FILE[1]))
			r = take_file(read, arg, &member, &out->own, &out->own_len);
		else if (is_file && streq(member.name, &SNAPSHOT_APPENDED_FILE[1]))
			r = take_file(read, arg, &member, &out->appended, &out->appended_len);
		else
			r = skip(read, arg, member.size + cpio_padding(member.size));
		if (r)
			return r;
	}
	return r == -ENODATA && any ? -EBADMSG : r;	/* the kernel misses no trailer, but a cut archive has none either */
}

static const struct packer *find_packer(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(packers); i++)
		if (len >= packers[i].magic_len && memcmp(data, packers[i].magic, packers[i].magic_len) == 0)
			return &packers[i];
	return NULL;
}

static bool is_archive(const uint8_t *data, size_t len)
{
	return len >= 6 && memcmp(data, "07070", 5) == 0 && (data[5] == '1' || data[5] == '2');
}

/* Start @packer on @file from @at on. Its pid, and the end to read from in *out; or -errno. */
static pid_t start_packer(const struct packer *packer, const char *file, size_t at, int *out)
{
	_auto_close_ int in = open(file, O_RDONLY | O_CLOEXEC);
	int ends[2];
	pid_t pid;

	if (in < 0 || lseek(in, (off_t)at, SEEK_SET) < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(in, STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		if (null >= 0)
			dup2(null, STDERR_FILENO);	/* they complain of what follows, which we look at ourselves */
		setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
		execvp(packer->argv[0], (char *const *)(uintptr_t)packer->argv);
		_exit(127);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -errno;
	}
	*out = ends[0];
	return pid;
}

/* All archives that the stream has, with zeros between them. */
static int take_archives(struct stream *s, struct image *out)
{
	int r = 0, c;

	while (!r) {
		while ((c = getc(s->file)) == 0)
			;
		if (c == EOF)
			return 0;
		ungetc(c, s->file);
		r = image_take_archive(read_stream, s, out);
	}
	return r == -ENODATA ? 0 : r;
}

static int take_packed(const struct packer *packer, const char *file, size_t at, struct image *out)
{
	struct stream s;
	int fd = -1, status, r;
	pid_t pid = start_packer(packer, file, at, &fd);

	if (pid < 0) {
		log_error("unable to run %s: %s", packer->argv[0], strerror(-pid));
		return pid;
	}
	s.file = fdopen(fd, "r");
	r = s.file ? take_archives(&s, out) : -ENOMEM;
	if (s.file)
		fclose(s.file);
	else
		close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
		log_error("%s is compressed with %s, which is not installed", file, packer->argv[0]);
		return -ENOPKG;
	}
	return r;
}

/* Where the next plain archive starts, at or behind @at; @len if there is none. Only one that is whole is taken for one: compressed data may look like anything. */
static size_t find_archive(const uint8_t *data, size_t len, size_t at)
{
	const uint8_t *found;

	while (at < len && (found = memmem(data + at, len - at, "07070", 5))) {
		struct memory m = { data, len, (size_t)(found - data) };
		struct image ignored = { .own = NULL };
		bool is_whole;

		at = m.at + 1;
		if ((m.at & 3) || !is_archive(found, len - m.at))
			continue;
		is_whole = image_take_archive(read_memory, &m, &ignored) == 0;
		image_clear(&ignored);
		if (is_whole)
			return at - 1;
	}
	return len;
}

static int take_memory(const char *file, const uint8_t *data, size_t len, struct image *out)
{
	struct memory m = { data, len, 0 };
	int r = 0;

	while (!r) {
		const struct packer *packer;

		while (m.at < len && data[m.at] == 0)
			m.at++;
		if (m.at == len)
			return 0;
		packer = find_packer(data + m.at, len - m.at);
		if (is_archive(data + m.at, len - m.at)) {
			r = image_take_archive(read_memory, &m, out);
		} else if (packer) {
			r = take_packed(packer, file, m.at, out);
			m.at = find_archive(data, len, m.at + packer->magic_len);
		} else {
			r = -EBADMSG;
		}
	}
	/* The kernel, too, stops where it no longer understands, and keeps what it has. */
	if (r == -EBADMSG && (out->own || out->appended)) {
		log_warning("%s is damaged, or has something else behind its first parts: the kernel would take no more than these", file);
		return 0;
	}
	if (r == -EBADMSG)
		log_error("%s is neither a snapshot nor a good initramfs image", file);
	return r;
}

/* "# mpath-boot snapshot; …" */
static bool is_snapshot(const uint8_t *data, size_t len)
{
	static const char head[] = "# mpath-boot snapshot";

	return len > sizeof(head) && len <= SNAPSHOT_SIZE_MAX && memcmp(data, head, sizeof(head) - 1) == 0;
}

int image_take(const char *file, const uint8_t *data, size_t len, struct image *out)
{
	if (!is_snapshot(data, len))
		return take_memory(file, data, len, out);
	free(out->own);
	out->own = malloc(len + 1);
	out->own_len = len;
	if (!out->own)
		return -ENOMEM;
	memcpy(out->own, data, len);
	out->own[len] = '\0';
	return 0;
}

static int read_file(const char *file, struct image *out)
{
	_auto_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st = { 0 };
	uint8_t *data;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		r = -errno;
	else if (!S_ISREG(st.st_mode) || st.st_size == 0)
		r = -EINVAL;
	data = r ? MAP_FAILED : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!r && data == MAP_FAILED)
		r = -errno;
	if (r) {
		log_error("unable to read %s: %s", file, r == -EINVAL ? "it is empty, or no file" : strerror(-r));
		return r;
	}
	r = image_take(file, data, (size_t)st.st_size, out);
	munmap(data, (size_t)st.st_size);
	return r;
}

int image_read(const char *const *files, size_t n, struct image *out)
{
	struct image image = { .own = NULL };
	int r = 0;

	for (size_t i = 0; !r && i < n; i++)
		r = read_file(files[i], &image);
	if (!r && !image.own && !image.appended)
		r = -ENODATA;
	if (r)
		image_clear(&image);
	else
		*out = image;
	return r;
}

void image_clear(struct image *image)
{
	free(image->own);
	free(image->appended);
	*image = (struct image){ .own = NULL };
}
