/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <fcntl.h>
#include <libdevmapper.h>
#include <libudev.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "../log.h"
#include "modules.h"
#include "net.h"

#define VPD_SIZE 4096
#define COMMAND_TIMEOUT_MS 5000

/* ---- the kernel's view of a path ------------------------------------------------------------------------------------------------ */

/* "…/host2/session1/target2:0:0/…" cut behind the first component that starts with @prefix and goes on with a digit. */
static bool ancestor(const char *dir, const char *prefix, char *out, size_t size, const char **name)
{
	size_t len = strlen(prefix);

	for (const char *p = dir; (p = strchr(p, '/')); ) {
		p++;
		if (strncmp(p, prefix, len) == 0 && p[len] >= '0' && p[len] <= '9') {
			size_t end = (size_t)(p - dir) + strcspn(p, "/");

			if (end >= size)
				return false;
			memcpy(out, dir, end);
			out[end] = '\0';
			*name = out + (p - dir);
			return true;
		}
	}
	return false;
}

struct first_entry {
	const char *prefix;
	char *name;
	size_t size;
};

static int take_first(const char *entry, void *arg)
{
	struct first_entry *f = arg;

	if (!str_after(entry, f->prefix))
		return 0;
	snprintf(f->name, f->size, "%s", entry);
	return 1;
}

static void read_iscsi(const struct host *host, const char *session_dir, const char *session, const char *host_dir, const char *scsi_host,
		       struct path_place *place)
{
	char connection[32] = "", base[900], ip[64], port[16], local[64], netdev[32], group[16];
	struct first_entry find = { "connection", connection, sizeof(connection) };

	host_attr(host, place->target, sizeof(place->target), "%s/iscsi_session/%s/targetname", session_dir, session);
	if (host_attr(host, group, sizeof(group), "%s/iscsi_session/%s/tpgt", session_dir, session) > 0)
		place->portal_group = atoi(group);
	sys_each(host->fd, session_dir, take_first, &find);
	snprintf(base, sizeof(base), "%.800s/%s/iscsi_connection/%s", session_dir, connection, connection);
	/* The persistent address is the one to log in to; the other one is where a redirecting target sent us. */
	if (host_attr(host, ip, sizeof(ip), "%s/persistent_address", base) <= 0)
		host_attr(host, ip, sizeof(ip), "%s/address", base);
	if (host_attr(host, port, sizeof(port), "%s/persistent_port", base) <= 0)
		host_attr(host, port, sizeof(port), "%s/port", base);
	snprintf(place->portal, sizeof(place->portal), strchr(ip, ':') ? "[%s]:%s" : "%s:%s", ip, port);
	host_attr(host, local, sizeof(local), "%s/iscsi_host/%s/ipaddress", host_dir, scsi_host);
	host_attr(host, netdev, sizeof(netdev), "%s/iscsi_host/%s/netdev", host_dir, scsi_host);
	net_find_place(host, ip, local, netdev, place);
}

/* Transport, host driver, target port and LUN of a SCSI device from its place in the tree of devices. */
static void read_scsi_place(const struct host *host, const char *dir, struct path_info *p)
{
	struct path_place *place = &p->place;
	char host_dir[1024], at[1024], hctl[64];
	const char *scsi_host = "", *name = "";
	unsigned long long lun;

	host_link_name(host, hctl, sizeof(hctl), "%s/device", dir);
	if (sscanf(hctl, "%*u:%*u:%*u:%llu", &lun) == 1)
		place->lun = lun;
	snprintf(place->transport, sizeof(place->transport), "scsi");
	snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:unspec");
	if (!ancestor(dir, "host", host_dir, sizeof(host_dir), &scsi_host))
		return;
	/* Drivers that set no name show "<NULL>" or "(null)". */
	if (host_attr(host, place->driver, sizeof(place->driver), "%s/scsi_host/%s/proc_name", host_dir, scsi_host) <= 0 ||
	    strchr("<(", place->driver[0]))
		host_link_name(host, place->driver, sizeof(place->driver), "%s/../driver", host_dir);

	if (ancestor(dir, "session", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "iscsi");
		snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:iscsi");
		read_iscsi(host, at, name, host_dir, scsi_host, place);
	} else if (ancestor(dir, "rport-", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "fc");
		snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:fcp");
		host_attr(host, place->target, sizeof(place->target), "%s/fc_remote_ports/%s/port_name", at, name);
	} else if (ancestor(dir, "end_device-", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "sas");
		snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:sas");
		host_attr(host, place->target, sizeof(place->target), "%s/sas_device/%s/sas_address", at, name);
	} else if (ancestor(dir, "ata", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "ata");
		snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:ata");
	} else if (strstr(dir, "/usb")) {
		snprintf(place->transport, sizeof(place->transport), "usb");
		snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:usb");
	} else if (host_has(host, "sys/class/srp_host/%s", scsi_host)) {
		snprintf(place->transport, sizeof(place->transport), "srp");
		snprintf(p->facts.protocol, sizeof(p->facts.protocol), "scsi:srp");
	}
}

static bool is_good(const struct scsi_result *result)
{
	return result->status == 0 && result->host_status == 0;
}

/* RDAC arrays say "vac1" in vendor page 0xC9; it is only asked for where page 0x00 lists it. */
static bool ask_rdac(int fd)
{
	const uint8_t supported[] = { 0x12, 1, 0x00, 0, 255, 0 }, rdac[] = { 0x12, 1, 0xc9, 0, 48, 0 };
	struct scsi_result result;
	uint8_t data[255];
	bool listed = false;

	if (scsi_command(fd, supported, sizeof(supported), data, sizeof(data), COMMAND_TIMEOUT_MS, &result) != 0 || !is_good(&result))
		return false;
	for (size_t i = 4; i < result.data_len && i < 4u + data[3]; i++)
		listed = listed || data[i] == 0xc9;
	return listed && scsi_command(fd, rdac, sizeof(rdac), data, 48, COMMAND_TIMEOUT_MS, &result) == 0 && is_good(&result) &&
	       result.data_len >= 8 && memcmp(data + 4, "vac1", 4) == 0;
}

/*
 * multipath-tools believes TPGS only if REPORT TARGET PORT GROUPS works. A path that does not answer at all tells nothing: then INQUIRY's
 * word, which the kernel keeps, has to do.
 */
static bool denies_alua(int fd)
{
	const uint8_t rtpg[] = { 0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0 };	/* 512 bytes; SPC-4 6.37 */
	struct scsi_result result;
	struct scsi_sense sense;
	uint8_t data[512];

	for (int tries = 0; tries < 3; tries++) {
		if (scsi_command(fd, rtpg, sizeof(rtpg), data, sizeof(data), COMMAND_TIMEOUT_MS, &result) != 0 || is_good(&result))
			return false;
		if (scsi_sense_decode(result.sense, result.sense_len, &sense) == 0 && sense.key == 5)	/* ILLEGAL REQUEST */
			return true;
	}
	return false;
}

static void read_scsi_facts(const struct host *host, const char *dir, struct path_facts *f)
{
	uint8_t inquiry[256], page[VPD_SIZE];
	char name[1100];
	unsigned int group;
	ssize_t n;

	host_attr(host, f->vendor, sizeof(f->vendor), "%s/device/vendor", dir);
	host_attr(host, f->product, sizeof(f->product), "%s/device/model", dir);
	host_attr(host, f->revision, sizeof(f->revision), "%s/device/rev", dir);
	host_attr(host, f->dh_state, sizeof(f->dh_state), "%s/device/dh_state", dir);
	f->has_access_state = host_has(host, "%s/device/access_state", dir) && f->dh_state[0] && !streq(f->dh_state, "detached");

	snprintf(name, sizeof(name), "%s/device/inquiry", dir);
	n = sys_read(host->fd, name, inquiry, sizeof(inquiry));
	if (n > 5)
		f->tpgs = inquiry[5] >> 4 & 3;
	snprintf(name, sizeof(name), "%s/device/vpd_pg83", dir);
	n = sys_read(host->fd, name, page, sizeof(page));
	if (n > 0 && f->tpgs > TPGS_NONE && vpd83_port_group(page, (size_t)n, &group) != 0)
		f->tpgs = TPGS_NONE;
	if (host->is_live) {
		_auto_close_ int fd = -1;

		snprintf(name, sizeof(name), "dev/%s", f->name);
		fd = openat(host->fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && f->tpgs > TPGS_NONE && denies_alua(fd))
			f->tpgs = TPGS_NONE;
		f->is_rdac = fd >= 0 && ask_rdac(fd);
	}
}

static void read_nvme(const struct host *host, const char *dir, struct path_info *p)
{
	char transport[16] = "", address[128], nsid[16];

	p->facts.bus = BUS_NVME;
	snprintf(p->facts.vendor, sizeof(p->facts.vendor), "NVME");
	host_attr(host, p->facts.product, sizeof(p->facts.product), "%s/device/model", dir);
	host_attr(host, p->facts.revision, sizeof(p->facts.revision), "%s/device/firmware_rev", dir);
	host_attr(host, transport, sizeof(transport), "%s/device/transport", dir);
	p->facts.has_ana = host_has(host, "%s/ana_state", dir);
	snprintf(p->facts.protocol, sizeof(p->facts.protocol), "nvme:%s", transport);
	snprintf(p->place.transport, sizeof(p->place.transport), "nvme");
	snprintf(p->place.driver, sizeof(p->place.driver), streq(transport, "pcie") ? "nvme" : "nvme_%s", transport);
	host_attr(host, p->place.target, sizeof(p->place.target), "%s/device/subsysnqn", dir);
	if (host_attr(host, address, sizeof(address), "%s/device/address", dir) > 0)
		snprintf(p->place.portal, sizeof(p->place.portal), "%.79s", address);
	if (host_attr(host, nsid, sizeof(nsid), "%s/nsid", dir) > 0)
		p->place.lun = strtoull(nsid, NULL, 10);
}

static void read_dasd(const struct host *host, const char *dir, struct path_info *p)
{
	char discipline[16];

	p->facts.bus = BUS_DASD;
	host_attr(host, discipline, sizeof(discipline), "%s/device/discipline", dir);
	snprintf(p->facts.vendor, sizeof(p->facts.vendor), "IBM");
	snprintf(p->facts.product, sizeof(p->facts.product), "S/390 DASD %s", discipline);
	snprintf(p->facts.protocol, sizeof(p->facts.protocol), "ccw");
	snprintf(p->place.transport, sizeof(p->place.transport), "ccw");
	host_link_name(host, p->place.driver, sizeof(p->place.driver), "%s/device/driver", dir);
}

/* A host driver without hardware below it, such as iscsi_tcp, shows no link to its module: its name has to do. */
static int add_transport_modules(const struct host *host, const struct path_info *p, struct names *modules)
{
	bool is_iscsi = streq(p->place.transport, "iscsi");
	int r = 0;

	if (p->facts.bus == BUS_SCSI)
		r = names_add(modules, "sd_mod");
	if (!r && *p->place.driver && (is_iscsi || host_has(host, "sys/module/%s", p->place.driver)))
		r = names_add(modules, p->place.driver);
	/* iscsi_tcp asks the crypto layer for it at each login, with or without digests. */
	if (!r && is_iscsi)
		r = names_add(modules, "crc32c");
	return r;
}

static int read_path(const struct host *host, const char *name, struct path_info *p, struct names *modules)
{
	char link[64], dir[1024];
	uint64_t timeout;
	int r;

	*p = (struct path_info){ .facts.tpgs = TPGS_UNKNOWN, .place.portal_group = -1 };
	snprintf(p->facts.name, sizeof(p->facts.name), "%s", name);
	snprintf(link, sizeof(link), "sys/class/block/%.31s", name);
	r = host_device_dir(host, link, dir, sizeof(dir));
	if (r)
		return r;
	if (str_after(name, "nvme")) {
		read_nvme(host, dir, p);
	} else if (str_after(name, "dasd")) {
		read_dasd(host, dir, p);
	} else {
		p->facts.bus = BUS_SCSI;
		read_scsi_place(host, dir, p);
		read_scsi_facts(host, dir, &p->facts);
	}
	snprintf(link, sizeof(link), "sys/class/block/%.31s/device/timeout", name);
	if (sys_read_u64(host->fd, link, &timeout) == 0 && timeout < UINT32_MAX)
		p->facts.timeout_s = (unsigned int)timeout;
	r = modules_add_drivers(host, dir, modules);
	if (!r)
		r = add_transport_modules(host, p, modules);
	if (!r && p->place.interface[0])
		r = net_add_modules(host, p->place.interface, modules);
	return r;
}

/* ---- identity ------------------------------------------------------------------------------------------------------------------- */

struct identity {
	char text[DESIGNATOR_MAX];
	int score;
};

struct identities {
	struct identity *v;
	size_t n;
	bool failed;
};

static int keep_designator(const struct designator *d, void *arg)
{
	struct identities *list = arg;
	struct identity *grown = realloc(list->v, (list->n + 1) * sizeof(*grown));
	size_t at = list->n;

	if (!grown) {
		list->failed = true;
		return 1;
	}
	list->v = grown;
	while (at > 0 && grown[at - 1].score < d->score)	/* strongest first, in page order where equal */
		at--;
	memmove(grown + at + 1, grown + at, (list->n - at) * sizeof(*grown));
	memcpy(grown[at].text, d->text, sizeof(grown[at].text));
	grown[at].score = d->score;
	list->n++;
	return 0;
}

static void pad(char *to, const char *from, size_t width)
{
	size_t n = strlen(from);

	memset(to, ' ', width);
	memcpy(to, from, n < width ? n : width);
}

static void keep_attr(const struct host *host, const char *kind, const char *name, const char *attr, struct identities *list)
{
	struct designator d = { .score = 0 };
	char value[224];
	ssize_t n = host_attr(host, value, sizeof(value), "sys/class/block/%s/%s", name, attr);
	int len = snprintf(d.text, sizeof(d.text), "%s", kind);

	for (ssize_t i = 0; i < n; i++)
		len += snprintf(d.text + len, sizeof(d.text) - (size_t)len, "%02x", (unsigned char)value[i]);
	if (n > 0)
		keep_designator(&d, list);
}

/* The same texts that mpath-boot makes of the same attributes; see discover.c. */
static struct identities read_identities(const struct host *host, const struct path_facts *f)
{
	struct identities list = { .v = NULL };
	struct designator serial = { .score = 0 };
	uint8_t page[VPD_SIZE];
	char name[96], idstr[24];
	ssize_t n;

	switch (f->bus) {
	case BUS_NVME:
		keep_attr(host, "nvme.", f->name, "wwid", &list);
		return list;
	case BUS_DASD:
		keep_attr(host, "dasd.", f->name, "device/uid", &list);
		return list;
	case BUS_SCSI:
		break;
	}
	pad(idstr, f->vendor, 8);
	pad(idstr + 8, f->product, 16);
	snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg83", f->name);
	n = sys_read(host->fd, name, page, sizeof(page));
	if (n >= 0)
		vpd83_visit(page, (size_t)n, idstr, keep_designator, &list);
	if (list.n || list.failed)
		return list;
	snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg80", f->name);
	n = sys_read(host->fd, name, page, sizeof(page));
	if (n >= 0 && vpd80_text(page, (size_t)n, idstr, serial.text) == 0)
		keep_designator(&serial, &list);
	return list;
}

static bool has_identity(const struct identities *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (streq(list->v[i].text, text))
			return true;
	return false;
}

/* The designators that all paths show: one that only some of them have cannot name the LUN. */
static int read_designators(const struct host *host, struct map_info *m)
{
	struct identities common = { .v = NULL };
	bool is_first = true;

	for (size_t i = 0; i < m->n_paths && !common.failed; i++) {
		struct identities own = read_identities(host, &m->paths[i].facts);
		size_t kept = 0;

		if (is_first || own.failed) {
			free(common.v);
			common = own;
			is_first = common.n == 0;	/* a dead path may show nothing */
			continue;
		}
		for (size_t j = 0; own.n && j < common.n; j++)
			if (has_identity(&own, common.v[j].text))
				common.v[kept++] = common.v[j];
		if (own.n)
			common.n = kept;
		free(own.v);
	}
	m->designators = common.failed ? NULL : calloc(common.n + 1, sizeof(*m->designators));
	for (size_t i = 0; m->designators && i < common.n; i++)
		memcpy(m->designators[m->n_designators++], common.v[i].text, sizeof(*m->designators));
	free(common.v);
	return m->designators ? 0 : -ENOMEM;
}

/* A property of the udev database: libudev on the running system, the database's file in a recorded one. */
static void udev_property(const struct host *host, const char *name, const char *key, char *buf, size_t size)
{
	_auto_free_ char *text = NULL;
	char devno[24], file[64], line[80];
	const char *found;
	unsigned int major, minor;

	buf[0] = '\0';
	host_attr(host, devno, sizeof(devno), "sys/class/block/%s/dev", name);
	if (sscanf(devno, "%u:%u", &major, &minor) != 2)
		return;
	if (host->is_live) {
		struct udev *udev = udev_new();
		struct udev_device *dev = udev ? udev_device_new_from_devnum(udev, 'b', makedev(major, minor)) : NULL;
		const char *value = dev ? udev_device_get_property_value(dev, key) : NULL;

		snprintf(buf, size, "%s", value ? value : "");
		udev_device_unref(dev);
		udev_unref(udev);
		return;
	}
	snprintf(file, sizeof(file), "run/udev/data/b%u:%u", major, minor);
	snprintf(line, sizeof(line), "\nE:%s=", key);
	if (host_read_file(host, file, &text, NULL) == 0 && (found = strstr(text, line))) {
		found += strlen(line);
		snprintf(buf, size, "%.*s", (int)strcspn(found, "\n"), found);
	}
}

struct wwid_search {
	const char *wwid;
	bool found;
};

static int compare_wwid(const struct designator *d, void *arg)
{
	struct wwid_search *s = arg;
	char wwid[WWID_MAX];

	s->found = designator_wwid(d, wwid) == 0 && streq(wwid, s->wwid);
	return s->found;
}

void map_info_wwid_from(const struct host *host, const struct map_info *m, const char *attribute, char *buf, size_t size)
{
	struct wwid_search search = { .wwid = m->wwid };
	char value[512], name[96];
	uint8_t page[VPD_SIZE];

	for (size_t i = 0; i < m->n_paths; i++) {
		const char *dev = m->paths[i].facts.name;
		ssize_t n;

		udev_property(host, dev, attribute, value, sizeof(value));
		if (*value && streq(value, m->wwid)) {
			snprintf(buf, size, "udev %s", attribute);
			return;
		}
		host_attr(host, value, sizeof(value), "sys/class/block/%s/wwid", dev);
		if (m->paths[i].facts.bus == BUS_NVME && streq(value, m->wwid)) {
			snprintf(buf, size, "wwid in /sys");
			return;
		}
		snprintf(name, sizeof(name), "sys/class/block/%s/device/vpd_pg83", dev);
		n = sys_read(host->fd, name, page, sizeof(page));
		if (n >= 0)
			vpd83_visit(page, (size_t)n, NULL, compare_wwid, &search);
		if (search.found) {
			snprintf(buf, size, "VPD page 0x83");
			return;
		}
	}
	snprintf(buf, size, "the live map");
}

/* ---- the map -------------------------------------------------------------------------------------------------------------------- */

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

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* libdevmapper writes what may not stand in a name as \xNN. */
static void unmangle(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0) {
			*out++ = (char)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
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
	       sscanf(text, "%lu", out) == 1;
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
	if (sscanf(text, "%lu", &size) == 1 && sscanf(table, "linear %*s %lu", &start) == 1)
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
	list->r = read_path(list->host, entry, &grown[m->n_paths], &m->modules);
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

int map_info_read(const struct host *host, const char *dm, struct map_info *out)
{
	struct map_info m = { .size = 0 };
	struct path_list list = { .host = host, .m = &m };
	char uuid[160], name[96];
	const char *wwid;
	int r;

	snprintf(m.dm, sizeof(m.dm), "%s", dm);
	host_attr(host, uuid, sizeof(uuid), "sys/class/block/%s/dm/uuid", dm);
	unmangle(uuid);
	wwid = str_after(uuid, "mpath-");
	if (!wwid || !*wwid || strlen(wwid) >= sizeof(m.wwid)) {
		log_error("%s is no multipath map", dm);
		return -ENODEV;
	}
	strcpy(m.wwid, wwid);
	host_attr(host, m.name, sizeof(m.name), "sys/class/block/%s/dm/name", dm);
	unmangle(m.name);
	snprintf(name, sizeof(name), "sys/class/block/%.31s/size", dm);
	sys_read_u64(host->fd, name, &m.size);
	read_table(host, dm, m.table, sizeof(m.table));

	snprintf(name, sizeof(name), "sys/class/block/%.31s/slaves", dm);
	sys_each(host->fd, name, add_path, &list);
	r = list.r;
	if (!r && !m.n_paths) {
		log_error("map %s (%s) has no paths at the moment: a snapshot made now would expect none", m.name, m.wwid);
		r = -ENODEV;
	}
	if (!r) {
		qsort(m.paths, m.n_paths, sizeof(*m.paths), compare_paths);
		r = read_designators(host, &m);
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
