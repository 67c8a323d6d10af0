/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel command line asks of us. Dashes and underscores in names are the same, as for module parameters.
 */
#ifndef MPATH_CMDLINE_H
#define MPATH_CMDLINE_H

#include <stdbool.h>

#include "sandbox.h"

#define WWIDS_SIZE 1024

struct cmdline {
	bool off;	/* rd.mpath_boot=0, rd.multipath=0, nompath, multipath=off */
	bool debug;	/* rd.mpath_boot.debug */
	unsigned int degraded_after_ms;	/* rd.mpath_boot.degraded_after=, 3 s */
	unsigned int timeout_ms;	/* rd.mpath_boot.timeout=, 30 s */
	enum sandbox_mode seccomp;	/* rd.mpath_boot.seccomp=off | kill */
	char wwids[WWIDS_SIZE];		/* rd.mpath_boot.wwid= and mpath.wwid=, comma separated; "" if none */
};

/* Parse @text (one line, any bytes). Values that are no numbers are ignored: the default is better than no boot. */
void cmdline_parse(const char *text, struct cmdline *out);

/* The running kernel's, read below @proc_fd; defaults if it cannot be read. */
void cmdline_read(int proc_fd, struct cmdline *out);

#endif
