/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure: the texts of multipath-tools' bindings file ("alias wwid" lines) and wwids file ("/wwid/" lines).
 */
#ifndef MPATH_BINDINGS_H
#define MPATH_BINDINGS_H

#include <stdbool.h>
#include <stddef.h>

/* The alias that @text (NULL: no file) gives @wwid, in @alias; false if there is none. */
bool bindings_find(const char *text, const char *wwid, char *alias, size_t size);

/* Whether @text (NULL: no file) has @wwid. */
bool wwids_find(const char *text, const char *wwid);

/* Line by line: the next alias and WWID, the next WWID of *@text, which moves on. False at the end. What does not fit is passed over. */
bool bindings_next(const char **text, char *alias, size_t alias_size, char *wwid, size_t wwid_size);
bool wwids_next(const char **text, char *wwid, size_t size);

#endif
