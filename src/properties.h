/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure: the properties of a device in a file of udev's database, /run/udev/data/bMAJOR:MINOR: lines "E:NAME=value" among others.
 */
#ifndef MPATH_PROPERTIES_H
#define MPATH_PROPERTIES_H

#include "util.h"

#define PROPERTIES_SIZE 8192	/* of the file; what is beyond is not seen */
#define PROPERTIES_MAX 128

struct properties {
	char text[PROPERTIES_SIZE];
	const char *names[PROPERTIES_MAX + 1];	/* sorted; NULL behind the last */
	const char *values[PROPERTIES_MAX];
	size_t n;
};

/* From the first @len bytes (less than PROPERTIES_SIZE) of p->text, which is changed by it. */
void properties_parse(struct properties *p, size_t len);

/* "" if there is none. */
const char *properties_get(const struct properties *p, const char *name);

#endif
