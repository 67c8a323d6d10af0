/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Seconds as text, "4" or "4.120831". Without strtod(): all of floating point input would come with it.
 */
#ifndef MPATH_SECONDS_H
#define MPATH_SECONDS_H

#include <stdbool.h>
#include <stdint.h>

/* Microseconds into *us; false (and *us left alone) if @s is anything else, has ten digits or more before the point, or more than six behind it. */
bool seconds_parse(const char *s, uint64_t *us);

#endif
