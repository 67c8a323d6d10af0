/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "roots.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../dm-mangle.h"
#include "../log.h"
#include "../snapshot.h"

#define DEVICES_MAX 512	/* in one stack of dm and MD devices */

struct walk {
	char (*names)[32];	/* devices to look at, then those that have been */
	size_t n;
};

static int add_device(struct walk *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (streq(w->names[i], name))
			return 0;
	if (w->n == DEVICES_MAX || strlen(name) >= sizeof(*w->names))
		return 0;
	strcpy(w->names[w->n++], name);
	return 0;
}

static int add_device_entry(const char *entry, void *arg)
{
	return add_device(arg, entry);
}

/* The disk of a partition: the directory around it. */
static bool find_disk(const struct host *host, const char *part, char *disk, size_t size)
{
	char link[64], dir[1024], *slash;

	snprintf(link, sizeof(link), "sys/class/block/%.31s", part);
	if (host_device_dir(host, link, dir, sizeof(dir)) != 0)
		return false;
	slash = strrchr(dir, '/');
	*slash = '\0';
	slash = strrchr(dir, '/');
	return slash && (size_t)snprintf(disk, size, "%s", slash + 1) < size;
}

int roots_add(struct roots *roots, const char *dm, unsigned int needed_for)
{
	struct root_map *grown;

	for (size_t i = 0; i < roots->n; i++) {
		if (streq(roots->v[i].dm, dm)) {
			roots->v[i].needed_for |= needed_for;
			return 0;
		}
	}
	grown = realloc(roots->v, (roots->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	roots->v = grown;
	snprintf(grown[roots->n].dm, sizeof(grown->dm), "%s", dm);
	grown[roots->n++].needed_for = needed_for;
	return 0;
}

struct btrfs_search {
	const struct host *host;
	const char *name;
	struct walk *w;
};

static int add_if_its_own(const char *uuid, void *arg)
{
	const struct btrfs_search *s = arg;
	char devices[128];

	if (host_has(s->host, "sys/fs/btrfs/%s/devices/%s", uuid, s->name)) {
		snprintf(devices, sizeof(devices), "sys/fs/btrfs/%.64s/devices", uuid);
		sys_each(s->host->fd, devices, add_device_entry, s->w);
	}
	return 0;
}

/* A mounted btrfs may have many devices, of which the table of mounts names one. */
static void add_btrfs_devices(const struct host *host, const char *name, struct walk *w)
{
	struct btrfs_search s = { host, name, w };

	sys_each(host->fd, "sys/fs/btrfs", add_if_its_own, &s);
}

/* @uuid is that of a logical volume: "LVM-", its group's and its own, 32 characters each. */
static int remember_group(struct roots *roots, const char *uuid)
{
	char (*grown)[GROUP_SIZE];

	if (!str_after(uuid, "LVM-") || strlen(uuid) < 4 + 64)
		return 0;
	for (size_t i = 0; i < roots->n_groups; i++)
		if (str_after(uuid, roots->groups[i]))
			return 0;
	grown = realloc(roots->groups, (roots->n_groups + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	roots->groups = grown;
	snprintf(grown[roots->n_groups++], sizeof(*grown), "%.36s", uuid);
	return 0;
}

/* From device @name down through btrfs, LVM, dm-crypt, MD and partitions. */
static int walk_down(const struct host *host, const char *name, unsigned int needed_for, struct roots *roots)
{
	struct walk w = { .names = calloc(DEVICES_MAX, sizeof(*w.names)) };
	int r = w.names ? 0 : -ENOMEM;

	if (!r)
		add_device(&w, name);
	if (!r)
		add_btrfs_devices(host, name, &w);
	for (size_t i = 0; !r && i < w.n; i++) {
		char uuid[160], path[80], disk[32], dir[1024];

		host_attr(host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", w.names[i]);
		if (str_after(uuid, "mpath-")) {
			r = roots_add(roots, w.names[i], needed_for);
			continue;
		}
		r = remember_group(roots, uuid);
		if (host_has(host, "sys/class/block/%s/partition", w.names[i]) && find_disk(host, w.names[i], disk, sizeof(disk)))
			add_device(&w, disk);
		snprintf(path, sizeof(path), "sys/class/block/%.31s", w.names[i]);
		if (str_after(w.names[i], "nvme") && !host_has(host, "%s/partition", path) &&
		    host_device_dir(host, path, dir, sizeof(dir)) == 0 && strstr(dir, "/nvme-subsystem/"))
			memcpy(roots->native, w.names[i], sizeof(roots->native));
		snprintf(path, sizeof(path), "sys/class/block/%.31s/slaves", w.names[i]);
		sys_each(host->fd, path, add_device_entry, &w);
	}
	free(w.names);
	return r;
}

static bool name_of_devno(const struct host *host, unsigned int major, unsigned int minor, char *name, size_t size)
{
	return host_link_name(host, name, size, "sys/dev/block/%u:%u", major, minor) == 0;
}

struct dm_search {
	const struct host *host;
	const char *attr, *value;
	char *dm;
	size_t size;
};

static int compare_dm(const char *entry, void *arg)
{
	struct dm_search *s = arg;
	char value[256];

	if (!str_after(entry, "dm-") || host_attr(s->host, value, sizeof(value), "sys/class/block/%s/dm/%s", entry, s->attr) < 0 ||
	    !streq(value, s->value))
		return 0;
	snprintf(s->dm, s->size, "%s", entry);
	return 1;
}

static void find_dm(const struct host *host, const char *attr, const char *value, char *dm, size_t size)
{
	struct dm_search s = { host, attr, value, dm, size };

	dm[0] = '\0';
	sys_each(host->fd, "sys/class/block", compare_dm, &s);
}

void roots_find_name(const struct host *host, const char *name, char *dm, size_t size)
{
	find_dm(host, "name", name, dm, size);
}

void roots_find_wwid(const struct host *host, const char *wwid, char *dm, size_t size)
{
	char uuid[128], mangled[256];

	*dm = '\0';
	if ((size_t)snprintf(uuid, sizeof(uuid), "mpath-%s", wwid) < sizeof(uuid) && dm_mangle(uuid, mangled, sizeof(mangled)) == 0)
		find_dm(host, "uuid", mangled, dm, size);
}

/* The kernel name of a /dev path. In a recorded system there are no nodes, but links and the names of maps are. */
static bool name_of_path(const struct host *host, const char *path, char *name, size_t size)
{
	const char *rest = str_after(path, "/dev/"), *mapper;
	char link[300];
	struct stat st;

	if (!rest)
		return false;
	if (fstatat(host->fd, path + 1, &st, 0) == 0 && S_ISBLK(st.st_mode))
		return name_of_devno(host, major(st.st_rdev), minor(st.st_rdev), name, size);
	if (host_link_name(host, link, sizeof(link), "dev/%s", rest) == 0)
		rest = link;
	mapper = str_after(rest, "mapper/");
	if (mapper) {
		find_dm(host, "name", mapper, name, size);
		return *name;
	}
	return host_has(host, "sys/class/block/%s", rest) && (size_t)snprintf(name, size, "%s", rest) < size;
}

/* A device as people write it on the kernel command line and in fstab. */
static bool name_of_spec(const struct host *host, const char *spec, char *name, size_t size)
{
	static const struct {
		const char *prefix, *dir;
	} tags[] = {
		{ "UUID=", "uuid" }, { "LABEL=", "label" }, { "PARTUUID=", "partuuid" }, { "PARTLABEL=", "partlabel" },
	};
	unsigned int major, minor;
	char path[320];

	if (*spec != '/' && sscanf(spec, "%u:%u", &major, &minor) == 2)
		return name_of_devno(host, major, minor, name, size);
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		const char *value = str_after(spec, tags[i].prefix);

		if (!value)
			continue;
		value += *value == '"';
		snprintf(path, sizeof(path), "/dev/disk/by-%s/%.*s", tags[i].dir, (int)strcspn(value, "\""), value);
		return name_of_path(host, path, name, size);
	}
	return name_of_path(host, spec, name, size);
}

/* /proc writes blanks, tabs, newlines and backslashes as \ooo. */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

struct mount {
	unsigned int major, minor;
	char point[1024], type[32], source[1024];
	const char *options;	/* of the file system, up to the end of the line; part of the text */
};

/* The next line of /proc/self/mountinfo that can be read; behind it, NULL if there is none. */
static const char *next_mount(const char *text, struct mount *m)
{
	while (*text) {
		const char *line = text, *dash = strstr(line, " - ");
		int n = 0;

		text += strcspn(text, "\n");
		text += *text == '\n';
		if (!dash || dash >= text || sscanf(line, "%*s %*s %u:%u %*s %1023s", &m->major, &m->minor, m->point) != 3 ||
		    sscanf(dash, " - %31s %1023s%n", m->type, m->source, &n) != 2)
			continue;
		m->options = dash + n + strspn(dash + n, " ");
		unescape(m->point);
		unescape(m->source);
		return text;
	}
	return NULL;
}

/* The last one at @where: later mounts hide earlier ones. */
static bool mount_at(const char *mountinfo, const char *where, struct mount *out)
{
	bool found = false;
	struct mount m;

	while ((mountinfo = next_mount(mountinfo, &m))) {
		if (!streq(m.point, where))
			continue;
		*out = m;
		found = true;
	}
	return found;
}

static bool is_below(const char *path, const char *point)
{
	const char *rest = str_after(path, point);

	return streq(point, "/") || (rest && (!*rest || *rest == '/'));
}

/* The one that has @path in it. */
static bool mount_of(const char *mountinfo, const char *path, struct mount *out)
{
	size_t best = 0;
	struct mount m;

	while ((mountinfo = next_mount(mountinfo, &m))) {
		if (!is_below(path, m.point) || strlen(m.point) < best)
			continue;
		best = strlen(m.point);
		*out = m;
	}
	return best;
}

/* btrfs and others show an anonymous device number (major 0): then the source tells. */
static bool name_of_mount(const struct host *host, const struct mount *m, char *name, size_t size)
{
	return (m->major && name_of_devno(host, m->major, m->minor, name, size)) || name_of_path(host, m->source, name, size);
}

struct mount_walk {
	const struct host *host;
	const char *mountinfo;
	unsigned int need;
	char *name;	/* of the first device found */
	size_t size;
	struct roots *out;
};

static int walk_mount(const struct mount_walk *w, const struct mount *m)
{
	char found[64];

	if (!name_of_mount(w->host, m, found, sizeof(found)))
		return 0;
	if (!*w->name)
		snprintf(w->name, w->size, "%s", found);
	return walk_down(w->host, found, w->need, w->out);
}

/* The directories that an option of an overlay names; NULL for another option. */
static const char *layers_of(const char *option)
{
	static const char *const keys[] = { "lowerdir=", "lowerdir+=", "datadir+=", "upperdir=", "workdir=" };
	const char *layers = NULL;

	for (size_t i = 0; !layers && i < ARRAY_SIZE(keys); i++)
		layers = str_after(option, keys[i]);
	return layers;
}

/* "/a:/b::/c" */
static int walk_layers(const struct mount_walk *w, const char *s)
{
	struct mount m;
	char dir[1024];
	int r = 0;

	for (;; s++) {
		size_t len = strcspn(s, ":,\n");

		snprintf(dir, sizeof(dir), "%.*s", (int)len, s);
		unescape(dir);
		if (*dir == '/' && mount_of(w->mountinfo, dir, &m))
			r = walk_mount(w, &m);
		s += len;
		if (r || *s != ':')
			return r;
	}
}

/* Where the directories of an overlay are (overlayroot, live systems), and where ostree has its repository, which composefs shows as /. */
static int walk_overlay(const struct mount_walk *w, const struct mount *overlay)
{
	const char *s = overlay->options;
	struct mount m;
	int r = 0;

	if (streq(overlay->point, "/") && mount_at(w->mountinfo, "/sysroot", &m))
		r = walk_mount(w, &m);
	while (!r && *s && *s != '\n') {
		const char *layers = layers_of(s);

		if (layers)
			r = walk_layers(w, layers);
		s += strcspn(s, ",\n");
		s += *s == ',';
	}
	return r;
}

static int find_mount(const struct host *host, const char *where, unsigned int need, char *name, size_t size, struct roots *out)
{
	_auto_free_ char *text = NULL;
	struct mount_walk w = { .host = host, .need = need, .name = name, .size = size, .out = out };
	struct mount m;

	name[0] = '\0';
	if (host_read_file(host, "proc/self/mountinfo", &text, NULL) != 0 || !mount_at(text, where, &m))
		return 0;
	w.mountinfo = text;
	return streq(m.type, "overlay") ? walk_overlay(&w, &m) : walk_mount(&w, &m);
}

static int find_spec(const struct host *host, const char *spec, unsigned int need, struct roots *out)
{
	char name[64];

	return name_of_spec(host, spec, name, sizeof(name)) ? walk_down(host, name, need, out) : 0;
}

/* The value behind the last "KEY=" at the start of a word or line of @text. */
static bool last_value(const char *text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);
	bool found = false;

	for (const char *p = text; (p = strstr(p, key)); p += len) {
		const char *v = p + len;

		if (p > text && !strchr(" \t\n", p[-1]))
			continue;
		v += *v == '"' || *v == '\'';
		snprintf(value, size, "%.*s", (int)strcspn(v, "\"' \t\n"), v);
		found = true;
	}
	return found;
}

/*
 * Where the machine resumes from: the kernel command line says, or initramfs-tools' RESUME; else initramfs-tools takes a swap
 * partition, so all active ones count.
 */
static int find_resume(const struct host *host, struct roots *out)
{
	_auto_free_ char *cmdline = NULL, *conf = NULL, *swaps = NULL;
	char spec[300], *rest, *line;
	int r = 0;

	if (host_read_file(host, "proc/cmdline", &cmdline, NULL) == 0 && last_value(cmdline, "resume=", spec, sizeof(spec)))
		return find_spec(host, spec, NEED_RESUME, out);
	if (host_read_file(host, "etc/initramfs-tools/conf.d/resume", &conf, NULL) == 0 && last_value(conf, "RESUME=", spec, sizeof(spec)) &&
	    *spec && !streq(spec, "auto"))
		return streq(spec, "none") ? 0 : find_spec(host, spec, NEED_RESUME, out);
	if (host_read_file(host, "proc/swaps", &swaps, NULL) != 0)
		return 0;
	rest = swaps;
	while (!r && (line = strsep(&rest, "\n"))) {
		char type[32];

		if (sscanf(line, "%299s %31s", spec, type) != 2 || !streq(type, "partition"))
			continue;
		unescape(spec);
		r = find_spec(host, spec, NEED_RESUME, out);
	}
	return r;
}

static bool has_map(const struct roots *roots, const char *dm)
{
	for (size_t i = 0; i < roots->n; i++)
		if (streq(roots->v[i].dm, dm))
			return true;
	return false;
}

struct group_search {
	const struct host *host;
	const char *group;
	struct roots found;
	int r;
};

static int walk_volume(const char *entry, void *arg)
{
	struct group_search *s = arg;
	char uuid[160];

	if (!str_after(entry, "dm-") || host_attr(s->host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", entry) < 0 || !str_after(uuid, s->group))
		return 0;
	s->r = walk_down(s->host, entry, NEED_GROUP, &s->found);
	return s->r;
}

/*
 * LVM takes a volume group as a whole: its rules activate what is complete, and a LUN without a map is in it once for each path, of which it chooses one. So what has
 * another volume of root's group gets its map, too; nothing waits for it.
 */
static int find_groups(const struct host *host, struct roots *out)
{
	int r = 0;

	for (size_t i = 0; i < out->n_groups && !r; i++) {
		struct group_search s = { .host = host, .group = out->groups[i] };

		sys_each(host->fd, "sys/class/block", walk_volume, &s);
		r = s.r;
		for (size_t j = 0; j < s.found.n && !r; j++)
			if (!has_map(out, s.found.v[j].dm))
				r = roots_add(out, s.found.v[j].dm, NEED_GROUP);
		roots_clear(&s.found);
	}
	return r;
}

static int find_early_mounts(const struct host *host, unsigned int need, struct roots *out)
{
	_auto_free_ char *fstab = NULL;
	char spec[300], options[1024], *rest, *line;
	int r = 0;

	if (host_read_file(host, "etc/fstab", &fstab, NULL) != 0)
		return 0;
	rest = fstab;
	while (!r && (line = strsep(&rest, "\n"))) {
		if (*line == '#' || sscanf(line, "%299s %*s %*s %1023s", spec, options) != 2 || !strstr(options, "x-initrd.mount"))
			continue;
		unescape(spec);
		r = find_spec(host, spec, need, out);
	}
	return r;
}

int roots_find_early_mounts(const struct host *host, struct roots *out)
{
	*out = (struct roots){ .n = 0 };
	return find_early_mounts(host, NEED_ROOT, out);
}

/*
 * systemd mounts these in the initramfs, and waits for them itself; initramfs-tools does not mount them at all. So nothing of ours waits for those that nobody else
 * needs. Where root is not on multipath, the builder's own way sees to them.
 */
static int add_early_mounts(const struct host *host, struct roots *out)
{
	int r = out->n ? find_early_mounts(host, 0, out) : 0;

	for (size_t i = 0; i < out->n; i++)
		if (!out->v[i].needed_for)
			out->v[i].needed_for = NEED_GROUP;
	return r;
}

int roots_find(const struct host *host, const char *root_device, struct roots *out)
{
	struct roots roots = { .n = 0 };
	char name[64];
	int r;

	if (root_device) {
		if (!name_of_spec(host, root_device, name, sizeof(name))) {
			log_error("there is no block device %s", root_device);
			return -ENODEV;
		}
		r = walk_down(host, name, NEED_ROOT, &roots);
	} else {
		r = find_mount(host, "/", NEED_ROOT, name, sizeof(name), &roots);
	}
	snprintf(roots.root_device, sizeof(roots.root_device), "%s", name);
	if (!r)
		r = find_mount(host, "/usr", NEED_USR, name, sizeof(name), &roots);
	if (!r)
		r = find_resume(host, &roots);
	if (!r)
		r = add_early_mounts(host, &roots);
	if (!r)
		r = find_groups(host, &roots);
	if (r)
		roots_clear(&roots);
	else
		*out = roots;
	return r;
}

void roots_clear(struct roots *roots)
{
	free(roots->v);
	free(roots->groups);
	*roots = (struct roots){ .n = 0 };
}
