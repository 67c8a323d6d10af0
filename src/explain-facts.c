/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain-facts.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "discover.h"
#include "dm-mangle.h"
#include "state.h"
#include "table.h"
#include "event.h"
#include "waiting.h"

#define VPD_SIZE 4096
#define PROC_SIZE (256 << 10)	/* of mountinfo that is looked at */

static _printf_(4, 5) ssize_t attr(const struct sysroot *root, char *buf, size_t size, const char *fmt, ...)
{
	char file[160];
	va_list args;
	ssize_t n;
	int len;

	va_start(args, fmt);
	len = vsnprintf(file, sizeof(file), fmt, args);
	va_end(args);
	n = len < (int)sizeof(file) ? sys_read_str(root->sys_fd, file, buf, size) : -ENAMETOOLONG;
	if (n < 0)
		buf[0] = '\0';
	return n;
}

static int last_of_link(const struct sysroot *root, const char *link, char *name, size_t size)
{
	char target[512];
	const char *last;

	if (sys_read_link(root->sys_fd, link, target, sizeof(target)) < 0)
		return -ENOENT;
	last = strrchr(target, '/');
	return (size_t)snprintf(name, size, "%s", last ? last + 1 : target) < size ? 0 : -ENOENT;
}

/* "8:0" */
static bool is_devno(const char *text)
{
	size_t n = strspn(text, "0123456789"), m = text[n] == ':' ? strspn(text + n + 1, "0123456789") : 0;

	return n && n < 8 && m && m < 9 && !text[n + 1 + m];
}

int explain_find_name(const struct sysroot *root, const char *text, char *name, size_t size)
{
	const char *plain = str_after(text, "/dev/");
	char file[160], type[4];
	struct stat st;

	if (is_devno(text)) {
		snprintf(file, sizeof(file), "dev/block/%s", text);
		return last_of_link(root, file, name, size);
	}
	if (*text == '/' && root->dev_fd >= 0 && stat(text, &st) == 0 && S_ISBLK(st.st_mode)) {
		snprintf(file, sizeof(file), "dev/block/%u:%u", major(st.st_rdev), minor(st.st_rdev));
		return last_of_link(root, file, name, size);
	}
	plain = plain ? plain : text;
	if (!*plain || strchr(plain, '/') || *plain == '.' || strlen(plain) >= 64 || strlen(plain) >= size)
		return -ENOENT;
	snprintf(file, sizeof(file), "class/block/%s", plain);
	/* a recorded system may have no class directory */
	if (sys_read_link(root->sys_fd, file, type, sizeof(type)) == -ENOENT && faccessat(root->block_fd, plain, F_OK, 0) < 0)
		return -ENOENT;
	snprintf(name, size, "%s", plain);
	return 0;
}

static void unmangled_uuid(const struct snap_map *m, char out[DM_UUID_SIZE + 16])
{
	snprintf(out, DM_UUID_SIZE + 16, "mpath-%.120s", m->wwid);
}

const struct snap_map *explain_find_map(const struct explain_scene *scene, const char *text)
{
	char name[64], uuid[160], mangled[160], wanted[DM_UUID_SIZE + 16];
	const char *plain = str_after(text, "/dev/mapper/");
	bool has_name = explain_find_name(scene->root, text, name, sizeof(name)) == 0;

	plain = plain ? plain : text;
	if (!has_name || attr(scene->root, uuid, sizeof(uuid), "class/block/%s/dm/uuid", name) < 0)
		uuid[0] = '\0';
	for (size_t i = 0; scene->snap && i < scene->snap->n_maps; i++) {
		const struct snap_map *m = &scene->snap->maps[i];

		unmangled_uuid(m, wanted);
		if ((!has_name && (streq(m->alias, plain) || streq(m->wwid, plain))) ||
		    (*uuid && dm_mangle(wanted, mangled, sizeof(mangled)) == 0 && streq(mangled, uuid)))
			return m;
	}
	return NULL;
}

/* What kind of block device it is. */
static void read_kind(const struct sysroot *root, const char *name, struct explain_facts *f)
{
	char link[80], target[512], text[16], *slash;
	const char *rest;

	snprintf(link, sizeof(link), "class/block/%s", name);
	f->exists = true;
	f->is_disk = discover_name_is_disk(name);
	f->is_partition = attr(root, text, sizeof(text), "class/block/%s/partition", name) >= 0;
	if (f->is_partition && sys_read_link(root->sys_fd, link, target, sizeof(target)) > 0) {
		slash = strrchr(target, '/');
		if (slash)
			*slash = '\0';
		slash = strrchr(target, '/');
		snprintf(f->disk, sizeof(f->disk), "%.31s", slash ? slash + 1 : target);
	}
	attr(root, f->dm_uuid, sizeof(f->dm_uuid), "class/block/%s/dm/uuid", name);
	attr(root, f->dm_name, sizeof(f->dm_name), "class/block/%s/dm/name", name);
	/* nvme0c1n1 */
	rest = str_after(name, "nvme");
	rest = rest ? rest + strspn(rest, "0123456789") : NULL;
	f->is_hidden = rest && *rest == 'c';
	f->is_native = f->is_disk && discover_is_native(root, name);
}

struct identities {
	const struct snapshot *snap;
	struct explain_facts *f;
	int best, best_wwid;	/* scores */
};

static int take_designator(const struct designator *d, void *arg)
{
	struct identities *i = arg;
	char wwid[WWID_MAX];

	if (d->score > i->best) {
		i->best = d->score;
		snprintf(i->f->identity, sizeof(i->f->identity), "%s", d->text);
	}
	if (d->score > i->best_wwid && designator_wwid(d, wwid) == 0) {
		i->best_wwid = d->score;
		memcpy(i->f->wwid, wwid, sizeof(wwid));
	}
	for (size_t m = 0; i->snap && m < i->snap->n_maps && !i->f->weak_map; m++)
		for (size_t k = 1; k < i->snap->maps[m].n_designators; k++)
			if (streq(i->snap->maps[m].designators[k], d->text))
				i->f->weak_map = &i->snap->maps[m];
	return 0;
}

static void read_identity(const struct explain_scene *scene, const char *name, struct explain_facts *f)
{
	struct identities i = { .snap = scene->snap, .f = f, .best = -1, .best_wwid = -1 };
	uint8_t page[VPD_SIZE];
	char file[80];
	ssize_t n;

	snprintf(file, sizeof(file), "%s/%s", name, f->path.bus == BUS_SCSI ? "device/vpd_pg83" : f->path.bus == BUS_NVME ? "wwid" : "device/uid");
	if (f->path.bus != BUS_SCSI) {
		if (sys_read_str(scene->root->block_fd, file, f->wwid, sizeof(f->wwid)) > 0)
			snprintf(f->identity, sizeof(f->identity), "%s", f->wwid);
		return;
	}
	n = sys_read(scene->root->block_fd, file, page, sizeof(page));
	if (n >= 0)
		vpd83_visit(page, (size_t)n, NULL, take_designator, &i);
	if (scene->root->run_fd >= 0) {
		snprintf(file, sizeof(file), STATE_DIR "/claims/%s", name);
		f->has_claim = faccessat(scene->root->run_fd, file, F_OK, 0) == 0;
	}
}

/* The map that had a path where this disk is now. */
static const struct snap_map *find_by_place(const struct snapshot *s, const struct path *p)
{
	for (size_t m = 0; *p->target && m < s->n_maps; m++)
		for (size_t i = 0; i < s->maps[m].n_paths; i++)
			if (streq(s->maps[m].paths[i].target, p->target) && streq(s->maps[m].paths[i].portal, p->portal) &&
			    s->maps[m].paths[i].lun == p->lun)
				return &s->maps[m];
	return NULL;
}

struct holders {
	const struct sysroot *root;
	const char *own_uuid;	/* mangled; "" if none */
	struct buf *out;
	char dir[80];
};

static int add_holder(const char *entry, void *arg)
{
	struct holders *h = arg;
	char uuid[160], name[128];

	attr(h->root, uuid, sizeof(uuid), "class/block/%.63s/dm/uuid", entry);
	attr(h->root, name, sizeof(name), "class/block/%.63s/dm/name", entry);
	if (*h->own_uuid && streq(uuid, h->own_uuid))
		return 0;
	buf_addf(h->out, "%s%.31s%s%.60s%s", h->out->len ? ", " : "held by ", entry, *name ? " (" : "", name, *name ? ")" : "");
	return 0;
}

/* Its partitions' holders hold the disk, too. */
static int add_part_holders(const char *entry, void *arg)
{
	struct holders *h = arg;
	char dir[160];

	if (!str_after(entry, h->dir) || strlen(entry) >= 64)
		return 0;
	snprintf(dir, sizeof(dir), "block/%s/%.63s/holders", h->dir, entry);
	sys_each(h->root->sys_fd, dir, add_holder, h);
	return 0;
}

static void read_holders(const struct sysroot *root, const char *name, const char *own_uuid, struct explain_facts *f)
{
	struct buf text = BUF_INIT(f->holders, sizeof(f->holders));
	struct holders h = { .root = root, .own_uuid = own_uuid, .out = &text };
	char dir[80];

	buf_reset(&text);
	snprintf(dir, sizeof(dir), "block/%s/holders", name);
	sys_each(root->sys_fd, dir, add_holder, &h);
	snprintf(h.dir, sizeof(h.dir), "%s", name);
	snprintf(dir, sizeof(dir), "block/%s", name);
	sys_each(root->sys_fd, dir, add_part_holders, &h);
}

/* Is @text the disk "sda" or one of its partitions, as /proc writes them? */
static bool is_device(const char *text, size_t len, const char *disk)
{
	size_t n = strlen(disk);

	if (len < 5 + n || strncmp(text, "/dev/", 5) != 0 || strncmp(text + 5, disk, n) != 0)
		return false;
	text += 5 + n;
	len -= 5 + n;
	if (len && *text == 'p') {
		text++;
		len--;
	}
	return strspn(text, "0123456789") >= len;
}

static const char *skip_words(const char *s, unsigned int n)
{
	while (n--) {
		s += strcspn(s, " \n");
		s += *s == ' ';
	}
	return s;
}

/* As swap or mounted, itself or a partition of it. Neither shows in /sys. */
static void read_use(const struct sysroot *root, const char *disk, struct explain_facts *f)
{
	_auto_free_ char *text = malloc(PROC_SIZE);
	ssize_t n;

	if (!text || root->proc_fd < 0)
		return;
	n = sys_read(root->proc_fd, "swaps", text, PROC_SIZE - 1);
	text[n > 0 ? n : 0] = '\0';
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (is_device(line, strcspn(line, " \t\n"), disk))
			snprintf(f->used_as, sizeof(f->used_as), "swap");
	n = sys_read(root->proc_fd, "self/mountinfo", text, PROC_SIZE - 1);
	text[n > 0 ? n : 0] = '\0';
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *dash = strstr(line, " - "), *point, *source;

		if (!dash || dash > line + strcspn(line, "\n"))
			continue;
		point = skip_words(line, 4);
		source = skip_words(dash + 3, 1);
		if (is_device(source, strcspn(source, " \n"), disk))
			snprintf(f->used_as, sizeof(f->used_as), "mounted at %.*s", (int)strcspn(point, " \n"), point);
	}
}

static const char *get(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = section ? conf_find(section->child, key) : NULL;

	return n && n->value ? n->value : "";
}

static enum path_state state_from_name(const char *name)
{
	for (size_t i = 0; i < N_PATH_STATES; i++)
		if (path_state_names[i] && streq(path_state_names[i], name))
			return (enum path_state)i;
	return PATH_STATE_DOWN;	/* "i/o timeout" */
}

static const struct conf_node *find_section(const struct conf_node *first, const char *section, const char *key, const char *value)
{
	for (const struct conf_node *n = conf_find(first, section); n; n = conf_find(n->next, section))
		if (streq(get(n, key), value))
			return n;
	return NULL;
}

/* What the guard says of the path, or said last. */
static void read_state(const struct explain_scene *scene, struct explain_facts *f)
{
	const struct conf_node *head = conf_find(scene->state->first, "state");
	const struct conf_node *map = find_section(scene->state->first, "map", "wwid", scene->snap->maps[f->path.map].wwid);
	const struct conf_node *path = map ? find_section(map->child, "path", "dev", f->path.devno) : NULL;

	f->has_state = true;
	f->is_handed_over = streq(get(head, "phase"), "handed over");
	f->map_exists = *get(map, "dev");
	if (f->map_exists)
		f->map_size = strtoull(get(map, "size"), NULL, 10);
	for (const struct conf_node *p = map ? conf_find(map->child, "path") : NULL; p; p = conf_find(p->next, "path")) {
		unsigned int group = (unsigned int)strtoul(get(p, "group"), NULL, 10);

		f->n_groups = group > f->n_groups ? group : f->n_groups;
	}
	if (!path)
		return;
	f->is_seen = true;
	f->is_hung = streq(get(path, "state"), "i/o timeout");
	f->state = state_from_name(get(path, "state"));
	f->no_answer_for_s = waiting_no_answer_s(path, event_clock_us());
	f->prio = (int)strtol(get(path, "prio"), NULL, 10);
	f->group = (unsigned int)strtoul(get(path, "group"), NULL, 10);
	f->in_table = f->group > 0;
	f->kernel_failed = streq(get(path, "dm"), "failed");
	snprintf(f->reason, sizeof(f->reason), "%.15s", get(path, "reason"));
	snprintf(f->failure, sizeof(f->failure), "%.63s", get(path, "failure_reason"));
}

/* The kernel knows better than a state file that may be old. */
static void read_table(const struct explain_scene *scene, const char *uuid, struct explain_facts *f)
{
	_auto_free_ char *text = malloc(TABLE_SIZE);
	_auto_free_ struct table *t = malloc(sizeof(*t));
	int r = text && t ? scene->dm->ops->table(scene->dm, uuid, text, TABLE_SIZE) : -ENOMEM;

	if (r == -ENXIO)
		f->map_exists = f->in_table = false;
	if (r < 0 || table_parse(text, t) < 0)
		return;
	f->map_exists = true;
	f->in_table = f->kernel_failed = false;
	f->n_groups = t->n_groups;
	for (unsigned int i = 0; i < t->n_paths; i++) {
		if (streq(t->paths[i].devno, f->path.devno)) {
			f->in_table = true;
			f->group = t->paths[i].group;
		}
	}
	if (scene->dm->ops->status(scene->dm, uuid, text, TABLE_SIZE) < 0 || table_parse_status(text, t) < 0)
		return;
	for (unsigned int i = 0; i < t->n_paths; i++)
		if (streq(t->paths[i].devno, f->path.devno))
			f->kernel_failed = t->paths[i].failed;
}

static void read_path(const struct explain_scene *scene, const char *name, struct explain_facts *f)
{
	char plain[DM_UUID_SIZE + 16], uuid[160];

	if (attr(scene->root, f->sys_state, sizeof(f->sys_state), "block/%s/device/state", name) < 0)
		f->sys_state[0] = '\0';
	attr(scene->root, f->access_state, sizeof(f->access_state), "block/%s/device/access_state", name);
	attr(scene->root, f->ana_state, sizeof(f->ana_state), "block/%s/ana_state", name);
	unmangled_uuid(&scene->snap->maps[f->path.map], plain);
	if (dm_mangle(plain, uuid, sizeof(uuid)) < 0)
		uuid[0] = '\0';
	read_holders(scene->root, name, uuid, f);
	read_use(scene->root, name, f);
	if (scene->state)
		read_state(scene, f);
	if (scene->dm)
		read_table(scene, uuid, f);
}

void explain_read(const struct explain_scene *scene, const char *name, const char *asked, struct explain_facts *f)
{
	*f = (struct explain_facts) {
		.name = asked,
		.snap = scene->snap,
		.snapshot_problem = scene->snapshot_problem,
		.is_off = scene->is_off,
		.guard_runs = scene->guard_runs,
		.prio = PRIO_UNDEF,
		.path = { .port_group = -1, .tpgs = -1 },
	};
	read_kind(scene->root, name, f);
	if (!f->is_disk || f->is_native)
		return;
	f->is_ours = scene->snap && discover_disk(scene->root, scene->snap, name, &f->path) == 1;
	if (!f->is_ours && scene->snap)
		f->rule = discover_blacklisted(scene->root, scene->snap, name);
	if (!f->is_ours && discover_path(scene->root, 0, name, &f->path) < 0)
		f->exists = false;
	read_identity(scene, name, f);
	if (f->is_ours)
		read_path(scene, name, f);
	else if (scene->snap)
		f->place_map = find_by_place(scene->snap, &f->path);
}
