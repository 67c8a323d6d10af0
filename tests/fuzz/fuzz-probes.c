/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole checkers and prioritizers against a device that says anything. The first byte chooses one, then its arguments up to a NUL; each command
 * takes a reply from what is left: flags, sense key and codes or errno, two bytes of length, data. All of it is done with the page full of zeros,
 * of ones and of digits: what comes out must not depend on bytes that the device never sent.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/cciss_ioctl.h>
#include <linux/fs.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <libaio.h>
#include <linux/nvme_ioctl.h>

#include "checker.h"
#include "device.h"
#include "prio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *input, *input_end;
static unsigned int commands;

static uint8_t next(void)
{
	return input < input_end ? *input++ : 0;
}

static size_t next_data(uint8_t *to, size_t max)
{
	size_t want = (size_t)next() << 8, n;

	want |= next();
	n = (size_t)(input_end - input) < want ? (size_t)(input_end - input) : want;
	n = n < max ? n : max;
	if (n)
		memcpy(to, input, n);
	input += n;
	return n;
}

static void answer_scsi(struct sg_io_hdr *io, uint8_t flags)
{
	size_t n = 0;

	io->status = flags & 2 ? next() : 0;
	io->host_status = flags & 4 ? next() : 0;
	io->driver_status = 0;
	io->sb_len_wr = 0;
	if (flags & 8)
		io->sb_len_wr = (unsigned char)next_data(io->sbp, io->mx_sb_len);
	if (io->dxfer_direction == SG_DXFER_FROM_DEV && flags & 16)
		memset(io->dxferp, 0, io->dxfer_len);	/* what it will claim to have sent */
	if (io->dxfer_direction == SG_DXFER_FROM_DEV)
		n = next_data(io->dxferp, io->dxfer_len);
	io->resid = (int)(io->dxfer_len - n);
	if (flags & 16)
		io->resid = (int8_t)next();
}

int device_ioctl(int fd, unsigned long request, void *arg)
{
	uint8_t flags = next();

	(void)fd;
	/* A device that never gives another answer must not hold a plugin for ever. */
	if (++commands > 1000)
		abort();
	if (flags & 1) {
		errno = next() | 1;
		return -1;
	}
	switch (request) {
	case SG_IO:
		answer_scsi(arg, flags);
		return 0;
	case NVME_IOCTL_ID:
		return next();
	case NVME_IOCTL_ADMIN_CMD: {
		struct nvme_admin_cmd *cmd = arg;

		/* unlike SG_IO it tells no length: the driver delivers all of it */
		memset((void *)(uintptr_t)cmd->addr, 0, cmd->data_len);
		next_data((void *)(uintptr_t)cmd->addr, cmd->data_len);
		return flags & 2 ? next() : 0;
	}
	case CCISS_GETLUNINFO:
		((LogvolInfo_struct *)arg)->LunID = next();
		return 0;
	case CCISS_PASSTHRU:
		((IOCTL_Command_struct *)arg)->error_info.CommandStatus = next();
		return 0;
	case BLKSSZGET:
	case BLKBSZGET:
		*(int *)arg = 512 << (next() & 7);
		return 0;
	}
	errno = ENOTTY;
	return -1;
}

/* One context for all: the kernel takes 20 ms to take one away. */
int io_setup(int events, io_context_t *ctx)
{
	static io_context_t kept;

	if (!kept && syscall(SYS_io_setup, events, &kept) < 0)
		return -errno;
	*ctx = kept;
	return 0;
}

int io_destroy(io_context_t ctx)
{
	(void)ctx;
	return 0;
}

static char top[64];

static void remove_kernels(void)
{
	char name[96];

	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s/%s", top, (const char *const[]){ "device/access_state", "device/preferred_path", "device" }[i]);
		remove(name);
	}
	rmdir(top);
}

static void put(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

/* The disk's folder in /sys, when the kernel has a device handler for it. */
static int kernels_fd(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	snprintf(top, sizeof(top), "/tmp/fuzz-probes-XXXXXX");
	if (!mkdtemp(top) || (fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || mkdirat(fd, "device", 0755) < 0)
		abort();
	put(fd, "device/access_state", "active/non-optimized\n");
	put(fd, "device/preferred_path", "1\n");
	atexit(remove_kernels);
	return fd;
}

/* Two calls for one device; what they say, in one number. */
static uint64_t run(const struct checker_ops *checker, const struct prio_ops *prio, struct probe_args *args, uint8_t fill)
{
	uint8_t *page = malloc(PROBE_PAGE_SIZE);
	unsigned int word = 0;
	void *ctx = NULL;
	uint64_t said = 0;

	if (!page)
		abort();
	memset(page, fill, PROBE_PAGE_SIZE);
	args->page = page;
	args->ctx = &ctx;
	args->map_word = &word;
	for (int i = 0; i < 2; i++) {
		enum path_state state = PATH_STATE_UNCHECKED;
		int value = 0, r;

		r = checker ? checker->check(args, &state) : prio->get(args, &value);
		if (r > 0 || (r == 0 && (value < 0 || state >= N_PATH_STATES)))
			abort();
		said = said * 1000003 + (uint64_t)(r < 0 ? -1 : checker ? (int)state : value) + word;
	}
	if (ctx && checker && checker->release)
		checker->release(ctx);
	if (ctx && prio && prio->release)
		prio->release(ctx);
	free(page);
	return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct path path = { .name = "sda", .hctl = "0:0:0:1", .portal = "10.0.0.1:3260", .serial = "2000", .port_group = -1, .tpgs = -1,
		.syspath = "../devices/host3/session1/target3:0:0/3:0:0:1/block/sda" };
	struct probe_args args = { .dev_fd = -1, .sys_fd = -1, .timeout_ms = 1000, .path = &path };
	const struct checker_ops *checker;
	const struct prio_ops *prio = NULL;
	const uint8_t *end;
	char options[200];
	const char *source;
	size_t n, n_checkers = 0, n_prios = 0;
	uint64_t said[3];

	if (size < 2 || !(end = memchr(data + 1, '\0', size - 1)) || (n = (size_t)(end - data) - 1) >= sizeof(options))
		return 0;
	memcpy(options, data + 1, n + 1);
	while (checker_at(n_checkers, &source))
		n_checkers++;
	while (prio_at(n_prios, &source))
		n_prios++;
	checker = checker_at(data[0] % (n_checkers + n_prios), &source);
	if (!checker)
		prio = prio_at(data[0] % (n_checkers + n_prios) - n_checkers, &source);
	if (prio && streq(prio->name, "random"))
		return 0;
	if (prio && streq(prio->name, "weightedpath"))	/* the parser is ours, what libc does with a hostile expression is not */
		for (char *p = options; *p; p++)
			*p = strchr("{}()*+\\", *p) ? '.' : *p;
	/* For some of the first bytes the kernel knows the port group, and how it stands. */
	if (data[0] / (n_checkers + n_prios) % 2) {
		path.port_group = 1;
		args.sys_fd = kernels_fd();
	}
	args.options = options;
	input_end = data + size;
	for (int i = 0; i < 3; i++) {
		input = end + 1;
		commands = 0;
		said[i] = run(checker, prio, &args, (const uint8_t[3]){ 0x00, 0xff, '1' }[i]);
		if (said[i] != said[0])
			abort();
	}
	return 0;
}
