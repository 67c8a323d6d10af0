/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extension-name.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

bool plugin_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len && len <= PLUGIN_NAME_MAX && strspn(name, NAME_CHARS) == len;
}

bool extension_file_is_valid(const char *file)
{
	size_t len = strlen(file), n;
	const char *s = file;

	if (len <= 3 || len > EXTENSION_FILE_MAX || !streq(file + len - 3, ".so"))
		return false;
	if (*s == '/')
		s++;
	else if (strchr(s, '/'))
		return false;
	for (;; s += n + 1) {
		n = strcspn(s, "/");
		/* no empty part, none that starts with a dot: neither "..", nor a hidden file */
		if (n == 0 || *s == '.' || strspn(s, NAME_CHARS "+.") < n)
			return false;
		if (!s[n])
			return true;
	}
}
