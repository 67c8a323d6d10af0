/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config-explain.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "../json.h"
#include "../log.h"
#include "config-reason.h"
#include "path-info.h"
#include "roots.h"
#include "taken.h"

/* A disk and the WWID that it would have. */
struct disk {
	char name[32];
	char wwid[WWID_MAX];
};

struct job {
	const struct host *host;
	const struct config *config;
	int sys_fd;
	bool is_json;
	struct disk *disks;	/* all there are, sorted */
	size_t n_disks;
	size_t n;		/* explained so far */
	bool all_are_paths;
};

/* The kernel names that are worth a look; virtio, loop and optical drives are told otherwise. */
static bool is_disk_name(const char *name)
{
	return str_after(name, "sd") || str_after(name, "dasd") || (str_after(name, "nvme") && strchr(name + 4, 'n') && !strchr(name + 4, 'c'));
}

static void find_wwid(const struct job *job, const char *name, char *wwid, size_t size)
{
	struct udev_properties properties = { .n = 0 };
	struct path_facts facts;
	struct setting uid;
	char text[512] = "";

	if (path_facts_read(job->sys_fd, name, &facts) == 0) {
		udev_properties_read(job->host, name, &properties);
		taken_uid_attribute(job->config, "", &facts, &uid);
		taken_find_wwid(job->host, &facts, uid.value, &properties, text, sizeof(text));
		udev_properties_clear(&properties);
	}
	snprintf(wwid, size, "%.*s", (int)size - 1, text);
}

static int add_disk(const char *name, void *arg)
{
	struct job *job = arg;
	struct disk *grown;

	if (!is_disk_name(name) || strlen(name) >= sizeof(grown->name) || host_has(job->host, "sys/class/block/%s/partition", name))
		return 0;
	grown = realloc(job->disks, (job->n_disks + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	job->disks = grown;
	strcpy(grown[job->n_disks].name, name);
	find_wwid(job, name, grown[job->n_disks].wwid, sizeof(grown->wwid));
	job->n_disks++;
	return 0;
}

static int compare_disks(const void *a, const void *b)
{
	const struct disk *d = a, *e = b;
	size_t n = strlen(d->name), m = strlen(e->name);

	return n != m ? (n < m ? -1 : 1) : strcmp(d->name, e->name);
}

static void read_kind(const struct job *job, const char *name, struct config_case *c)
{
	char dir[1024], link[64], *slash;

	c->exists = true;
	c->is_disk = is_disk_name(name);
	c->is_hidden = str_after(name, "nvme") && strchr(name + 4, 'c');
	c->is_partition = host_has(job->host, "sys/class/block/%s/partition", name);
	host_attr(job->host, c->dm_name, sizeof(c->dm_name), "sys/class/block/%s/dm/name", name);
	host_attr(job->host, c->dm_uuid, sizeof(c->dm_uuid), "sys/class/block/%s/dm/uuid", name);
	snprintf(link, sizeof(link), "sys/class/block/%.31s", name);
	if (!c->is_partition || host_device_dir(job->host, link, dir, sizeof(dir)) != 0)
		return;
	slash = strrchr(dir, '/');
	*slash = '\0';
	slash = strrchr(dir, '/');
	snprintf(c->disk, sizeof(c->disk), "%.31s", slash ? slash + 1 : "");
}

struct holder_search {
	const struct host *host;
	struct config_case *c;
};

static int take_holder(const char *entry, void *arg)
{
	struct holder_search *s = arg;
	char uuid[160];
	const char *wwid;

	host_attr(s->host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", entry);
	wwid = str_after(uuid, "mpath-");
	if (!wwid)
		return 0;
	snprintf(s->c->map_wwid, sizeof(s->c->map_wwid), "%.127s", wwid);
	host_attr(s->host, s->c->map_name, sizeof(s->c->map_name), "sys/class/block/%s/dm/name", entry);
	return 1;
}

static void resolve_path(const struct job *job, struct config_case *c)
{
	struct resolve_in in = { .config = job->config->conf, .wwid = c->wwid, .bindings_file = job->config->bindings_file, .n_paths = 1 };
	char alias[128];

	in.paths = &c->info.facts;
	in.live_name = *c->map_name ? c->map_name : NULL;
	in.binding = config_binding(job->config, c->wwid, alias, sizeof(alias)) ? alias : NULL;
	resolve(&in, NULL, NULL, &c->resolved);
}

static void read_disk(const struct job *job, const char *name, struct config_case *c)
{
	struct udev_properties properties = { .n = 0 };
	struct holder_search holders = { job->host, c };
	struct blacklist_in in = { .config = job->config->conf, .facts = &c->info.facts };
	struct names modules = { .n = 0 };
	char dir[64], dm[32], wwid[512];

	if (path_info_read(job->host, name, &c->info, &modules) != 0)
		c->exists = false;
	free(modules.v);
	c->has_udev = udev_properties_read(job->host, name, &properties) == 0;
	taken_uid_attribute(job->config, "", &c->info.facts, &c->uid_attribute);
	taken_find_wwid(job->host, &c->info.facts, c->uid_attribute.value, &properties, wwid, sizeof(wwid));
	snprintf(c->wwid, sizeof(c->wwid), "%.127s", wwid);
	c->is_udev_wwid = *c->wwid && *udev_property(&properties, c->uid_attribute.value);
	in.wwid = *c->wwid ? c->wwid : NULL;
	in.uid_attribute = c->uid_attribute.value;
	in.properties = c->has_udev ? (const char *const *)properties.names : NULL;
	blacklist_check(&in, &c->blacklist);
	udev_properties_clear(&properties);

	snprintf(dir, sizeof(dir), "sys/class/block/%.31s/holders", name);
	sys_each(job->host->fd, dir, take_holder, &holders);
	for (size_t i = 0; *c->wwid && i < job->n_disks; i++)
		c->n_same += streq(job->disks[i].wwid, c->wwid);
	roots_find_wwid(job->host, c->wwid, dm, sizeof(dm));
	c->wwid_has_map = *c->wwid && *dm;
	c->is_failed = *c->wwid && !*c->map_name && host_has(job->host, "run/multipath/failed_wwids/%s", c->wwid);
	resolve_path(job, c);
}

/* NULL for @name: there is no such device. */
static void explain(struct job *job, const char *name, const char *asked)
{
	struct config_case c = { .name = asked, .config = job->config };
	struct config_answer answer;

	if (name)
		read_kind(job, name, &c);
	if (c.is_disk && !c.is_partition)
		read_disk(job, name, &c);
	config_decide(&c, &answer);
	if (job->is_json) {
		printf("%s{", job->n ? ",\n " : "");
		json_put_member("name", asked, ", ", stdout);
		json_put_member("reason", config_reason_names[answer.reason], ", ", stdout);
		printf("\"is_path\": %s, ", answer.is_path ? "true" : "false");
		json_put_member("wwid", c.wwid, ", ", stdout);
		json_put_member("map", c.map_name, ", ", stdout);
		json_put_member("text", answer.text.s, "}", stdout);
	} else {
		printf("%s\n", answer.text.s);
	}
	job->n++;
	job->all_are_paths = job->all_are_paths && answer.is_path;
}

struct slaves {
	struct job *job;
	size_t n;
};

static int explain_slave(const char *entry, void *arg)
{
	struct slaves *s = arg;

	explain(s->job, entry, entry);
	s->n++;
	return 0;
}

/* The paths of the live map @dm, if it is one. */
static bool explain_slaves(struct job *job, const char *dm)
{
	struct slaves s = { .job = job };
	char dir[64], uuid[160];

	host_attr(job->host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", dm);
	if (!str_after(uuid, "mpath-"))
		return false;
	snprintf(dir, sizeof(dir), "sys/class/block/%.31s/slaves", dm);
	sys_each(job->host->fd, dir, explain_slave, &s);
	return s.n > 0;
}

static bool explain_wwid(struct job *job, const char *wwid)
{
	bool any = false;

	for (size_t i = 0; *wwid && i < job->n_disks; i++) {
		if (streq(job->disks[i].wwid, wwid)) {
			explain(job, job->disks[i].name, job->disks[i].name);
			any = true;
		}
	}
	return any;
}

/* The alias in a section multipath or in the bindings. */
static void wwid_of_alias(const struct job *job, const char *alias, char wwid[WWID_MAX])
{
	char name[128];

	wwid[0] = '\0';
	for (size_t i = 0; i < job->n_disks; i++)
		if (config_binding(job->config, job->disks[i].wwid, name, sizeof(name)) && streq(name, alias))
			memcpy(wwid, job->disks[i].wwid, WWID_MAX);
	for (const struct conf_node *top = conf_find(job->config->conf->first, "multipaths"); top; top = conf_find(top->next, "multipaths")) {
		for (const struct conf_node *n = conf_find(top->child, "multipath"); n; n = conf_find(n->next, "multipath")) {
			const struct conf_node *a = conf_find(n->child, "alias"), *id = conf_find(n->child, "wwid");

			if (a && id && a->value && id->value && streq(a->value, alias))
				snprintf(wwid, WWID_MAX, "%s", id->value);
		}
	}
}

/* A kernel name behind "sda", "/dev/sda", a link below /dev, "8:0". */
static bool find_name(const struct job *job, const char *text, char *name, size_t size)
{
	const char *plain = str_after(text, "/dev/");
	unsigned int major, minor;
	struct stat st;
	int end = 0;

	if (sscanf(text, "%u:%u%n", &major, &minor, &end) == 2 && !text[end])
		return host_link_name(job->host, name, size, "sys/dev/block/%u:%u", major, minor) == 0;
	if (job->host->is_live && *text == '/' && stat(text, &st) == 0 && S_ISBLK(st.st_mode))
		return host_link_name(job->host, name, size, "sys/dev/block/%u:%u", major(st.st_rdev), minor(st.st_rdev)) == 0;
	plain = plain ? plain : text;
	if (!*plain || strchr(plain, '/') || *plain == '.' || strlen(plain) >= size || !host_has(job->host, "sys/class/block/%s", plain))
		return false;
	snprintf(name, size, "%s", plain);
	return true;
}

static void explain_asked(struct job *job, const char *asked)
{
	const char *plain = str_after(asked, "/dev/mapper/");
	char name[32], dm[32], wwid[WWID_MAX];

	plain = plain ? plain : asked;
	if (find_name(job, asked, name, sizeof(name))) {
		if (!str_after(name, "dm-") || !explain_slaves(job, name))
			explain(job, name, asked);
		return;
	}
	roots_find_name(job->host, plain, dm, sizeof(dm));
	if (!*dm)
		roots_find_wwid(job->host, plain, dm, sizeof(dm));
	if (*dm) {
		if (!explain_slaves(job, dm))
			explain(job, dm, asked);
		return;
	}
	wwid_of_alias(job, plain, wwid);
	if (!explain_wwid(job, plain) && !explain_wwid(job, wwid))
		explain(job, NULL, asked);
}

int config_explain(const struct create_options *o, char *const *names, size_t n, bool is_json)
{
	struct job job = { .is_json = is_json, .all_are_paths = true, .sys_fd = -1 };
	struct config config;
	struct host host;
	int r = host_open(&host, o->sysroot);

	if (r) {
		log_error("unable to open %s: %s", *o->sysroot ? o->sysroot : "/", strerror(-r));
		return EXIT_SYSTEM;
	}
	r = config_load(&host, o->config, &config);
	if (r) {
		host_close(&host);
		return r == -EBADMSG || r == -EINVAL ? EXIT_USAGE : EXIT_SYSTEM;
	}
	job.host = &host;
	job.config = &config;
	job.sys_fd = openat(host.fd, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	sys_each(host.fd, "sys/class/block", add_disk, &job);
	if (job.n_disks)
		qsort(job.disks, job.n_disks, sizeof(*job.disks), compare_disks);
	if (is_json)
		printf("[");
	for (size_t i = 0; i < n; i++)
		explain_asked(&job, names[i]);
	for (size_t i = 0; !n && i < job.n_disks; i++)
		explain(&job, job.disks[i].name, job.disks[i].name);
	if (is_json)
		printf("]\n");
	free(job.disks);
	close_ptr(&job.sys_fd);
	config_clear(&config);
	host_close(&host);
	return n && !job.all_are_paths ? EXIT_NO : EXIT_DONE;
}
