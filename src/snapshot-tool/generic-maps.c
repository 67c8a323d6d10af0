/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "generic-maps.h"

#include <stdio.h>

#include "../blacklist.h"
#include "../snapshot.h"

/* A generic snapshot, twice: as the tool takes a configuration, and as the guard does. */
struct image_rules {
	struct config config;
	const struct rules *rules;
};

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

static size_t count_taken(const struct config *c, const struct emit_map *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->info.n_paths + m->info.n_left_out; i++) {
		const struct blacklist_in in = { .config = c->conf, .facts = &m->info.paths[i].facts, .wwid = m->info.wwid, .uid_attribute = "" };
		struct blacklist_verdict v;

		blacklist_check(&in, &v);
		n += !v.is_blacklisted;
	}
	return n;
}

/* Would the guard make this map by these rules? */
static void judge(const struct image_rules *image, const struct emit_map *m, const struct conf_node *node, struct drift *out)
{
	enum severity severity = node && drift_is_needed(node) ? DRIFT_LOSE : DRIFT_HARMLESS;
	size_t n = count_taken(&image->config, m);

	if (!n)
		return;	/* conditions.c looks at blacklists */
	switch (rules_judge(image->rules, "", m->info.wwid, n)) {
	case VERDICT_NO:
		drift_add(out, severity, node, "generic", NULL, NULL,
			  "the image's rules do not know this WWID, and their find_multipaths is strict: it makes no map, unless rd.mpath_boot.wwid=%s says so",
			  m->info.wwid);
		break;
	case VERDICT_SECOND:
		drift_add(out, severity, node, "generic", NULL, NULL,
			  "the image's rules do not know this WWID, and it has one path only: it makes no map, unless another one comes or rd.mpath_boot.wwid=%s says so",
			  m->info.wwid);
		break;
	case VERDICT_YES:
		break;
	}
}

/* The names that the image gives where its bindings have none. */
struct naming {
	const struct rules *rules;
	const struct emit_map *maps;	/* those before this one */
	size_t n;
	const char *now;	/* the name that the system gives */
	bool is_used;
	bool fits;	/* @now is one that the image may give */
};

static bool is_given(void *arg, const char *alias)
{
	const struct naming *g = arg;

	for (size_t i = 0; i < g->n; i++)
		if (streq(g->maps[i].resolved.v[OPT_ALIAS].value, alias))
			return true;
	return false;
}

static bool is_bound(const struct rules *rules, const char *alias)
{
	for (size_t i = 0; i < rules->n_bindings; i++)
		if (streq(rules->bindings[i].alias, alias))
			return true;
	return false;
}

static bool allocate(void *arg, const char *prefix, char *alias, size_t size)
{
	struct naming *g = arg;

	g->is_used = true;
	g->fits = resolve_is_user_friendly(prefix, g->now) && !is_bound(g->rules, g->now);
	return rules_new_alias(g->rules, prefix, is_given, g, alias, size);
}

struct rival_search {
	const struct host *host;
	const struct rules *rules;
	const char *dm;	/* not this one */
};

static int look_at_map(const char *entry, void *arg)
{
	const struct rival_search *s = arg;
	char uuid[160];
	const char *wwid;

	if (!str_after(entry, "dm-") || streq(entry, s->dm) || host_attr(s->host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", entry) < 0)
		return 0;
	wwid = str_after(uuid, "mpath-");
	return wwid && !rules_binding_of(s->rules, wwid) && rules_judge(s->rules, "", wwid, 2) == VERDICT_YES;
}

/* Is there another LUN that gets a name from the same row, maybe the first one? */
static bool has_rival(const struct host *host, const struct rules *rules, const struct emit_map *m)
{
	struct rival_search s = { host, rules, m->info.dm };

	return sys_each(host->fd, "sys/class/block", look_at_map, &s) > 0;
}

/* Which LUN gets which name depends on the order in which they come: then no name is another one than now. LUNs that only the image's policy makes maps of are not seen here. */
static void settle_name(const struct host *host, const struct image_rules *image, const struct created *now, struct emit_map *m, const struct naming *g,
			const struct conf_node *node, struct drift *out)
{
	struct setting *alias = &m->resolved.v[OPT_ALIAS];
	bool is_known = image->rules->find == FIND_STRICT || streq(resolve_default(image->config.conf, "find_multipaths", "strict"),
								  resolve_default(now->config.conf, "find_multipaths", "strict"));
	bool is_same = streq(alias->value, g->now);

	if (!g->is_used || !g->fits || ((is_known || is_same) && !has_rival(host, image->rules, m)))
		return;
	drift_add(out, DRIFT_HARMLESS, node, "generic", NULL, NULL,
		  "the image's bindings have no name for it: it gets the next free one, which need not be %s, as other LUNs may come first", g->now);
	snprintf(alias->value, sizeof(alias->value), "%s", g->now);
}

static int resolve_map(const struct host *host, const struct image_rules *image, const struct created *now, struct emit_map *maps, size_t n, const struct conf_node *node,
		       struct drift *out)
{
	struct emit_map *m = &maps[n];
	struct naming naming = { .rules = image->rules, .maps = maps, .n = n, .now = now->maps[n].resolved.v[OPT_ALIAS].value };
	struct resolve_in in = {
		.config = image->config.conf, .tools = image->config.version, .wwid = m->info.wwid, .bindings_file = image->config.bindings_file,
		.binding = rules_binding_of(image->rules, m->info.wwid), .n_paths = m->info.n_paths, .allocate = allocate, .allocate_arg = &naming,
	};
	_auto_free_ struct path_facts *facts = calloc(m->info.n_paths, sizeof(*facts));

	if (!facts)
		return -ENOMEM;
	for (size_t i = 0; i < m->info.n_paths; i++)
		facts[i] = m->info.paths[i].facts;
	in.paths = facts;
	resolve(&in, NULL, NULL, &m->resolved);
	settle_name(host, image, now, m, &naming, node, out);
	return 0;
}

static const struct conf_node *node_of(const struct conf *tree, const char *wwid)
{
	const struct conf_node *n = section_of(tree->first, "map");

	while (n && !streq(value_of(n, "wwid"), wwid))
		n = section_of(n->next, "map");
	return n;
}

static int make_maps(const struct host *host, const struct image_rules *image, const struct created *now, const struct conf *now_tree, struct emit_map *maps,
		     struct drift *out)
{
	int r = 0;

	for (size_t i = 0; !r && i < now->n_maps; i++) {
		const struct conf_node *node = node_of(now_tree, now->maps[i].info.wwid);

		maps[i] = now->maps[i];	/* what it owns stays with @now */
		judge(image, &maps[i], node, out);
		r = resolve_map(host, image, now, maps, i, node, out);
	}
	return r;
}

int generic_make_maps(const struct host *host, const struct conf *generic, const struct rules *rules, const struct created *now, const struct conf *now_tree,
		      char **text, size_t *len, struct drift *out)
{
	_auto_free_ struct emit_map *maps = calloc(now->n_maps + 1, sizeof(*maps));
	_auto_free_ char *mem = malloc(SNAPSHOT_SIZE_MAX);
	struct buf b = BUF_INIT(mem, SNAPSHOT_SIZE_MAX);
	struct image_rules image = { .rules = rules };
	int r;

	if (!maps || !mem)
		return -ENOMEM;
	r = restore_config(generic, &image.config);
	if (r)
		return r;
	r = make_maps(host, &image, now, now_tree, maps, out);
	if (!r)
		emit_snapshot(&image.config, maps, now->n_maps, NULL, &b);
	if (!r && b.overflow)
		r = -ENOMEM;
	config_clear(&image.config);
	if (r)
		return r;
	*len = b.len;
	*text = steal_ptr(mem);
	return 0;
}
