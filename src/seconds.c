/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "seconds.h"

bool seconds_parse(const char *s, uint64_t *us)
{
	uint64_t sec = 0, frac = 0, unit = 1000000;
	const char *p = s;

	for (; *p >= '0' && *p <= '9' && p - s < 10; p++)
		sec = sec * 10 + (uint64_t)(*p - '0');
	if (p == s)
		return false;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9' && unit > 1; p++) {
			unit /= 10;
			frac += (uint64_t)(*p - '0') * unit;
		}
	if (*p)
		return false;
	*us = sec * 1000000 + frac;
	return true;
}
