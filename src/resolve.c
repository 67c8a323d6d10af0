/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve.h"

#include <stdarg.h>
#include <stdio.h>

#include "pattern.h"

const char *const option_names[N_OPTIONS] = {
	[OPT_ALIAS] = "alias",
	[OPT_UID_ATTRIBUTE] = "uid_attribute",
	[OPT_PATH_GROUPING_POLICY] = "path_grouping_policy",
	[OPT_PATH_SELECTOR] = "path_selector",
	[OPT_FEATURES] = "features",
	[OPT_HARDWARE_HANDLER] = "hardware_handler",
	[OPT_NO_PATH_RETRY] = "no_path_retry",
	[OPT_PRIO] = "prio",
	[OPT_PRIO_ARGS] = "prio_args",
	[OPT_PATH_CHECKER] = "path_checker",
	[OPT_CHECKER_TIMEOUT] = "checker_timeout",
	[OPT_MINIO] = "minio",
	[OPT_RR_WEIGHT] = "rr_weight",
	[OPT_FAILBACK] = "failback",
	[OPT_SKIP_KPARTX] = "skip_kpartx",
	[OPT_PARTITION_DELIMITER] = "partition_delimiter",
	[OPT_FAST_IO_FAIL_TMO] = "fast_io_fail_tmo",
	[OPT_DEV_LOSS_TMO] = "dev_loss_tmo",
	[OPT_EH_DEADLINE] = "eh_deadline",
	[OPT_GHOST_DELAY] = "ghost_delay",
	[OPT_MAX_SECTORS_KB] = "max_sectors_kb",
};

/* Sections, the weakest first: the strongest that sets a keyword wins, and within it the last statement (multipath.conf(5)). */
enum level {
	LEVEL_NONE,
	LEVEL_DEFAULTS = 1 << 0,
	LEVEL_DEVICES = 1 << 1,
	LEVEL_OVERRIDES = 1 << 2,
	LEVEL_PROTOCOL = 1 << 3,
	LEVEL_MULTIPATHS = 1 << 4,
};

#define LEVELS_MAP (LEVEL_MULTIPATHS | LEVEL_OVERRIDES | LEVEL_DEVICES | LEVEL_DEFAULTS)
#define LEVELS_PATH (LEVEL_OVERRIDES | LEVEL_DEVICES | LEVEL_DEFAULTS)
#define LEVELS_TMO (LEVEL_PROTOCOL | LEVELS_PATH)

struct context {
	const struct resolve_in *in;
	resolve_warn_fn *warn;
	void *arg;
};

static void _printf_(2, 3) warn(const struct context *ctx, const char *fmt, ...)
{
	char text[400];
	va_list args;

	if (!ctx->warn)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ctx->warn(ctx->arg, text);
}

/* Numbers for which 0 means "not set" in multipath-tools. */
static bool is_unset(const char *key, const char *value)
{
	return streq(value, "0") && (streq(key, "rr_min_io_rq") || streq(key, "checker_timeout") || streq(key, "dev_loss_tmo"));
}

static const struct conf_node *last_in(const struct conf_node *section, const char *key)
{
	const struct conf_node *last = NULL;

	for (const struct conf_node *n = section->child; n; n = n->next)
		if (n->value && (streq(n->key, key) || (streq(key, "path_checker") && streq(n->key, "checker"))))
			last = n;
	return last && !is_unset(key, last->value) ? last : NULL;
}

static bool is_our_device(const struct conf_node *section, const struct path_facts *f)
{
	const struct conf_node *vendor = last_in(section, "vendor");
	const struct conf_node *product = last_in(section, "product");
	const struct conf_node *revision = last_in(section, "revision");

	return vendor && product && pattern_matches(vendor->value, f->vendor) && pattern_matches(product->value, f->product) &&
	       (!revision || pattern_matches(revision->value, f->revision));
}

/* Take @section's statement unless a stronger section had one. */
static void consider(const struct conf_node *section, enum level level, const char *key, enum level *best, struct setting *out)
{
	const struct conf_node *n = level >= *best ? last_in(section, key) : NULL;

	if (!n)
		return;
	*best = level;
	out->section = section;
	out->node = n;
}

static void consider_children(const struct context *ctx, const struct path_facts *f, const struct conf_node *top,
			      unsigned int levels, const char *key, enum level *best, struct setting *out)
{
	for (const struct conf_node *n = top->child; n; n = n->next) {
		const struct conf_node *id;

		if (!n->is_section)
			continue;
		if ((levels & LEVEL_DEVICES) && streq(top->key, "devices") && streq(n->key, "device") && is_our_device(n, f))
			consider(n, LEVEL_DEVICES, key, best, out);
		if ((levels & LEVEL_MULTIPATHS) && streq(top->key, "multipaths") && streq(n->key, "multipath") &&
		    (id = last_in(n, "wwid")) && streq(id->value, ctx->in->wwid))
			consider(n, LEVEL_MULTIPATHS, key, best, out);
		if ((levels & LEVEL_PROTOCOL) && streq(top->key, "overrides") && streq(n->key, "protocol") &&
		    (id = last_in(n, "type")) && pattern_matches(id->value, f->protocol))
			consider(n, LEVEL_PROTOCOL, key, best, out);
	}
}

/* Look for @key in the sections of @levels. */
static bool find(const struct context *ctx, const struct path_facts *f, unsigned int levels, const char *key, struct setting *out)
{
	enum level best = LEVEL_NONE;

	*out = (struct setting){ 0 };
	for (const struct conf_node *n = ctx->in->config->first; n; n = n->next) {
		if (!n->is_section)
			continue;
		if ((levels & LEVEL_DEFAULTS) && streq(n->key, "defaults"))
			consider(n, LEVEL_DEFAULTS, key, &best, out);
		if ((levels & LEVEL_OVERRIDES) && streq(n->key, "overrides"))
			consider(n, LEVEL_OVERRIDES, key, &best, out);
		consider_children(ctx, f, n, levels, key, &best, out);
	}
	if (!out->node)
		return false;
	out->is_set = true;
	if ((size_t)snprintf(out->value, sizeof(out->value), "%s", out->node->value) >= sizeof(out->value))
		warn(ctx, "the value of %s is too long and has been cut", key);
	return true;
}

static void _printf_(2, 3) set(struct setting *s, const char *fmt, ...)
{
	va_list args;

	s->is_set = true;
	va_start(args, fmt);
	vsnprintf(s->value, sizeof(s->value), fmt, args);
	va_end(args);
}

static void derive(struct setting *s, const char *value, const char *why)
{
	*s = (struct setting){ 0 };
	set(s, "%s", value);
	snprintf(s->why, sizeof(s->why), "%s", why);
}

static void find_or(const struct context *ctx, const struct path_facts *f, unsigned int levels, const char *key,
		    const char *built_in, struct setting *out)
{
	if (!find(ctx, f, levels, key, out) && built_in)
		set(out, "%s", built_in);
}

static bool is_yes(const struct context *ctx, const struct path_facts *f, unsigned int levels, const char *key, bool built_in)
{
	struct setting s;

	if (!find(ctx, f, levels, key, &s))
		return built_in;
	return streq(s.value, "yes") || streq(s.value, "1");
}

const char *resolve_default(const struct conf *config, const char *key, const char *fallback)
{
	for (const struct conf_node *n = config->first; n; n = n->next) {
		const struct conf_node *found = n->is_section && streq(n->key, "defaults") ? last_in(n, key) : NULL;

		if (found)
			fallback = found->value;
	}
	return fallback;
}

/* The next word of *@s goes to @word; false at the end. */
static bool next_word(const char **s, char *word, size_t size)
{
	size_t len;

	*s += strspn(*s, " \t");
	len = strcspn(*s, " \t");
	if (len == 0)
		return false;
	snprintf(word, size, "%.*s", (int)len, *s);
	*s += len;
	return true;
}

/* The lowest free name, as multipath gives it; the prefix is a keyword of its own. */
static bool allocate_alias(const struct context *ctx, const struct path_facts *f, struct setting *out)
{
	const struct resolve_in *in = ctx->in;
	struct setting prefix;
	char alias[128];

	find_or(ctx, f, LEVELS_PATH, "alias_prefix", "mpath", &prefix);
	if (!in->allocate || !in->allocate(in->allocate_arg, prefix.value, alias, sizeof(alias)))
		return false;
	derive(out, alias, "the next free name: no alias in bindings");
	return true;
}

bool resolve_is_user_friendly(const char *prefix, const char *name)
{
	name = str_after(name, prefix);
	return name && *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz")];
}

/* A name that a map has already is kept if it could be one of those. */
static bool is_user_friendly(const struct context *ctx, const struct path_facts *f, const char *name)
{
	struct setting prefix;

	find_or(ctx, f, LEVELS_PATH, "alias_prefix", "mpath", &prefix);
	return resolve_is_user_friendly(prefix.value, name);
}

/*
 * Of several sections "multipath" with one alias, multipath-tools leave it to the one whose WWID comes first by its bytes; and an alias that
 * a section has is lost to a binding of another WWID. NULL: @alias is free for our map.
 */
static const struct conf_node *find_rival(const struct context *ctx, const char *alias, bool is_binding)
{
	for (const struct conf_node *top = ctx->in->config->first; top; top = top->next) {
		if (!top->is_section || !streq(top->key, "multipaths"))
			continue;
		for (const struct conf_node *n = top->child; n; n = n->next) {
			const struct conf_node *id, *name;

			if (!n->is_section || !streq(n->key, "multipath") || !(id = last_in(n, "wwid")) || !(name = last_in(n, "alias")))
				continue;
			if (streq(name->value, alias) && !streq(id->value, ctx->in->wwid) &&
			    (is_binding || strcmp(id->value, ctx->in->wwid) < 0))
				return id;
		}
	}
	return NULL;
}

static void resolve_alias(const struct context *ctx, const struct path_facts *f, struct resolved *res)
{
	const struct resolve_in *in = ctx->in;
	const struct conf_node *rival;
	struct setting *out = &res->v[OPT_ALIAS];

	if (find(ctx, f, LEVEL_MULTIPATHS, "alias", out)) {
		rival = find_rival(ctx, out->value, false);
		if (!rival)
			return;
		warn(ctx, "alias \"%s\" is that of %s, too, and multipath-tools leave it to that one", out->value, rival->value);
	}
	if (!is_yes(ctx, f, LEVELS_MAP, "user_friendly_names", false)) {
		derive(out, in->wwid, "the WWID: user_friendly_names no");
		return;
	}
	rival = in->binding ? find_rival(ctx, in->binding, true) : NULL;
	if (rival)
		warn(ctx, "alias \"%s\" of %s is taken by the section of %s", in->binding, in->bindings_file, rival->value);
	if (in->binding && !rival) {
		derive(out, in->binding, in->bindings_file);
		return;
	}
	if (allocate_alias(ctx, f, out))
		return;
	derive(out, in->live_name ? in->live_name : in->wwid, in->live_name ? "the live map" : "the WWID: no alias in bindings");
	res->loses_name = in->live_name && !is_user_friendly(ctx, f, in->live_name);
	if (res->loses_name)
		warn(ctx, "%s has no alias for %s, and \"%s\" is not one that user_friendly_names gives: multipathd renames the map at its start; run: multipath",
		     in->bindings_file, in->wwid, out->value);
	else
		warn(ctx, "%s has no alias for %s, so multipathd may give its map another name than \"%s\"; run: multipath", in->bindings_file,
		     in->wwid, out->value);
}

/* uid_attrs "sd:ID_SERIAL nvme:ID_WWN" goes by the start of the kernel name and beats everything. */
static void resolve_uid_attribute(const struct context *ctx, const struct path_facts *f, struct setting *out)
{
	static const char *const built_in[] = {
		[BUS_SCSI] = "ID_SERIAL",
		[BUS_NVME] = "ID_WWN",
		[BUS_DASD] = "ID_UID",
	};
	char word[128];

	if (find(ctx, f, LEVEL_DEFAULTS, "uid_attrs", out)) {
		for (const char *s = out->node->value; next_word(&s, word, sizeof(word)); ) {
			char *attribute = strchr(word, ':');

			if (!attribute)
				continue;
			*attribute++ = '\0';
			if (str_after(f->name, word)) {
				set(out, "%s", attribute);
				return;
			}
		}
	}
	find_or(ctx, f, LEVELS_PATH, "uid_attribute", built_in[f->bus], out);
}

static void resolve_checker(const struct context *ctx, const struct path_facts *f, struct setting *out)
{
	if (is_yes(ctx, f, LEVELS_PATH, "detect_checker", true)) {
		if (f->is_rdac) {
			derive(out, "rdac", "detected: VPD page 0xC9");
			return;
		}
		if (f->tpgs > TPGS_NONE) {
			derive(out, "tur", "detected: ALUA");
			return;
		}
	}
	find_or(ctx, f, LEVELS_PATH, "path_checker", "tur", out);
}

static bool detect_prio(const struct path_facts *f, const char *checker, struct setting *prio)
{
	if (f->bus == BUS_NVME && f->has_ana) {
		derive(prio, "ana", "detected: NVMe ANA");
		return true;
	}
	if (f->bus != BUS_SCSI || f->tpgs <= TPGS_NONE)
		return false;
	if (f->has_access_state && ((f->tpgs & TPGS_EXPLICIT) || !streq(checker, "rdac")))
		derive(prio, "sysfs", "detected: ALUA with a device handler");
	else
		derive(prio, "alua", "detected: ALUA");
	return true;
}

/* Arguments come from where the name does, of "devices" perhaps from another entry. */
static void resolve_prio_args(const struct context *ctx, const struct path_facts *f, const struct setting *prio, struct setting *args)
{
	static const struct {
		const char *section;
		enum level level;
	} levels[] = { { "multipath", LEVEL_MULTIPATHS }, { "overrides", LEVEL_OVERRIDES }, { "device", LEVEL_DEVICES }, { "defaults", LEVEL_DEFAULTS } };

	derive(args, "", "");
	for (size_t i = 0; prio->section && i < ARRAY_SIZE(levels); i++)
		if (streq(prio->section->key, levels[i].section))
			find_or(ctx, f, levels[i].level, "prio_args", "", args);
}

static void resolve_prio(const struct context *ctx, const struct path_facts *f, const char *checker, struct setting *prio,
			 struct setting *args)
{
	if (is_yes(ctx, f, LEVELS_PATH, "detect_prio", true) && detect_prio(f, checker, prio)) {
		derive(args, "", prio->why);
		return;
	}
	find_or(ctx, f, LEVELS_MAP, "prio", "const", prio);
	resolve_prio_args(ctx, f, prio, args);
	if (streq(prio->value, "alua") && f->tpgs == TPGS_NONE) {
		derive(prio, "const", "detected: no ALUA, so not prio alua");
		derive(args, "", prio->why);
	}
}

static bool is_alua_prio(const char *prio)
{
	return streq(prio, "alua") || streq(prio, "sysfs");
}

/* Checker and prioritizer are chosen path by path; a map whose paths disagree is worth a word, and the first path decides. */
static bool resolve_paths(const struct context *ctx, struct resolved *r)
{
	bool all_alua = true;

	for (size_t i = 0; i < ctx->in->n_paths; i++) {
		const struct path_facts *f = &ctx->in->paths[i];
		struct setting checker, prio, args;

		resolve_checker(ctx, f, &checker);
		resolve_prio(ctx, f, checker.value, &prio, &args);
		all_alua = all_alua && is_alua_prio(prio.value);
		if (i == 0) {
			r->v[OPT_PATH_CHECKER] = checker;
			r->v[OPT_PRIO] = prio;
			r->v[OPT_PRIO_ARGS] = args;
			continue;
		}
		if (!streq(checker.value, r->v[OPT_PATH_CHECKER].value))
			warn(ctx, "paths disagree on path_checker: %s is for \"%s\", the first one for \"%s\"", f->name, checker.value,
			     r->v[OPT_PATH_CHECKER].value);
		if (!streq(prio.value, r->v[OPT_PRIO].value))
			warn(ctx, "paths disagree on prio: %s is for \"%s\", the first one for \"%s\"", f->name, prio.value,
			     r->v[OPT_PRIO].value);
	}
	return all_alua;
}

/*
 * mpath-boot's prio sysfs asks the array where the kernel does not say what it knows, as at boot the handler may come late. multipath-tools' fails
 * there: all paths are equal then.
 */
static void settle_prio(const struct context *ctx, struct setting *prio)
{
	bool any_state = false;

	for (size_t i = 0; i < ctx->in->n_paths; i++)
		any_state = any_state || ctx->in->paths[i].has_access_state;
	if (prio->node && streq(prio->value, "sysfs") && !any_state)
		derive(prio, "const", "prio sysfs, but no device handler is attached");
}

/* It looks at the names of the prioritizers, whether they were detected or configured. detect_pgpolicy exists since 0.9.6, whose `multipath -t` prints it; older ones know no such thing. */
static void resolve_policy(const struct context *ctx, const struct path_facts *f, bool all_alua, struct resolved *r)
{
	struct setting *out = &r->v[OPT_PATH_GROUPING_POLICY];

	if (all_alua && is_yes(ctx, f, LEVELS_PATH, "detect_pgpolicy", false)) {
		if (is_yes(ctx, f, LEVELS_PATH, "detect_pgpolicy_use_tpg", false))
			derive(out, "group_by_tpg", "detected: ALUA (detect_pgpolicy_use_tpg)");
		else
			derive(out, "group_by_prio", "detected: ALUA (detect_pgpolicy)");
		return;
	}
	find_or(ctx, f, LEVELS_MAP, "path_grouping_policy", "failover", out);
	if (streq(out->value, "group_by_tpg") && !is_alua_prio(r->v[OPT_PRIO].value))
		derive(out, "failover", "group_by_tpg needs prio alua or sysfs");
}

/* "0.15.1" is at least 0.15; a version that is not known is old. */
static bool is_tools_version(const struct context *ctx, unsigned int major, unsigned int minor)
{
	unsigned long has_major, has_minor;
	char *rest;

	if (!ctx->in->tools)
		return false;
	has_major = strtoul(ctx->in->tools, &rest, 10);
	if (*rest != '.' || rest == ctx->in->tools)
		return false;
	has_minor = strtoul(rest + 1, NULL, 10);
	return has_major > major || (has_major == major && has_minor >= minor);
}

static bool is_bio(const char *features)
{
	const char *mode = strstr(features, "queue_mode ");

	return mode && str_after(mode, "queue_mode bio");
}

static void resolve_hwhandler(const struct context *ctx, const struct path_facts *first, const char *features, struct setting *out)
{
	bool all_tpgs = true, is_chosen = false;

	find_or(ctx, first, LEVEL_DEVICES, "hardware_handler", NULL, out);
	for (size_t i = 0; i < ctx->in->n_paths; i++) {
		const struct path_facts *f = &ctx->in->paths[i];

		all_tpgs = all_tpgs && f->tpgs > TPGS_NONE;
		if (!is_chosen && f->dh_state[0] && !streq(f->dh_state, "detached")) {
			derive(out, "", "detected: the attached device handler");
			set(out, "1 %s", f->dh_state);
			is_chosen = true;
		}
	}
	if (!out->is_set && all_tpgs)
		derive(out, "1 alua", "detected: ALUA on all paths");
	else if (!out->is_set)
		set(out, "0");
	else if (!is_chosen && streq(out->value, "1 alua") && !all_tpgs)
		derive(out, "0", "detected: no ALUA, so not hardware_handler alua");
	if (is_bio(features) && is_tools_version(ctx, 0, 15))
		derive(out, "0", "features queue_mode bio: the kernel takes no handler then");
}

/* Blanks mean nothing to the kernel but where they part words, and the snapshot has one there. */
static void squeeze(struct setting *s)
{
	char text[sizeof(s->value)], word[sizeof(s->value)], *to = s->value;
	const char *from = text;

	strcpy(text, s->value);
	while (next_word(&from, word, sizeof(word)))
		to += sprintf(to, "%s%s", to == s->value ? "" : " ", word);
	*to = '\0';
}

/* multipathd compares the text as it is written with that of the kernel, which has one blank between words (0.9.4 to 0.15). */
static void warn_of_blanks(const struct context *ctx, const struct setting *s)
{
	struct setting one = *s;

	squeeze(&one);
	if (!streq(one.value, s->value))
		warn(ctx, "%s \"%s\": the kernel shows it with other blanks, so multipathd reloads this map at each of its starts", s->node ? s->node->key : "value",
		     s->value);
}

/*
 * multipath-tools keeps two words out of the features: queue_if_no_path is what no_path_retry says, and retain_attached_hw_handler
 * is implied since Linux 4.3. request-based dm cannot take NVMe over TCP, hence queue_mode bio.
 */
static void resolve_features(const struct context *ctx, const struct path_facts *f, struct resolved *r)
{
	struct setting *features = &r->v[OPT_FEATURES], *retry = &r->v[OPT_NO_PATH_RETRY];
	char words[480] = "", word[64];
	bool is_queueing = false, has_mode = false, is_tcp = false;
	unsigned int n = 0;
	size_t len = 0;
	const char *s;

	find_or(ctx, f, LEVELS_MAP, "features", "0", features);
	s = features->value;
	next_word(&s, word, sizeof(word));	/* the count */
	while (next_word(&s, word, sizeof(word))) {
		is_queueing = is_queueing || streq(word, "queue_if_no_path");
		has_mode = has_mode || streq(word, "queue_mode");
		if (streq(word, "queue_if_no_path") || streq(word, "retain_attached_hw_handler"))
			continue;
		len += (size_t)snprintf(words + len, sizeof(words) - len, " %s", word);
		n++;
		if (len >= sizeof(words))
			break;
	}
	for (size_t i = 0; i < ctx->in->n_paths; i++)
		is_tcp = is_tcp || streq(ctx->in->paths[i].protocol, "nvme:tcp");
	if (is_tcp && !has_mode && len < sizeof(words)) {
		snprintf(words + len, sizeof(words) - len, " queue_mode bio");
		n += 2;
	}
	if (n)
		warn_of_blanks(ctx, features);
	set(features, "%u%s", n, words);

	find_or(ctx, f, LEVELS_MAP, "no_path_retry", NULL, retry);
	if (!retry->is_set && is_queueing) {
		*retry = *features;
		set(retry, "queue");
	} else if (retry->is_set && streq(retry->value, "0")) {
		set(retry, "fail");
	}
}

static void resolve_timeout(const struct context *ctx, const struct path_facts *f, struct setting *out)
{
	char seconds[16];

	if (find(ctx, f, LEVEL_DEFAULTS, "checker_timeout", out))
		return;
	snprintf(seconds, sizeof(seconds), "%u", f->timeout_s);
	if (f->timeout_s)
		derive(out, seconds, "the timeout of the path's commands in /sys");
	else
		set(out, "30");
}

/* What makes every multipathd reload the map at its start, whoever made it. */
static void warn_of_reloads(const struct context *ctx, const struct resolved *r)
{
	static const char *const canonical[] = { "pg_init_retries", "pg_init_delay_msecs", "queue_mode" };
	const char *s = r->v[OPT_PATH_SELECTOR].value;
	char word[64], arg[64];
	size_t at = 0;

	if (!streq(r->v[OPT_MINIO].value, "1"))
		warn(ctx, "rr_min_io_rq %s: the kernel makes it 1, so multipathd reloads this map at each of its starts", r->v[OPT_MINIO].value);
	next_word(&s, word, sizeof(word));
	if (streq(word, "historical-service-time") || (next_word(&s, arg, sizeof(arg)) && !streq(arg, "0")))
		warn(ctx, "path_selector \"%s\": the kernel shows it with other arguments, so multipathd reloads this map at each of its starts",
		     r->v[OPT_PATH_SELECTOR].value);
	if (!str_after(r->v[OPT_HARDWARE_HANDLER].value, "0") && !str_after(r->v[OPT_HARDWARE_HANDLER].value, "1 "))
		warn(ctx, "hardware_handler \"%s\": the kernel does not show its arguments, so multipathd may reload this map at each of its starts",
		     r->v[OPT_HARDWARE_HANDLER].value);
	s = r->v[OPT_FEATURES].value;
	next_word(&s, word, sizeof(word));
	while (next_word(&s, word, sizeof(word)) && next_word(&s, arg, sizeof(arg))) {
		while (at < ARRAY_SIZE(canonical) && !streq(word, canonical[at]))
			at++;
		if (streq(word, "pg_init_retries") && streq(arg, "0"))
			warn(ctx, "features \"%s\": the kernel takes no pg_init_retries 0, so nobody can make this map", r->v[OPT_FEATURES].value);
		if (at == ARRAY_SIZE(canonical) || (streq(word, "queue_mode") && !streq(arg, "bio"))) {
			warn(ctx, "features \"%s\": the kernel shows \"%s %s\" in another way, so multipathd reloads this map at each of its starts",
			     r->v[OPT_FEATURES].value, word, arg);
			break;
		}
	}
	if (is_bio(r->v[OPT_FEATURES].value) && !streq(r->v[OPT_HARDWARE_HANDLER].value, "0"))
		warn(ctx, "features queue_mode bio: the kernel takes no hardware_handler \"%s\" then, so multipathd reloads this map at each of its starts",
		     r->v[OPT_HARDWARE_HANDLER].value);
	if (streq(r->v[OPT_PRIO].value, "random") || streq(r->v[OPT_PRIO].value, "path_latency"))
		warn(ctx, "prio %s is another at every reading: the groups of paths may not be those of multipathd", r->v[OPT_PRIO].value);
}

void resolve(const struct resolve_in *in, resolve_warn_fn *warn_fn, void *arg, struct resolved *out)
{
	const struct context ctx = { .in = in, .warn = warn_fn, .arg = arg };
	const struct path_facts *f = &in->paths[0];	/* multipath-tools takes a map's hardware entries from its first path */
	struct setting *v = out->v;
	bool all_alua;

	memset(out, 0, sizeof(*out));
	resolve_alias(&ctx, f, out);
	resolve_uid_attribute(&ctx, f, &v[OPT_UID_ATTRIBUTE]);
	all_alua = resolve_paths(&ctx, out);
	resolve_policy(&ctx, f, all_alua, out);
	settle_prio(&ctx, &v[OPT_PRIO]);
	resolve_features(&ctx, f, out);
	resolve_hwhandler(&ctx, f, v[OPT_FEATURES].value, &v[OPT_HARDWARE_HANDLER]);
	resolve_timeout(&ctx, f, &v[OPT_CHECKER_TIMEOUT]);
	find_or(&ctx, f, LEVELS_MAP, "path_selector", "service-time 0", &v[OPT_PATH_SELECTOR]);
	warn_of_blanks(&ctx, &v[OPT_PATH_SELECTOR]);
	squeeze(&v[OPT_PATH_SELECTOR]);
	find_or(&ctx, f, LEVELS_MAP, "rr_min_io_rq", "1", &v[OPT_MINIO]);
	find_or(&ctx, f, LEVELS_MAP, "rr_weight", "uniform", &v[OPT_RR_WEIGHT]);
	find_or(&ctx, f, LEVELS_MAP, "failback", "manual", &v[OPT_FAILBACK]);
	find_or(&ctx, f, LEVELS_MAP, "skip_kpartx", "no", &v[OPT_SKIP_KPARTX]);
	find_or(&ctx, f, LEVELS_MAP, "ghost_delay", NULL, &v[OPT_GHOST_DELAY]);
	find_or(&ctx, f, LEVELS_MAP, "max_sectors_kb", NULL, &v[OPT_MAX_SECTORS_KB]);
	find_or(&ctx, f, LEVELS_TMO, "fast_io_fail_tmo", "5", &v[OPT_FAST_IO_FAIL_TMO]);
	find_or(&ctx, f, LEVELS_TMO, "dev_loss_tmo", NULL, &v[OPT_DEV_LOSS_TMO]);
	find_or(&ctx, f, LEVELS_TMO, "eh_deadline", NULL, &v[OPT_EH_DEADLINE]);
	if (streq(v[OPT_GHOST_DELAY].value, "no") || streq(v[OPT_GHOST_DELAY].value, "off") || streq(v[OPT_GHOST_DELAY].value, "0"))
		v[OPT_GHOST_DELAY].is_set = false;
	if (streq(v[OPT_MAX_SECTORS_KB].value, "0"))
		v[OPT_MAX_SECTORS_KB].is_set = false;
	if (streq(v[OPT_SKIP_KPARTX].value, "1") || streq(v[OPT_SKIP_KPARTX].value, "0"))
		set(&v[OPT_SKIP_KPARTX], "%s", streq(v[OPT_SKIP_KPARTX].value, "1") ? "yes" : "no");
	/* The keyword of this name is for renaming; the names come from kpartx as the udev rules call it. */
	derive(&v[OPT_PARTITION_DELIMITER], "-part", "60-kpartx.rules");
	warn_of_reloads(&ctx, out);
}
