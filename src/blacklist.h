/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the configuration keeps a disk from being a path: the sections blacklist and blacklist_exceptions of what `multipath -t` prints (multipath.conf(5)). Pure.
 */
#ifndef MPATH_BLACKLIST_H
#define MPATH_BLACKLIST_H

#include "conf.h"
#include "path-facts.h"

struct blacklist_in {
	const struct conf *config;
	const struct path_facts *facts;
	const char *wwid;	/* NULL: not known, no rule about it is applied */
	const char *uid_attribute;	/* "": none */
	const char *const *properties;	/* names of the disk's udev properties; NULL at the end. NULL: not known, no rule about them is applied */
};

struct blacklist_verdict {
	bool is_blacklisted;
	bool lacks_property;	/* for want of a property that an exception names */
	const char *class;	/* what the rule is about: "devnode", "device", "protocol", "wwid", "property"; NULL: no rule is about this disk */
	const struct conf_node *section;	/* where the rule stands: "blacklist", "blacklist_exceptions", or a "device" in them */
	const struct conf_node *rule;
	const struct conf_node *exception;	/* the first exception that took it out of the blacklist; NULL: none did */
	const struct conf_node *exception_section;
};

/* In multipath-tools' order: property, devnode, device, protocol, wwid; within each an exception wins over the blacklist. */
void blacklist_check(const struct blacklist_in *in, struct blacklist_verdict *out);

#endif
