/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard's control socket, /run/mpath-boot/control: root asks which checkers and prioritizers the guard has ("list"), or brings it an extension
 * ("extend"). /run moves to the real root, so the socket stays reachable; the library comes as a sealed memory file, so the guard never reads a file system that may stall.
 *
 * One packet each way. The request is "mpath-boot 1 list [checkers|prios]" or "mpath-boot 1 extend FILE.so", with one descriptor;
 * the answer "ok\n" or "error\n" and text for people.
 */
#ifndef MPATH_CONTROL_H
#define MPATH_CONTROL_H

#include "extension-name.h"
#include "list.h"
#include "plugin.h"
#include "sysroot.h"

#define CONTROL_NAME "mpath-boot/control"	/* in /run, which is where the guard stands */
#define CONTROL_PATH "/run/" CONTROL_NAME
#define CONTROL_REQUEST_MAX 320
#define CONTROL_ANSWER_MAX (LIST_SIZE + 64)
#define CONTROL_LIBRARY_MAX (16u << 20)	/* bytes of an extension: it stays in locked memory */

enum control_verb {
	CONTROL_LIST,
	CONTROL_EXTEND,
};

struct control_request {
	enum control_verb verb;
	enum list_what what;
	char name[EXTENSION_FILE_MAX + 1];	/* of the extension, without a folder */
};

/* Pure: 0, or -EBADMSG. @text need not end in NUL. */
int control_parse(const char *text, size_t len, struct control_request *out);

struct control {
	int fd;			/* listens; -1: there is none */
	int client_fd;		/* who is being answered; -1: nobody */
	uint64_t deadline_ms;	/* for it; whoever waits looks again twice a second at least */
#ifdef PLUGINS_SHARED
	bool loading;
	int cwd_fd;		/* to go back to */
	int notify_fd;
	struct plugin_load load;
	struct control_request request;
#endif
	char answer[CONTROL_ANSWER_MAX];
};

/* Make CONTROL_NAME (mode 0600) below the working directory. @notify_fd is woken when something was loaded (borrowed). 0 or -errno. */
int control_open(struct control *c, int notify_fd);

/* What poll() is to wait for: the listening socket while nobody is being answered, else the client; -1 for nothing. */
int control_poll_fd(const struct control *c);

/* Somebody is being answered: control_step() has something to do without poll(), too. */
bool control_is_busy(const struct control *c);

/* Answer what was asked, as far as it goes without waiting. True when an extension was loaded. */
bool control_step(struct control *c, const struct sysroot *root, uint64_t now_ms);

#endif
