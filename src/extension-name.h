/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that lead to code of others. They come from configurations and snapshots, and become file names.
 */
#ifndef MPATH_EXTENSION_NAME_H
#define MPATH_EXTENSION_NAME_H

#include "util.h"

#define EXTENSION_FILE_MAX 255	/* bytes of a file name below; longer ones are refused */
#define PLUGIN_NAME_MAX 31	/* of a checker or prioritizer */

/* "new_prio.so", looked for in the plugin directory, or an absolute path without "." and ".."; letters, digits and "_-+." only, ends in ".so". */
bool extension_file_is_valid(const char *file);

/* A checker's or prioritizer's name: letters, digits, "_" and "-". */
bool plugin_name_is_valid(const char *name);

#endif
