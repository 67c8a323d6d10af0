/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drift.h"

#include <stdarg.h>
#include <stdio.h>

const char *const severity_texts[] = {
	[DRIFT_SAME] = "same",
	[DRIFT_HARMLESS] = "harmless",
	[DRIFT_RELOAD] = "would reload",
	[DRIFT_LOSE] = "would lose or rename root",
};

const char *const severity_names[] = {
	[DRIFT_SAME] = "same",
	[DRIFT_HARMLESS] = "harmless",
	[DRIFT_RELOAD] = "reload",
	[DRIFT_LOSE] = "lose",
};

const int severity_codes[] = {
	[DRIFT_SAME] = EXIT_DONE,
	[DRIFT_HARMLESS] = EXIT_HARMLESS,
	[DRIFT_RELOAD] = EXIT_RELOAD,
	[DRIFT_LOSE] = EXIT_LOSE,
};

/* Options that mean the same for every map; those that need a closer look are below. */
static const struct rule {
	const char *key;
	enum severity severity;
	const char *text;
} rules[] = {
	{ "needed_for", DRIFT_HARMLESS, "the boot waits for maps that are needed for / or /usr" },
	{ "size", DRIFT_HARMLESS, "the LUN was resized: where its paths disagree at boot, the snapshot's size counts" },
	{ "path_grouping_policy", DRIFT_RELOAD, "the table has other groups" },
	{ "path_selector", DRIFT_RELOAD, "it is in the table" },
	{ "features", DRIFT_RELOAD, "they are in the table" },
	{ "hardware_handler", DRIFT_RELOAD, "it is in the table" },
	{ "prio", DRIFT_RELOAD, "the groups of paths depend on it" },
	{ "prio_args", DRIFT_RELOAD, "the groups of paths depend on it" },
	{ "minio", DRIFT_RELOAD, "it is in the table" },
	{ "rr_weight", DRIFT_RELOAD, "it is in the table" },
	{ "path_checker", DRIFT_HARMLESS, "until multipathd takes over, paths are checked in another way" },
	{ "checker_timeout", DRIFT_HARMLESS, "a path that hangs is found out sooner or later than multipathd would" },
	{ "failback", DRIFT_HARMLESS, "until multipathd takes over, the old one counts" },
	{ "fast_io_fail_tmo", DRIFT_HARMLESS, "until multipathd takes over, the old one counts" },
	{ "dev_loss_tmo", DRIFT_HARMLESS, "until multipathd takes over, the old one counts" },
	{ "eh_deadline", DRIFT_HARMLESS, "until multipathd takes over, the old one counts" },
	{ "ghost_delay", DRIFT_HARMLESS, "a map whose paths are all passive is made sooner or later" },
	{ "max_sectors_kb", DRIFT_HARMLESS, "the map keeps the old one: multipathd sets it only for maps that it makes itself" },
};

/* The last statement of the keyword, as the parser of snapshots takes it. */
static const struct conf_node *find(const struct conf_node *section, const char *key)
{
	const struct conf_node *found = NULL;

	for (const struct conf_node *n = section ? section->child : NULL; n; n = n->next)
		if (n->value && streq(n->key, key))
			found = n;
	return found;
}

static const char *value_of(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = find(section, key);

	return n ? n->value : "";
}

static bool has_value(const struct conf_node *section, const char *key, const char *value)
{
	for (const struct conf_node *n = section->child; n; n = n->next)
		if (n->value && streq(n->key, key) && streq(n->value, value))
			return true;
	return false;
}

/* The section of @key in @first and behind it; NULL. */
static const struct conf_node *next_section(const struct conf_node *first, const char *key)
{
	const struct conf_node *n = conf_find(first, key);

	while (n && !n->is_section)
		n = conf_find(n->next, key);
	return n;
}

#define for_each_section(n, first, key) \
	for (const struct conf_node *n = next_section(first, key); n; n = next_section(n->next, key))

static const char *alias_of(const struct conf_node *map)
{
	const char *alias = value_of(map, "alias");

	return *alias ? alias : value_of(map, "wwid");
}

struct drift_item *drift_add(struct drift *d, enum severity severity, const struct conf_node *map, const char *key, const char *old_value,
			     const char *new_value, const char *fmt, ...)
{
	struct drift_item *grown = realloc(d->v, (d->n + 1) * sizeof(*grown)), *item;
	va_list args;

	if (d->spares_root)
		severity = DRIFT_HARMLESS;
	if (severity > d->worst)
		d->worst = severity;
	if (!grown) {
		d->failed = true;
		return NULL;
	}
	d->v = grown;
	item = &grown[d->n++];
	*item = (struct drift_item){ .severity = severity, .key = key, .wwid = map ? value_of(map, "wwid") : "", .map = map ? alias_of(map) : "" };
	item->old_value = old_value ? strdup(old_value) : NULL;
	item->new_value = new_value ? strdup(new_value) : NULL;
	va_start(args, fmt);
	if (vasprintf(&item->text, fmt, args) < 0)
		item->text = NULL;
	va_end(args);
	if (!item->text || (old_value && !item->old_value) || (new_value && !item->new_value))
		d->failed = true;
	return item;
}

void drift_clear(struct drift *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].old_value);
		free(d->v[i].new_value);
		free(d->v[i].text);
		free(d->v[i].command);
	}
	free(d->v);
	*d = (struct drift){ .n = 0 };
}

/* One whose needs are not known is waited for, too (mpath-boot.snapshot(5)). */
bool drift_is_needed(const struct conf_node *map)
{
	const char *text = value_of(map, "needed_for");

	return !streq(text, "resume") && !streq(text, "group");
}

/* The value of @key in both; an item if they differ. @text is not a format. */
static void compare_value(struct drift *d, const struct conf_node *map, const struct conf_node *old, const struct conf_node *new, const char *key,
			  enum severity severity, const char *text)
{
	const struct conf_node *a = find(old, key), *b = find(new, key);
	struct drift_item *item;

	if ((!a && !b) || (a && b && streq(a->value, b->value)))
		return;
	item = drift_add(d, severity, map, key, a ? a->value : NULL, b ? b->value : NULL, "%s", text);
	if (item) {
		item->old_origin = a ? a->comment : NULL;
		item->new_origin = b ? b->comment : NULL;
	}
}

/* The hash of a library that is a source of both; NULL. */
static const char *library_hash(const struct conf *c, const char *extension)
{
	for_each_section(s, c->first, "source") {
		const char *file = value_of(s, "file"), *slash = strrchr(file, '/');

		if (streq(file, extension) || (*extension != '/' && slash && streq(slash + 1, extension)))
			return value_of(s, "sha256");
	}
	return NULL;
}

static void compare_extensions(struct drift *d, const struct conf *old, const struct conf *new, const struct conf_node *a, const struct conf_node *b)
{
	for (const struct conf_node *n = conf_find(b->child, "extension"); n; n = conf_find(n->next, "extension")) {
		const char *was, *is;

		if (!n->value)
			continue;
		if (!has_value(a, "extension", n->value)) {
			drift_add(d, DRIFT_RELOAD, NULL, "extension", NULL, n->value,
				  "the image does not have this library: tur or const would stand in for what it brings");
			continue;
		}
		was = library_hash(old, n->value);
		is = library_hash(new, n->value);
		if (was && is && !streq(was, is))
			drift_add(d, DRIFT_HARMLESS, NULL, "extension", n->value, n->value, "the image has another version of this library");
	}
	for (const struct conf_node *n = conf_find(a->child, "extension"); n; n = conf_find(n->next, "extension"))
		if (n->value && !has_value(b, "extension", n->value))
			drift_add(d, DRIFT_HARMLESS, NULL, "extension", n->value, NULL, "no map needs this library any more");
}

static void compare_header(struct drift *d, const struct conf *old, const struct conf *new)
{
	const struct conf_node *a = next_section(old->first, "snapshot"), *b = next_section(new->first, "snapshot");

	compare_value(d, NULL, a, b, "multipath_tools", DRIFT_HARMLESS, "the options below are what this version makes of the configuration");
	compare_value(d, NULL, a, b, "find_multipaths", DRIFT_HARMLESS, "root's maps are made whatever it says");
	compare_value(d, NULL, a, b, "polling_interval", DRIFT_HARMLESS, "until multipathd takes over, the old one counts");
	compare_value(d, NULL, a, b, "max_polling_interval", DRIFT_HARMLESS, "until multipathd takes over, the old one counts");
	if (a && b)
		compare_extensions(d, old, new, a, b);
}

static bool has_rule(const struct conf *c, const char *list, const struct conf_node *rule)
{
	for_each_section(l, c->first, list)
		if (has_value(l, rule->key, rule->value))
			return true;
	return false;
}

/* Rules about kernel names and protocols. What they do to the paths that there are is conditions.c's business; tomorrow these may have other names. */
static void compare_list(struct drift *d, const struct conf *old, const struct conf *new, const char *list, const char *text)
{
	for_each_section(l, old->first, list) {
		for (const struct conf_node *n = l->child; n; n = n->next) {
			struct drift_item *item = n->value && !has_rule(new, list, n) ?
				drift_add(d, DRIFT_HARMLESS, NULL, n->key, n->value, NULL, "only the image %s", text) : NULL;

			if (item)
				item->old_origin = n->comment;
		}
	}
	for_each_section(l, new->first, list) {
		for (const struct conf_node *n = l->child; n; n = n->next) {
			struct drift_item *item = n->value && !has_rule(old, list, n) ?
				drift_add(d, DRIFT_HARMLESS, NULL, n->key, NULL, n->value, "only multipathd %s", text) : NULL;

			if (item)
				item->new_origin = n->comment;
		}
	}
}

/* A map without alias is called by its WWID. */
static void compare_alias(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	const struct conf_node *old = find(a, "alias"), *new = find(b, "alias");
	struct drift_item *item;

	if (streq(alias_of(a), alias_of(b)))
		return;
	item = drift_add(d, DRIFT_LOSE, a, "alias", alias_of(a), alias_of(b),
			 "multipathd renames the map at its start: /dev/mapper/%s is gone then, and what names it in fstab, crypttab and root=", alias_of(a));
	if (item) {
		item->old_origin = old ? old->comment : NULL;
		item->new_origin = new ? new->comment : NULL;
	}
}

static bool is_queueing(const struct conf_node *map)
{
	const char *retry = value_of(map, "no_path_retry");

	return *retry && !streq(retry, "fail") && !streq(retry, "0");
}

static bool has_partitions(const struct conf_node *map)
{
	return next_section(map->child, "partition") != NULL;
}

/* Only whether the map queues is in the table, not for how long. */
static void compare_options(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	bool parts = has_partitions(a) || has_partitions(b), queue_differs = is_queueing(a) != is_queueing(b);

	compare_alias(d, a, b);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		compare_value(d, a, a, b, rules[i].key, rules[i].severity, rules[i].text);
	compare_value(d, a, a, b, "no_path_retry", queue_differs ? DRIFT_RELOAD : DRIFT_HARMLESS,
		      queue_differs ? "whether the map queues is in the table" : "the map queues until multipathd takes over, then as long as is said now");
	if (streq(value_of(a, "skip_kpartx"), "yes") && parts)
		compare_value(d, a, a, b, "skip_kpartx", DRIFT_LOSE, "the image makes no partitions of this map");
	else
		compare_value(d, a, a, b, "skip_kpartx", DRIFT_HARMLESS, "the image makes partitions of this map all the same");
	compare_value(d, a, a, b, "partition_delimiter", parts ? DRIFT_LOSE : DRIFT_HARMLESS, "partitions of the map get other names");
	compare_value(d, a, a, b, "uid_attribute", find(a, "designator") ? DRIFT_HARMLESS : DRIFT_LOSE,
		      find(a, "designator") ? "the image knows the LUN by its designators" : "the image knows the LUN by this property only");
}

/* The image knows a path by the first designator. */
static void compare_designators(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	const struct conf_node *first = conf_find(a->child, "designator"), *now = conf_find(b->child, "designator");

	if (!first)
		return;	/* then it goes by uid_attribute */
	if (!now)
		drift_add(d, DRIFT_HARMLESS, a, "designator", first->value, NULL, "the LUN's paths show none at the moment: are they all down?");
	else if (!has_value(b, "designator", first->value))
		drift_add(d, DRIFT_LOSE, a, "designator", first->value, now->value, "the LUN shows another identity: the image would not know its paths");
}

/* A path in one line; @place_only leaves out how it is reached. */
static void path_text(const struct conf_node *p, bool place_only, char *buf, size_t size)
{
	const char *portal = value_of(p, "portal"), *interface = value_of(p, "interface"), *gateway = value_of(p, "gateway");

	snprintf(buf, size, "%s %s%s%s lun %s", value_of(p, "transport"), value_of(p, "target"), *portal ? " at " : "", portal, value_of(p, "lun"));
	if (!place_only && *interface)
		snprintf(buf + strlen(buf), size - strlen(buf), " through %s %s %s%s%s", interface, value_of(p, "interface_mac"),
			 value_of(p, "interface_address"), *gateway ? " gateway " : "", gateway);
}

#define PATH_TEXT_SIZE 800

/* How many paths of @map have this text, up to @end. */
static unsigned int count_paths(const struct conf_node *map, const char *text, bool place_only, const struct conf_node *end)
{
	char other[PATH_TEXT_SIZE];
	unsigned int n = 0;

	for_each_section(p, map->child, "path") {
		path_text(p, place_only, other, sizeof(other));
		n += streq(text, other);
		if (p == end)
			break;
	}
	return n;
}

/* By itself nobody connects these: the image does, to where the snapshot says. */
static bool is_connected_by_image(const struct conf_node *path)
{
	return streq(value_of(path, "transport"), "iscsi") || streq(value_of(path, "driver"), "nvme_tcp");
}

/* Where the image logs in to, and with which interface: one such place must be left of those it knows. */
static bool any_login_left(const struct conf_node *old, const struct conf_node *new)
{
	bool any = false;

	for_each_section(a, old->child, "path") {
		if (!is_connected_by_image(a))
			return true;
		any = true;
		for_each_section(b, new->child, "path")
			if (streq(value_of(a, "target"), value_of(b, "target")) && streq(value_of(a, "portal"), value_of(b, "portal")) &&
			    streq(value_of(a, "interface_mac"), value_of(b, "interface_mac")))
				return true;
	}
	return !any;
}

/* How many paths of @map are at this place, and known with the address that they are reached from. */
static unsigned int count_ways(const struct conf_node *map, const char *place)
{
	char other[PATH_TEXT_SIZE];
	unsigned int n = 0;

	for_each_section(p, map->child, "path") {
		path_text(p, true, other, sizeof(other));
		n += streq(place, other) && *value_of(p, "interface_address");
	}
	return n;
}

/* The portal was down when the image was made: it brings no interface up for it. */
static bool lacks_way(const struct conf_node *path, const struct conf_node *old, const struct conf_node *new)
{
	char place[PATH_TEXT_SIZE];

	path_text(path, true, place, sizeof(place));
	return is_connected_by_image(path) && !*value_of(path, "interface_address") && count_ways(new, place) > count_ways(old, place);
}

/* Paths of @map that @other does not have: the @n-th of the same text is there if @other has as many. */
static void compare_path_set(struct drift *d, const struct conf_node *map, const struct conf_node *other, bool is_old, enum severity severity)
{
	char text[PATH_TEXT_SIZE], place[PATH_TEXT_SIZE];

	for_each_section(p, map->child, "path") {
		bool is_moved;

		path_text(p, false, text, sizeof(text));
		path_text(p, true, place, sizeof(place));
		if (count_paths(other, text, false, NULL) >= count_paths(map, text, false, p))
			continue;
		is_moved = count_paths(other, place, true, NULL) > 0;
		if (is_old && severity < DRIFT_RELOAD && lacks_way(p, map, other))
			drift_add(d, DRIFT_RELOAD, map, "path", text, NULL, "the image does not know the way to it, and brings no interface up: the boot goes without "
				  "this path, and multipathd adds it to the map later");
		else if (is_old)
			drift_add(d, severity, map, "path", text, NULL, severity == DRIFT_LOSE ? "none of the logins that the image knows leads to this map now" :
				  is_moved ? "it is reached in another way now" : "it is no path of the map now: the boot may wait for it, and goes on without it");
		else
			drift_add(d, DRIFT_HARMLESS, other, "path", NULL, text, is_moved ? "it is reached in another way now" :
				  "the image does not expect it: where it must log in to reach it, it will not");
	}
}

static void compare_paths(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	enum severity severity = drift_is_needed(a) && !any_login_left(a, b) ? DRIFT_LOSE : DRIFT_HARMLESS;

	compare_path_set(d, a, b, true, severity);
	compare_path_set(d, b, a, false, DRIFT_HARMLESS);
}

/* The driver of every path that there is now is one that the image was not told of. */
static bool all_drivers_are_new(const struct conf_node *old, const struct conf_node *new)
{
	bool any = false;

	for_each_section(p, new->child, "path") {
		const char *driver = value_of(p, "driver");

		if (!*driver || !has_value(new, "module", driver) || has_value(old, "module", driver))
			return false;
		any = true;
	}
	return any;
}

static void compare_modules(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	bool lost = drift_is_needed(a) && all_drivers_are_new(a, b);

	for (const struct conf_node *n = a->child; n; n = n->next)
		if (n->value && streq(n->key, "module") && !has_value(b, "module", n->value))
			drift_add(d, DRIFT_HARMLESS, a, "module", n->value, NULL, "the image has it for nothing");
	for (const struct conf_node *n = b->child; n; n = n->next)
		if (n->value && streq(n->key, "module") && !has_value(a, "module", n->value))
			drift_add(d, lost ? DRIFT_LOSE : DRIFT_HARMLESS, a, "module", NULL, n->value, lost ?
				  "the image was made for other drivers, and may have none for the paths of this map" : "the image may not have it");
}

static void part_text(const struct conf_node *p, char *buf, size_t size)
{
	snprintf(buf, size, "%s start %s size %s", value_of(p, "number"), value_of(p, "start"), value_of(p, "size"));
}

static bool has_part(const struct conf_node *map, const char *text)
{
	char other[128];

	for_each_section(p, map->child, "partition") {
		part_text(p, other, sizeof(other));
		if (streq(text, other))
			return true;
	}
	return false;
}

static void compare_partitions(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	static const char text[] = "the snapshot's partitions count only while every path is passive";
	char part[128];

	for_each_section(p, a->child, "partition") {
		part_text(p, part, sizeof(part));
		if (!has_part(b, part))
			drift_add(d, DRIFT_HARMLESS, a, "partition", part, NULL, "%s", text);
	}
	for_each_section(p, b->child, "partition") {
		part_text(p, part, sizeof(part));
		if (!has_part(a, part))
			drift_add(d, DRIFT_HARMLESS, a, "partition", NULL, part, "%s", text);
	}
}

/* Does root need neither of them? @b may be NULL. One that root has come to need since counts. */
static bool spares_root(const struct conf_node *a, const struct conf_node *b)
{
	return !drift_is_needed(a) && (!b || !drift_is_needed(b));
}

static void compare_map(struct drift *d, const struct conf_node *a, const struct conf_node *b)
{
	d->spares_root = spares_root(a, b);
	compare_options(d, a, b);
	compare_designators(d, a, b);
	compare_modules(d, a, b);
	compare_partitions(d, a, b);
	compare_paths(d, a, b);
	d->spares_root = false;
}

static const struct conf_node *find_map(const struct conf *conf, const char *key, const char *value)
{
	for_each_section(map, conf->first, "map")
		if (*value && has_value(map, key, value))
			return map;
	return NULL;
}

/* The map that has taken the place of @a, whose WWID is gone: the same LUN under another WWID, or another LUN under the same name. */
static void compare_gone(struct drift *d, const struct conf_node *a, const struct conf *old, const struct conf *new)
{
	const struct conf_node *designator = conf_find(a->child, "designator");
	const struct conf_node *same_lun = designator && designator->value ? find_map(new, "designator", designator->value) : NULL;
	const struct conf_node *same_name = find_map(new, "alias", alias_of(a));

	d->spares_root = spares_root(a, same_lun ? same_lun : same_name);
	if (same_lun && !find_map(old, "wwid", value_of(same_lun, "wwid")))
		drift_add(d, DRIFT_LOSE, a, "wwid", value_of(a, "wwid"), value_of(same_lun, "wwid"),
			  "multipathd knows this LUN by another WWID: it cannot take over the map that the image makes");
	else if (same_name && !find_map(old, "wwid", value_of(same_name, "wwid")))
		drift_add(d, DRIFT_LOSE, a, "wwid", value_of(a, "wwid"), value_of(same_name, "wwid"), "%s is another LUN now: the image would look for the old one",
			  alias_of(a));
	else
		drift_add(d, DRIFT_HARMLESS, a, "map", value_of(a, "wwid"), NULL, "the system needs it no more: the boot may wait for it in vain");
	d->spares_root = false;
}

static bool is_known_otherwise(const struct drift *d, const char *wwid)
{
	for (size_t i = 0; i < d->n; i++)
		if (streq(d->v[i].key, "wwid") && d->v[i].new_value && streq(d->v[i].new_value, wwid))
			return true;
	return false;
}

void drift_compare(const struct conf *old, const struct conf *new, struct drift *d)
{
	compare_header(d, old, new);
	compare_list(d, old, new, "blacklist", "leaves out the disks that it names");
	compare_list(d, old, new, "blacklist_exceptions", "takes the disks that it names although they are blacklisted");
	for_each_section(map, old->first, "map") {
		const struct conf_node *now = find_map(new, "wwid", value_of(map, "wwid"));

		if (now)
			compare_map(d, map, now);
		else
			compare_gone(d, map, old, new);
	}
	for_each_section(map, new->first, "map") {
		const char *wwid = value_of(map, "wwid");

		if (find_map(old, "wwid", wwid) || is_known_otherwise(d, wwid))
			continue;
		if (drift_is_needed(map))
			drift_add(d, DRIFT_LOSE, map, "map", NULL, wwid, "the image knows nothing of it, and root needs it");
		else
			drift_add(d, DRIFT_HARMLESS, map, "map", NULL, wwid, "the image knows nothing of it: in the initramfs one of its paths is used, or it fails");
	}
}

static const struct conf_node *find_other(const struct conf *conf, const char *wwid)
{
	for_each_section(other, conf->first, "other")
		if (has_value(other, "wwid", wwid))
			return other;
	return NULL;
}

void drift_compare_others(const struct conf *old, const struct conf *new, struct drift *d)
{
	const char *first = NULL;
	char text[300];
	size_t n = 0;

	for_each_section(other, new->first, "other") {
		const char *wwid = value_of(other, "wwid");

		if (find_other(old, wwid) || find_map(old, "wwid", wwid))
			continue;
		first = first ? first : wwid;
		n++;	/* there may be hundreds: told once */
	}
	if (!n)
		return;
	snprintf(text, sizeof(text), n > 1 ? "%s and %zu more" : "%s", first, n - 1);
	drift_add(d, DRIFT_HARMLESS, NULL, "other", NULL, text,
		  "the image does not know that this is multipath, too: where LVM or MD are on it, they may take one path of it in the initramfs");
}
