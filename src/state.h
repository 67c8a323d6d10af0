/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /run/mpath-boot/state: what the guard knows, in the brace grammar, replaced atomically whenever it changes. All that wait and status
 * know they read from it, so they work on both sides of switch_root and after the guard has left.
 */
#ifndef MPATH_STATE_H
#define MPATH_STATE_H

#include "boot.h"
#include "conf.h"

#define STATE_DIR "mpath-boot"		/* below /run */
#define STATE_VERSION 1		/* a reader refuses a greater one; keys may be added to this one */
#define STATE_FILE "/run/mpath-boot/state"
#define DRIFT_FILE "/run/mpath-boot/drift"	/* written by mpath-snapshot check --notice */
#define PID_FILE "/run/mpath-boot/pid"

/* Room that b->state must have: one line of a table, which is the longest, and what is collected before it is written. */
#define STATE_BUF_SIZE (32u << 10)

/* Key "reason" of a path that is left out of its map, or not reinstated in it. */
#define STATE_REASON_SIZE "size"		/* another one than the map's */
#define STATE_REASON_HUNG "hung"		/* its commands do not come back */
#define STATE_REASON_READ_ONLY "read-only"	/* and the map is not */
#define STATE_REASON_REFUSED "refused"		/* by the kernel, a moment ago */
#define STATE_REASON_PASSIVE "passive"		/* and the array does not fail over on request */
#define STATE_REASON_FLAPPING "flapping"	/* it fails soon after each return */

/* Write b's state below b->run_dir_fd. 0 or -errno. */
int state_write(struct boot *b);

/* Parse the text of a state file. -EBADMSG; -EPROTONOSUPPORT: of a newer version; -ENOMEM. *out is the caller's: conf_free(). */
int state_parse(const char *text, size_t len, struct conf **out);

/* The same of STATE_FILE. Also -ENOENT: no guard has run since boot; -EPERM: the file is not to be trusted. */
int state_load(struct conf **out);
/* ... or of the same file by another name. */
int state_load_from(const char *file, struct conf **out);
/* What its negative result means, for the end of a message. */
const char *state_problem(int r);

/* pid of the running guard, 0 if there is none, or -errno. */
int state_guard_pid(void);

/* Print the state file for people / as JSON / the map and partition devices, one a line. Exit code. */
int state_show(void);
int state_show_json(void);
int state_show_devices(void);
/* The first two of what @conf says, with the drift and the events of this machine. */
void state_print(const struct conf *conf);
void state_print_json(const struct conf *conf);

enum state_ready {
	STATE_READY,
	STATE_UDEV_IS_BUSY,	/* with what the guard has made: announced by nothing, ask again soon */
	STATE_NOT_READY,	/* and will not be before there is another state file */
};

/* Are all maps that / and /usr need ready, and has udev, where it runs, finished with them? If not @why says what is missing, and else what was not waited for. */
enum state_ready state_check_ready(const struct conf *conf, struct buf *why);

#endif
