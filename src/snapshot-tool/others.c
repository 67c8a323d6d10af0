/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "others.h"

#include <fcntl.h>
#include <stdio.h>

#include "../dm-mangle.h"
#include "identity.h"
#include "udev-db.h"

#define OTHERS_MAX 4096	/* as many as mpath-boot takes of a snapshot */

struct search {
	const struct host *host;
	const struct names *maps;
	struct others found;
	int sys_fd;
	int r;
};

struct path_search {
	const struct search *search;
	struct map_info *m;
};

static int add_path(const char *entry, void *arg)
{
	struct path_search *s = arg;
	struct path_info *grown = realloc(s->m->paths, (s->m->n_paths + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	s->m->paths = grown;
	grown[s->m->n_paths] = (struct path_info){ .place.portal_group = -1 };
	if (path_facts_read(s->search->sys_fd, entry, &grown[s->m->n_paths].facts) == 0)
		s->m->n_paths++;
	return 0;
}

static int add(struct others *others, const char *wwid, const char *designator)
{
	struct other *grown = realloc(others->v, (others->n + 1) * sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	others->v = grown;
	snprintf(grown[others->n].wwid, sizeof(grown->wwid), "%s", wwid);
	snprintf(grown[others->n].designator, sizeof(grown->designator), "%s", designator);
	others->n++;
	return 0;
}

static int note_entry(const char *entry, void *arg)
{
	(void)entry;
	*(bool *)arg = true;
	return 1;
}

/* No volume is on it, which would tell of what group it is. */
static bool is_idle_volume(const struct host *host, const char *name)
{
	struct udev_properties properties = { .n = 0 };
	bool is_lvm, is_used = false;
	char holders[80];

	udev_properties_read(host, name, &properties);
	is_lvm = streq(udev_property(&properties, "ID_FS_TYPE"), "LVM2_member");
	udev_properties_clear(&properties);
	snprintf(holders, sizeof(holders), "sys/class/block/%.31s/holders", name);
	if (is_lvm)
		sys_each(host->fd, holders, note_entry, &is_used);
	return is_lvm && !is_used;
}

struct holder_search {
	const struct host *host;
	bool is_idle;
};

static int look_at_holder(const char *entry, void *arg)
{
	struct holder_search *s = arg;

	s->is_idle = is_idle_volume(s->host, entry);
	return s->is_idle;
}

static bool has_idle_volume(const struct host *host, const char *map)
{
	struct holder_search s = { .host = host };
	char holders[80];

	snprintf(holders, sizeof(holders), "sys/class/block/%.31s/holders", map);
	sys_each(host->fd, holders, look_at_holder, &s);
	return s.is_idle || is_idle_volume(host, map);
}

static int take(const char *entry, void *arg)
{
	struct search *s = arg;
	struct map_info m = { .size = 0 };
	struct path_search paths = { s, &m };
	char uuid[160], slaves[80];
	const char *wwid;

	if (!str_after(entry, "dm-") || host_attr(s->host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", entry) < 0)
		return 0;
	wwid = str_after(uuid, "mpath-");
	if (!wwid || !*wwid || strlen(wwid) >= sizeof(m.wwid) || s->found.n == OTHERS_MAX)
		return 0;
	for (size_t i = 0; i < s->maps->n; i++)
		if (streq(s->maps->v[i], entry))
			return 0;
	if (has_idle_volume(s->host, entry))
		return 0;
	dm_unmangle(wwid, m.wwid);
	snprintf(slaves, sizeof(slaves), "sys/class/block/%.31s/slaves", entry);
	sys_each(s->host->fd, slaves, add_path, &paths);
	s->r = identity_read(s->host, &m);
	if (!s->r && m.n_designators && !designator_is_weak(m.designators[0]) && snapshot_is_wwid(m.wwid))
		s->r = add(&s->found, m.wwid, m.designators[0]);
	map_info_clear(&m);
	return s->r;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct other *)a)->wwid, ((const struct other *)b)->wwid);
}

int others_find(const struct host *host, const struct names *maps, struct others *out)
{
	struct search s = { .host = host, .maps = maps, .sys_fd = openat(host->fd, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };

	if (s.sys_fd < 0)
		return -errno;
	sys_each(host->fd, "sys/class/block", take, &s);
	close(s.sys_fd);
	if (s.r) {
		others_clear(&s.found);
		return s.r;
	}
	if (s.found.n)
		qsort(s.found.v, s.found.n, sizeof(*s.found.v), compare);
	*out = s.found;
	return 0;
}

void others_clear(struct others *others)
{
	free(others->v);
	*others = (struct others){ .n = 0 };
}
