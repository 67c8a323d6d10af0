/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path_latency: how long a read takes, on a logarithmic scale: each step of the priority is base_num times as fast, and 0 is about 100 s.
 * Reads are averaged by their logarithms, so that one that is slow by chance does not move a path to another group.
 */
#include <fcntl.h>
#include <time.h>

#include "../src/prio.h"
#include "../src/prio-args.h"

#define READ_SIZE 4096
#define SLOWEST_NS 100000000000u
#define FASTEST_NS 1000u

#define IO_NUM_DEFAULT 100
#define BASE_DEFAULT 1778	/* thousandths: four groups for each factor of ten */

#define LOG_BITS 20	/* of a logarithm's fraction */

/* log2 of @x, which is not 0, in units of 2^-LOG_BITS: halve until it is below 2, then square for each bit. No libm in the image. */
static int64_t log2_fixed(uint64_t x)
{
	int shift = 63 - __builtin_clzll(x);
	uint64_t m = shift > 31 ? x >> (shift - 31) : x << (31 - shift);	/* 1.0 is 1 << 31 */
	int64_t log = (int64_t)shift << LOG_BITS;

	for (int i = LOG_BITS - 1; i >= 0; i--) {
		m = m * m >> 31;
		if (m >> 32) {
			m >>= 1;
			log |= (int64_t)1 << i;
		}
	}
	return log;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The mean of the logarithms of what @n reads take. 0 or -errno. */
static int read_latency(const struct probe_args *args, unsigned int n, int64_t *log_ns)
{
	int flags = fcntl(args->dev_fd, F_GETFL);

	if (flags < 0 || (!(flags & O_DIRECT) && fcntl(args->dev_fd, F_SETFL, flags | O_DIRECT) < 0))
		return -errno;
	*log_ns = 0;
	for (unsigned int i = 0; i < n; i++) {
		uint64_t start = now_ns(), took;
		ssize_t got = pread(args->dev_fd, args->page, READ_SIZE, 0);

		if (got != READ_SIZE)
			return got < 0 ? -errno : -EIO;
		took = now_ns() - start;
		*log_ns += log2_fixed(took < FASTEST_NS ? FASTEST_NS : took > SLOWEST_NS ? SLOWEST_NS : took);
	}
	*log_ns /= n;
	return 0;
}

static int64_t number(const char *args, const char *name)
{
	size_t len;
	const char *text = prio_args_value(args, name, &len);

	return text ? prio_args_thousandths(text, len) : -1;
}

static int path_latency_get(const struct probe_args *args, int *prio)
{
	int64_t n = number(args->options, "io_num"), base = number(args->options, "base_num"), log_ns = 0;
	int r;

	if (n < 20000 || n > 200000 || base < 1100 || base > 10000) {	/* one wrong, or missing, and neither counts: as in multipathd */
		n = IO_NUM_DEFAULT * 1000;
		base = BASE_DEFAULT;
	}
	r = read_latency(args, (unsigned int)(n / 1000), &log_ns);
	if (r < 0)
		return r;
	*prio = (int)((log2_fixed(SLOWEST_NS) - log_ns) / (log2_fixed((uint64_t)base) - log2_fixed(1000)));
	return 0;
}

const struct prio_ops prio_path_latency = {
	.abi = PRIO_ABI,
	.name = "path_latency",
	.sends = "O_DIRECT reads of block 0",
	.args = "[io_num=20..200 base_num=1.1..10]",
	.get = path_latency_get,
};
