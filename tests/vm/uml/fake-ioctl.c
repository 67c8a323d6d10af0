/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into multipath: disk number N of the guest plays the N-th case of PROBE_PLUGIN ("checker tur") in PROBE_CASES, the first PROBE_SKIP
 * ones not counted. What is no command of that case goes to the real disk. PROBE_TRACE gets a line for each command, and at the end what was not as it had to be.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/dm-ioctl.h>
#include <linux/nvme_ioctl.h>
#include <scsi/sg.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../../fake-target.h"

static struct fake_case *cases;
static size_t n_cases;
static FILE *trace;
static bool is_started;

static int (*real_ioctl)(int fd, unsigned long request, void *arg);

static __attribute__((constructor)) void start(void)
{
	const char *plugin = getenv("PROBE_PLUGIN");
	size_t n, skip, kept = 0;

	fake_any_timeout = true;
	*(void **)&real_ioctl = dlsym(RTLD_NEXT, "ioctl");
	if (!plugin)
		return;
	trace = fopen(getenv("PROBE_TRACE"), "we");
	cases = fake_load(getenv("PROBE_CASES"), &n);
	skip = strtoul(getenv("PROBE_SKIP"), NULL, 10);
	for (size_t i = 0; i < n; i++) {
		char name[40];

		snprintf(name, sizeof(name), "%s %s", cases[i].kind, cases[i].plugin);
		if (strcmp(name, plugin) || cases[i].is_ours_only)
			continue;
		if (skip)
			skip--;
		else
			cases[kept++] = cases[i];
	}
	n_cases = kept;
}

/* Each path is probed twice, before and after multipath looks at device-mapper. The first time counts. */
static __attribute__((destructor)) void end(void)
{
	for (size_t i = 0; i < n_cases; i++) {
		if (!fake_is_over(&cases[i]))
			fprintf(trace, "left: line %u: step %zu, taken %u times\n", cases[i].line, cases[i].at + 1, cases[i].done);
		if (cases[i].wrong[0])
			fprintf(trace, "left: line %u: %s\n", cases[i].line, cases[i].wrong);
	}
	n_cases = 0;
}

/* sda is 0, sdb 1: 16 minors each; the majors go on from 8 to 65 */
static struct fake_case *case_of(int fd)
{
	struct stat st;
	size_t disk;

	if (fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode))
		return NULL;
	if (major(st.st_rdev) == 8)
		disk = minor(st.st_rdev) / 16;
	else if (major(st.st_rdev) >= 65 && major(st.st_rdev) <= 71)
		disk = (major(st.st_rdev) - 64) * 16 + minor(st.st_rdev) / 16;
	else
		return NULL;
	return disk < n_cases ? &cases[disk] : NULL;
}

static void note(int fd, unsigned long request, const void *arg, bool known)
{
	const struct sg_io_hdr *io = arg;
	const struct nvme_admin_cmd *cmd = arg;
	struct stat st = { 0 };

	fstat(fd, &st);
	fprintf(trace, "%u:%u %s", major(st.st_rdev), minor(st.st_rdev), known ? "fake" : "real");
	if (request == SG_IO) {
		for (unsigned int i = 0; i < io->cmd_len; i++)
			fprintf(trace, " %02x", io->cmdp[i]);
		fprintf(trace, " len %u timeout %u", io->dxfer_len, io->timeout);
		if (io->dxfer_direction == SG_DXFER_TO_DEV)
			for (unsigned int i = 0; i < io->dxfer_len; i++)
				fprintf(trace, " %02x", ((const unsigned char *)io->dxferp)[i]);
	} else if (request == NVME_IOCTL_ADMIN_CMD) {
		fprintf(trace, " nvme %02x nsid %x cdw10 %x 11 %x 12 %x len %u", cmd->opcode, cmd->nsid, cmd->cdw10, cmd->cdw11, cmd->cdw12, cmd->data_len);
	} else {
		fprintf(trace, " ioctl %lx", request);
	}
	fprintf(trace, "\n");
	fflush(trace);
}

int ioctl(int fd, unsigned long request, ...)
{
	struct fake_case *c;
	bool known = false;
	va_list ap;
	void *arg;
	int r;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (_IOC_TYPE(request) == DM_IOCTL && is_started)
		end();
	c = n_cases ? case_of(fd) : NULL;
	if (!c)
		return real_ioctl(fd, request, arg);
	is_started = true;
	r = fake_ioctl(c, request, arg, &known);
	note(fd, request, arg, known);
	return known ? r : real_ioctl(fd, request, arg);
}
