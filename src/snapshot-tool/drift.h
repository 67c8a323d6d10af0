/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What it means for the next boot that a snapshot and the system differ: differences, each with its severity, in the order of the snapshot. Pure.
 */
#ifndef MPATH_DRIFT_H
#define MPATH_DRIFT_H

#include "../conf.h"

enum severity {
	DRIFT_SAME,
	DRIFT_HARMLESS,	/* the next boot is as good, or goes through fewer paths */
	DRIFT_RELOAD,	/* multipathd changes the map at its start */
	DRIFT_LOSE,	/* root is not found, changes its name, or is given up by multipathd */
};

/* For people, for programs; exit codes of mpath-snapshot check. */
extern const char *const severity_texts[];
extern const char *const severity_names[];
extern const int severity_codes[];

struct drift_item {
	enum severity severity;
	const char *wwid, *map;	/* borrowed; "" for what concerns no map */
	const char *key;	/* borrowed: keyword of the snapshot, or what the finding is about */
	char *old_value, *new_value;	/* owned; NULL: there is none */
	const char *old_origin, *new_origin;	/* borrowed; NULL: none */
	char *text;	/* owned: what follows from it */
	char *command;	/* owned: what to type; NULL: make the image again */
};

struct drift {
	struct drift_item *v;
	size_t n;
	enum severity worst;
	bool failed;	/* out of memory: items are missing */
	bool spares_root;	/* what is added now is about a map that root does not need: harmless */
};

/* Add what differs between the snapshots @old and @new, which must outlive @out. */
void drift_compare(const struct conf *old, const struct conf *new, struct drift *out);
/* The same of LUNs that are multipath and root does not need; @old is no generic one, which knows them by its rules. */
void drift_compare_others(const struct conf *old, const struct conf *new, struct drift *d);

/*
 * Add an item. Strings that the struct borrows must outlive @d, values are copied; @fmt is its text. Returns it for the caller to set its origins and command; NULL when
 * out of memory.
 */
struct drift_item *drift_add(struct drift *d, enum severity severity, const struct conf_node *map, const char *key, const char *old_value,
			     const char *new_value, const char *fmt, ...) _printf_(7, 8);
void drift_clear(struct drift *d);

/* The names of the maps' needs that make the boot wait: a map for resume only, or for nothing that is known, is not one. */
bool drift_is_needed(const struct conf_node *map);

#endif
