/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svg.h"

/* Colours that people who see no red or no green tell apart by their lightness (Okabe and Ito's). */
static const char style[] =
	"text{font:11px 'DejaVu Sans Mono','Liberation Mono',monospace;fill:#222;white-space:pre}\n"
	"text.title{font-size:15px;font-weight:bold}\n"
	"text.map{font-weight:bold}\n"
	"text.dim{fill:#666}\n"
	"rect.page{fill:#fff}\n"
	"rect.odd{fill:#f6f6f6}\n"
	"rect.gap{fill:#fff3c4}\n"
	"rect.fold{fill:#fff;fill-opacity:.75}\n"
	"line.grid{stroke:#e2e2e2}\n"
	"line.axis{stroke:#888}\n"
	"line.fold{stroke:#888;stroke-dasharray:2 3}\n"
	"line.moment{stroke:#222;stroke-dasharray:5 3}\n"
	"line.leader{stroke:#222}\n"
	".guard{fill:#0072b2}\n"
	".standby{fill:#b8a000}\n"
	".partial{fill:#9ec9e2}\n"
	".whole{fill:#0072b2}\n"
	".unchecked{fill:#bbb}\n"
	".ready{fill:#009e73}\n"
	".ghost{fill:#7fd1bb}\n"
	".pending{fill:#e69f00}\n"
	".faulty{fill:#d55e00}\n"
	".check{fill:#222}\n"
	".mark{stroke:#fff;stroke-width:.8}\n"
	".made{fill:#000}\n"
	".load{fill:#cc79a7}\n"
	".part{fill:#56b4e9}\n"
	".up{fill:#006b4e}\n"
	".down{fill:#a03a00}\n";

void svg_begin(FILE *out, double width, double height)
{
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n"
		"<style>\n%s</style>\n", width, height, width, height, style);
	svg_rect(out, 0, 0, width, height, "page", "");
}

void svg_end(FILE *out)
{
	fputs("</svg>\n", out);
}

static void put_escaped(FILE *out, const char *s, size_t n)
{
	for (; n-- && *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc((unsigned char)*s < ' ' || (unsigned char)*s > 126 ? '?' : *s, out);
		}
	}
}

static void put_tip(FILE *out, const char *element, const char *tip)
{
	if (!*tip) {
		fputs("/>\n", out);
		return;
	}
	fputs("><title>", out);
	put_escaped(out, tip, 1000);
	fprintf(out, "</title></%s>\n", element);
}

void svg_rect(FILE *out, double x, double y, double w, double h, const char *class, const char *tip)
{
	fprintf(out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"", class, x, y, w, h);
	put_tip(out, "rect", tip);
}

void svg_line(FILE *out, double x1, double y1, double x2, double y2, const char *class)
{
	fprintf(out, "<line class=\"%s\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>\n", class, x1, y1, x2, y2);
}

void svg_mark(FILE *out, double x, double y, const char *shape, const char *class, const char *tip)
{
	static const struct {
		const char *name, *path;
	} shapes[] = {
		{ "circle", "M-2.8 0a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0 -5.6 0z" },
		{ "square", "M-3 -3h6v6h-6z" },
		{ "diamond", "M0 -5L4.5 0L0 5L-4.5 0z" },
		{ "up", "M0 -5L4.5 4h-9z" },
		{ "down", "M0 5L4.5 -4h-9z" },
		{ "cross", "M-4 -2.5L-2.5 -4L0 -1.5L2.5 -4L4 -2.5L1.5 0L4 2.5L2.5 4L0 1.5L-2.5 4L-4 2.5L-1.5 0z" },
	};
	const char *path = "";

	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		if (streq(shapes[i].name, shape))
			path = shapes[i].path;
	fprintf(out, "<path class=\"mark %s\" transform=\"translate(%.2f %.2f)\" d=\"%s\"", class, x, y, path);
	put_tip(out, "path", tip);
}

void svg_text(FILE *out, double x, double y, const char *class, int side, size_t chars, const char *text)
{
	size_t n = strlen(text);

	fprintf(out, "<text%s%s%s x=\"%.2f\" y=\"%.2f\"%s>", *class ? " class=\"" : "", class, *class ? "\"" : "", x, y,
		side < 0 ? " text-anchor=\"end\"" : side == 0 ? " text-anchor=\"middle\"" : "");
	if (n <= chars) {
		put_escaped(out, text, n);
	} else if (chars > 2) {
		put_escaped(out, text, chars - 2);
		fputs("..", out);
	}
	fputs("</text>\n", out);
}
