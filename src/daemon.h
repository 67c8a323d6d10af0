/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Into the background, and back to life. A guard that is killed, or falls over a fault of its own, is started again by its parent: once / is a root that may
 * have no path, nobody else can, since no program can be read from there. The parent has all in memory that a new one needs, reads nothing, and only waits.
 */
#ifndef MPATH_DAEMON_H
#define MPATH_DAEMON_H

#include "sysroot.h"

/*
 * Fork. In the parent: the end of a pipe to read a word of success from; it is closed without one when the daemon is gone. In the child, which has a session
 * of its own, -1, and the pipe's other end in @ready_fd. Without a process to have, also -1, and *ready_fd is left alone.
 */
int daemon_fork(int *ready_fd);

/*
 * What the kernel allocates for us and for all whom we start from here on is not to be had by writing to a disk that may wait for us: prctl(2),
 * PR_SET_IO_FLUSHER, since Linux 5.6. Needs CAP_SYS_RESOURCE; where it is not to be had nothing is said.
 */
void daemon_need_no_disk(void);

/* From here on no page of ours may have to come from a file, and nothing may choose us as the one to kill. */
void daemon_lock(const struct sysroot *root);

void daemon_close_stdio(void);

/*
 * Fork, and fork again whenever a child was ended by a signal: at once, and with growing pauses (10 s at most) when that happens soon after its start. true in
 * each child: *ended_by is the signal that has ended the last one that had one, 0 in the first. The same when a later child exits with an error. false in the
 * parent when a child has exited otherwise: *status is its exit code.
 * The parent passes SIGUSR1 on, and does not heed SIGTERM, SIGINT and SIGHUP: who means the guard finds it in the pid file. Behind the first fork it closes
 * *ready_fd, which is -1 in later children, and standard input, output and error, and locks its memory. Without a process to have: true, and nobody is there
 * to start again.
 */
bool daemon_respawn(const struct sysroot *root, int *ready_fd, int *ended_by, int *status);

#endif
