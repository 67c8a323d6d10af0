/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure: what `multipath -t` prints, so that it can be read again.
 */
#ifndef MPATH_PRINT_MEND_H
#define MPATH_PRINT_MEND_H

#include <stddef.h>

/*
 * What multipath -t prints is not always what it reads. Of a blacklist's device it leaves the closing brace out where there is no product, and the opening line
 * where there is no vendor; but no device stands in another one, and no product outside, so both can be told. And uid_attrs has no quotes round its several words.
 * @text ends in the NUL at @text_len and has no other. Owned by the caller, not terminated; NULL: out of memory.
 */
char *print_mend(const char *text, size_t text_len, size_t *mended_len);

#endif
