/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The extensions that a command line or a snapshot asks for, in either flavour: loaded, linked in already, or refused with the ways out.
 */
#ifndef MPATH_EXTENSIONS_H
#define MPATH_EXTENSIONS_H

#include "util.h"

/* 0 if what @file brings is there now, or -errno, which has been said. */
int extensions_load(const char *file);

#endif
