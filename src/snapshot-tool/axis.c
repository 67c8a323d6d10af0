/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "axis.h"

#define S 1000000ull
#define IDLE_US (120 * S)	/* nothing has happened for so long: fold it */
#define FOLDED_US (5 * S)	/* to this much */
#define PER_S_MIN 10.0
#define WIDTH_MAX 6000.0

/* Length on paper, as time. */
static uint64_t folded(const struct axis *a, uint64_t us)
{
	uint64_t cut = 0;

	for (size_t i = 0; i < a->n_folds; i++) {
		const struct axis_fold *f = &a->folds[i];
		uint64_t len = f->to_us - f->from_us;

		if (us >= f->to_us)
			cut += len - FOLDED_US;
		else if (us > f->from_us)	/* inside: in proportion */
			cut += us - f->from_us - (uint64_t)((double)(us - f->from_us) / (double)len * (double)FOLDED_US);
	}
	return us - cut;
}

void axis_make(const struct timeline *t, double width, struct axis *out)
{
	uint64_t last = 0, length;
	double s;

	*out = (struct axis){ .end_us = 0 };
	for (size_t i = 0; i < t->n_events; i++) {
		uint64_t now = t->events[i].time_us;

		if (now - last >= IDLE_US && out->n_folds < AXIS_FOLDS_MAX)
			out->folds[out->n_folds++] = (struct axis_fold){ .from_us = last + S / 2, .to_us = now - S / 2 };
		last = now;
	}
	out->end_us = last;
	length = folded(out, last);
	out->end_us += length / 50 + S / 100;	/* so that the last mark is not on the edge */
	s = (double)folded(out, out->end_us) / (double)S;
	out->per_s = width / s;
	if (out->per_s < PER_S_MIN)
		out->per_s = s * PER_S_MIN > WIDTH_MAX ? WIDTH_MAX / s : PER_S_MIN;
}

void axis_make_part(uint64_t from_us, uint64_t to_us, double width, struct axis *out)
{
	*out = (struct axis){ .start_us = from_us, .end_us = to_us };
	out->per_s = width * (double)S / (double)(to_us - from_us);
}

double axis_x(const struct axis *a, uint64_t us)
{
	us = us < a->start_us ? a->start_us : us > a->end_us ? a->end_us : us;
	if (a->start_us)
		return (double)(us - a->start_us) / (double)S * a->per_s;
	return (double)folded(a, us) / (double)S * a->per_s;
}

double axis_width(const struct axis *a)
{
	return axis_x(a, a->end_us);
}

uint64_t axis_step(const struct axis *a, double room)
{
	static const unsigned int factors[] = { 1, 2, 5 };
	uint64_t step = 1;

	for (uint64_t unit = 1; unit < 1000000000000ull; unit *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(factors); i++) {
			step = unit * factors[i];
			if ((double)step / (double)S * a->per_s >= room)
				return step;
		}
	return step;
}
