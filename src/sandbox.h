/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guard at work may still ask of the kernel: a seccomp filter and a set of capabilities for each of its threads. It holds the promise that nothing in it
 * opens by path, starts a process, or waits for memory from a disk that may be gone. See seccomp(2), capabilities(7).
 */
#ifndef MPATH_SANDBOX_H
#define MPATH_SANDBOX_H

enum sandbox_mode {		/* rd.mpath_boot.seccomp= */
	SANDBOX_REFUSE,		/* what is not on the list fails with EPERM */
	SANDBOX_KILL,		/* and ends the process: for tests */
	SANDBOX_OFF,
};

enum sandbox_thread {
	SANDBOX_MAIN,		/* owns all state; memory only from what it has */
	SANDBOX_PROBE,		/* commands to devices; may allocate anonymous memory (regcomp) */
	SANDBOX_DM,		/* device-mapper only */
};

/* Restrict the calling thread, for good. 0, or -errno: it goes on without. */
int sandbox_enter(enum sandbox_thread thread, enum sandbox_mode mode);

#endif
