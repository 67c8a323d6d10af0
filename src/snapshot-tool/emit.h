/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a snapshot. Canonical: the same facts and settings give the same bytes. Pure.
 */
#ifndef MPATH_EMIT_H
#define MPATH_EMIT_H

#include "../buf.h"
#include "../resolve.h"
#include "config.h"
#include "facts.h"
#include "others.h"

struct emit_map {
	struct map_info info;
	struct resolved resolved;
	char wwid_from[64];
};

/* Sorts @maps by WWID. @others may be NULL. @out overflows if the text is longer than any snapshot may be. */
void emit_snapshot(const struct config *config, struct emit_map *maps, size_t n, const struct others *others, struct buf *out);

/* The text of a generic one: the configuration, bindings and known WWIDs in place of maps. */
void emit_generic(const struct config *config, const struct names *modules, struct buf *out);

#endif
