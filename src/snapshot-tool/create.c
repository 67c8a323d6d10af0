/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "create.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../bindings.h"
#include "../log.h"
#include "../shell-word.h"
#include "../snapshot.h"
#include "../table.h"
#include "created.h"
#include "extension-try.h"
#include "facts.h"
#include "identity.h"
#include "modules.h"
#include "roots.h"
#include "taken.h"

static void warn_of_map(void *arg, const char *text)
{
	log_warning("%s: %s", (const char *)arg, text);
}

/* Maps that are named are taken as needed for root unless they are found to be under something else. */
static int choose_named(const struct host *host, const struct create_options *o, const struct roots *found, struct roots *out)
{
	for (size_t i = 0; i < o->n_wwids; i++) {
		unsigned int needed_for = NEED_ROOT;
		char dm[32];
		int r;

		roots_find_wwid(host, o->wwids[i], dm, sizeof(dm));
		if (!*dm) {
			log_error("there is no multipath map with WWID %s; multipath -ll lists those there are", o->wwids[i]);
			return -ENODEV;
		}
		for (size_t j = 0; j < found->n; j++)
			if (streq(found->v[j].dm, dm))
				needed_for = found->v[j].needed_for;
		r = roots_add(out, dm, needed_for);
		if (r)
			return r;
	}
	return 0;
}

static void skip_words(const char **s, unsigned int n)
{
	while (n-- && **s) {
		*s += strcspn(*s, " ");
		*s += strspn(*s, " ");
	}
}

/* The next counted list of words ("0", "1 alua") of a table. */
static void take_counted(const char **s, char *buf, size_t size)
{
	const char *start = *s;
	unsigned int n = 0;
	size_t len;

	sscanf(start, "%u", &n);
	skip_words(s, n < 100 ? n + 1 : 1);
	for (len = (size_t)(*s - start); len && start[len - 1] == ' '; len--)
		;
	snprintf(buf, size, "%.*s", (int)len, start);
}

static void compare_live(const struct emit_map *m, enum option o, const char *live)
{
	const char *resolved = m->resolved.v[o].value;
	size_t len = o == OPT_PATH_SELECTOR ? strcspn(resolved, " ") + 1 : 0;

	if (len ? strncmp(resolved, live, len) != 0 : !streq(resolved, live))
		log_warning("%s: the live map has %s \"%s\", the configuration asks for \"%s\"; if that is wrong, run: multipath -r",
			    m->info.name, option_names[o], live, resolved);
}

/* The live map was made by multipathd: where it differs, either it is stale or we have not understood the configuration. */
static void compare_with_live(const struct emit_map *m)
{
	const char *s = str_after(m->info.table, "multipath ");
	char features[256], handler[64], selector[64], kept[256];
	struct buf rest = BUF_INIT(kept, sizeof(kept));
	const struct setting *retry = &m->resolved.v[OPT_NO_PATH_RETRY];
	bool is_queueing, wants_queue = retry->is_set && !streq(retry->value, "fail");

	if (!s)
		return;
	take_counted(&s, features, sizeof(features));
	take_counted(&s, handler, sizeof(handler));
	skip_words(&s, 2);	/* number of groups, first group */
	snprintf(selector, sizeof(selector), "%.*s ", (int)strcspn(s, " "), s);

	is_queueing = strstr(features, "queue_if_no_path");
	buf_reset(&rest);
	features_format(features, false, &rest);
	compare_live(m, OPT_FEATURES, rest.s);
	compare_live(m, OPT_HARDWARE_HANDLER, handler);
	compare_live(m, OPT_PATH_SELECTOR, selector);
	/* A map that had to fail for want of paths, or one made by multipath(8), does not queue although it should. */
	if (is_queueing && !wants_queue)
		log_warning("%s: the live map queues, the configuration does not ask for it", m->info.name);
}

/* cciss_tur asks through ioctls of HP's Smart Array drivers (linux/cciss_ioctl.h); of other checkers only the disk itself can say whether they fit it. */
static void warn_of_checker(const struct emit_map *m)
{
	const struct path_info *paths = m->info.paths;

	if (!streq(m->resolved.v[OPT_PATH_CHECKER].value, "cciss_tur"))
		return;
	for (size_t i = 0; i < m->info.n_paths; i++)
		if (streq(paths[i].place.driver, "hpsa"))
			return;
	if (m->info.n_paths)
		log_warning("%s: path_checker \"cciss_tur\" does not fit any of its disks (%s: %s %s, driver %s): multipathd 0.11 and later takes them all for down, "
			    "and the guard stays to keep them in use; choose \"tur\" in multipath.conf", m->info.name, paths[0].facts.name,
			    paths[0].facts.vendor, paths[0].facts.product, paths[0].place.driver);
}

static void warn_of_boot(const struct host *host, const struct config *config, const struct emit_map *m)
{
	const char *alias = m->resolved.v[OPT_ALIAS].value;
	char dm[32], mem[SHELL_WORD_SIZE(WWID_MAX)];
	const char *word = shell_word(m->info.wwid, mem, sizeof(mem));
	const char *find = resolve_default(config->conf, "find_multipaths", "strict");

	if (streq(find, "strict") && !config_has_wwid(config, m->info.wwid))
		log_warning("%s is not in %s, and find_multipaths is strict: multipathd would give this map up at its start; type: multipath -a %s",
			    m->info.wwid, config->wwids_file, word);
	if ((streq(find, "on") || streq(find, "yes") || streq(find, "smart")) && m->info.n_paths == 1 && !config_has_wwid(config, m->info.wwid))
		log_warning("%s is not in %s, and find_multipaths is %s: of one path multipathd would make no map itself, it only keeps this one; "
			    "type: multipath -a %s", m->info.wwid, config->wwids_file, find, word);
	if (m->info.n_paths == 1)
		log_warning("%s has one path only, %s: nothing is redundant while this lasts, and the boot will wait for no other",
			    m->info.name, m->info.paths[0].facts.name);
	if (!m->info.n_designators)
		log_warning("%s: its paths show no designator in /sys; at boot they are known by udev's properties only", m->info.name);
	warn_of_checker(m);
	roots_find_name(host, alias, dm, sizeof(dm));
	if (*dm && !streq(dm, m->info.dm))
		log_warning("%s, another device, is called \"%s\" now: multipathd would not call %s so, though the configuration says it", dm, alias,
			    m->info.name);
	else if (m->info.name[0] && !streq(alias, m->info.name))
		log_warning("the live map %s is \"%s\" by the configuration: the next boot will call it so", m->info.name,
			    m->resolved.v[OPT_ALIAS].value);
}

/* What keeps the image from logging in to the portal of @p, in @why; false: nothing. */
static bool find_obstacle(const struct path_place *p, char *why, size_t size)
{
	bool is_iscsi = streq(p->driver, "iscsi_tcp");

	if (p->is_named)
		snprintf(why, size, "is known by name, and the image cannot resolve names: it will not log in to it; log in to its address "
			 "(iscsiadm -m node -o new -T %s -p ADDRESS), delete the record with the name, and make the image again", p->target);
	else if (!p->address[0] && (is_iscsi || streq(p->driver, "nvme_tcp")))
		snprintf(why, size, "is not connected, and no interface has an address for it: the image will not know how to reach it; "
			 "connect it and make the image again");
	else if (is_iscsi && p->is_guessed && p->gateway[0])
		snprintf(why, size, "is not connected: the image will go the way that there is to it now, through %s with %s by gateway %s; "
			 "if that is not its way, connect it and make the image again", p->interface, p->address, p->gateway);
	else
		return false;
	return true;
}

/* Each portal once, however many maps have a path through it. */
static void warn_of_portals(const struct created *c)
{
	_auto_free_ const char **told = NULL;
	size_t n = 0, n_told = 0;

	for (size_t i = 0; i < c->n_maps; i++)
		n += c->maps[i].info.n_paths;
	told = calloc(n + 1, sizeof(*told));
	for (size_t i = 0; told && i < c->n_maps; i++) {
		for (size_t j = 0; j < c->maps[i].info.n_paths; j++) {
			const struct path_info *p = &c->maps[i].info.paths[j];
			char why[600];
			size_t k = 0;

			if (!find_obstacle(&p->place, why, sizeof(why)))
				continue;
			while (k < n_told && !streq(told[k], p->place.portal))
				k++;
			if (k < n_told)
				continue;
			told[n_told++] = p->place.portal;
			log_warning("portal %s (%s) %s", p->place.portal, p->facts.name, why);
		}
	}
}

/* May the boot do without the map? Then it is no reason to have no image, and this is said. */
static bool leave_out(const struct root_map *root)
{
	if (root->needed_for == NEED_GROUP)
		log_warning("%s is left out: it only has other volumes of a volume group that root needs, or what fstab mounts in the initramfs besides "
			    "(x-initrd.mount)", root->dm);
	else if (root->needed_for == NEED_RESUME)
		log_error("%s is left out, and the image cannot resume from it: do not hibernate, what is in memory would be lost; mend what is said above, "
			  "and make the image again", root->dm);
	else
		return false;
	return true;
}

static int make_map(const struct host *host, const struct config *config, const struct root_map *root, const struct create_options *o, struct emit_map *m)
{
	struct resolve_in in = { .config = config->conf, .tools = config->version, .bindings_file = config->bindings_file };
	_auto_free_ struct path_facts *facts = NULL;
	char alias[128];
	int r;

	r = map_info_read(host, root->dm, &m->info);
	if (r)
		return r;
	r = taken_filter(host, config, o->is_quiet, &m->info);
	if (r)
		return r;
	m->info.is_cut = m->info.is_cut || o->shows_rules;
	facts = calloc(m->info.n_paths, sizeof(*facts));
	if (!facts)
		return -ENOMEM;
	for (size_t i = 0; i < m->info.n_paths; i++)
		facts[i] = m->info.paths[i].facts;
	m->info.needed_for = root->needed_for;
	in.wwid = m->info.wwid;
	in.live_name = m->info.name[0] ? m->info.name : NULL;
	in.binding = config_binding(config, m->info.wwid, alias, sizeof(alias)) ? alias : NULL;
	in.paths = facts;
	in.n_paths = m->info.n_paths;
	resolve(&in, o->is_quiet ? NULL : warn_of_map, m->info.name, &m->resolved);
	if (!o->is_quiet && !snapshot_is_alias(m->resolved.v[OPT_ALIAS].value)) {
		log_error("multipathd would be unable to make map %s (%s): \"%s\" cannot be a name; mend its alias and try again", m->info.name,
			  m->info.wwid, m->resolved.v[OPT_ALIAS].value);
		return -EBADMSG;
	}
	identity_wwid_from(host, &m->info, m->resolved.v[OPT_UID_ATTRIBUTE].value, m->wwid_from, sizeof(m->wwid_from));
	r = modules_add_map(m->resolved.v[OPT_PATH_SELECTOR].value, m->resolved.v[OPT_HARDWARE_HANDLER].value, &m->info.modules);
	if (r)
		return r;
	if (!o->is_quiet) {
		warn_of_boot(host, config, m);
		compare_with_live(m);
	}
	return 0;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Whole or not at all: a temporary file beside it, then rename(). Nothing in it is secret. A link to a file stays one. */
static int write_file(const char *link, const char *text, size_t len)
{
	_auto_free_ char *real = realpath(link, NULL), *temp = NULL;
	const char *file = real ? real : link;
	_auto_close_ int fd = -1;
	int r;

	if (asprintf(&temp, "%s.XXXXXX", file) < 0)
		return -ENOMEM;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (!r && (fchmod(fd, 0644) != 0 || fsync(fd) != 0 || rename(temp, file) != 0))
		r = -errno;
	if (r)
		unlink(temp);
	return r;
}

/* /dev/null, /dev/stdout, a pipe: never to be replaced. */
static int write_special(const char *file, const char *text, size_t len)
{
	_auto_close_ int fd = open(file, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text, len);
}

int create_write(const char *output, const void *data, size_t len)
{
	struct stat st;
	int r;

	if (streq(output, "-"))
		r = write_all(STDOUT_FILENO, data, len);
	else if (stat(output, &st) == 0 && !S_ISREG(st.st_mode))
		r = write_special(output, data, len);
	else
		r = write_file(output, data, len);
	if (r)
		log_error("unable to write %s: %s", streq(output, "-") ? "to standard output" : output, strerror(-r));
	return r;
}

/* What mpath-boot would refuse must not get into an image. */
static int check_text(const struct buf *text)
{
	struct snapshot_error err;
	struct snapshot *s;
	int r;

	if (text->overflow) {
		log_error("the snapshot would be larger than %u bytes", SNAPSHOT_SIZE_MAX);
		return -EFBIG;
	}
	r = snapshot_parse(text->s, text->len, &s, &err);
	if (r)
		log_error("mpath-boot would refuse this snapshot: line %u: %s", err.line, err.text);
	else
		snapshot_free(s);
	return r;
}

static int add_names(struct names *names, const struct roots *roots)
{
	int r = 0;

	for (size_t i = 0; i < roots->n && !r; i++)
		r = names_add(names, roots->v[i].dm);
	return r;
}

/* None that the initramfs has a use for, whatever the snapshot has of it. */
static int find_others(const struct host *host, const struct roots *roots, const struct roots *found, struct others *out)
{
	struct names maps = { .n = 0 };
	struct roots early;
	int r = roots_find_early_mounts(host, &early);

	if (!r)
		r = add_names(&maps, &early);
	if (!r)
		r = add_names(&maps, roots);
	if (!r)
		r = add_names(&maps, found);
	if (!r)
		r = others_find(host, &maps, out);
	roots_clear(&early);
	free(maps.v);
	return r;
}

static int create(const struct host *host, const struct create_options *o, const struct roots *roots, const struct roots *found, struct created *c)
{
	struct buf text = BUF_INIT(NULL, SNAPSHOT_SIZE_MAX);
	struct others others = { .n = 0 };
	int r;

	c->maps = calloc(roots->n, sizeof(*c->maps));
	text.s = c->text = malloc(SNAPSHOT_SIZE_MAX);
	if (!c->maps || !c->text)
		return -ENOMEM;
	r = config_load(host, o->config, &c->config);
	if (!r)
		r = extension_find_all(&c->config, o->extensions, o->n_extensions);
	if (r)
		return r;
	for (size_t i = 0; !r && i < roots->n; i++) {
		r = make_map(host, &c->config, &roots->v[i], o, &c->maps[c->n_maps++]);
		if (r && r != -ENOMEM && leave_out(&roots->v[i])) {
			map_info_clear(&c->maps[--c->n_maps].info);
			r = 0;
		}
	}
	if (!r && !o->is_quiet)
		warn_of_portals(c);
	/* A recorded system's libraries are not ours to run. */
	if (!r && host->is_live)
		r = extension_try_all(host, &c->config, c->maps, c->n_maps);
	if (r)
		return r;
	r = find_others(host, roots, found, &others);
	if (r)
		return r;
	emit_snapshot(&c->config, c->maps, c->n_maps, &others, &text);
	others_clear(&others);
	c->len = text.len;
	return check_text(&text);
}

static void warn_of_policy(const struct config *config)
{
	const char *find = resolve_default(config->conf, "find_multipaths", "strict"), *wwids = config->wwids;
	char wwid[256];
	size_t n = 0;

	while (wwids_next(&wwids, wwid, sizeof(wwid)))
		n++;
	if (streq(find, "strict"))
		log_warning("find_multipaths is strict: of all LUNs only the %zu in %s get a map; set find_multipaths on, or boot with rd.mpath_boot.wwid=WWID",
			    n, config->wwids_file);
	else if (streq(find, "greedy") || streq(find, "off") || streq(find, "no"))
		log_warning("find_multipaths is %s: every disk that is not blacklisted gets a map, local ones too", find);
}

static int create_generic(const struct host *host, const struct create_options *o, struct created *c)
{
	struct buf text = BUF_INIT(NULL, SNAPSHOT_SIZE_MAX);
	struct names modules = { .n = 0 };
	int r;

	text.s = c->text = malloc(SNAPSHOT_SIZE_MAX);
	if (!c->text)
		return -ENOMEM;
	r = config_load(host, o->config, &c->config);
	if (!r)
		r = extension_find_all(&c->config, o->extensions, o->n_extensions);
	if (!r && host->is_live)
		r = extension_try_all(host, &c->config, NULL, 0);
	if (r)
		return r;
	r = modules_add_any(c->config.conf, &modules);
	if (!r) {
		emit_generic(&c->config, &modules, &text);
		c->len = text.len;
		r = check_text(&text);
	}
	free(modules.v);
	if (!r && !o->is_quiet)
		warn_of_policy(&c->config);
	return r;
}

void created_clear(struct created *c)
{
	for (size_t i = 0; i < c->n_maps; i++)
		map_info_clear(&c->maps[i].info);
	free(c->maps);
	free(c->text);
	config_clear(&c->config);
	*c = (struct created){ .n_maps = 0 };
}

static int exit_code(int r)
{
	switch (r) {
	case 0:
		return EXIT_DONE;
	case -EBADMSG:
	case -EINVAL:
	case -ENODEV:
	case -EPERM:
		return EXIT_USAGE;
	case -ENOMEM:
		log_error("out of memory");
		break;
	}
	return EXIT_SYSTEM;
}

int create_text(const struct create_options *o, struct created *out)
{
	struct roots found = { .n = 0 }, named = { .n = 0 };
	const struct roots *roots = &found;
	struct created c = { .n_maps = 0 };
	struct host host;
	int r, code;

	if (o->is_generic && (o->root || o->n_wwids)) {
		log_error("a generic snapshot has no maps: --generic goes without --root and --map");
		return EXIT_USAGE;
	}
	r = host_open(&host, o->sysroot);
	if (r) {
		log_error("unable to open %s: %s", *o->sysroot ? o->sysroot : "/", strerror(-r));
		return EXIT_SYSTEM;
	}
	if (o->is_generic) {
		code = exit_code(create_generic(&host, o, &c));
		goto done;
	}
	r = roots_find(&host, o->root, &found);
	if (!r && o->n_wwids) {
		r = choose_named(&host, o, &found, &named);
		roots = &named;
	}
	if (!r && !roots->n) {
		if (found.native[0])
			log_info("not on dm-multipath: the kernel itself makes %s multipath (nvme_core.multipath=Y) and assembles it at boot, so nothing needs a snapshot",
				 found.native);
		else if (found.root_device[0])
			log_info("not on multipath: there is no multipath map under %s, /usr or the resume device (/ is on %s)",
				 o->root ? o->root : "/", found.root_device);
		else
			log_info("not on multipath, as far as can be seen: what / is on is no block device; --root DEV names it");
		code = EXIT_NOT_MULTIPATH;
	} else {
		if (!r)
			r = create(&host, o, roots, &found, &c);
		code = exit_code(r);
		if (!code && !c.n_maps) {
			log_info("not on multipath: no map is left, and root needs none");
			code = EXIT_NOT_MULTIPATH;
		}
	}
done:
	roots_clear(&found);
	roots_clear(&named);
	host_close(&host);
	if (code)
		created_clear(&c);
	else
		*out = c;
	return code;
}

int create_snapshot(const struct create_options *o)
{
	struct created c;
	int code = create_text(o, &c);

	if (code)
		return code;
	code = exit_code(create_write(o->output, c.text, c.len));
	created_clear(&c);
	return code;
}
