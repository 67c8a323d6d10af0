/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How names and uuids look to the kernel's device-mapper.
 */
#ifndef MPATH_BOOT_DM_MANGLE_H
#define MPATH_BOOT_DM_MANGLE_H

#include <stddef.h>

/*
 * libdevmapper's name mangling in mode auto: bytes outside [0-9A-Za-z#+-.:=@_] become \xNN, names that have
 * such sequences already are left alone. 0 or -ENAMETOOLONG.
 */
int dm_mangle(const char *name, char *out, size_t size);
/* The uuid of a WWID's map, mangled. The same results. */
int dm_mangle_wwid(const char *wwid, char *out, size_t size);
/* Each \xNN of @name as the byte that it stands for. @out may be @name; it needs as much room. */
void dm_unmangle(const char *name, char *out);

#endif
