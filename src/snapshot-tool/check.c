/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "../choice.h"
#include "../json.h"
#include "../log.h"
#include "conditions.h"
#include "generic-maps.h"
#include "image.h"
#include "notice.h"

/* One side of the comparison. */
struct side {
	char *text;
	size_t len;
	struct conf *conf;
	struct snapshot *snapshot;	/* the same as mpath-boot takes it; of the old side only */
	const char *name;	/* borrowed, or file */
	char file[300];
	char problem[256];	/* of the appended snapshot that does not count; "" */
};

static void side_clear(struct side *s)
{
	free(s->text);
	conf_free(s->conf);
	snapshot_free(s->snapshot);
	*s = (struct side){ .text = NULL };
}

/* As mpath-boot takes it. */
static int parse(const char *text, size_t len, struct snapshot **out, char *problem, size_t size)
{
	struct snapshot_error err;
	int r = snapshot_parse(text, len, out, &err);

	if (r)
		snprintf(problem, size, "line %u: %s", err.line, err.text);
	return r;
}

static int take_text(struct side *s, char **text, size_t len)
{
	s->text = steal_ptr(*text);
	s->len = len;
	return conf_parse(s->text, s->len, true, NULL, NULL, &s->conf);
}

/* Where builders put the image of the running kernel. */
static bool find_next_image(char *file, size_t size)
{
	static const char *const names[] = { "/boot/initrd.img-%s", "/boot/initramfs-%s.img", "/boot/initrd-%s" };
	struct utsname kernel;

	if (uname(&kernel) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *rest = strstr(names[i], "%s");

		snprintf(file, size, "%.*s%s%s", (int)(rest - names[i]), names[i], kernel.release, rest + 2);
		if (access(file, R_OK) == 0)
			return true;
	}
	return false;
}

/* What the next boot, or this one, goes by. */
static bool choose_file(const struct check_options *o, char *file, size_t size)
{
	if (o->is_next && find_next_image(file, size))
		return true;
	snprintf(file, size, "%s", BOOTED_SNAPSHOT);
	if (access(file, F_OK) == 0)
		return true;
	log_error("this machine did not boot with mpath-boot (" BOOTED_SNAPSHOT " is missing); name an image: mpath-snapshot check FILE");
	return false;
}

/* The snapshot that would count at boot; its name is in @s->name. -ENODATA: there is none, which has not been reported; else exit code. */
static int load_old(const struct check_options *o, struct side *s)
{
	const char *const chosen[] = { s->file };
	const char *const *files = o->n_files ? o->files : chosen;
	struct image image;
	char problem[256];
	int r;

	if (!o->n_files && !choose_file(o, s->file, sizeof(s->file)))
		return EXIT_USAGE;
	s->name = files[0];
	r = image_read(files, o->n_files ? o->n_files : 1, &image);
	if (r)
		return r == -ENODATA ? r : r == -ENOMEM || r == -ENOPKG ? EXIT_SYSTEM : EXIT_USAGE;
	if (image.appended && parse(image.appended, image.appended_len, &s->snapshot, s->problem, sizeof(s->problem)) == 0) {
		r = take_text(s, &image.appended, image.appended_len);
	} else if (image.own) {
		r = parse(image.own, image.own_len, &s->snapshot, problem, sizeof(problem));
		if (r)
			log_error("%s: mpath-boot would refuse the snapshot: %s", files[0], problem);
		else
			r = take_text(s, &image.own, image.own_len);
	} else {
		log_error("%s: mpath-boot would refuse the snapshot: %s", files[0], s->problem);
		r = -EBADMSG;
	}
	image_clear(&image);
	return r == 0 ? EXIT_DONE : r == -ENOMEM ? EXIT_SYSTEM : EXIT_USAGE;
}

static const char *get(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = conf_find(section->child, key);

	return n && n->value ? n->value : "";
}

/* Whether @file still has the contents that it had. */
static bool is_same_source(const struct host *host, const char *file, const char *sha256)
{
	_auto_free_ char *text = NULL;
	char hex[SHA256_HEX_SIZE] = "absent";
	size_t len;

	if (*file == '/' && host_read_file(host, file + 1, &text, &len) == 0)
		sha256_hex(text, len, hex);
	return streq(hex, sha256);
}

static bool has_source(const struct conf *conf, const char *file)
{
	for (const struct conf_node *n = conf_find(conf->first, "source"); n; n = conf_find(n->next, "source"))
		if (streq(get(n, "file"), file))
			return true;
	return false;
}

typedef void source_fn(void *arg, const char *file);

/* Tell the files that went into the snapshot and have changed, and those in conf.d that are new. */
static void find_changed(const struct host *host, const struct conf *conf, source_fn *tell, void *arg)
{
	struct dirent **names = NULL;
	char file[300];
	int n;

	for (const struct conf_node *s = conf_find(conf->first, "source"); s; s = conf_find(s->next, "source"))
		if (!is_same_source(host, get(s, "file"), get(s, "sha256")))
			tell(arg, get(s, "file"));
	n = scandirat(host->fd, "etc/multipath/conf.d", &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		size_t len = strlen(names[i]->d_name);

		snprintf(file, sizeof(file), "/etc/multipath/conf.d/%s", names[i]->d_name);
		if (len > 5 && names[i]->d_name[0] != '.' && streq(names[i]->d_name + len - 5, ".conf") && !has_source(conf, file))
			tell(arg, file);
		free(names[i]);
	}
	free(names);
}

static void count_source(void *arg, const char *file)
{
	(void)file;
	++*(unsigned int *)arg;
}

static void print_source(void *arg, const char *file)
{
	(void)arg;
	printf("changed since: %s\n", file);
}

static void print_value(char sign, const struct drift_item *i, const char *value, const char *origin)
{
	if (value)
		printf("%c %s \"%s\"%s%s%s\n", sign, i->key, value, origin ? "  (" : "", origin ? origin : "", origin ? ")" : "");
}

static void print_item(const struct drift_item *i)
{
	print_value('-', i, i->old_value, i->old_origin);
	print_value('+', i, i->new_value, i->new_origin);
	printf("  %s: %s\n", severity_texts[i->severity], i->text ? i->text : "");
	if (i->command)
		printf("  type: %s\n", i->command);
}

static void print_text(const struct side *old, const struct host *host, const struct drift *d)
{
	const char *map = "";
	bool make_again = false;

	if (d->n)
		printf("--- %s\n+++ what the system says now\n", old->name);
	if (old->problem[0])
		printf("the appended snapshot does not count: %s\n", old->problem);
	find_changed(host, old->conf, print_source, NULL);
	for (size_t i = 0; i < d->n; i++) {
		if (!streq(map, d->v[i].wwid) && *d->v[i].wwid)
			printf("map %s (%s)\n", d->v[i].map, d->v[i].wwid);
		map = d->v[i].wwid;
		print_item(&d->v[i]);
		make_again = make_again || d->v[i].old_value || d->v[i].new_value;
	}
	printf("verdict: %s\n", severity_texts[d->worst]);
	if (make_again)
		printf("to make the image again, type: %s\n", notice_remake_command());
}

static void json_source(void *arg, const char *file)
{
	const char **comma = arg;

	printf("%s", *comma);
	json_put(file, stdout);
	*comma = ", ";
}

static void print_json(const struct side *old, const struct host *host, const struct drift *d)
{
	const char *comma = "";

	printf("{");
	json_put_member("verdict", severity_names[d->worst], ", ", stdout);
	json_put_member("snapshot", old->name, ", ", stdout);
	json_put_member("appended_problem", old->problem[0] ? old->problem : NULL, ", ", stdout);
	printf("\"changed_sources\": [");
	find_changed(host, old->conf, json_source, &comma);
	printf("], \"differences\": [");
	for (size_t i = 0; i < d->n; i++) {
		const struct drift_item *item = &d->v[i];

		printf("%s{", i ? ", " : "");
		json_put_member("severity", severity_names[item->severity], ", ", stdout);
		json_put_member("map", item->map, ", ", stdout);
		json_put_member("wwid", item->wwid, ", ", stdout);
		json_put_member("key", item->key, ", ", stdout);
		json_put_member("old", item->old_value, ", ", stdout);
		json_put_member("old_origin", item->old_origin, ", ", stdout);
		json_put_member("new", item->new_value, ", ", stdout);
		json_put_member("new_origin", item->new_origin, ", ", stdout);
		json_put_member("text", item->text, ", ", stdout);
		json_put_member("command", item->command, "}", stdout);
	}
	printf("]}\n");
}

/* There is nothing to compare with. */
static void print_no_snapshot(const char *image, bool is_json)
{
	if (!is_json) {
		printf("the image %s was made without mpath-boot\n", image);
		return;
	}
	printf("{\"verdict\": null, ");
	json_put_member("snapshot", image, ", ", stdout);
	printf("\"appended_problem\": null, \"changed_sources\": [], \"differences\": []}\n");
}

static void print_unchanged(const struct side *old, const struct host *host, bool is_json)
{
	const struct drift none = { .n = 0 };

	if (is_json)
		print_json(old, host, &none);
	else
		printf("no source of %s has changed\n", old->name);
}

/* The findings: what differs, then what is wrong with the system whatever the snapshot says. Exit code. */
static int compare(const struct check_options *o, const struct host *host, const struct side *old)
{
	struct side new = { .text = NULL }, rules = { .text = NULL };
	struct created now = { .n_maps = 0 };
	struct drift d = { .n = 0 };
	struct create_options create = o->create;
	const struct snapshot *image = old->snapshot;
	const struct conf *lists = generic_is(old->conf) ? &image->rules->config : image->lists;
	int code;

	create.shows_rules = image->lists;
	code = create_text(&create, &now);

	if (code)
		return code;
	if (conf_parse(now.text, now.len, true, NULL, NULL, &new.conf) != 0) {
		created_clear(&now);
		return EXIT_SYSTEM;
	}
	if (generic_is(old->conf) && generic_make_maps(host, old->conf, image->rules, &now, new.conf, &rules.text, &rules.len, &d) == 0 &&
	    conf_parse(rules.text, rules.len, true, NULL, NULL, &rules.conf) == 0)
		drift_compare(rules.conf, new.conf, &d);
	else if (generic_is(old->conf))
		d.failed = true;
	else
		drift_compare(old->conf, new.conf, &d);
	if (!generic_is(old->conf))
		drift_compare_others(old->conf, new.conf, &d);
	conditions_check(host, &now, new.conf, lists, &d);
	code = d.failed ? EXIT_SYSTEM : severity_codes[d.worst];
	if (d.failed)
		log_error("out of memory");
	else if (o->is_json)
		print_json(old, host, &d);
	else
		print_text(old, host, &d);
	if (!d.failed && o->is_notice)
		notice_write(&d, old->name);
	drift_clear(&d);
	side_clear(&new);
	side_clear(&rules);
	created_clear(&now);
	return code;
}

int check_snapshot(const struct check_options *options)
{
	struct check_options o = *options;
	struct side old = { .text = NULL };
	unsigned int n_changed = 0;
	struct host host;
	int code, r;

	o.create.is_quiet = true;
	r = host_open(&host, o.create.sysroot);
	if (r) {
		log_error("unable to open %s: %s", *o.create.sysroot ? o.create.sysroot : "/", strerror(-r));
		return EXIT_SYSTEM;
	}
	code = load_old(&o, &old);
	if (code == -ENODATA && o.is_next) {
		print_no_snapshot(old.name, o.is_json);
		notice_remove();
		code = EXIT_DONE;
		goto out;
	} else if (code == -ENODATA) {
		log_error("there is no snapshot in %s: was it made without mpath-boot?", old.name);
		code = EXIT_USAGE;
	}
	if (!code && o.is_quick) {
		find_changed(&host, old.conf, count_source, &n_changed);
		if (!n_changed)
			print_unchanged(&old, &host, o.is_json);
	}
	if (!code && (!o.is_quick || n_changed))
		code = compare(&o, &host, &old);
out:
	side_clear(&old);
	host_close(&host);
	return code;
}
