/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>

#include "../bindings.h"
#include "../log.h"
#include "../pattern.h"
#include "print-mend.h"

#define OUTPUT_MAX (16u << 20)

/* Every keyword of 0.9.4 to 0.14.3. What a newer version has beyond them may matter: it is worth a warning. */
static const char *const known_keywords[] = {
	"alias", "alias_prefix", "all_tg_pt", "allow_usb_devices", "auto_resize", "bindings_file", "blacklist", "blacklist_exceptions",
	"checker", "checker_timeout", "config_dir", "defaults", "deferred_remove", "delay_wait_checks", "delay_watch_checks",
	"detect_checker", "detect_pgpolicy", "detect_pgpolicy_use_tpg", "detect_prio", "dev_loss_tmo", "device", "devices", "devnode",
	"disable_changed_wwids", "eh_deadline", "enable_foreign", "extension", "failback", "fast_io_fail_tmo", "features", "find_multipaths",
	"find_multipaths_timeout", "flush_on_last_del", "force_sync", "getuid_callout", "ghost_delay", "gid", "hardware_handler",
	"log_checker_err", "marginal_path_double_failed_time", "marginal_path_err_rate_threshold", "marginal_path_err_recheck_gap_time",
	"marginal_path_err_sample_time", "marginal_pathgroups", "max_fds", "max_polling_interval", "max_retries", "max_sectors_kb",
	"missing_uev_wait_timeout", "mode", "multipath", "multipath_dir", "multipaths", "no_path_retry", "overrides", "partition_delimiter",
	"path_checker", "path_grouping_policy", "path_selector", "pg_timeout", "polling_interval", "prio", "prio_args", "prkeys_file",
	"product", "product_blacklist", "property", "protocol", "purge_disconnected", "queue_without_daemon", "reassign_maps",
	"recheck_wwid", "remove_retries", "reservation_key", "retain_attached_hw_handler", "retrigger_delay", "retrigger_tries", "revision",
	"rr_min_io", "rr_min_io_rq", "rr_weight", "san_path_err_forget_rate", "san_path_err_recovery_time", "san_path_err_threshold",
	"skip_kpartx", "strict_timing", "type", "uid", "uid_attribute", "uid_attrs", "user_friendly_names", "uxsock_timeout", "vendor",
	"verbosity", "vpd_vendor", "wwid", "wwids_file",
};

static void report_problem(void *arg, unsigned int line, const char *problem)
{
	log_warning("%s line %u: %s", (const char *)arg, line, problem);
}

static bool is_known(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_keywords); i++)
		if (streq(key, known_keywords[i]))
			return true;
	return false;
}

static void warn_of_unknown(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_nodes; i++)
		if (!is_known(conf->nodes[i].key))
			log_warning("%s line %u: unknown keyword '%.40s', not taken into account", name, conf->nodes[i].line,
				    conf->nodes[i].key);
}

/* What the program @argv prints, NUL-terminated; with @and_stderr that too. Exit status or -errno. */
static int run_program(const char *const *argv, bool and_stderr, char **text)
{
	_auto_free_ char *out = NULL;
	size_t len = 0;
	ssize_t n = 1;
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		setenv("LC_ALL", "C", 1);
		setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
		dup2(ends[1], STDOUT_FILENO);
		if (and_stderr)
			dup2(ends[1], STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	out = malloc(OUTPUT_MAX);
	while (pid > 0 && out && n > 0 && len < OUTPUT_MAX - 1) {
		n = read(ends[0], out + len, OUTPUT_MAX - 1 - len);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			len += (size_t)n;
	}
	close(ends[0]);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!out)
		return -ENOMEM;
	out[len] = '\0';
	*text = steal_ptr(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* "multipath-tools v0.9.4 (12/19, 2022)" is the head of its usage text; a recorded configuration may have it in a comment. */
static void find_version(const char *text, char *version, size_t size)
{
	const char *v = strstr(text, "multipath-tools v");

	if (v) {
		v += strlen("multipath-tools v");
		snprintf(version, size, "%.*s", (int)strspn(v, "0123456789.abcdefghijklmnopqrstuvwxyz~+-"), v);
	}
}

static int parse_lenient(const char *text, size_t len, const char *name, struct conf **out)
{
	_auto_free_ char *mended = memchr(text, '\0', len) ? NULL : print_mend(text, len, &len);

	return conf_parse(mended ? mended : text, len, false, report_problem, (void *)(uintptr_t)name, out);
}

static int ask_tools(struct config *c)
{
	static const char *const print_config[] = { "multipath", "-t", NULL }, *const print_usage[] = { "multipath", "-h", NULL };
	_auto_free_ char *text = NULL, *usage = NULL;
	int r = run_program(print_config, false, &text);

	if (r != 0) {
		if (r == 127)
			log_error("unable to run multipath -t: is multipath-tools installed? (or use --config FILE)");
		else if (r > 0)
			log_error("multipath -t failed with exit code %d: is there a mistake in /etc/multipath.conf?", r);
		else
			log_error("unable to run multipath -t: %s", strerror(-r));
		return r > 0 ? -EIO : r;
	}
	if (run_program(print_usage, true, &usage) >= 0)
		find_version(usage, c->version, sizeof(c->version));
	return parse_lenient(text, strlen(text), "multipath -t", &c->conf);
}

static int read_config_file(struct config *c, const char *file)
{
	const struct host here = { .fd = AT_FDCWD };
	_auto_free_ char *text = NULL;
	size_t len;
	int r = host_read_file(&here, file, &text, &len);

	if (r) {
		log_error("unable to read %s: %s", file, strerror(-r));
		return r;
	}
	c->file = file;
	find_version(text, c->version, sizeof(c->version));
	return parse_lenient(text, len, file, &c->conf);
}

/* Hash the file @name ("/etc/…"), keep its text in *text if that is not NULL, and its tree if @is_conf. */
static int add_source(const struct host *host, struct config *c, const char *name, bool is_conf, char **text)
{
	struct source *grown = realloc(c->sources, (c->n_sources + 1) * sizeof(*grown)), *s;
	_auto_free_ char *content = NULL;
	size_t len;
	int r;

	if (!grown)
		return -ENOMEM;
	c->sources = grown;
	s = &grown[c->n_sources++];
	*s = (struct source){ .sha256 = "absent" };
	snprintf(s->file, sizeof(s->file), "%s", name);
	r = host_read_file(host, name + 1, &content, &len);
	if (r == -ENOENT)
		return 0;
	if (r) {
		log_error("unable to read %s: %s", name, strerror(-r));
		return r;
	}
	sha256_hex(content, len, s->sha256);
	/* Quietly: multipath -t has just said what is wrong with it. */
	if (is_conf)
		r = conf_parse(content, len, false, NULL, NULL, &s->conf);
	if (text)
		*text = steal_ptr(content);
	return r;
}

static int is_conf_name(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 5 && d->d_name[0] != '.' && streq(d->d_name + len - 5, ".conf");
}

static int add_user_files(const struct host *host, struct config *c)
{
	struct dirent **names = NULL;
	int r, n;

	r = add_source(host, c, "/etc/multipath.conf", true, NULL);
	if (r)
		return r;
	n = scandirat(host->fd, "etc/multipath/conf.d", &names, is_conf_name, alphasort);
	for (int i = 0; i < n; i++) {
		char name[300];

		snprintf(name, sizeof(name), "/etc/multipath/conf.d/%s", names[i]->d_name);
		if (!r)
			r = add_source(host, c, name, true, NULL);
		free(names[i]);
	}
	free(names);
	if (!r && faccessat(host->fd, &EXTENSIONS_CONF[1], F_OK, 0) == 0)
		r = add_source(host, c, EXTENSIONS_CONF, true, NULL);
	return r;
}

static int add_state_files(const struct host *host, struct config *c)
{
	int r;

	snprintf(c->bindings_file, sizeof(c->bindings_file), "%s", resolve_default(c->conf, "bindings_file", "/etc/multipath/bindings"));
	snprintf(c->wwids_file, sizeof(c->wwids_file), "%s", resolve_default(c->conf, "wwids_file", "/etc/multipath/wwids"));
	r = add_source(host, c, c->bindings_file, false, &c->bindings);
	return r ? r : add_source(host, c, c->wwids_file, false, &c->wwids);
}

int config_add_source(const struct host *host, struct config *c, const char *name)
{
	return add_source(host, c, name, false, NULL);
}

static bool is_one_of(const char *key, const char *const *keys)
{
	while (*keys && !streq(key, *keys))
		keys++;
	return *keys != NULL;
}

/* What matches nothing although it was meant to. A leading '!' is for blacklists. */
static void warn_of_pattern(const struct config *c, const struct conf_node *section, const struct conf_node *n, bool is_list)
{
	const struct setting s = { .section = section, .node = n };
	char origin[512];

	if (pattern_is_good(n->value + (is_list && *n->value == '!')))
		return;
	config_origin(c, &s, origin, sizeof(origin));
	log_warning("%s \"%.60s%s\" (%s) matches nothing: it is no regular expression that mpath-boot understands, or too long", n->key, n->value,
		    strlen(n->value) > 60 ? "..." : "", origin);
}

/* The statements of @section that are regular expressions: @keys. */
static void warn_in_section(const struct config *c, const struct conf_node *section, const char *const *keys, bool is_list)
{
	for (const struct conf_node *n = section->child; n; n = n->next)
		if (n->value && is_one_of(n->key, keys))
			warn_of_pattern(c, section, n, is_list);
}

static void warn_of_patterns(const struct config *c)
{
	static const char *const device[] = { "vendor", "product", "revision", NULL }, *const list[] = { "devnode", "property", "protocol", "wwid", NULL },
		*const protocol[] = { "type", NULL };

	for (const struct conf_node *top = c->conf->first; top; top = top->next) {
		bool is_list = streq(top->key, "blacklist") || streq(top->key, "blacklist_exceptions");

		if (is_list)
			warn_in_section(c, top, list, true);
		for (const struct conf_node *n = top->child; n; n = n->next)
			if (n->is_section && streq(n->key, "device"))
				warn_in_section(c, n, device, is_list);
			else if (n->is_section && streq(n->key, "protocol"))
				warn_in_section(c, n, protocol, false);
	}
}

int config_load(const struct host *host, const char *file, struct config *out)
{
	struct config c = { .version = "" };
	int r;

	if (!file && !host->is_live) {
		log_error("a recorded system (--sysroot) needs its recorded configuration: --config FILE");
		return -EINVAL;
	}
	r = file ? read_config_file(&c, file) : ask_tools(&c);
	if (!r && !conf_find(c.conf->first, "defaults") && !conf_find(c.conf->first, "devices")) {
		log_error("%s has neither defaults nor devices: this is no multipath configuration", file ? file : "the output of multipath -t");
		r = -EBADMSG;
	}
	if (!r) {
		warn_of_unknown(c.conf, file ? file : "multipath -t");
		if (!file)
			r = add_user_files(host, &c);
	}
	if (!r)
		r = add_state_files(host, &c);
	if (!r)
		warn_of_patterns(&c);
	if (r)
		config_clear(&c);
	else
		*out = c;
	return r;
}

void config_clear(struct config *c)
{
	for (size_t i = 0; i < c->n_sources; i++)
		conf_free(c->sources[i].conf);
	free(c->sources);
	free(c->extensions);
	conf_free(c->conf);
	free(c->bindings);
	free(c->wwids);
	*c = (struct config){ .version = "" };
}

bool config_binding(const struct config *c, const char *wwid, char *alias, size_t size)
{
	return bindings_find(c->bindings, wwid, alias, size);
}

bool config_has_wwid(const struct config *c, const char *wwid)
{
	return wwids_find(c->wwids, wwid);
}

static const char *id_of(const struct conf_node *section, const char *key)
{
	const struct conf_node *id = NULL;

	for (const struct conf_node *n = conf_find(section->child, key); n; n = conf_find(n->next, key))
		if (n->value)
			id = n;
	return id ? id->value : "";
}

/* multipath-tools merges sections that name the same thing in the same words. */
static bool is_same_section(const struct conf_node *a, const struct conf_node *b)
{
	static const char *const ids[] = { "vendor", "product", "revision", "wwid", "type" };

	if (!a->is_section || !b->is_section || !streq(a->key, b->key))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		if (!streq(id_of(a, ids[i]), id_of(b, ids[i])))
			return false;
	return true;
}

struct found {
	const struct source *source;
	const struct conf_node *node;
	bool is_same_value;
};

static void search_section(const struct source *source, const struct conf_node *section, const struct setting *s, struct found *best)
{
	for (const struct conf_node *n = section->child; n; n = n->next) {
		bool is_same_value;

		if (!n->value || !streq(n->key, s->node->key))
			continue;
		/* A value that multipath-tools refused or a later one replaced is not what came out. */
		is_same_value = streq(n->value, s->node->value);
		if (best->node && best->is_same_value && !is_same_value)
			continue;
		*best = (struct found){ source, n, is_same_value };
	}
}

static struct found find_in_sources(const struct config *c, const struct setting *s)
{
	struct found best = { .node = NULL };

	for (size_t i = 0; i < c->n_sources; i++) {
		const struct conf_node *top = c->sources[i].conf ? c->sources[i].conf->first : NULL;

		for (; top; top = top->next) {
			if (is_same_section(top, s->section))
				search_section(&c->sources[i], top, s, &best);
			for (const struct conf_node *n = top->child; n; n = n->next)
				if (is_same_section(n, s->section))
					search_section(&c->sources[i], n, s, &best);
		}
	}
	return best;
}

void config_origin(const struct config *c, const struct setting *s, char *buf, size_t size)
{
	const char *version = c->version[0] ? c->version : "(unknown version)";
	struct found found;

	if (s->why[0]) {
		snprintf(buf, size, "%s", s->why);
		return;
	}
	if (!s->node) {
		snprintf(buf, size, "multipath %s built-in", version);
		return;
	}
	if (c->file) {
		snprintf(buf, size, "%s:%u", c->file, s->node->line);
		return;
	}
	found = find_in_sources(c, s);
	if (found.node)
		snprintf(buf, size, "%s:%u", found.source->file, found.node->line);
	else if (streq(s->section->key, "device"))
		snprintf(buf, size, "multipath %s built-in, devices \"%s\" \"%s\"", version, id_of(s->section, "vendor"),
			 id_of(s->section, "product"));
	else
		snprintf(buf, size, "multipath %s built-in", version);
}

void config_default_origin(const struct config *c, const char *key, char *buf, size_t size)
{
	struct setting s = { .is_set = false };

	for (const struct conf_node *n = c->conf->first; n; n = n->next) {
		for (const struct conf_node *k = n->child; k && streq(n->key, "defaults"); k = k->next) {
			if (k->value && streq(k->key, key)) {
				s.section = n;
				s.node = k;
			}
		}
	}
	config_origin(c, &s, buf, size);
}
