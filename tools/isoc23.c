/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the relink kit, whose C library is musl: what glibc's headers have made of these functions since 2.38 for whoever asks for C23, as gcc 15 does, or for
 * GNU extensions. They differ in numbers that begin with 0b.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ISOC23(type, function) \
	type __isoc23_##function(const char *text, char **end, int base); \
	type __isoc23_##function(const char *text, char **end, int base) \
	{ \
		return function(text, end, base); \
	}

ISOC23(long, strtol)
ISOC23(unsigned long, strtoul)
ISOC23(long long, strtoll)
ISOC23(unsigned long long, strtoull)
ISOC23(intmax_t, strtoimax)
ISOC23(uintmax_t, strtoumax)

int __isoc23_sscanf(const char *text, const char *format, ...);
int __isoc23_sscanf(const char *text, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsscanf(text, format, args);
	va_end(args);
	return n;
}
