/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are believed: regular, owned by root, writable by nobody else, in a folder of which the same is true.
 */
#ifndef MPATH_TRUST_H
#define MPATH_TRUST_H

#include "util.h"

/* Read @file whole. Its text (owned by the caller) ends in a NUL that *len does not count. -EPERM if others could have written it; -EFBIG; -errno. */
int trust_read(const char *file, size_t max, char **text, size_t *len);
/* The same for a file that the user has named: whoever owns it, also a pipe. */
int trust_read_any(const char *file, size_t max, char **text, size_t *len);

#endif
