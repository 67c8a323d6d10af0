/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generic-maps.h"

#include <stdio.h>

#include "../blacklist.h"
#include "../snapshot.h"

static const struct conf_node *section_of(const struct conf_node *first, const char *key)
{
	const struct conf_node *n = conf_find(first, key);

	while (n && !n->is_section)
		n = conf_find(n->next, key);
	return n;
}

bool generic_is(const struct conf *snapshot)
{
	return section_of(snapshot->first, "generic") && !section_of(snapshot->first, "map");
}

static const char *value_of(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = section ? conf_find(section->child, key) : NULL;

	return n && n->value ? n->value : "";
}

/* multipath-tools' files, from what the snapshot kept of them. */
static int restore_files(const struct conf_node *generic, struct config *c)
{
	size_t bindings_len, wwids_len;
	FILE *bindings = open_memstream(&c->bindings, &bindings_len), *wwids = open_memstream(&c->wwids, &wwids_len);

	for (const struct conf_node *n = generic->child; n && bindings && wwids; n = n->next) {
		if (n->is_section && streq(n->key, "binding"))
			fprintf(bindings, "%s %s\n", value_of(n, "alias"), value_of(n, "wwid"));
		else if (n->value && streq(n->key, "wwid"))
			fprintf(wwids, "/%s/\n", n->value);
	}
	if (bindings && fclose(bindings) != 0)
		bindings = NULL;
	if (wwids && fclose(wwids) != 0)
		wwids = NULL;
	return bindings && wwids ? 0 : -ENOMEM;
}

static int restore_config(const struct conf *snapshot, struct config *out)
{
	const struct conf_node *generic = section_of(snapshot->first, "generic"), *config = section_of(generic->child, "config");
	struct config c = { .file = "the image's rules" };

	snprintf(c.version, sizeof(c.version), "%.31s", value_of(section_of(snapshot->first, "snapshot"), "multipath_tools"));
	snprintf(c.bindings_file, sizeof(c.bindings_file), "the image's bindings");
	snprintf(c.wwids_file, sizeof(c.wwids_file), "the image's wwids");
	c.conf = calloc(1, sizeof(*c.conf));
	if (!c.conf || restore_files(generic, &c) != 0) {
		config_clear(&c);
		return -ENOMEM;
	}
	c.conf->first = config ? config->child : NULL;	/* borrowed: conf_free() frees only nodes and text */
	*out = c;
	return 0;
}

static bool is_blacklisted(const struct config *c, const struct emit_map *m)
{
	for (size_t i = 0; i < m->info.n_paths; i++) {
		const struct blacklist_in in = { .config = c->conf, .facts = &m->info.paths[i].facts, .wwid = m->info.wwid, .uid_attribute = "" };
		struct blacklist_verdict v;

		blacklist_check(&in, &v);
		if (!v.is_blacklisted)
			return false;
	}
	return true;
}

/* Would the guard make this map by these rules? */
static void judge(const struct config *c, const struct emit_map *m, const struct conf_node *node, struct drift *out)
{
	bool is_strict = streq(resolve_default(c->conf, "find_multipaths", "strict"), "strict");
	enum severity severity = node && drift_is_needed(node) ? DRIFT_LOSE : DRIFT_HARMLESS;

	if (is_blacklisted(c, m))
		drift_add(out, severity, node, "generic", NULL, NULL, "the image's rules blacklist every path of this map: it makes none");
	else if (is_strict && !config_has_wwid(c, m->info.wwid))
		drift_add(out, severity, node, "generic", NULL, NULL,
			  "the image's rules do not know this WWID, and their find_multipaths is strict: it makes no map, unless rd.mpath_boot.wwid=%s says so",
			  m->info.wwid);
}

static int resolve_map(const struct config *c, struct emit_map *m)
{
	struct resolve_in in = { .config = c->conf, .tools = c->version, .wwid = m->info.wwid, .bindings_file = c->bindings_file, .n_paths = m->info.n_paths };
	_auto_free_ struct path_facts *facts = calloc(m->info.n_paths, sizeof(*facts));
	char alias[128];

	if (!facts)
		return -ENOMEM;
	for (size_t i = 0; i < m->info.n_paths; i++)
		facts[i] = m->info.paths[i].facts;
	in.paths = facts;
	in.binding = config_binding(c, m->info.wwid, alias, sizeof(alias)) ? alias : NULL;
	resolve(&in, NULL, NULL, &m->resolved);
	return 0;
}

static const struct conf_node *node_of(const struct conf *tree, const char *wwid)
{
	const struct conf_node *n = section_of(tree->first, "map");

	while (n && !streq(value_of(n, "wwid"), wwid))
		n = section_of(n->next, "map");
	return n;
}

int generic_make_maps(const struct conf *generic, const struct created *now, const struct conf *now_tree, char **text, size_t *len, struct drift *out)
{
	_auto_free_ struct emit_map *maps = calloc(now->n_maps + 1, sizeof(*maps));
	_auto_free_ char *mem = malloc(SNAPSHOT_SIZE_MAX);
	struct buf b = BUF_INIT(mem, SNAPSHOT_SIZE_MAX);
	struct config config;
	int r;

	if (!maps || !mem)
		return -ENOMEM;
	r = restore_config(generic, &config);
	if (r)
		return r;
	for (size_t i = 0; !r && i < now->n_maps; i++) {
		maps[i] = now->maps[i];	/* what it owns stays with @now */
		judge(&config, &maps[i], node_of(now_tree, maps[i].info.wwid), out);
		r = resolve_map(&config, &maps[i]);
	}
	if (!r)
		emit_snapshot(&config, maps, now->n_maps, &b);
	if (!r && b.overflow)
		r = -ENOMEM;
	config_clear(&config);
	if (r)
		return r;
	*len = b.len;
	*text = steal_ptr(mem);
	return 0;
}
