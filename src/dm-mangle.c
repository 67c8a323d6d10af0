/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dm-mangle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr("#+-.:=@_", c));
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_mangled(const char *p)
{
	return p[0] == '\\' && p[1] == 'x' && is_hex(p[2]) && is_hex(p[3]);
}

/* A string of a device may hold something that looks mangled among what is not: then none of it is taken for that. */
static bool is_all_mangled(const char *p)
{
	while (*p && (is_mangled(p) || is_plain((unsigned char)*p)))
		p += is_mangled(p) ? 4 : 1;
	return !*p;
}

int dm_mangle(const char *name, char *out, size_t size)
{
	bool already = is_all_mangled(name);
	size_t n = 0;

	for (const char *p = name; *p; p++) {
		if (n + 5 > size)
			return -ENAMETOOLONG;
		if (already || is_plain((unsigned char)*p))
			out[n++] = *p;
		else
			n += (size_t)sprintf(out + n, "\\x%02x", (unsigned char)*p);
	}
	out[n] = '\0';
	return 0;
}

int dm_mangle_wwid(const char *wwid, char *out, size_t size)
{
	char uuid[160];

	snprintf(uuid, sizeof(uuid), "mpath-%.120s", wwid);
	return dm_mangle(uuid, out, size);
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

void dm_unmangle(const char *name, char *out)
{
	for (; *name; name++) {
		if (is_mangled(name)) {
			*out++ = (char)(hex_value(name[2]) << 4 | hex_value(name[3]));
			name += 3;
		} else {
			*out++ = *name;
		}
	}
	*out = '\0';
}
