/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a boot waits for, in one line for the console: the paths that hang, are down or are missing.
 */
#ifndef MPATH_WAITING_H
#define MPATH_WAITING_H

#include "buf.h"
#include "conf.h"

/*
 * Of the required maps in the state file @state that are not ready. At most three paths are named, the others counted. @now_us: event_clock_us().
 * "" if no map is to blame.
 */
void waiting_describe(const struct conf *state, uint64_t now_us, struct buf *out);

/* For how many seconds the command that path @path of the state file has been sent has had no answer; 0: none is out, or not for a second. */
unsigned int waiting_no_answer_s(const struct conf_node *path, uint64_t now_us);

/* When to say it next: after 2 s, then every 5 s, after a minute every 30 s. @said_ms: when it was said last, 0: never. All since the wait's start. */
bool waiting_is_due(uint64_t now_ms, uint64_t said_ms);

#endif
