/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to check which path, and what the kernel must be told: fail_path and reinstate_path messages. In STANDBY checks go on, messages do not,
 * but for one: where a map has no active path left, a path that answers is reinstated (and one that the table has not is loaded: assemble.c).
 */
#ifndef MPATH_WATCH_H
#define MPATH_WATCH_H

#include "boot.h"

/* Collect finished checks, give up on late ones, start the due ones. */
void watch_probe(struct boot *b);
/* Compare path states with the kernel's and send messages. */
void watch_kernel(struct boot *b);
/* A path of the kernel's map @devno failed or came back (PATH_FAILED uevent): check it now. */
void watch_hint(struct boot *b, const char *devno);
/* It leads to another LUN: the kernel must not use it for this map any more. */
void watch_disown(struct boot *b, struct boot_path *p);

/* What a path that is up has said of itself lately. */
enum word {
	WORD_FRESH,	/* it has answered */
	WORD_AWAITED,	/* it is being asked, from now on if need be */
	WORD_OVERDUE,	/* it should have answered */
};
enum word watch_ask(struct boot *b, struct boot_path *p);

uint64_t watch_next_ms(const struct boot *b);

/* Ask the kernel for the states of this map's paths in this round. */
void watch_soon(struct boot *b, size_t m);

/* The kernel says that something happened to a map, but not to which: each is looked at, but no more than once a second. */
void watch_event(struct boot *b);

#endif
