/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fence around the code of a checker or prioritizer: when it crashes, that call is over and the program is not. What the code had in its hands (a lock of
 * libc's, memory) is lost, so it must not be called again. Code that never returns is another matter: see probe.h.
 */
#ifndef MPATH_FENCE_H
#define MPATH_FENCE_H

#include "util.h"

/* Room below a worker's stack that nothing may touch: an overflow ends there and does not reach other memory. */
#define FENCE_GUARD_SIZE (64 << 10)

/* Catch SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT for the whole process; outside a fence they end it as ever. */
void fence_init(void);

/*
 * Call @call(@arg). 0, or the signal that ended it. With @foreign the thread gets a stack of its own for the signal (once, by mmap), so that an overflow
 * of its stack is caught, too; the depth of our own code is known.
 */
int fence_run(void (*call)(void *arg), void *arg, bool foreign);

#endif
