/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mpath-snapshot plot: the boot as a picture.
 */
#ifndef MPATH_PLOT_H
#define MPATH_PLOT_H

#include <stdio.h>

#include "../timeline.h"

/* Draw @file, NULL: this boot's, into @output ("-": stdout). Exit code, everything has been reported. */
int plot_timeline(const char *file, const char *output);

/* 0 or -ENOMEM. */
int plot_draw(const struct timeline *t, FILE *out);

#endif
