/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's end where PID 1 cannot run the program for it. systemd executes systemd-shutdown from root, and a file system that has lost its device lets
 * nobody open a file any more, whether its pages are in memory or not: XFS always (fs/xfs/xfs_file.c, xfs_file_open()), ext4 in Linux 6.6 to 6.14
 * (fs/ext4/super.c, ext4_handle_error()). PID 1 says "Failed to execute shutdown binary" then, and stays.
 *
 * So a copy of this program in /run is mounted over that program once I/O fails. PID 1 runs it, it runs what it covers, and what cannot be run it does itself.
 */
#ifndef MPATH_SHUTDOWN_H
#define MPATH_SHUTDOWN_H

#include <stdbool.h>

#include "state.h"

/* By this name, the last of argv[0], PID 1 runs the program, and the copy. */
#define SHUTDOWN_NAME "systemd-shutdown"
#define COVER_COPY "/run/" STATE_DIR "/" SHUTDOWN_NAME

struct cover {
	const char *program;	/* the caller's; NULL: there is none to cover */
	int fd;			/* the program's place, which needs no look at root */
	bool is_mounted;
};

/* Make the copy, while root can be read. @cover is zero before, and again if it fails; its descriptor is open for as long as the process lives. 0 or -errno. */
int cover_prepare(struct cover *cover, const char *program);

/* Mount it, once. Reads nothing of root but what the kernel has in memory; the caller has seen to it that nobody hangs on root. 0 or -errno. */
int cover_mount(struct cover *cover);

/* The copy, as PID 1 runs it: argv[1] says what is wanted. Returns only if it cannot be done. */
int shutdown_main(char **argv);

#endif
