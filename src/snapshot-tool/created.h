/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The snapshot that would be written now, with what it was made of, for those that do something else with it than writing it to a file.
 */
#ifndef MPATH_CREATED_H
#define MPATH_CREATED_H

#include "config.h"
#include "create.h"
#include "emit.h"

struct created {
	struct config config;
	struct emit_map *maps;	/* sorted by WWID */
	size_t n_maps;
	char *text;
	size_t len;
};

/* What create_snapshot() would write. Exit code, *out is owned (created_clear()) if it is EXIT_DONE; everything has been reported. */
int create_text(const struct create_options *options, struct created *out);
void created_clear(struct created *c);

/* Write a whole file or nothing; "-": stdout. 0 or -errno, reported. */
int create_write(const char *output, const void *data, size_t len);

#endif
