/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <inttypes.h>
#include <libdevmapper.h>
#include <stdio.h>

#include "../dm-mangle.h"
#include "../log.h"
#include "identity.h"
#include "path-info.h"
#include "udev-db.h"

/* Type and parameters of the first target of a live dm device; "" if there is none. */
static void read_table(const struct host *host, const char *dm, char *table, size_t size)
{
	struct dm_task *task = host->is_live ? dm_task_create(DM_DEVICE_TABLE) : NULL;
	char *type = NULL, *params = NULL, devno[24];
	uint64_t start, length;
	int major, minor;

	table[0] = '\0';
	if (!task)
		return;
	host_attr(host, devno, sizeof(devno), "sys/class/block/%s/dev", dm);
	if (sscanf(devno, "%d:%d", &major, &minor) == 2 && dm_task_set_major(task, major) && dm_task_set_minor(task, minor) &&
	    dm_task_run(task)) {
		dm_get_next_target(task, NULL, &start, &length, &type, &params);
		if (type && params)
			snprintf(table, size, "%s %s", type, params);
	}
	dm_task_destroy(task);
}

struct part_search {
	const struct host *host;
	const char *parent;	/* path device, or dm name */
	struct map_info *m;
	int r;
};

static int add_part(struct map_info *m, unsigned int number, uint64_t start, uint64_t size)
{
	struct snap_part *grown;
	size_t at = 0;

	while (at < m->n_parts && m->parts[at].number < number)
		at++;
	if (number == 0 || size == 0 || (at < m->n_parts && m->parts[at].number == number))
		return 0;
	grown = realloc(m->parts, (m->n_parts + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	m->parts = grown;
	memmove(grown + at + 1, grown + at, (m->n_parts - at) * sizeof(*grown));
	grown[at] = (struct snap_part){ .number = number, .start = start, .size = size };
	m->n_parts++;
	return 0;
}

static bool part_attr(const struct part_search *s, const char *entry, const char *attr, uint64_t *out)
{
	char text[32];

	return host_attr(s->host, text, sizeof(text), "sys/class/block/%s/%s/%s", s->parent, entry, attr) > 0 &&
	       sscanf(text, "%" SCNu64, out) == 1;
}

static int take_disk_part(const char *entry, void *arg)
{
	struct part_search *s = arg;
	uint64_t number, start, size;

	if (str_after(entry, s->parent) && part_attr(s, entry, "partition", &number) && part_attr(s, entry, "start", &start) &&
	    part_attr(s, entry, "size", &size))
		s->r = add_part(s->m, (unsigned int)number, start, size);
	return s->r;
}

/* A partition map of ours or kpartx's: uuid partN-mpath-WWID, one linear target. */
static int take_map_part(const char *entry, void *arg)
{
	struct part_search *s = arg;
	char uuid[160], table[256], text[32];
	unsigned int number;
	uint64_t start, size;
	const char *rest;

	host_attr(s->host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", entry);
	rest = strchr(uuid, '-');
	if (sscanf(uuid, "part%u-", &number) != 1 || !rest || !str_after(rest, "-mpath-"))
		return 0;
	host_attr(s->host, text, sizeof(text), "sys/class/block/%s/size", entry);
	read_table(s->host, entry, table, sizeof(table));
	if (sscanf(text, "%" SCNu64, &size) == 1 && sscanf(table, "linear %*s %" SCNu64, &start) == 1)
		s->r = add_part(s->m, number, start, size);
	return s->r;
}

/* Partitions of the paths; where udev's rules have taken these away, those of the map. */
static int read_parts(const struct host *host, struct map_info *m)
{
	struct part_search s = { .host = host, .m = m };
	char name[96];

	for (size_t i = 0; i < m->n_paths && !m->n_parts && !s.r; i++) {
		s.parent = m->paths[i].facts.name;
		snprintf(name, sizeof(name), "sys/class/block/%s", s.parent);
		sys_each(host->fd, name, take_disk_part, &s);
	}
	if (m->n_parts || s.r)
		return s.r;
	snprintf(name, sizeof(name), "sys/class/block/%s/holders", m->dm);
	sys_each(host->fd, name, take_map_part, &s);
	return s.r;
}

struct path_list {
	const struct host *host;
	struct map_info *m;
	int r;
};

static int add_path(const char *entry, void *arg)
{
	struct path_list *list = arg;
	struct map_info *m = list->m;
	struct path_info *grown = realloc(m->paths, (m->n_paths + 1) * sizeof(*grown));

	if (!grown)
		return list->r = -ENOMEM;
	m->paths = grown;
	list->r = path_info_read(list->host, entry, &grown[m->n_paths], &m->modules);
	/* A map keeps a disk that has gone until its table is loaded anew; no boot will see that disk. */
	if (list->r == -ENOENT || list->r == -ENODEV) {
		log_warning("path %s of %s has gone: left out", entry, m->dm);
		return list->r = 0;
	}
	if (list->r) {
		log_error("unable to read path %s of %s: %s", entry, m->dm, strerror(-list->r));
		return list->r;
	}
	m->n_paths++;
	return 0;
}

static int compare_paths(const void *a, const void *b)
{
	const struct path_info *p = a, *q = b;
	int r = strcmp(p->place.transport, q->place.transport);

	if (!r)
		r = strcmp(p->place.target, q->place.target);
	if (!r)
		r = strcmp(p->place.portal, q->place.portal);
	if (!r)
		r = p->place.lun < q->place.lun ? -1 : p->place.lun > q->place.lun;
	if (!r)
		r = strcmp(p->place.interface, q->place.interface);
	return r ? r : strverscmp(p->facts.name, q->facts.name);
}

static bool has_value(const struct host *host, const char *disk, const char *value)
{
	struct udev_properties properties = { .n = 0 };
	bool found = false;

	if (udev_properties_read(host, disk, &properties) == 0)
		for (size_t i = 0; i < properties.n && !found; i++)
			found = streq(properties.values[i], value);
	udev_properties_clear(&properties);
	return found;
}

/* A WWID into which udev has written \xNN itself looks the same in the map, since libdevmapper leaves it alone: the paths tell. */
static void unmangle_names(const struct host *host, struct map_info *m)
{
	bool is_udevs = false;

	for (size_t i = 0; i < m->n_paths && !is_udevs && strchr(m->wwid, '\\'); i++)
		is_udevs = has_value(host, m->paths[i].facts.name, m->wwid);
	if (!is_udevs || !streq(m->name, m->wwid))
		dm_unmangle(m->name, m->name);
	if (!is_udevs)
		dm_unmangle(m->wwid, m->wwid);
}

int map_info_read(const struct host *host, const char *dm, struct map_info *out)
{
	struct map_info m = { .size = 0 };
	struct path_list list = { .host = host, .m = &m };
	char uuid[160], name[96];
	const char *wwid;
	int r;

	snprintf(m.dm, sizeof(m.dm), "%s", dm);
	host_attr(host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", dm);
	wwid = str_after(uuid, "mpath-");
	if (!wwid || !*wwid || strlen(wwid) >= sizeof(m.wwid)) {
		log_error("%s is no multipath map", dm);
		return -ENODEV;
	}
	strcpy(m.wwid, wwid);
	host_attr(host, m.name, sizeof(m.name), "sys/class/block/%s/dm/name", dm);
	snprintf(name, sizeof(name), "sys/class/block/%.31s/size", dm);
	sys_read_u64(host->fd, name, &m.size);
	read_table(host, dm, m.table, sizeof(m.table));

	snprintf(name, sizeof(name), "sys/class/block/%.31s/slaves", dm);
	sys_each(host->fd, name, add_path, &list);
	r = list.r;
	unmangle_names(host, &m);
	if (!r && !m.n_paths) {
		log_error("map %s (%s) has no paths at the moment: a snapshot made now would expect none", m.name, m.wwid);
		r = -ENODEV;
	}
	if (!r) {
		qsort(m.paths, m.n_paths, sizeof(*m.paths), compare_paths);
		r = identity_read(host, &m);
	}
	if (!r)
		r = read_parts(host, &m);
	if (r)
		map_info_clear(&m);
	else
		*out = m;
	return r;
}

void map_info_clear(struct map_info *m)
{
	free(m->designators);
	free(m->paths);
	free(m->parts);
	free(m->modules.v);
	*m = (struct map_info){ .size = 0 };
}
