/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extensions that a command line or a snapshot asks for, in either flavour: loaded, linked in already, or refused with the ways out.
 */
#ifndef MPATH_EXTENSIONS_H
#define MPATH_EXTENSIONS_H

#include "util.h"

/* 0 if what @file brings is there now, or -errno, which has been said. */
int extensions_load(const char *file);

/*
 * Before it goes to a guard: load @file (an absolute path) in a child. -errno, which has been said, if it crashes, hangs, is no good, or needs a library that
 * a guard without a file system cannot load. 0 also where this program is static and cannot tell.
 */
int extensions_try(const char *file);

#endif
