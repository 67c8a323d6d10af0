/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A SCSI, NVMe or Smart Array device of our own making, behind the one ioctl that checkers and prioritizers use. It plays a case of
 * tests/probe.cases: the commands that it must get, in order, and what it says to each. The same cases are played to our plugins (test-checkers.c,
 * test-prios.c) and to those of multipath-tools, which get this code preloaded (vm/uml/stock-probes.sh).
 *
 * A case:
 *
 *	checker NAME ["ARGUMENTS"]: TITLE           or prio; it ends at the next line that is not indented
 *		COMMAND [xTIMES] WORDS...           one step: a command that must come now, TIMES times
 *		= RESULT                            up down ghost pending shaky unchecked; a number, undef
 *		~ RESULT                            of multipath-tools 0.9.4, if that is another
 *		! not played to multipath-tools
 *
 * COMMAND is what a CDB begins with, in hex; or nvme:OPCODE[/CDW10]; nvme:id; cciss:info; cciss:command.
 * WORDS: "sense K/ASC/ASCQ" (fixed format), "dsense K/ASC/ASCQ" (descriptor format), "status S", "host S" (all in hex), "errno N", "result N" (of
 * the ioctl itself), "resid N", "timeout MS" (it must be that), "sends BYTES" (it must send these), "data BYTES" (at the end of the line).
 * BYTES: hex, XX*COUNT, "text".
 */
#ifndef MPATH_FAKE_TARGET_H
#define MPATH_FAKE_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_STEPS 24
#define FAKE_TIMEOUT_MS 7000	/* of our commands, unless a step says otherwise */

enum fake_kind {
	FAKE_SCSI,
	FAKE_NVME,
	FAKE_NVME_ID,
	FAKE_CCISS_INFO,
	FAKE_CCISS,
};

struct fake_step {
	enum fake_kind kind;
	uint8_t cdb[16];
	size_t cdb_len;
	unsigned int nvme_opcode, nvme_cdw10, nvme_cdw12;
	bool has_cdw10;
	unsigned int times;
	int error, result, resid;
	bool has_resid;
	uint8_t status, sense[18];
	size_t sense_len;
	uint16_t host;
	unsigned int timeout_ms;
	uint8_t *data, *sends;
	size_t len, sends_len;
};

struct fake_case {
	char kind[8], plugin[24], args[160], title[160], want[12], theirs[12];
	bool is_ours_only;
	unsigned int line;
	struct fake_step steps[FAKE_STEPS];
	size_t n_steps;
	size_t at;		/* the step that is due */
	unsigned int done;	/* times it has been taken */
	char wrong[160];	/* the first thing that was not as it must be */
};

/* All cases of the file, or exit(2) with a word on stderr: a test that cannot be read must not pass. */
struct fake_case *fake_load(const char *file, size_t *n);
void fake_free(struct fake_case *cases, size_t n);

/* Play one ioctl: what it returns, errno set. *known is false if it is none of the due step's; nothing has happened then. */
int fake_ioctl(struct fake_case *c, unsigned long request, void *arg, bool *known);

/* Set: timeouts are the caller's own, but where a step names one. */
extern bool fake_any_timeout;

/* Every step was taken. */
bool fake_is_over(const struct fake_case *c);

#endif
