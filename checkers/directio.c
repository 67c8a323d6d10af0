/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * directio: read the first block through libaio with O_DIRECT. Blocks until the read comes back, however long that takes:
 * the deadline is probe.c's, and a read in flight owns args->page until then.
 */
#include <fcntl.h>
#include <libaio.h>
#include <linux/fs.h>

#include "../src/checker.h"
#include "../src/device.h"

static int directio_check(const struct probe_args *args, enum path_state *state)
{
	io_context_t aio = *args->ctx;
	struct io_event event = { 0 };
	struct iocb cb, *cbs[] = { &cb };
	int block = 0, flags, r;

	if (!aio) {
		r = io_setup(1, &aio);
		if (r < 0)
			return r;
		*args->ctx = aio;
	}
	flags = fcntl(args->dev_fd, F_GETFL);
	if (flags < 0 || (!(flags & O_DIRECT) && fcntl(args->dev_fd, F_SETFL, flags | O_DIRECT) < 0))
		return -errno;
	if (device_ioctl(args->dev_fd, BLKBSZGET, &block) < 0 || block <= 0 || block > PROBE_PAGE_SIZE)
		block = PROBE_PAGE_SIZE;
	io_prep_pread(&cb, args->dev_fd, args->page, (size_t)block, 0);
	r = io_submit(aio, 1, cbs);
	if (r != 1)
		return r < 0 ? r : -EAGAIN;
	do
		r = io_getevents(aio, 1, 1, &event, NULL);
	while (r == -EINTR || r == 0);
	if (r < 0)
		return r;
	*state = event.res == (unsigned long)block ? PATH_STATE_UP : PATH_STATE_DOWN;
	return 0;
}

static void directio_release(void *ctx)
{
	io_destroy(ctx);
}

const struct checker_ops checker_directio = {
	.abi = CHECKER_ABI,
	.name = "directio",
	.sends = "one asynchronous O_DIRECT read of block 0",
	.check = directio_check,
	.release = directio_release,
};
