/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "excerpt.h"
#include "sha256.h"
#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool every(const struct snap_map *m, void *arg)
{
	(void)arg;
	return m->wwid;
}

static bool none(const struct snap_map *m, void *arg)
{
	(void)arg;
	return !m->wwid;
}

static bool every_other(const char *designator, void *arg)
{
	(void)arg;
	return *designator;
}

static bool no_other(const char *designator, void *arg)
{
	(void)arg;
	return !*designator;
}

static void compare(const struct snapshot *a, const struct snapshot *b)
{
	if (a->n_maps != b->n_maps || a->n_extensions != b->n_extensions || !a->rules != !b->rules || !a->lists != !b->lists || b->is_excerpt)
		abort();
	if (a->n_others != b->n_others)
		abort();
	for (size_t i = 0; i < a->n_others; i++)
		if (!streq(a->others[i], b->others[i]))
			abort();
	for (size_t i = 0; i < a->n_maps; i++)
		if (!streq(a->maps[i].wwid, b->maps[i].wwid) || !streq(a->maps[i].alias, b->maps[i].alias) || a->maps[i].n_paths != b->maps[i].n_paths ||
		    a->maps[i].n_parts != b->maps[i].n_parts || a->maps[i].n_designators != b->maps[i].n_designators)
			abort();
}

/* What the excerpt takes the parser takes, too, and finds the same in it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct excerpt_filter all = { .wants = every, .wants_other = every_other }, nothing = { .wants = none, .wants_other = no_other };
	char *text = calloc(1, len + 100), hex[SHA256_HEX_SIZE], file[32];
	struct snapshot *whole, *part;
	struct snapshot_error err;
	int fd = memfd_create("snapshot", MFD_CLOEXEC);

	if (!text || fd < 0)
		return 0;
	if (len)
		memcpy(text, data, len);
	if (len && text[len - 1] != '\n')
		text[len++] = '\n';
	sha256_hex(text, len, hex);
	len += (size_t)sprintf(text + len, "checksum \"sha256:%s\"\n", hex);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	if (fchmod(fd, 0600) == 0 && write(fd, text, len) == (ssize_t)len) {
		bool good = snapshot_parse(text, len, &whole, &err) == 0;

		if (excerpt_load(file, &all, &part) == 0) {
			if (!good)
				abort();
			compare(whole, part);
			snapshot_free(part);
			if (excerpt_load(file, &nothing, &part) < 0 || part->n_maps || part->n_others || part->is_excerpt != (whole->n_maps > 0))
				abort();
			snapshot_free(part);
		}
		if (good)
			snapshot_free(whole);
	}
	close(fd);
	free(text);
	return 0;
}
