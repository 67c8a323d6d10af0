/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "emit.h"

#include <inttypes.h>
#include <stdio.h>

#include "../bindings.h"

static bool is_number(const char *s)
{
	uint64_t v;

	return conf_number(s, UINT64_MAX, &v);
}

/* "keyword value # origin"; a plain number needs no quotes. */
static void emit_value(struct buf *b, const char *indent, const char *key, const char *value, const char *origin)
{
	buf_addf(b, "%s%s ", indent, key);
	if (is_number(value))
		buf_add(b, value);
	else
		buf_add_quoted(b, value);
	if (origin) {
		buf_add(b, " # ");
		for (; *origin; origin++)
			buf_addf(b, "%c", (unsigned char)*origin < ' ' || *origin == 127 ? '?' : *origin);
	}
	buf_add(b, "\n");
}

static void emit_default(struct buf *b, const struct config *config, const char *key, const char *built_in)
{
	const char *value = resolve_default(config->conf, key, built_in);
	char origin[512];

	config_default_origin(config, key, origin, sizeof(origin));
	/* 0 is what multipath-tools 0.9.4 take for polling_interval, and mpath-boot cannot */
	emit_value(b, "\t", key, streq(value, "0") ? built_in : value, origin);
}

/* max_polling_interval is four polling intervals where nothing is said. */
static void emit_header(struct buf *b, const struct config *config, int version)
{
	const char *polling = resolve_default(config->conf, "polling_interval", "5");
	char max[24];
	uint64_t v;

	snprintf(max, sizeof(max), "%" PRIu64, conf_number(polling, 1000000, &v) && v ? 4 * v : (uint64_t)20);
	buf_add(b, "# mpath-boot snapshot; see mpath-boot.snapshot(5)\nsnapshot {\n");
	buf_addf(b, "\tversion %d\n", version);
	emit_value(b, "\t", "generator", "mpath-snapshot " MPATH_VERSION, NULL);
	emit_value(b, "\t", "multipath_tools", config->version[0] ? config->version : "unknown", NULL);
	emit_default(b, config, "find_multipaths", "strict");
	emit_default(b, config, "polling_interval", "5");
	emit_default(b, config, "max_polling_interval", max);
	for (size_t i = 0; i < config->n_extensions; i++)
		if (config->extensions[i].is_needed)
			emit_value(b, "\t", "extension", config->extensions[i].file, config->extensions[i].origin);
	buf_add(b, "}\n");
}

static void emit_source(struct buf *b, const struct source *s)
{
	buf_add(b, "source {\n");
	emit_value(b, "\t", "file", s->file, NULL);
	emit_value(b, "\t", "sha256", s->sha256, NULL);
	buf_add(b, "}\n");
}

/* What multipath-tools blacklist by themselves: mpath-boot looks at no other disks anyway. */
static bool is_built_in_rule(const char *key, const char *value)
{
	return streq(key, "devnode") && str_after(value, "!^(sd[a-z]|dasd[a-z]");
}

static bool is_path_rule(const struct conf_node *n)
{
	return n->value && (streq(n->key, "devnode") || streq(n->key, "protocol")) && !is_built_in_rule(n->key, n->value);
}

static bool has_path_rules(const struct config *config, const char *list)
{
	for (const struct conf_node *top = config->conf->first; top; top = top->next)
		for (const struct conf_node *n = top->is_section && streq(top->key, list) ? top->child : NULL; n; n = n->next)
			if (is_path_rule(n))
				return true;
	return false;
}

/*
 * Blacklists may be about some paths of a map only, and which ones these are is known at boot: kernel names change. Vendor, product, properties
 * and WWID are the LUN's, and have been looked at. Where none of the maps is concerned, such a rule is about a local disk, and must not cost root a
 * path that happens to get its name.
 */
static void emit_list(struct buf *b, const struct config *config, const char *list)
{
	if (!has_path_rules(config, list))
		return;
	buf_addf(b, "%s {\n", list);
	for (const struct conf_node *top = config->conf->first; top; top = top->next) {
		for (const struct conf_node *n = top->is_section && streq(top->key, list) ? top->child : NULL; n; n = n->next) {
			const struct setting s = { .section = top, .node = n };
			char origin[512];

			if (!is_path_rule(n))
				continue;
			config_origin(config, &s, origin, sizeof(origin));
			emit_value(b, "\t", n->key, n->value, origin);
		}
	}
	buf_add(b, "}\n");
}

static void emit_needed_for(struct buf *b, unsigned int needed_for)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%s%s", needed_for & NEED_ROOT ? "/ " : "", needed_for & NEED_USR ? "/usr " : "",
		 needed_for & NEED_RESUME ? "resume " : "");
	if (needed_for & NEED_GROUP)
		snprintf(text, sizeof(text), "group ");
	if (*text)
		text[strlen(text) - 1] = '\0';
	emit_value(b, "\t", "needed_for", text, NULL);
}

static void emit_u64(struct buf *b, const char *indent, const char *key, uint64_t value)
{
	buf_addf(b, "%s%s %" PRIu64 "\n", indent, key, value);
}

static void emit_text(struct buf *b, const char *key, const char *value)
{
	if (*value)
		emit_value(b, "\t\t", key, value, NULL);
}

static void emit_path(struct buf *b, const struct path_place *p)
{
	buf_add(b, "\tpath {\n");
	emit_text(b, "transport", p->transport);
	emit_text(b, "driver", p->driver);
	emit_text(b, "target", p->target);
	emit_text(b, "portal", p->portal);
	if (p->portal_group >= 0)
		emit_u64(b, "\t\t", "portal_group", (uint64_t)p->portal_group);
	emit_text(b, "interface", p->interface);
	emit_text(b, "interface_mac", p->mac);
	emit_text(b, "interface_address", p->address);
	emit_text(b, "gateway", p->gateway);
	emit_u64(b, "\t\t", "lun", p->lun);
	buf_add(b, "\t}\n");
}

static void emit_option(struct buf *b, const struct config *config, const struct emit_map *m, enum option o)
{
	const struct setting *s = &m->resolved.v[o];
	char origin[512];

	if (!s->is_set)
		return;
	config_origin(config, s, origin, sizeof(origin));
	emit_value(b, "\t", option_names[o], s->value, origin);
}

static void emit_map(struct buf *b, const struct config *config, const struct emit_map *m)
{
	const struct map_info *info = &m->info;

	buf_add(b, "map {\n");
	emit_value(b, "\t", "wwid", info->wwid, m->wwid_from);
	emit_option(b, config, m, OPT_ALIAS);
	emit_needed_for(b, info->needed_for);
	emit_option(b, config, m, OPT_UID_ATTRIBUTE);
	emit_u64(b, "\t", "size", info->size);
	for (size_t i = 0; i < info->n_designators; i++)
		emit_value(b, "\t", "designator", info->designators[i], NULL);
	for (enum option o = OPT_UID_ATTRIBUTE + 1; o < N_OPTIONS; o++)
		emit_option(b, config, m, o);
	for (size_t i = 0; i < info->modules.n; i++)
		emit_value(b, "\t", "module", info->modules.v[i], NULL);
	for (size_t i = 0; i < info->n_parts; i++) {
		buf_add(b, "\tpartition {\n");
		emit_u64(b, "\t\t", "number", info->parts[i].number);
		emit_u64(b, "\t\t", "start", info->parts[i].start);
		emit_u64(b, "\t\t", "size", info->parts[i].size);
		buf_add(b, "\t}\n");
	}
	for (size_t i = 0; i < info->n_paths; i++)
		emit_path(b, &info->paths[i].place);
	buf_add(b, "}\n");
}

static int compare_maps(const void *a, const void *b)
{
	return strcmp(((const struct emit_map *)a)->info.wwid, ((const struct emit_map *)b)->info.wwid);
}

static void begin(struct buf *b, const struct config *config, int version)
{
	buf_reset(b);
	emit_header(b, config, version);
	for (size_t i = 0; i < config->n_sources; i++)
		emit_source(b, &config->sources[i]);
}

static void finish(struct buf *b)
{
	char hex[SHA256_HEX_SIZE];

	sha256_hex(b->s, b->len, hex);
	buf_addf(b, "checksum \"sha256:%s\"\n", hex);
}

void emit_snapshot(const struct config *config, struct emit_map *maps, size_t n, const struct others *others, struct buf *out)
{
	bool is_cut = false;

	qsort(maps, n, sizeof(*maps), compare_maps);
	begin(out, config, SNAPSHOT_VERSION_MAPS);
	for (size_t i = 0; i < n; i++)
		is_cut = is_cut || maps[i].info.is_cut;
	if (is_cut) {
		emit_list(out, config, "blacklist");
		emit_list(out, config, "blacklist_exceptions");
	}
	for (size_t i = 0; i < n; i++)
		emit_map(out, config, &maps[i]);
	for (size_t i = 0; others && i < others->n; i++) {
		buf_add(out, "other {\n");
		emit_value(out, "\t", "wwid", others->v[i].wwid, NULL);
		emit_value(out, "\t", "designator", others->v[i].designator, NULL);
		buf_add(out, "}\n");
	}
	finish(out);
}

/* What only the daemon at run time looks at, or nobody any more. */
static bool is_for_runtime(const char *key)
{
	static const char *const keys[] = {
		"all_tg_pt", "auto_resize", "bindings_file", "config_dir", "deferred_remove", "delay_wait_checks", "delay_watch_checks",
		"disable_changed_wwids", "enable_foreign", "flush_on_last_del", "force_sync", "getuid_callout", "log_checker_err",
		"marginal_path_double_failed_time", "marginal_path_err_rate_threshold", "marginal_path_err_recheck_gap_time",
		"marginal_path_err_sample_time", "marginal_pathgroups", "max_fds", "missing_uev_wait_timeout", "multipath_dir", "pg_timeout",
		"prkeys_file", "purge_disconnected", "queue_without_daemon", "reassign_maps", "remove_retries", "reservation_key",
		"retrigger_delay", "retrigger_tries", "san_path_err_forget_rate", "san_path_err_recovery_time", "san_path_err_threshold",
		"strict_timing", "uxsock_timeout", "verbosity", "vpd_vendor", "wwids_file",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (streq(key, keys[i]))
			return true;
	return false;
}

/* Where a value comes from is told only where somebody set it: the built-in ones are many. */
static void emit_node(struct buf *b, const struct config *config, const struct conf_node *section, const struct conf_node *n, int depth)
{
	const struct setting s = { .is_set = true, .section = section, .node = n };
	char indent[CONF_DEPTH_MAX + 2], origin[512];

	memset(indent, '\t', sizeof(indent));
	indent[depth < CONF_DEPTH_MAX ? depth : CONF_DEPTH_MAX] = '\0';
	if (n->is_section) {
		buf_addf(b, "%s%s {\n", indent, n->key);
		return;
	}
	if (!n->value || is_for_runtime(n->key))
		return;
	config_origin(config, &s, origin, sizeof(origin));
	emit_value(b, indent, n->key, n->value, config->file || str_after(origin, "multipath ") ? NULL : origin);
}

/* The whole tree, as multipath -t printed it. */
static void emit_config(struct buf *b, const struct config *config)
{
	const struct conf_node *stack[CONF_DEPTH_MAX], *n;
	int depth = 0;

	buf_add(b, "\tconfig {\n");
	for (n = config->conf->first; n || depth; ) {
		if (!n) {
			n = stack[--depth]->next;
			for (int i = 0; i < depth + 2; i++)
				buf_add(b, "\t");
			buf_add(b, "}\n");
			continue;
		}
		emit_node(b, config, depth ? stack[depth - 1] : n, n, depth + 2);
		if (n->is_section) {
			stack[depth++] = n;
			n = n->child;
		} else {
			n = n->next;
		}
	}
	buf_add(b, "\t}\n");
}

void emit_generic(const struct config *config, const struct names *modules, struct buf *out)
{
	const char *bindings = config->bindings, *wwids = config->wwids;
	char alias[128], wwid[WWID_MAX];

	begin(out, config, SNAPSHOT_VERSION);
	buf_add(out, "generic {\n");
	for (size_t i = 0; i < modules->n; i++)
		emit_value(out, "\t", "module", modules->v[i], NULL);
	while (bindings_next(&bindings, alias, sizeof(alias), wwid, sizeof(wwid))) {
		if (!snapshot_is_alias(alias) || !snapshot_is_wwid(wwid))
			continue;
		buf_add(out, "\tbinding {\n");
		emit_value(out, "\t\t", "alias", alias, NULL);
		emit_value(out, "\t\t", "wwid", wwid, NULL);
		buf_add(out, "\t}\n");
	}
	while (wwids_next(&wwids, wwid, sizeof(wwid)))
		if (snapshot_is_wwid(wwid))
			emit_value(out, "\t", "wwid", wwid, NULL);
	emit_config(out, config);
	buf_add(out, "}\n");
	finish(out);
}
