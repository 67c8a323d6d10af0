/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as the installed multipath-tools see it, the files behind it, and which of them set a value.
 */
#ifndef MPATH_CONFIG_H
#define MPATH_CONFIG_H

#include "../conf.h"
#include "../resolve.h"
#include "../sha256.h"
#include "host.h"

struct source {
	char file[256];
	char sha256[SHA256_HEX_SIZE];	/* or "absent" */
	struct conf *conf;	/* NULL if it is absent or no configuration */
};

/* Beside multipath.conf, which multipath-tools read with a warning for "extension": lines of extension "FILE". Optional. */
#define EXTENSIONS_CONF "/etc/mpath-boot/extensions.conf"

struct config_extension {
	char file[256];
	char origin[300];	/* who names it */
	bool is_needed;		/* by one of the maps */
};

struct config {
	struct conf *conf;	/* what `multipath -t` prints */
	char version[32];	/* of multipath-tools; "" if unknown */
	const char *file;	/* --config, borrowed; NULL: the installed tools were asked */
	struct source *sources;	/* in the order in which multipath-tools reads them */
	size_t n_sources;
	struct config_extension *extensions;	/* extension_find_all() */
	size_t n_extensions;
	char *bindings, *wwids;	/* texts of these files; NULL if absent */
	char bindings_file[256], wwids_file[256];
};

/* Ask the installed multipath-tools, or read @file instead. 0 or -errno, which has been reported; -EBADMSG for one that makes no sense. Owned. */
int config_load(const struct host *host, const char *file, struct config *out);
void config_clear(struct config *c);

/* Note the file @name ("/…") and its hash as one more source. 0 or -errno, reported. */
int config_add_source(const struct host *host, struct config *c, const char *name);

/* The alias for @wwid in the bindings file, in @alias; false if there is none. */
bool config_binding(const struct config *c, const char *wwid, char *alias, size_t size);

/* Whether the wwids file has @wwid: with find_multipaths strict only such maps are made. */
bool config_has_wwid(const struct config *c, const char *wwid);

/* Where @s was set: "/etc/multipath.conf:12", "multipath 0.9.4 built-in, devices "VENDOR" "PRODUCT"", or why it is so. */
void config_origin(const struct config *c, const struct setting *s, char *buf, size_t size);

/* The same for a keyword of the section "defaults". */
void config_default_origin(const struct config *c, const char *key, char *buf, size_t size);

#endif
