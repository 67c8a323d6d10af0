/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wanted tables against present maps → create, reload or leave alone. A map that exists is never made worse:
 * no reload drops a path whose device is still there.
 */
#ifndef MPATH_ASSEMBLE_H
#define MPATH_ASSEMBLE_H

#include "boot.h"

/* Learn what the kernel has for map @m. */
void assemble_look(struct boot *b, size_t m);
/* Take in the finished dm job, if there is one. */
void assemble_collect(struct boot *b);
/* Start the next dm job if one is due, and note which maps are ready. */
void assemble_step(struct boot *b);
/* When assemble_step() has something to do that no event announces; UINT64_MAX: never. */
uint64_t assemble_next_ms(const struct boot *b);

/* Mark the paths of map @m whose size is not the LUN's: they are left out. */
void assemble_choose_paths(struct boot *b, size_t m);

/* The table that map @m should have with the paths that answered: its number of paths; text in @out, size in *size. */
unsigned int assemble_wanted(const struct boot *b, size_t m, struct buf *out, uint64_t *size, bool *ro);

#endif
