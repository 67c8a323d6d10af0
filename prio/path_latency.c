/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path_latency: how long a read takes, on a logarithmic scale. The slowest rank, 0, is for more than 100 s / base_num; each step up is
 * base_num times as fast, until 1 µs.
 */
#include <fcntl.h>
#include <time.h>

#include "../src/prio.h"
#include "../src/prio-args.h"

#define READ_SIZE 4096
#define SLOWEST_US 100000000u
#define FASTEST_US 1

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The mean of @n reads in ns, or -errno. */
static int64_t read_latency(const struct probe_args *args, unsigned int n)
{
	int flags = fcntl(args->dev_fd, F_GETFL);
	uint64_t start, end;

	if (flags < 0 || (!(flags & O_DIRECT) && fcntl(args->dev_fd, F_SETFL, flags | O_DIRECT) < 0))
		return -errno;
	start = now_ns();
	for (unsigned int i = 0; i < n; i++) {
		ssize_t got = pread(args->dev_fd, args->page, READ_SIZE, 0);

		if (got != READ_SIZE)
			return got < 0 ? -errno : -EIO;
	}
	end = now_ns();
	return (int64_t)((end - start) / n);
}

/* Thresholds in 1/256 ns keep a base of 1.1 apart down to the fastest rank. */
static int rank(uint64_t latency_ns, uint64_t base_hundredths)
{
	uint64_t threshold = (uint64_t)SLOWEST_US * 1000 * 256;
	int prio = 0;

	for (;;) {
		threshold = threshold * 100 / base_hundredths;
		if (threshold < (uint64_t)FASTEST_US * 1000 * 256 || latency_ns * 256 > threshold)
			return prio;
		prio++;
	}
}

static int path_latency_get(const struct probe_args *args, int *prio)
{
	size_t n_len, base_len;
	const char *n_text = prio_args_value(args->options, "io_num", &n_len);
	const char *base_text = prio_args_value(args->options, "base_num", &base_len);
	long n = n_text ? prio_args_hundredths(n_text, n_len) : -1;
	long base = base_text ? prio_args_hundredths(base_text, base_len) : -1;
	int64_t latency;

	if (n < 20 * 100 || n > 200 * 100 || n % 100 || base < 110 || base > 1000)
		return -EINVAL;
	latency = read_latency(args, (unsigned int)n / 100);
	if (latency < 0)
		return (int)latency;
	*prio = rank((uint64_t)latency, (uint64_t)base);
	return 0;
}

const struct prio_ops prio_path_latency = {
	.abi = PRIO_ABI,
	.name = "path_latency",
	.sends = "O_DIRECT reads of block 0",
	.args = "io_num=20..200 base_num=1.1..10",
	.get = path_latency_get,
};
