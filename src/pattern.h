/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The regular expressions of multipath.conf: POSIX extended (POSIX.1-2017 9.4), found anywhere in the text, bytes as in the C locale. Matching takes no memory
 * but the stack, and time in proportion to the text, whatever the pattern. The C library's would take both, and a third of the static binary.
 *
 * Beyond POSIX, as the GNU C library has it: \w \W \s \S; empty groups and alternatives; a ')' without its '('. Not understood: back references, \b \B \< \> \` \'.
 */
#ifndef MPATH_PATTERN_H
#define MPATH_PATTERN_H

#include <stdbool.h>

/* Does @pattern match @text? One that is no regular expression matches nothing: multipath-tools passes over it. */
bool pattern_matches(const char *pattern, const char *text);

/* The same; a leading '!' turns it round (blacklists). */
bool pattern_matches_or_not(const char *pattern, const char *text);

/*
 * Is it a regular expression, and not too long? Each alternative may have some hundred characters after repetitions are written out, in a list of them
 * ("A|B", "^(A|B)$") all together some ten thousand.
 */
bool pattern_is_good(const char *pattern);

#endif
