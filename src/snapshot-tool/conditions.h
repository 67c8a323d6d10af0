/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes multipathd give up or rename a map at its start, whatever a snapshot says of it: findings about the system as it is now.
 */
#ifndef MPATH_CONDITIONS_H
#define MPATH_CONDITIONS_H

#include "created.h"
#include "drift.h"

/*
 * Add what is wrong with the maps of @now. @tree is @now's text as a tree and must outlive @out. @image has the blacklists of the image; NULL: it has none.
 */
void conditions_check(const struct host *host, const struct created *now, const struct conf *tree, const struct conf *image, struct drift *out);

#endif
