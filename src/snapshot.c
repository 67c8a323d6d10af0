/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

#include "buf.h"
#include "conf.h"
#include "extension-name.h"
#include "rules.h"
#include "scsi.h"
#include "sha256.h"
#include "util.h"

#define ALIAS_LEN_MAX 127	/* DM_NAME_LEN less NUL (linux/dm-ioctl.h) */
#define WWID_LEN_MAX (WWID_MAX - 6)	/* "mpath-" in front, DM_UUID_LEN less NUL in all */
#define MAPS_MAX 4096		/* far more than any root needs; keeps the search for duplicates short */
#define PATHS_MAX 4096
#define DESIGNATORS_MAX 64
#define EXTENSIONS_MAX 32
#define PARTS_MAX 256		/* DISK_MAX_PARTS (linux/blkdev.h) */
#define BINDINGS_MAX 65536
#define SECONDS_MAX 1000000000u
#define REMAKE "make it again with mpath-snapshot create"

const char *const policy_names[] = {
	[POLICY_FAILOVER] = "failover",
	[POLICY_MULTIBUS] = "multibus",
	[POLICY_GROUP_BY_SERIAL] = "group_by_serial",
	[POLICY_GROUP_BY_PRIO] = "group_by_prio",
	[POLICY_GROUP_BY_NODE_NAME] = "group_by_node_name",
	[POLICY_GROUP_BY_TPG] = "group_by_tpg",
};
const size_t n_policy_names = ARRAY_SIZE(policy_names);

static const char *const rr_weight_names[] = {
	[RR_WEIGHT_UNIFORM] = "uniform",
	[RR_WEIGHT_PRIORITIES] = "priorities",
};

enum kind {
	KIND_STRING,
	KIND_WWID,
	KIND_ALIAS,
	KIND_U64,
	KIND_UINT,
	KIND_SECONDS,		/* unsigned int */
	KIND_MILLISECONDS,	/* unsigned int; the file says seconds */
	KIND_TMO,
	KIND_BOOL,
	KIND_NEED,
	KIND_POLICY,
	KIND_RR_WEIGHT,
	KIND_FAILBACK,
	KIND_NO_PATH_RETRY,
	KIND_SELECTOR,		/* "name N arg1 … argN" */
	KIND_COUNTED,		/* "N word1 … wordN" */
};

struct keyword {
	const char *name;
	enum kind kind;
	size_t offset;
};

#define KEYWORD(type, word, field, what) { .name = (word), .kind = (what), .offset = offsetof(struct type, field) }

static const struct keyword header_keywords[] = {
	KEYWORD(snapshot, "generator", generator, KIND_STRING),
	KEYWORD(snapshot, "multipath_tools", tools, KIND_STRING),
	KEYWORD(snapshot, "polling_interval", polling_interval, KIND_SECONDS),
	KEYWORD(snapshot, "max_polling_interval", max_polling_interval, KIND_SECONDS),
};

static const struct keyword map_keywords[] = {
	KEYWORD(snap_map, "wwid", wwid, KIND_WWID),
	KEYWORD(snap_map, "alias", alias, KIND_ALIAS),
	KEYWORD(snap_map, "needed_for", needed_for, KIND_NEED),
	KEYWORD(snap_map, "uid_attribute", uid_attribute, KIND_STRING),
	KEYWORD(snap_map, "size", size, KIND_U64),
	KEYWORD(snap_map, "path_grouping_policy", policy, KIND_POLICY),
	KEYWORD(snap_map, "path_selector", selector, KIND_SELECTOR),
	KEYWORD(snap_map, "features", features, KIND_COUNTED),
	KEYWORD(snap_map, "hardware_handler", hwhandler, KIND_COUNTED),
	KEYWORD(snap_map, "no_path_retry", no_path_retry, KIND_NO_PATH_RETRY),
	KEYWORD(snap_map, "prio", prio, KIND_STRING),
	KEYWORD(snap_map, "prio_args", prio_args, KIND_STRING),
	KEYWORD(snap_map, "path_checker", checker, KIND_STRING),
	KEYWORD(snap_map, "checker_timeout", checker_timeout_ms, KIND_MILLISECONDS),
	KEYWORD(snap_map, "minio", minio, KIND_UINT),
	KEYWORD(snap_map, "rr_weight", rr_weight, KIND_RR_WEIGHT),
	KEYWORD(snap_map, "failback", failback, KIND_FAILBACK),
	KEYWORD(snap_map, "skip_kpartx", skip_kpartx, KIND_BOOL),
	KEYWORD(snap_map, "partition_delimiter", part_delim, KIND_STRING),
	KEYWORD(snap_map, "fast_io_fail_tmo", fast_io_fail_tmo, KIND_TMO),
	KEYWORD(snap_map, "dev_loss_tmo", dev_loss_tmo, KIND_TMO),
	KEYWORD(snap_map, "eh_deadline", eh_deadline, KIND_TMO),
	KEYWORD(snap_map, "ghost_delay", ghost_delay, KIND_TMO),
	KEYWORD(snap_map, "max_sectors_kb", max_sectors_kb, KIND_UINT),
};

static const struct keyword part_keywords[] = {
	KEYWORD(snap_part, "number", number, KIND_UINT),
	KEYWORD(snap_part, "start", start, KIND_U64),
	KEYWORD(snap_part, "size", size, KIND_U64),
};

static const struct keyword path_keywords[] = {
	KEYWORD(snap_path, "transport", transport, KIND_STRING),
	KEYWORD(snap_path, "driver", driver, KIND_STRING),
	KEYWORD(snap_path, "target", target, KIND_STRING),
	KEYWORD(snap_path, "portal", portal, KIND_STRING),
	KEYWORD(snap_path, "interface", interface, KIND_STRING),
	KEYWORD(snap_path, "lun", lun, KIND_U64),
};

/* What multipathd does when nothing is configured (hwtable.c and defaults.h of 0.9.4 and 0.14). */
static const struct snap_map map_defaults = {
	.uid_attribute = "ID_SERIAL",
	.policy = POLICY_FAILOVER,
	.selector = "service-time 0",
	.features = "0",
	.hwhandler = "0",
	.no_path_retry = NO_PATH_RETRY_UNDEF,
	.prio = "const",
	.prio_args = "",
	.checker = "tur",
	.checker_timeout_ms = 30000,
	.minio = 1,
	.rr_weight = RR_WEIGHT_UNIFORM,
	.failback = FAILBACK_MANUAL,
	.part_delim = "-part",
	.fast_io_fail_tmo = 5,
	.dev_loss_tmo = TMO_UNDEF,
	.eh_deadline = TMO_UNDEF,
	.ghost_delay = TMO_UNDEF,
};

static const struct snap_path path_defaults = {
	.transport = "", .driver = "", .target = "", .portal = "", .interface = "",
};

static const struct snapshot snapshot_defaults = {
	.generator = "", .tools = "", .polling_interval = 5, .max_polling_interval = 20,
};

static int _printf_(3, 4) fail(struct snapshot_error *err, unsigned int line, const char *fmt, ...)
{
	va_list args;

	err->line = line;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -EBADMSG;
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 127)
			return true;
	return false;
}

bool snapshot_is_wwid(const char *s)
{
	return *s && strlen(s) <= WWID_LEN_MAX && !strchr(s, '/') && !has_control(s);
}

bool snapshot_is_designator(const char *s)
{
	return *s && strlen(s) < DESIGNATOR_MAX && !has_control(s);
}

/* "control" is the node through which dm itself is reached. */
bool snapshot_is_alias(const char *s)
{
	return *s && strlen(s) <= ALIAS_LEN_MAX && !strchr(s, '/') && !has_control(s) &&
	       !streq(s, ".") && !streq(s, "..") && !streq(s, "control");
}

/* "N word1 … wordN", blanks between: such a string goes into the table as it is, and a wrong count would eat what follows it. */
static bool is_counted(const char *s)
{
	char number[8] = "";
	size_t len = strcspn(s, " ");
	uint64_t want, n = 0;

	if (len >= sizeof(number))
		return false;
	memcpy(number, s, len);
	if (!conf_number(number, 100, &want))
		return false;
	for (s += len; *s; s += len) {
		s += strspn(s, " ");
		len = strcspn(s, " ");
		n += len > 0;
	}
	return n == want;
}

static bool is_selector(const char *s)
{
	const char *rest = strchr(s, ' ');

	return rest && rest != s && is_counted(rest + 1);
}

static bool parse_name(const char *s, const char *const *names, size_t n, unsigned int *out)
{
	for (unsigned int i = 0; i < n; i++) {
		if (streq(s, names[i])) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* A number of seconds, or one of two words. */
static bool parse_int(const char *s, const char *word1, int value1, const char *word2, int value2, int *out)
{
	uint64_t v;

	if (streq(s, word1))
		*out = value1;
	else if (streq(s, word2))
		*out = value2;
	else if (conf_number(s, SECONDS_MAX, &v))
		*out = (int)v;
	else
		return false;
	return true;
}

static bool parse_bool(const char *s, bool *out)
{
	*out = streq(s, "yes");
	return *out || streq(s, "no");
}

/* Words that a newer mpath-snapshot may write are passed over. */
static unsigned int parse_need(const char *s)
{
	static const struct {
		const char *word;
		enum snap_need need;
	} needs[] = { { "/", NEED_ROOT }, { "/usr", NEED_USR }, { "resume", NEED_RESUME }, { "group", NEED_GROUP } };
	unsigned int found = 0;
	size_t len;

	for (; *s; s += len) {
		s += strspn(s, " ");
		len = strcspn(s, " ");
		for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
			if (len == strlen(needs[i].word) && memcmp(s, needs[i].word, len) == 0)
				found |= needs[i].need;
	}
	return found;
}

static bool set_value(const struct keyword *k, const char *s, void *field)
{
	unsigned int name;
	uint64_t v;

	switch (k->kind) {
	case KIND_STRING:
		*(const char **)field = s;
		return true;
	case KIND_WWID:
		*(const char **)field = s;
		return snapshot_is_wwid(s);
	case KIND_ALIAS:
		*(const char **)field = s;
		return snapshot_is_alias(s);
	case KIND_SELECTOR:
		*(const char **)field = s;
		return is_selector(s);
	case KIND_COUNTED:
		*(const char **)field = s;
		return is_counted(s);
	case KIND_U64:
		return conf_number(s, UINT64_MAX, field);
	case KIND_UINT:
		if (!conf_number(s, UINT32_MAX, &v))
			return false;
		*(unsigned int *)field = (unsigned int)v;
		return true;
	case KIND_SECONDS:
		if (!conf_number(s, SECONDS_MAX, &v) || v == 0)
			return false;
		*(unsigned int *)field = (unsigned int)v;
		return true;
	case KIND_MILLISECONDS:
		if (!conf_number(s, UINT32_MAX / 1000, &v) || v == 0)
			return false;
		*(unsigned int *)field = (unsigned int)v * 1000;
		return true;
	case KIND_TMO:
		return parse_int(s, "off", TMO_OFF, "infinity", TMO_INFINITY, field);
	case KIND_NO_PATH_RETRY:
		return parse_int(s, "queue", NO_PATH_RETRY_QUEUE, "fail", NO_PATH_RETRY_FAIL, field);
	case KIND_FAILBACK:
		return streq(s, "immediate") ? (*(int *)field = FAILBACK_IMMEDIATE, true) :
		       parse_int(s, "manual", FAILBACK_MANUAL, "followover", FAILBACK_FOLLOWOVER, field);
	case KIND_BOOL:
		return parse_bool(s, field);
	case KIND_NEED:
		*(unsigned int *)field = parse_need(s);
		return true;
	case KIND_POLICY:
		if (!parse_name(s, policy_names, ARRAY_SIZE(policy_names), &name))
			return false;
		*(enum pg_policy *)field = (enum pg_policy)name;
		return true;
	case KIND_RR_WEIGHT:
		if (!parse_name(s, rr_weight_names, ARRAY_SIZE(rr_weight_names), &name))
			return false;
		*(enum rr_weight *)field = (enum rr_weight)name;
		return true;
	}
	return false;
}

/* Fill @object from the statements of one section. Keywords it does not know come from a newer tool and do no harm. */
static int set_values(const struct conf_node *section, const struct keyword *keywords, size_t n, void *object,
		      struct snapshot_error *err)
{
	for (const struct conf_node *node = section->child; node; node = node->next) {
		if (node->is_section)
			continue;
		if (has_control(node->value))
			return fail(err, node->line, "control character in the value of %.40s", node->key);
		for (size_t i = 0; i < n; i++) {
			if (!streq(node->key, keywords[i].name))
				continue;
			if (!set_value(&keywords[i], node->value, (char *)object + keywords[i].offset))
				return fail(err, node->line, "bad %s \"%.60s\"; " REMAKE, node->key, node->value);
		}
	}
	return 0;
}

static size_t count(const struct conf_node *n, const char *key, bool is_section)
{
	size_t found = 0;

	for (; (n = conf_find(n, key)); n = n->next)
		found += n->is_section == is_section;
	return found;
}

/* One more than needed, so that none is no NULL. */
static void *new_array(size_t n, size_t size)
{
	return calloc(n + 1, size);
}

static int parse_parts(const struct conf_node *section, struct snap_map *m, struct snapshot_error *err)
{
	const struct conf_node *n = section->child;
	size_t wanted = count(n, "partition", true);
	int r;

	if (wanted > PARTS_MAX)
		return fail(err, section->line, "more than %d partitions", PARTS_MAX);
	m->parts = new_array(wanted, sizeof(*m->parts));
	if (!m->parts)
		return -ENOMEM;
	for (; (n = conf_find(n, "partition")); n = n->next) {
		struct snap_part *part = &m->parts[m->n_parts];

		if (!n->is_section)
			continue;
		r = set_values(n, part_keywords, ARRAY_SIZE(part_keywords), part, err);
		if (r)
			return r;
		if (part->number < 1 || part->number > PARTS_MAX)
			return fail(err, n->line, "partition number %u is not within 1 and %d", part->number, PARTS_MAX);
		if (part->size == 0 || part->start > UINT64_MAX - part->size ||
		    (m->size && part->start + part->size > m->size))
			return fail(err, n->line, "partition %u does not fit into its map", part->number);
		for (size_t i = 0; i < m->n_parts; i++)
			if (m->parts[i].number == part->number)
				return fail(err, n->line, "partition %u is named twice", part->number);
		m->n_parts++;
	}
	return 0;
}

static int parse_paths(const struct conf_node *section, struct snap_map *m, struct snapshot_error *err)
{
	const struct conf_node *n = section->child;
	size_t wanted = count(n, "path", true);
	int r;

	if (wanted > PATHS_MAX)
		return fail(err, section->line, "more than %d paths", PATHS_MAX);
	m->paths = new_array(wanted, sizeof(*m->paths));
	if (!m->paths)
		return -ENOMEM;
	for (; (n = conf_find(n, "path")); n = n->next) {
		if (!n->is_section)
			continue;
		m->paths[m->n_paths] = path_defaults;
		r = set_values(n, path_keywords, ARRAY_SIZE(path_keywords), &m->paths[m->n_paths], err);
		if (r)
			return r;
		m->n_paths++;
	}
	return 0;
}

static int parse_designators(const struct conf_node *section, struct snap_map *m, struct snapshot_error *err)
{
	const struct conf_node *n = section->child;
	size_t wanted = count(n, "designator", false);

	if (wanted > DESIGNATORS_MAX)
		return fail(err, section->line, "more than %d designators", DESIGNATORS_MAX);
	m->designators = new_array(wanted, sizeof(*m->designators));
	if (!m->designators)
		return -ENOMEM;
	for (; (n = conf_find(n, "designator")); n = n->next) {
		if (n->is_section)
			continue;
		if (!snapshot_is_designator(n->value))
			return fail(err, n->line, "bad designator \"%.60s\"; " REMAKE, n->value);
		m->designators[m->n_designators++] = n->value;
	}
	return 0;
}

static int parse_map(const struct conf_node *section, struct snap_map *m, struct snapshot_error *err)
{
	int r;

	*m = map_defaults;
	m->line = section->line;
	r = set_values(section, map_keywords, ARRAY_SIZE(map_keywords), m, err);
	if (!r && !m->wwid)
		r = fail(err, section->line, "map without wwid; " REMAKE);
	if (r)
		return r;
	if (!m->alias)
		m->alias = m->wwid;
	if (!snapshot_is_alias(m->alias))
		return fail(err, section->line, "wwid \"%.60s\" needs an alias", m->wwid);
	r = parse_designators(section, m, err);
	if (!r)
		r = parse_parts(section, m, err);
	if (!r)
		r = parse_paths(section, m, err);
	return r;
}

int snapshot_read_map(const struct conf_node *section, struct snap_map *out)
{
	struct snapshot_error err;

	return parse_map(section, out, &err);
}

void snapshot_release_map(struct snap_map *m)
{
	free(m->designators);
	free(m->parts);
	free(m->paths);
}

void snapshot_init_map(struct snap_map *m)
{
	*m = map_defaults;
}

bool snapshot_set_option(struct snap_map *m, const char *keyword, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(map_keywords); i++)
		if (streq(keyword, map_keywords[i].name))
			return !has_control(value) && set_value(&map_keywords[i], value, (char *)m + map_keywords[i].offset);
	return false;
}

static int check_duplicate(const struct snapshot *s, const struct snap_map *m, struct snapshot_error *err)
{
	for (const struct snap_map *o = s->maps; o < m; o++) {
		if (streq(o->wwid, m->wwid))
			return fail(err, m->line, "wwid \"%.60s\" is named twice (line %u)", m->wwid, o->line);
		if (streq(o->alias, m->alias))
			return fail(err, m->line, "alias \"%.60s\" is named twice (line %u)", m->alias, o->line);
	}
	return 0;
}

static int parse_maps(const struct conf_node *n, struct snapshot *s, struct snapshot_error *err)
{
	size_t wanted = count(n, "map", true);
	int r;

	if (wanted > MAPS_MAX)
		return fail(err, 0, "more than %d maps", MAPS_MAX);
	s->maps = new_array(wanted, sizeof(*s->maps));
	if (!s->maps)
		return -ENOMEM;
	for (; (n = conf_find(n, "map")); n = n->next) {
		struct snap_map *m = &s->maps[s->n_maps];

		if (!n->is_section)
			continue;
		s->n_maps++;
		r = parse_map(n, m, err);
		if (!r)
			r = check_duplicate(s, m, err);
		if (r)
			return r;
	}
	return 0;
}

static int parse_others(const struct conf_node *n, struct snapshot *s, struct snapshot_error *err)
{
	size_t wanted = count(n, "other", true);

	if (wanted > MAPS_MAX)
		return fail(err, 0, "more than %d other LUNs", MAPS_MAX);
	s->others = new_array(wanted, sizeof(*s->others));
	if (!s->others)
		return -ENOMEM;
	for (; (n = conf_find(n, "other")); n = n->next) {
		const struct conf_node *d = n->is_section ? conf_find(n->child, "designator") : NULL;

		if (!d || !d->value)
			continue;
		if (!snapshot_is_designator(d->value))
			return fail(err, d->line, "bad designator \"%.60s\"; " REMAKE, d->value);
		s->others[s->n_others++] = d->value;
	}
	return 0;
}

static int parse_extensions(const struct conf_node *section, struct snapshot *s, struct snapshot_error *err)
{
	const struct conf_node *n = section->child;
	size_t wanted = count(n, "extension", false);

	if (wanted > EXTENSIONS_MAX)
		return fail(err, section->line, "more than %d extensions", EXTENSIONS_MAX);
	s->extensions = new_array(wanted, sizeof(*s->extensions));
	if (!s->extensions)
		return -ENOMEM;
	for (; (n = conf_find(n, "extension")); n = n->next) {
		if (n->is_section)
			continue;
		if (!extension_file_is_valid(n->value))
			return fail(err, n->line, "bad extension \"%.60s\"; " REMAKE, n->value);
		s->extensions[s->n_extensions++] = n->value;
	}
	return 0;
}

/* What a generic snapshot is made of; the strings belong to the tree. */
struct generic {
	struct rules rules;	/* first: snapshot->rules points here */
	struct rules_binding *bindings;
	const char **wwids;
};

static void free_generic(const struct rules *rules)
{
	struct generic *g = (struct generic *)(uintptr_t)rules;

	if (!g)
		return;
	free(g->bindings);
	free(g->wwids);
	free(g);
}

static int parse_bindings(const struct conf_node *section, struct generic *g, struct snapshot_error *err)
{
	const struct conf_node *n = section->child;
	size_t wanted = count(n, "binding", true);

	if (wanted > BINDINGS_MAX)
		return fail(err, section->line, "more than %d bindings", BINDINGS_MAX);
	g->bindings = new_array(wanted, sizeof(*g->bindings));
	if (!g->bindings)
		return -ENOMEM;
	for (; (n = conf_find(n, "binding")); n = n->next) {
		struct rules_binding *b = &g->bindings[g->rules.n_bindings];
		const struct conf_node *alias = conf_find(n->child, "alias"), *wwid = conf_find(n->child, "wwid");

		if (!n->is_section)
			continue;
		if (!alias || !alias->value || !wwid || !wwid->value || !snapshot_is_alias(alias->value) || !snapshot_is_wwid(wwid->value))
			return fail(err, n->line, "bad binding; " REMAKE);
		*b = (struct rules_binding){ .alias = alias->value, .wwid = wwid->value };
		g->rules.n_bindings++;
	}
	return 0;
}

static int parse_known(const struct conf_node *section, struct generic *g, struct snapshot_error *err)
{
	const struct conf_node *n = section->child;
	size_t wanted = count(n, "wwid", false);

	if (wanted > BINDINGS_MAX)
		return fail(err, section->line, "more than %d WWIDs", BINDINGS_MAX);
	g->wwids = new_array(wanted, sizeof(*g->wwids));
	if (!g->wwids)
		return -ENOMEM;
	for (; (n = conf_find(n, "wwid")); n = n->next) {
		if (n->is_section)
			continue;
		if (!snapshot_is_wwid(n->value))
			return fail(err, n->line, "bad wwid \"%.60s\"; " REMAKE, n->value);
		g->wwids[g->rules.n_wwids++] = n->value;
	}
	return 0;
}

/* The configuration itself is taken as it is: what it says nothing of, or something else than multipath-tools, nobody asks for. */
static int parse_generic(const struct conf_node *section, struct snapshot *s, struct snapshot_error *err)
{
	const struct conf_node *config = conf_find(section->child, "config");
	struct generic *g;
	int r;

	if (!config || !config->is_section)
		return fail(err, section->line, "section \"generic\" without \"config\"; " REMAKE);
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	s->rules = &g->rules;
	g->rules.config.first = config->child;
	if (!rules_read_find(&g->rules))
		return fail(err, config->line, "unknown find_multipaths; " REMAKE);
	r = parse_bindings(section, g, err);
	if (!r)
		r = parse_known(section, g, err);
	g->rules.bindings = g->bindings;
	g->rules.wwids = g->wwids;
	return r;
}

static int parse_header(const struct conf_node *n, struct snapshot *s, struct snapshot_error *err)
{
	const struct conf_node *section = conf_find(n, "snapshot"), *version;
	uint64_t v;
	int r;

	if (!section || !section->is_section)
		return fail(err, 0, "no section \"snapshot\": this is no snapshot");
	version = conf_find(section->child, "version");
	if (!version || !version->value || !conf_number(version->value, UINT64_MAX, &v) || v == 0)
		return fail(err, section->line, "no version; " REMAKE);
	if (v > SNAPSHOT_VERSION) {
		fail(err, version->line, "version %.20s is newer than %d, the newest this program knows; make it again with the "
		     "mpath-snapshot of this version", version->value, SNAPSHOT_VERSION);
		return -EPROTONOSUPPORT;
	}
	r = set_values(section, header_keywords, ARRAY_SIZE(header_keywords), s, err);
	return r ? r : parse_extensions(section, s, err);
}

/*
 * The last line must be the checksum of all before it. Newer versions keep this line, so that a truncated file is always told from
 * a newer one.
 */
static int check_sum(const char *text, size_t len, struct snapshot_error *err)
{
	static const char before[] = "checksum \"sha256:";
	const size_t line_len = sizeof(before) - 1 + SHA256_HEX_SIZE - 1 + 2;	/* the hex digits, '"' and '\n' */
	char hex[SHA256_HEX_SIZE];
	unsigned int line = 1;
	const char *last;

	for (size_t i = 0; i < len; i++)
		line += text[i] == '\n';
	last = text + (len < line_len ? 0 : len - line_len);
	if (len < line_len || memcmp(last, before, sizeof(before) - 1) != 0 || memcmp(text + len - 2, "\"\n", 2) != 0 ||
	    (last > text && last[-1] != '\n'))
		return fail(err, line, "no checksum at the end: the file is truncated; " REMAKE);
	sha256_hex(text, (size_t)(last - text), hex);
	if (memcmp(last + sizeof(before) - 1, hex, SHA256_HEX_SIZE - 1) != 0)
		return fail(err, line - 1, "wrong checksum: the file is damaged or was edited; " REMAKE);
	return 0;
}

static void report(void *arg, unsigned int line, const char *problem)
{
	fail(arg, line, "%s", problem);
}

int snapshot_parse(const char *text, size_t len, struct snapshot **out, struct snapshot_error *err)
{
	const struct conf_node *generic;
	struct snapshot *s;
	struct conf *conf;
	int r;

	r = check_sum(text, len, err);
	if (r)
		return r;
	s = malloc(sizeof(*s));
	if (!s) {
		fail(err, 0, "out of memory");
		return -ENOMEM;
	}
	*s = snapshot_defaults;
	r = conf_parse(text, len, true, report, err, &conf);
	if (!r) {
		s->priv = conf;
		if (conf_find(conf->first, "blacklist"))
			s->lists = conf;
		r = parse_header(conf->first, s, err);
		if (!r)
			r = parse_maps(conf->first, s, err);
		if (!r)
			r = parse_others(conf->first, s, err);
		generic = conf_find(conf->first, "generic");
		if (!r && generic && generic->is_section)
			r = parse_generic(generic, s, err);
	}
	if (r == -ENOMEM)
		fail(err, 0, "out of memory");
	if (r)
		snapshot_free(s);
	else
		*out = s;
	return r;
}

static int read_all(int fd, char *text, size_t size, size_t *len)
{
	for (*len = 0; *len < size; ) {
		ssize_t n = read(fd, text + *len, size - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return 0;
}

/* Not "unable to open FILE": the caller says which file. */
static int fail_errno(struct snapshot_error *err, const char *what, int r)
{
	fail(err, 0, "unable to %s it: %s", what, strerror(-r));
	return r;
}

int snapshot_open(const char *file, size_t *size, struct snapshot_error *err)
{
	_auto_close_ int fd = openat(AT_FDCWD, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail_errno(err, "open", -errno);
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		fail(err, 0, "it must be a file of root that no one else may write; chown root: and chmod go-w");
		return -EPERM;
	}
	if (st.st_size > SNAPSHOT_SIZE_MAX)
		return fail(err, 0, "it is larger than %u bytes; " REMAKE, SNAPSHOT_SIZE_MAX);
	*size = (size_t)st.st_size;
	return steal_fd(&fd);
}

int snapshot_load(const char *file, struct snapshot **out, struct snapshot_error *err)
{
	size_t size = 0, len;
	_auto_close_ int fd = snapshot_open(file, &size, err);
	_auto_free_ char *text = NULL;
	int r;

	if (fd < 0)
		return fd;
	text = malloc(size + 1);
	if (!text)
		return fail_errno(err, "read", -ENOMEM);
	r = read_all(fd, text, size, &len);
	if (r)
		return fail_errno(err, "read", r);
	return snapshot_parse(text, len, out, err);
}

/* What the LUN's designator must be if multipathd gave it this WWID; scsi.h, designator_wwid(). None for T10: blanks were folded. */
static void guess_designator(const char *wwid, struct buf *b)
{
	static const char *const nvme[] = { "eui.", "nvme.", "uuid." };
	size_t digits = strlen(wwid + 1);

	for (size_t i = 0; i < ARRAY_SIZE(nvme); i++) {
		if (!str_after(wwid, nvme[i]))
			continue;
		buf_add(b, "nvme.");
		for (const char *s = wwid; *s; s++)
			buf_addf(b, "%02x", (unsigned char)*s);
		return;
	}
	if (strspn(wwid + 1, "0123456789abcdef") != digits)
		return;
	if (*wwid == '3' && (digits == 16 || digits == 32))
		buf_addf(b, "naa.%s", wwid + 1);
	else if (*wwid == '2' && (digits == 16 || digits == 24 || digits == 32))
		buf_addf(b, "eui.%s", wwid + 1);
}

/* A map that only the kernel command line knows: its strings are one block that starts with the WWID. */
static int add_map(struct snapshot *s, const char *wwid, size_t len)
{
	size_t size = 2 * (len + 1) + sizeof("nvme.") + len;
	struct snap_map *maps, *m;
	struct buf designator;
	char *block;

	maps = realloc(s->maps, (s->n_maps + 1) * sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	s->maps = maps;
	block = malloc(size);
	if (!block)
		return -ENOMEM;
	memcpy(block, wwid, len);
	block[len] = '\0';
	designator = (struct buf)BUF_INIT(block + len + 1, size - len - 1);
	buf_reset(&designator);
	guess_designator(block, &designator);

	m = &maps[s->n_maps++];
	*m = map_defaults;
	m->wwid = m->alias = block;
	m->needed_for = NEED_ROOT;
	m->designators = new_array(1, sizeof(*m->designators));
	m->parts = new_array(0, sizeof(*m->parts));
	m->paths = new_array(0, sizeof(*m->paths));
	if (!m->designators || !m->parts || !m->paths)
		return -ENOMEM;
	if (designator.len)
		m->designators[m->n_designators++] = designator.s;
	if (designator.len && str_after(designator.s, "nvme.")) {
		m->uid_attribute = "ID_WWN";
		m->checker = "none";	/* NVMe has no TEST UNIT READY */
	}
	return 0;
}

static bool has_wwid(const struct snapshot *s, const char *wwid)
{
	for (size_t i = 0; i < s->n_maps; i++)
		if (streq(s->maps[i].wwid, wwid))
			return true;
	return false;
}

static int add_wwid(struct snapshot *s, const char *text, size_t len)
{
	char wwid[WWID_LEN_MAX + 1];

	if (len > WWID_LEN_MAX)
		return -EINVAL;
	memcpy(wwid, text, len);
	wwid[len] = '\0';
	if (!snapshot_is_wwid(wwid) || !snapshot_is_alias(wwid))
		return -EINVAL;
	if (has_wwid(s, wwid))
		return 0;
	return s->n_maps < MAPS_MAX ? add_map(s, wwid, len) : -EINVAL;
}

/* A typo in one of several WWIDs does not cost the others. */
static int add_wwids(struct snapshot *s, const char *wwids)
{
	int first_error = 0;
	size_t len;

	for (; *wwids; wwids += len + (wwids[len] == ',')) {
		int r;

		len = strcspn(wwids, ",");
		r = len ? add_wwid(s, wwids, len) : 0;
		if (r && !first_error)
			first_error = r;
	}
	return first_error;
}

int snapshot_add_wwids(struct snapshot **snap, const char *wwids)
{
	struct snapshot *s = *snap;
	int r;

	if (!s) {
		s = malloc(sizeof(*s));
		if (!s)
			return -ENOMEM;
		*s = snapshot_defaults;
		s->from_cmdline = true;
	}
	r = add_wwids(s, wwids);
	if (r && !*snap && s->n_maps == 0)
		snapshot_free(s);
	else
		*snap = s;
	return r;
}

int snapshot_built_in(struct snapshot **out)
{
	struct snapshot *s = malloc(sizeof(*s));
	struct generic *g = calloc(1, sizeof(*g));
	struct conf *conf;
	int r = -ENOMEM;

	if (s && g)
		r = conf_parse(rules_built_in, strlen(rules_built_in), true, NULL, NULL, &conf);
	if (r) {
		free(s);
		free(g);
		return r;
	}
	*s = snapshot_defaults;
	s->tools = "built-in rules";
	s->priv = conf;
	s->rules = &g->rules;
	g->rules.config.first = conf->first;
	rules_read_find(&g->rules);
	*out = s;
	return 0;
}

int snapshot_reserve(struct snapshot *snap, size_t n)
{
	struct snap_map *grown = realloc(snap->maps, (snap->n_maps + n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	snap->maps = grown;
	return 0;
}

unsigned int snapshot_find_line(const struct snapshot *snap, const struct snap_map *map, const char *key, const char **origin)
{
	const struct conf *conf = snap->priv;
	unsigned int line = 0;

	*origin = NULL;
	for (const struct conf_node *n = conf && map->line ? conf->first : NULL; n; n = n->next) {
		for (const struct conf_node *k = n->line == map->line ? n->child : NULL; k; k = k->next) {
			if (!k->is_section && streq(k->key, key)) {
				line = k->line;
				*origin = k->comment;
			}
		}
	}
	return line;
}

void snapshot_free(struct snapshot *snap)
{
	if (!snap)
		return;
	for (size_t i = 0; i < snap->n_maps; i++) {
		struct snap_map *m = &snap->maps[i];

		if (m->by_rules)
			continue;	/* nothing of it is ours */
		if (m->line == 0)
			free((void *)(uintptr_t)m->wwid);
		snapshot_release_map(m);
	}
	free(snap->maps);
	free(snap->others);
	free(snap->extensions);
	free_generic(snap->rules);
	conf_free(snap->priv);
	free(snap);
}
