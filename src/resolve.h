/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The choice of every option, as the installed multipath-tools would choose: their own resolved configuration (what `multipath -t`
 * prints) and the facts about a map go in, one value with its source for each option comes out. Pure.
 */
#ifndef MPATH_RESOLVE_H
#define MPATH_RESOLVE_H

#include "conf.h"
#include "path-facts.h"

enum option {
	OPT_ALIAS,
	OPT_UID_ATTRIBUTE,
	OPT_PATH_GROUPING_POLICY,
	OPT_PATH_SELECTOR,
	OPT_FEATURES,
	OPT_HARDWARE_HANDLER,
	OPT_NO_PATH_RETRY,
	OPT_PRIO,
	OPT_PRIO_ARGS,
	OPT_PATH_CHECKER,
	OPT_CHECKER_TIMEOUT,
	OPT_MINIO,
	OPT_RR_WEIGHT,
	OPT_FAILBACK,
	OPT_SKIP_KPARTX,
	OPT_PARTITION_DELIMITER,
	OPT_FAST_IO_FAIL_TMO,
	OPT_DEV_LOSS_TMO,
	OPT_EH_DEADLINE,
	OPT_GHOST_DELAY,
	OPT_MAX_SECTORS_KB,
	N_OPTIONS
};

/* The keywords of the snapshot. */
extern const char *const option_names[N_OPTIONS];

struct setting {
	char value[512];
	bool is_set;		/* else the option is left out */
	const struct conf_node *section;	/* where it was found: "defaults", "overrides", "device", "multipath", "protocol"; NULL: nowhere */
	const struct conf_node *node;
	char why[96];		/* when it was not found but derived */
};

struct resolved {
	struct setting v[N_OPTIONS];
	bool loses_name;	/* the alias is the live map's, and multipathd would give it another one at its start, whatever other maps there are */
};

struct resolve_in {
	const struct conf *config;
	const char *tools;	/* version of multipath-tools, "0.9.4"; NULL or "": not known */
	const char *wwid;
	const char *binding;	/* alias that the bindings file gives it; NULL if none */
	const char *bindings_file;
	const char *live_name;	/* NULL if there is no map yet */
	/* Where a user-friendly name is wanted and there is none: a new one with @prefix. NULL: no names are made up. */
	bool (*allocate)(void *arg, const char *prefix, char *alias, size_t size);
	void *allocate_arg;
	const struct path_facts *paths;
	size_t n_paths;		/* at least one */
};

/* Settings that need a person's eye are told through @warn (may be NULL). */
typedef void resolve_warn_fn(void *arg, const char *text);
void resolve(const struct resolve_in *in, resolve_warn_fn *warn, void *arg, struct resolved *out);

/* Could user_friendly_names have given @name? It is @prefix and letters: so multipath-tools tell their own names from others. */
bool resolve_is_user_friendly(const char *prefix, const char *name);

/* A value of the section "defaults"; @fallback if it is not set. */
const char *resolve_default(const struct conf *config, const char *key, const char *fallback);

#endif
