/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When does the initramfs mount root, and when does that become /? From our own mountinfo, which wakes a poll() when a mount comes or moves. Once / has
 * changed it is closed: mounts of the running system wake nobody here.
 */
#ifndef MPATH_ROOTWATCH_H
#define MPATH_ROOTWATCH_H

#include "sysroot.h"

#include <sys/types.h>

enum root_news {
	ROOT_NOTHING,
	ROOT_MOUNTED,	/* source, at and devno are filled */
	ROOT_SWITCHED,
};

struct rootwatch {
	int fd;			/* for poll(): POLLPRI; -1: nothing to watch */
	bool changed;		/* set it when poll() says so */
	bool mounted;
	unsigned int roots;	/* mounts on / when we started */
	dev_t root_dev;		/* process 1's root then */
	ino_t root_ino;
	char source[128], at[16];
};

/* Begin to watch; in an initramfs only. Without /proc nothing is seen. */
void rootwatch_open(struct rootwatch *w, const struct sysroot *root);
/* At most one piece of news a call. Cheap while nothing has changed. */
enum root_news rootwatch_step(struct rootwatch *w, const struct sysroot *root);

/* Pure: does this line of mountinfo (no newline) mount something on /, /root or /sysroot? Its source and place are copied out then. */
bool rootwatch_parse(const char *line, char source[128], char at[16]);

#endif
