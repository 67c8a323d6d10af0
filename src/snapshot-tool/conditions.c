/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conditions.h"

#include <stdarg.h>
#include <stdio.h>

#include "../bindings.h"
#include "../blacklist.h"
#include "../shell-word.h"
#include "roots.h"
#include "udev-db.h"

struct context {
	const struct host *host;
	const struct created *now;
	const struct emit_map *m;
	const struct conf_node *node;	/* its section */
	const struct conf *image;	/* its blacklists, or NULL */
	struct drift *out;
};

/* What to type; out of memory costs only that. */
static void set_command(struct drift_item *item, const char *fmt, ...) _printf_(2, 3);

static void set_command(struct drift_item *item, const char *fmt, ...)
{
	va_list args;

	if (!item)
		return;
	va_start(args, fmt);
	if (vasprintf(&item->command, fmt, args) < 0)
		item->command = NULL;
	va_end(args);
}

static const char *alias_of(const struct emit_map *m)
{
	const struct setting *s = &m->resolved.v[OPT_ALIAS];

	return s->is_set ? s->value : m->info.wwid;
}

static const char *whose_map(const struct context *c)
{
	return c->out->spares_root ? "the" : "root's";
}

static void check_wwids(const struct context *c)
{
	const char *find = resolve_default(c->now->config.conf, "find_multipaths", "strict"), *wwid = c->m->info.wwid;
	struct drift_item *item;
	char mem[SHELL_WORD_SIZE(WWID_MAX)];

	if (!streq(find, "strict") || config_has_wwid(&c->now->config, wwid))
		return;
	item = drift_add(c->out, DRIFT_LOSE, c->node, "wwids", NULL, NULL,
			 "%s is not in %s, and find_multipaths is strict: multipathd gives the map up at its start, and stops its queueing", wwid,
			 c->now->config.wwids_file);
	set_command(item, "multipath -a %s", shell_word(wwid, mem, sizeof(mem)));
}

static unsigned int count_lines(const char *text, const char *end)
{
	unsigned int n = end > text && end[-1] != '\n';

	for (; text < end; text++)
		n += *text == '\n';
	return n;
}

/* The line of the bindings file that gives @alias to another WWID, which goes to @owner; 0 if there is none. Of several lines with @alias the first counts. */
static unsigned int find_owner(const char *text, const char *alias, const char *wwid, char owner[128])
{
	const char *start = text;
	char name[128];

	while (bindings_next(&text, name, sizeof(name), owner, 128))
		if (streq(name, alias))
			return streq(owner, wwid) ? 0 : count_lines(start, text);
	return 0;
}

/* What to write before a line that is appended to the bindings file. */
static const char *before_line(const struct config *config)
{
	size_t len = config->bindings ? strlen(config->bindings) : 0;

	return len && config->bindings[len - 1] != '\n' ? "\\n" : "";
}

static bool is_name_used(const struct context *c, const char *name)
{
	char owner[128], dm[32];

	if (find_owner(c->now->config.bindings, name, "", owner))
		return true;
	roots_find_name(c->host, name, dm, sizeof(dm));
	return *dm;
}

/* "mpathb", the first that nobody has. */
static void find_free_name(const struct context *c, char *name, size_t size)
{
	const char *prefix = resolve_default(c->now->config.conf, "alias_prefix", "mpath");

	for (unsigned int i = 0; i < 26 * 27; i++) {
		if (i < 26)
			snprintf(name, size, "%s%c", prefix, 'a' + i);
		else
			snprintf(name, size, "%s%c%c", prefix, 'a' + i / 26 - 1, 'a' + i % 26);
		if (!is_name_used(c, name))
			return;
	}
}

/* A name that the bindings give away is not kept for the map that has it: it gets another one, and root's is gone. One from a section of its own stays. */
static void check_bindings(const struct context *c)
{
	const struct config *config = &c->now->config;
	const char *alias = alias_of(c->m);
	char owner[128], bound[128], name[128], mem[4][SHELL_WORD_SIZE(256)], wwid_mem[SHELL_WORD_SIZE(WWID_MAX)];
	const char *file = shell_word(config->bindings_file, mem[0], sizeof(mem[0])), *wwid = shell_word(c->m->info.wwid, wwid_mem, sizeof(wwid_mem));
	struct drift_item *item;
	unsigned int line;

	if (c->m->resolved.v[OPT_ALIAS].node || (streq(alias, c->m->info.wwid) && !c->m->resolved.loses_name))
		return;
	line = find_owner(config->bindings, alias, c->m->info.wwid, owner);
	if (line) {
		find_free_name(c, name, sizeof(name));
		item = drift_add(c->out, DRIFT_LOSE, c->node, "bindings", NULL, NULL,
				 "%s line %u gives the name %s to %s: multipathd renames %s map at its start", config->bindings_file, line, alias, owner,
				 whose_map(c));
		set_command(item, "sed -i %ud %s && printf '%s%%s %%s\\n%%s %%s\\n' %s %s %s %s >> %s", line, file, before_line(config), shell_word(name, mem[1], sizeof(mem[1])),
			    shell_word(owner, mem[2], sizeof(mem[2])), shell_word(alias, mem[3], sizeof(mem[3])), wwid, file);
	} else if (!config_binding(config, c->m->info.wwid, bound, sizeof(bound))) {
		if (c->m->resolved.loses_name)
			item = drift_add(c->out, DRIFT_LOSE, c->node, "bindings", NULL, NULL,
					 "%s has no name for %s, and %s is not one that user_friendly_names gives: multipathd renames %s map at its start",
					 config->bindings_file, c->m->info.wwid, alias, whose_map(c));
		else
			item = drift_add(c->out, DRIFT_HARMLESS, c->node, "bindings", NULL, NULL,
					 "%s has no name for %s: it keeps the name %s as long as no other LUN takes it", config->bindings_file, c->m->info.wwid, alias);
		set_command(item, "printf '%s%%s %%s\\n' %s %s >> %s", before_line(config), shell_word(alias, mem[3], sizeof(mem[3])), wwid, file);
	}
}

static void check_live_names(const struct context *c)
{
	const char *alias = alias_of(c->m);
	char dm[32];

	roots_find_name(c->host, alias, dm, sizeof(dm));
	if (*dm && !streq(dm, c->m->info.dm))
		set_command(drift_add(c->out, DRIFT_LOSE, c->node, "alias", NULL, NULL, "another device, %s, has the name %s now", dm, alias),
			    "dmsetup info /dev/%s", dm);
}

static const char *child_value(const struct conf_node *section, const char *key)
{
	const struct conf_node *found = NULL;

	for (const struct conf_node *n = section->child; n; n = n->next)
		if (n->value && streq(n->key, key))
			found = n;
	return found ? found->value : "";
}

static void origin_of(const struct config *config, const struct conf_node *section, const struct conf_node *node, char *buf, size_t size)
{
	const struct setting s = { .section = section, .node = node };

	config_origin(config, &s, buf, size);
}

/* "/etc/multipath.conf:12" → an editor at that line; nothing for what no file says. */
static void set_editor(struct drift_item *item, const char *origin)
{
	const char *colon = strrchr(origin, ':');
	char file[512], mem[SHELL_WORD_SIZE(512)];

	if (*origin != '/' || !colon)
		return;
	snprintf(file, sizeof(file), "%.*s", (int)(colon - origin), origin);
	set_command(item, "editor +%s %s && multipathd reconfigure", colon + 1, shell_word(file, mem, sizeof(mem)));
}

/* Another section multipath with this alias. multipathd leaves the name to the map that has it, and calls the other one by its WWID. */
static void check_sections(const struct context *c)
{
	const struct config *config = &c->now->config;
	const char *alias = alias_of(c->m);
	char origin[512];

	for (const struct conf_node *top = config->conf->first; top; top = top->next) {
		for (const struct conf_node *n = top->child; n && streq(top->key, "multipaths"); n = n->next) {
			const char *wwid = child_value(n, "wwid");
			struct drift_item *item;

			if (!n->is_section || !streq(child_value(n, "alias"), alias) || !*wwid || streq(wwid, c->m->info.wwid))
				continue;
			origin_of(config, n, conf_find(n->child, "alias"), origin, sizeof(origin));
			item = drift_add(c->out, DRIFT_HARMLESS, c->node, "multipaths", NULL, NULL,
					 "%s gives the name %s to %s, too: %s map has it as long as it is made first", origin, alias, wwid, whose_map(c));
			set_editor(item, origin);
		}
	}
}

struct findings {
	unsigned int n_listed, n_news;	/* paths that are blacklisted; those of them that the image has */
	char listed[800], origin[512];	/* of one that is blacklisted, and the image has it if it has any of them */
	unsigned int n_cut;	/* paths that the image leaves out */
	char cut[256];	/* of one that multipathd takes */
	char other_wwid[256];	/* the last one that udev gives a path and that is not the map's */
};

/* By kernel name and protocol, or in a generic image by any rule but those about properties. */
static bool is_cut_by_image(const struct context *c, const struct path_facts *facts, bool is_taken, struct findings *f)
{
	const struct blacklist_in in = { .config = c->image, .facts = facts, .wwid = c->m->info.wwid, .uid_attribute = "" };
	struct blacklist_verdict v;

	if (!c->image)
		return false;
	blacklist_check(&in, &v);
	if (v.is_blacklisted && is_taken && !f->cut[0])
		snprintf(f->cut, sizeof(f->cut), "%s is blacklisted in the image: %s \"%.100s\"", facts->name, v.class, v.rule->value);
	f->n_cut += v.is_blacklisted;
	return v.is_blacklisted;
}

static void check_path(const struct context *c, const struct path_facts *facts, const char *uid_attribute, bool is_taken, struct findings *f)
{
	struct blacklist_in in = { .config = c->now->config.conf, .facts = facts, .wwid = c->m->info.wwid, .uid_attribute = uid_attribute };
	struct udev_properties properties = { .n = 0 };
	struct blacklist_verdict v;
	const char *value;
	bool is_cut = is_cut_by_image(c, facts, is_taken, f);

	if (udev_properties_read(c->host, facts->name, &properties) == 0)
		in.properties = (const char *const *)properties.names;
	blacklist_check(&in, &v);
	if (v.is_blacklisted && (f->n_listed++ == 0 || (!is_cut && !f->n_news))) {
		origin_of(&c->now->config, v.section, v.rule, f->origin, sizeof(f->origin));
		snprintf(f->listed, sizeof(f->listed), "%s is blacklisted%s: %s \"%.100s\" (%s)", facts->name,
			 v.lacks_property ? " for want of a property" : "", v.class, v.rule->value, f->origin);
	}
	f->n_news += v.is_blacklisted && !is_cut;
	value = udev_property(&properties, uid_attribute);
	if (*value && !streq(value, c->m->info.wwid))
		snprintf(f->other_wwid, sizeof(f->other_wwid), "%s", value);
	udev_properties_clear(&properties);
}

static void check_paths(const struct context *c)
{
	const char *attribute = c->m->resolved.v[OPT_UID_ATTRIBUTE].value;
	size_t n = c->m->info.n_paths + c->m->info.n_left_out;
	struct findings f = { .n_listed = 0 };
	bool all;

	for (size_t i = 0; i < n; i++)
		check_path(c, &c->m->info.paths[i].facts, attribute, i < c->m->info.n_paths, &f);
	all = f.n_listed == n;
	if (f.n_news || all)
		set_editor(drift_add(c->out, all ? DRIFT_LOSE : DRIFT_RELOAD, c->node, "blacklist", NULL, NULL, "%s%s", f.listed,
				     all ? ", and so is every path: multipathd gives the map up at its start" : ": multipathd takes this path out of the map"),
			   f.origin);
	if (f.cut[0] && f.n_cut == n)
		drift_add(c->out, DRIFT_LOSE, c->node, "blacklist", NULL, NULL, "%s, and so is every path: it makes no map", f.cut);
	else if (f.cut[0] && !all)
		drift_add(c->out, DRIFT_RELOAD, c->node, "blacklist", NULL, NULL, "%s: multipathd adds this path to the map", f.cut);
	if (f.other_wwid[0])
		drift_add(c->out, DRIFT_LOSE, c->node, "uid_attribute", NULL, NULL,
			  "by %s the WWID is %s, not that of the live map: multipathd would not take over the map that the image makes", attribute, f.other_wwid);
}

void conditions_check(const struct host *host, const struct created *now, const struct conf *tree, const struct conf *image, struct drift *out)
{
	for (size_t i = 0; i < now->n_maps; i++) {
		struct context c = { .host = host, .now = now, .m = &now->maps[i], .image = image, .out = out };

		for (const struct conf_node *n = conf_find(tree->first, "map"); n && !c.node; n = conf_find(n->next, "map"))
			if (streq(child_value(n, "wwid"), c.m->info.wwid))
				c.node = n;
		out->spares_root = c.node && !drift_is_needed(c.node);
		check_wwids(&c);
		check_bindings(&c);
		check_sections(&c);
		check_live_names(&c);
		check_paths(&c);
		out->spares_root = false;
	}
}
