/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A timeline for people, and for programs. Foreign strings reach neither a terminal nor a JSON reader as they are.
 */
#ifndef MPATH_TIMELINE_SHOW_H
#define MPATH_TIMELINE_SHOW_H

#include <stdio.h>

#include "timeline.h"

void timeline_show_text(const struct timeline *t, FILE *out);
void timeline_show_json(const struct timeline *t, FILE *out);
/* Its events alone, as an array. */
void timeline_show_json_events(const struct timeline *t, FILE *out);

#endif
