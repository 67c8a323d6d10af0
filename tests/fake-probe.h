/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a checker or prioritizer gets from probe.c, laid out by a test: a device that plays a case, attributes in a folder of its own, a page.
 * Only for test-checkers.c, test-prios.c and test-path-facts.c: it is their device_ioctl(), so that the real one is not linked.
 */
#ifndef MPATH_FAKE_PROBE_H
#define MPATH_FAKE_PROBE_H

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include "device.h"
#include "fake-target.h"
#include "probe-args.h"

#define CASES "tests/probe.cases"

static struct fake_case *playing;	/* what the device says now */
static unsigned int stray;	/* commands that the case does not know */
static int block_size = 512;

int device_ioctl(int fd, unsigned long request, void *arg)
{
	bool known = false;
	int r = playing ? fake_ioctl(playing, request, arg, &known) : -1;

	(void)fd;
	if (known)
		return r;
	if (request == BLKSSZGET || request == BLKBSZGET) {
		*(int *)arg = block_size;
		return 0;
	}
	stray++;
	errno = ENOSYS;
	return -1;
}

struct fake_probe {
	char dir[64];		/* /sys/block/sdb of it */
	struct path path;
	unsigned int map_word;
	void *ctx;
	_Alignas(4096) uint8_t page[PROBE_PAGE_SIZE];
	struct probe_args args;
};

static inline void fake_attr(const struct fake_probe *p, const char *name, const void *data, size_t len)
{
	char file[256];
	int fd;

	snprintf(file, sizeof(file), "%s/%s", p->dir, name);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static inline void fake_attr_text(const struct fake_probe *p, const char *name, const char *text)
{
	fake_attr(p, name, text, strlen(text));
}

static inline void fake_dir(const struct fake_probe *p, const char *name)
{
	char file[256];

	snprintf(file, sizeof(file), "%s/%s", p->dir, name);
	mkdir(file, 0755);
}

static inline void fake_probe_open(struct fake_probe *p, const char *options)
{
	*p = (struct fake_probe){
		.dir = "/tmp/mpath-boot-probe.XXXXXX",
		.path = { .name = "sdb", .devno = "8:16", .hctl = "0:0:0:1", .serial = "2000", .portal = "10.0.0.1:3260", .port_group = -1, .tpgs = -1,
			  .syspath = "../devices/pseudo_0/adapter0/host0/target0:0:0/0:0:0:1/block/sdb" },
	};
	assert_non_null(mkdtemp(p->dir));
	fake_dir(p, "device");
	p->args = (struct probe_args){
		.dev_fd = -1, .sys_fd = open(p->dir, O_RDONLY | O_DIRECTORY), .timeout_ms = FAKE_TIMEOUT_MS, .options = options,
		.path = &p->path, .page = p->page, .ctx = &p->ctx, .map_word = &p->map_word,
	};
	memset(p->page, 0x31, sizeof(p->page));	/* a digit: what was never sent must not count as one */
}

static inline void fake_probe_close(struct fake_probe *p, void (*release)(void *ctx))
{
	char command[128];

	if (p->ctx && release)
		release(p->ctx);
	close(p->args.sys_fd);
	snprintf(command, sizeof(command), "rm -r %s", p->dir);
	assert_int_equal(system(command), 0);
}

/* A file on a real file system that O_DIRECT can read, or -1 where there is none. */
static inline int fake_disk(size_t size)
{
	char name[] = "build/fake-disk.XXXXXX";
	int fd = mkstemp(name), direct;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	direct = open(name, O_RDONLY | O_DIRECT | O_CLOEXEC);
	unlink(name);
	close(fd);
	return direct;
}

static inline bool is_kept(const struct fake_case *c, const char *got)
{
	bool ok = fake_is_over(c) && !c->wrong[0] && !stray && strcmp(c->want, got) == 0;

	if (!ok)
		print_error("probe.cases line %u, %s: wanted %s, got %s; step %zu of %zu%s, %u other commands%s%s\n", c->line, c->title, c->want, got,
			    c->at + 1, c->n_steps, c->done ? ", some times" : "", stray, c->wrong[0] ? "; " : "", c->wrong);
	stray = 0;
	return ok;
}

#endif
