/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "taken.h"

#include <fcntl.h>
#include <stdio.h>

#include "../blacklist.h"
#include "../log.h"
#include "identity.h"
#include "udev-db.h"

#define WHY_MAX 800

struct context {
	const struct host *host;
	const struct config *config;
	const struct map_info *m;
	bool is_quiet;
};

void taken_uid_attribute(const struct config *config, const char *wwid, const struct path_facts *facts, struct setting *out)
{
	const struct resolve_in in = { .config = config->conf, .wwid = wwid, .bindings_file = "", .paths = facts, .n_paths = 1 };
	struct resolved r;

	resolve(&in, NULL, NULL, &r);
	*out = r.v[OPT_UID_ATTRIBUTE];
}

void taken_find_wwid(const struct host *host, const struct path_facts *facts, const char *attribute, const struct udev_properties *properties,
		     char *wwid, size_t size)
{
	static const char *const usual[] = {
		[BUS_SCSI] = "ID_SERIAL",
		[BUS_NVME] = "ID_WWN",
		[BUS_DASD] = "ID_UID",
	};

	snprintf(wwid, size, "%s", udev_property(properties, attribute));
	for (size_t len = strlen(wwid); len && wwid[len - 1] == ' '; len--)
		wwid[len - 1] = '\0';
	if (!*wwid && (!*attribute || streq(attribute, usual[facts->bus])))
		identity_sys_wwid(host, facts, wwid, size);
}

static void tell_rule(const struct context *c, const struct blacklist_verdict *v, char *why)
{
	const struct setting rule = { .section = v->section, .node = v->rule };
	char origin[512];

	config_origin(c->config, &rule, origin, sizeof(origin));
	snprintf(why, WHY_MAX, v->lacks_property ? "no property of it matches %s \"%.200s\" of the blacklist's exceptions (%s)" :
		 "blacklisted by %s \"%.200s\" (%s)", v->class, v->rule->value, origin);
}

enum place {
	PLACE_PATH,		/* of the map, for multipathd */
	PLACE_CUT,		/* only its name or protocol keeps it from being one */
	PLACE_OTHER_WWID,
	PLACE_OUT,
};

/* Why multipathd would not take the disk for the map, in @why; "" if it would. */
static enum place check_path(const struct context *c, const struct path_facts *facts, char *why)
{
	struct udev_properties properties = { .n = 0 };
	struct setting uid;
	const char *attribute = uid.value;
	char wwid[512];
	struct blacklist_in in = { .config = c->config->conf, .facts = facts, .uid_attribute = attribute };
	struct blacklist_verdict verdict;
	enum place place = PLACE_PATH;

	why[0] = '\0';
	taken_uid_attribute(c->config, c->m->wwid, facts, &uid);
	if (udev_properties_read(c->host, facts->name, &properties) == 0)
		in.properties = (const char *const *)properties.names;
	taken_find_wwid(c->host, facts, attribute, &properties, wwid, sizeof(wwid));
	in.wwid = *wwid ? wwid : NULL;
	blacklist_check(&in, &verdict);
	if (verdict.is_blacklisted) {
		tell_rule(c, &verdict, why);
		place = streq(wwid, c->m->wwid) && (streq(verdict.class, "devnode") || streq(verdict.class, "protocol")) ? PLACE_CUT : PLACE_OUT;
	} else if (!*wwid && in.properties) {
		snprintf(why, WHY_MAX, "it has no WWID: udev knows no %s of it", *attribute ? attribute : "property");
		place = PLACE_OUT;
	} else if (*wwid && !streq(wwid, c->m->wwid)) {
		snprintf(why, WHY_MAX, "by %s its WWID is %.200s", *attribute ? attribute : "/sys", wwid);
		place = PLACE_OTHER_WWID;
	}
	udev_properties_clear(&properties);
	return place;
}

struct search {
	const struct context *c;
	int sys_fd;
	bool is_cut;
};

static int look_at_disk(const char *name, void *arg)
{
	struct search *search = arg;
	const struct map_info *m = search->c->m;
	struct path_facts facts;
	char why[WHY_MAX];

	if (!(str_after(name, "sd") || str_after(name, "nvme") || str_after(name, "dasd")) || path_facts_read(search->sys_fd, name, &facts) != 0)
		return 0;
	switch (check_path(search->c, &facts, why)) {
	case PLACE_CUT:
		search->is_cut = true;
		break;
	case PLACE_OTHER_WWID:
		/* at boot the LUN's designators tell whose path it is: the same for all names */
		if (!search->c->is_quiet && m->n_designators && identity_is_shown(search->c->host, &facts, m->designators[0]))
			log_warning("map %s (%s): disk %s is a path of the same LUN, though %s: mpath-boot takes it into this map, and multipathd out again",
				    m->name, m->wwid, name, why);
		break;
	case PLACE_PATH:
	case PLACE_OUT:
		break;
	}
	return 0;
}

/* Is there a disk with the LUN's WWID that a blacklist names? It need not be in the live map: multipathd may have left it out already. */
static bool has_cut_path(const struct context *c)
{
	_auto_close_ int sys_fd = openat(c->host->fd, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct search search = { .c = c, .sys_fd = sys_fd };

	sys_each(c->host->fd, "sys/block", look_at_disk, &search);
	return search.is_cut;
}

/* Those with a reason come behind those without. */
static void move_left_out(struct map_info *m, char (*why)[WHY_MAX], struct path_info *room)
{
	size_t n = m->n_paths, kept = 0;

	memcpy(room, m->paths, n * sizeof(*room));
	for (size_t i = 0; i < n; i++)
		if (!why[i][0])
			m->paths[kept++] = room[i];
	m->n_paths = kept;
	m->n_left_out = n - kept;
	for (size_t i = 0; i < n; i++)
		if (why[i][0])
			m->paths[kept++] = room[i];
}

int taken_filter(const struct host *host, const struct config *config, bool is_quiet, struct map_info *m)
{
	const struct context c = { .host = host, .config = config, .m = m, .is_quiet = is_quiet };
	_auto_free_ char (*why)[WHY_MAX] = calloc(m->n_paths, sizeof(*why));
	_auto_free_ struct path_info *room = calloc(m->n_paths, sizeof(*room));
	size_t n = 0;

	if (!why || !room)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_paths; i++) {
		check_path(&c, &m->paths[i].facts, why[i]);
		n += !why[i][0];
	}
	if (!n && !is_quiet) {
		log_error("multipathd would not take map %s (%s): %s: %s%s; mend the configuration and try again", m->name, m->wwid,
			  m->paths[0].facts.name, why[0], m->n_paths > 1 ? ", and so on for its other paths" : "");
		return -EPERM;
	}
	for (size_t i = 0; i < m->n_paths; i++)
		if (why[i][0] && !is_quiet)
			log_warning("multipathd would take path %s out of map %s: %s", m->paths[i].facts.name, m->name, why[i]);
	if (n)
		move_left_out(m, why, room);
	m->is_cut = has_cut_path(&c);
	return 0;
}
