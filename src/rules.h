/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pure: multipath-tools' resolved configuration as a generic snapshot carries it, and what it says about a disk: is it left alone by the
 * blacklist, does the policy want a map for it, under which name. The options of that map are resolve.h's business.
 */
#ifndef MPATH_RULES_H
#define MPATH_RULES_H

#include "conf.h"
#include "path-facts.h"

enum find_multipaths {
	FIND_OFF,	/* every disk that is not blacklisted */
	FIND_ON,	/* those with two paths, and known ones */
	FIND_GREEDY,	/* as off */
	FIND_SMART,	/* as on: which first path has a second is not guessed */
	FIND_STRICT,	/* known ones only */
};

/* Alias and WWID of a line of the bindings file. */
struct rules_binding {
	const char *alias, *wwid;
};

struct rules {
	struct conf config;	/* only .first counts: the sections of multipath.conf */
	enum find_multipaths find;
	const struct rules_binding *bindings;
	size_t n_bindings;
	const char *const *wwids;	/* known: the wwids file */
	size_t n_wwids;
};

/* What holds without any configuration: the sections as text, in the brace grammar. */
extern const char rules_built_in[];

/* Find rules->find in the section "defaults" of rules->config. False: it is none of the words there are, and strict is taken. */
bool rules_read_find(struct rules *rules);

/*
 * Is the disk to be left alone? @wwid is NULL while it is not known; @properties: the names of its udev properties, NULL at the end; NULL: not known.
 * @uid_attribute is the one that would hold its WWID.
 */
bool rules_blacklisted(const struct rules *rules, const struct path_facts *f, const char *wwid, const char *uid_attribute,
		       const char *const *properties);

enum rules_verdict {
	VERDICT_NO,
	VERDICT_SECOND,	/* not before another path with this WWID is there */
	VERDICT_YES,
};

/*
 * Does the policy want a map of @wwid, which @n_paths disks show? @only: the WWIDs that were asked for, comma separated; "" if none were: then
 * find_multipaths decides.
 */
enum rules_verdict rules_judge(const struct rules *rules, const char *only, const char *wwid, size_t n_paths);

/* The alias that the bindings give @wwid; NULL if none. */
const char *rules_binding_of(const struct rules *rules, const char *wwid);

/*
 * The name that multipath would allocate: the lowest of <prefix>a … <prefix>z, <prefix>aa … that is neither bound nor @is_taken.
 * False: it is longer than @size allows.
 */
bool rules_new_alias(const struct rules *rules, const char *prefix, bool (*is_taken)(void *arg, const char *alias), void *arg,
		     char *alias, size_t size);

#endif
