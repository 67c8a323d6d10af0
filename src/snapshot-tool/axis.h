/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time to place. Linear, but long times in which nothing happens are folded: a guard may live for days after a boot of seconds.
 */
#ifndef MPATH_AXIS_H
#define MPATH_AXIS_H

#include "../timeline.h"

#define AXIS_FOLDS_MAX 64

struct axis_fold {
	uint64_t from_us, to_us;
};

struct axis {
	uint64_t start_us, end_us;
	double per_s;		/* picture units a second */
	struct axis_fold folds[AXIS_FOLDS_MAX];
	size_t n_folds;
};

/* From the kernel's start, for all events of @t; @width units long, or longer. */
void axis_make(const struct timeline *t, double width, struct axis *out);
/* A part of it, @width units long, without folds. */
void axis_make_part(uint64_t from_us, uint64_t to_us, double width, struct axis *out);
/* Times outside are taken as its ends. */
double axis_x(const struct axis *a, uint64_t us);
double axis_width(const struct axis *a);
/* Microseconds between two labels that are at least @room units apart. */
uint64_t axis_step(const struct axis *a, double room);

#endif
