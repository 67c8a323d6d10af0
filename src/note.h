/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the stages' structs to the event log: which keys an event of each kind has. Decides nothing.
 */
#ifndef MPATH_NOTE_H
#define MPATH_NOTE_H

#include "boot.h"

/* @why: "" where there is nothing to say. */
void note_guard(struct boot *b, enum event_kind kind, const char *why);
/* @took_ms: of the ioctl; 0 where there is none. */
void note_map(struct boot *b, size_t m, enum event_kind kind, const char *why, uint64_t took_ms);
/* An event for each path of the snapshot that the map cannot use, or for the first 16. */
void note_missing(struct boot *b, size_t m);
/* EVENT_SWITCHED, to @group. */
void note_switch(struct boot *b, size_t m, unsigned int group);
void note_part(struct boot *b, size_t m, const struct boot_part *part, const char *why);
void note_path(struct boot *b, const struct boot_path *p, enum event_kind kind, const char *why);
/* EVENT_FAILED, EVENT_REINSTATED; @by: "guard", "kernel", "multipathd". */
void note_path_by(struct boot *b, const struct boot_path *p, enum event_kind kind, const char *by, const char *why);

/* How long a path's check has taken so far, or took, in milliseconds of the guard's clock. */
uint64_t note_check_ms(const struct boot *b, const struct boot_path *p);

#endif
