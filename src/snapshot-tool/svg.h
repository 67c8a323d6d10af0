/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shapes of an SVG picture. Text is drawn with a font of equal widths, so that who lays it out knows its room. Any bytes may be text: what XML does
 * not allow or might read as markup is escaped or becomes '?'.
 */
#ifndef MPATH_SVG_H
#define MPATH_SVG_H

#include <stdio.h>

#include "../util.h"

#define SVG_CHAR 6.65	/* width of a character of class-less text, 11 units high */

void svg_begin(FILE *out, double width, double height);
void svg_end(FILE *out);

/* @class: of the style sheet in svg.c; @tip: what a reader sees who points at it, "" for nothing. */
void svg_rect(FILE *out, double x, double y, double w, double h, const char *class, const char *tip);
void svg_line(FILE *out, double x1, double y1, double x2, double y2, const char *class);
/* A mark of about 8 units around x, y; @shape: one of circle, square, diamond, up, down, cross. */
void svg_mark(FILE *out, double x, double y, const char *shape, const char *class, const char *tip);
/* Cut to @chars characters, with ".." at its end; -1 before @x ends the text, 0 centres it, 1 starts it. */
void svg_text(FILE *out, double x, double y, const char *class, int side, size_t chars, const char *text);

#endif
