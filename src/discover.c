/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "discover.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "blacklist.h"
#include "scsi.h"

#define VPD_SIZE 4096
#define NVME_SUBSYSTEM "/nvme-subsystem/"	/* where a namespace hangs whose paths are the kernel's; else below its controller */
#define CLAIMS "mpath-boot/claims"

const char *const path_state_names[N_PATH_STATES] = {
	[PATH_STATE_UNCHECKED] = "undef",
	[PATH_STATE_DOWN] = "faulty",
	[PATH_STATE_UP] = "ready",
	[PATH_STATE_SHAKY] = "shaky",
	[PATH_STATE_GHOST] = "ghost",
	[PATH_STATE_PENDING] = "i/o pending",
};

struct match {
	const struct snapshot *snap;
	size_t map;	/* n_maps: none yet */
};

/* "<disk>/<attribute>", for readers relative to /sys/block. */
struct attr {
	char text[96];
};

static struct attr attr_of(const char *disk, const char *name)
{
	struct attr a;

	snprintf(a.text, sizeof(a.text), "%s/%s", disk, name);
	return a;
}

bool discover_name_is_disk(const char *name)
{
	const char *rest;

	if (strlen(name) >= sizeof(((struct path *)0)->name) || strchr(name, '/'))
		return false;
	rest = str_after(name, "sd");
	if (!rest)
		rest = str_after(name, "dasd");
	if (rest)
		return *rest && strspn(rest, "abcdefghijklmnopqrstuvwxyz") == strlen(rest);
	rest = str_after(name, "nvme");
	if (!rest)
		return false;
	/* nvme0n1, but neither nvme0n1p1 nor the hidden nvme0c0n1 of native multipath */
	rest += strspn(rest, "0123456789");
	return rest[0] == 'n' && rest[1] && strspn(rest + 1, "0123456789") == strlen(rest + 1);
}

static bool name_bus(const char *name, enum path_bus *bus)
{
	if (!discover_name_is_disk(name))
		return false;
	*bus = name[0] == 's' ? BUS_SCSI : name[0] == 'n' ? BUS_NVME : BUS_DASD;
	return true;
}

/* The strongest designator in the snapshot decides: weaker ones may be shared, or change with firmware. */
static int match_text(struct match *m, const char *text, const char *wwid)
{
	for (size_t i = 0; i < m->snap->n_maps; i++) {
		const struct snap_map *map = &m->snap->maps[i];

		if (map->by_rules)
			continue;	/* generic.c knows its disks */
		if (map->n_designators ? streq(map->designators[0], text) : wwid && streq(map->wwid, wwid)) {
			m->map = i;
			return 1;
		}
	}
	return 0;
}

static int match_designator(const struct designator *d, void *arg)
{
	char wwid[WWID_MAX];

	return match_text(arg, d->text, designator_wwid(d, wwid) == 0 ? wwid : NULL);
}

static void pad(char *to, const char *from, size_t width)
{
	size_t n = strlen(from);

	memset(to, ' ', width);
	memcpy(to, from, n < width ? n : width);
}

/* Vendor (8) and model (16), blank padded as in INQUIRY: makes vendor specific identifiers unique. */
static void read_idstr(const struct sysroot *root, const char *name, char idstr[24])
{
	char text[64];

	pad(idstr, sys_read_str(root->block_fd, attr_of(name, "device/vendor").text, text, sizeof(text)) > 0 ? text : "", 8);
	pad(idstr + 8, sys_read_str(root->block_fd, attr_of(name, "device/model").text, text, sizeof(text)) > 0 ? text : "", 16);
}

static bool needs_idstr(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_maps; i++)
		if (snap->maps[i].n_designators && designator_is_weak(snap->maps[i].designators[0]))
			return true;
	return false;
}

static bool any_vpd80(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_maps; i++)
		if (snap->maps[i].n_designators && str_after(snap->maps[i].designators[0], "vpd80."))
			return true;
	return false;
}

struct wanted {
	const struct snap_map *map;
	enum identity verdict;
};

static int compare_designator(const struct designator *d, void *arg)
{
	struct wanted *w = arg;

	w->verdict = streq(w->map->designators[0], d->text) ? IDENTITY_SAME : IDENTITY_OTHER;
	return w->verdict == IDENTITY_SAME;
}

/* A WWID that is nothing but a NAA designator: it may be any of those on the page, or a name string that has it. */
static int compare_naa(const struct designator *d, void *arg)
{
	struct wanted *w = arg;
	char wwid[WWID_MAX];

	if (designator_wwid(d, wwid) != 0 || wwid[0] != '3')
		return 0;
	w->verdict = streq(w->map->wwid, wwid) ? IDENTITY_SAME : IDENTITY_OTHER;
	return w->verdict == IDENTITY_SAME;
}

/* '3' and 8 or 16 bytes in hex, as scsi_id writes it. */
static bool is_naa(const char *wwid)
{
	size_t len = strlen(wwid);

	return wwid[0] == '3' && (len == 17 || len == 33) && strspn(wwid, "0123456789abcdef") == len;
}

enum identity discover_identity(const struct snap_map *map, const uint8_t *page, size_t len)
{
	struct wanted w = { .map = map, .verdict = IDENTITY_UNKNOWN };

	/* Without one udev told who it is. */
	if (!map->n_designators && is_naa(map->wwid) && (!*map->uid_attribute || streq(map->uid_attribute, "ID_SERIAL"))) {
		vpd83_visit(page, len, NULL, compare_naa, &w);
		return w.verdict;
	}
	/* The last two need more than the page, or another one. */
	if (!map->n_designators || designator_is_weak(map->designators[0]))
		return IDENTITY_UNKNOWN;
	vpd83_visit(page, len, NULL, compare_designator, &w);
	return w.verdict;
}

enum identity discover_device_identity(const struct sysroot *root, const struct snap_map *map, const char *devno)
{
	uint8_t page[VPD_SIZE];
	char file[64];
	ssize_t n;

	snprintf(file, sizeof(file), "dev/block/%s/device/vpd_pg83", devno);
	n = sys_read_once(root->sys_fd, file, page, sizeof(page));
	return n < 0 ? IDENTITY_UNKNOWN : discover_identity(map, page, (size_t)n);
}

static int match_scsi(const struct sysroot *root, const char *name, struct match *m)
{
	uint8_t page[VPD_SIZE];
	char idstr[24], text[DESIGNATOR_MAX];
	bool weak = needs_idstr(m->snap);
	ssize_t n;

	if (weak)
		read_idstr(root, name, idstr);
	n = sys_read_once(root->block_fd, attr_of(name, "device/vpd_pg83").text, page, sizeof(page));
	if (n >= 0)
		vpd83_visit(page, (size_t)n, weak ? idstr : NULL, match_designator, m);
	if (m->map < m->snap->n_maps || !any_vpd80(m->snap))
		return n < 0 && n != -ENOENT ? (int)n : 0;
	n = sys_read(root->block_fd, attr_of(name, "device/vpd_pg80").text, page, sizeof(page));
	if (n >= 0 && vpd80_text(page, (size_t)n, idstr, text) == 0)
		match_text(m, text, NULL);
	return 0;
}

/* NVMe namespaces and DASDs name themselves in one text attribute. Its length, or -errno. */
#define NAME_ATTR_MAX 224
static ssize_t read_name(const struct sysroot *root, const char *name, enum path_bus bus, char *value, char *text)
{
	ssize_t n = sys_read_str(root->block_fd, attr_of(name, bus == BUS_NVME ? "wwid" : "device/uid").text, value, NAME_ATTR_MAX);
	char *to = stpcpy(text, bus == BUS_NVME ? "nvme." : "dasd.");

	for (ssize_t i = 0; i < n; i++)
		to += sprintf(to, "%02x", (unsigned char)value[i]);
	return n;
}

static int match_attr(const struct sysroot *root, const char *name, enum path_bus bus, struct match *m)
{
	char value[NAME_ATTR_MAX], text[DESIGNATOR_MAX];
	ssize_t n = read_name(root, name, bus, value, text);

	if (n <= 0)
		return (int)n;
	match_text(m, text, value);
	return 0;
}

static int add_name(const struct designator *d, void *arg)
{
	struct disk_names *names = arg;

	if (names->n == DISK_NAMES_MAX)
		names->has_more = true;
	else
		memcpy(names->text[names->n++], d->text, sizeof(d->text));
	return 0;
}

void discover_names(const struct sysroot *root, const char *name, struct disk_names *out)
{
	uint8_t page[VPD_SIZE];
	char value[NAME_ATTR_MAX];
	enum path_bus bus;
	ssize_t n;

	out->n = 0;
	out->has_more = false;
	if (!name_bus(name, &bus))
		return;
	if (bus != BUS_SCSI) {
		out->n = read_name(root, name, bus, value, out->text[0]) > 0;
		return;
	}
	n = sys_read_once(root->block_fd, attr_of(name, "device/vpd_pg83").text, page, sizeof(page));
	if (n >= 0)
		vpd83_visit(page, (size_t)n, NULL, add_name, out);
}

bool discover_may_be_of(const struct disk_names *names, const struct snap_map *map)
{
	if (names->has_more || !map->n_designators || designator_is_weak(map->designators[0]))
		return true;
	for (size_t i = 0; i < names->n; i++)
		if (streq(names->text[i], map->designators[0]))
			return true;
	return false;
}

/* A name is given to another disk when its owner has gone; since Linux 5.15 the number tells them apart. 0 before. */
static uint64_t disk_number(const struct sysroot *root, const char *name)
{
	uint64_t number;

	return sys_read_u64(root->block_fd, attr_of(name, "diskseq").text, &number) == 0 ? number : 0;
}

int discover_read_claim(const struct sysroot *root, const char *name, char *wwid)
{
	char file[80], text[WWID_MAX + 32], *line;
	ssize_t n;

	if (root->run_fd < 0)
		return -ENOENT;
	snprintf(file, sizeof(file), CLAIMS "/%s", name);
	n = sys_read(root->run_fd, file, text, sizeof(text) - 1);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	line = strchr(text, '\n');
	if (line) {
		*line++ = '\0';
		if (strtoull(line, NULL, 10) != disk_number(root, name))
			return -ESTALE;
	}
	if (!*text || strlen(text) >= WWID_MAX)
		return -ENOENT;
	strcpy(wwid, text);
	return 0;
}

/* Only a map without designators is found by its note: a foreign disk need not cost that look. */
static bool any_without_designators(const struct snapshot *snap)
{
	for (size_t i = 0; i < snap->n_maps; i++)
		if (!snap->maps[i].n_designators)
			return true;
	return false;
}

static int match_claim(const struct sysroot *root, const char *name, struct match *m)
{
	char wwid[WWID_MAX];

	return any_without_designators(m->snap) && discover_read_claim(root, name, wwid) == 0 ? match_text(m, "", wwid) : 0;
}

int discover_note_claim(const struct sysroot *root, const char *name, const char *wwid)
{
	char file[80], temp[96], text[WWID_MAX + 32];
	_auto_close_ int fd = -1;
	int n;

	if (root->run_fd < 0)
		return -ENOENT;
	mkdirat(root->run_fd, "mpath-boot", 0755);
	mkdirat(root->run_fd, CLAIMS, 0755);
	snprintf(file, sizeof(file), CLAIMS "/%s", name);
	snprintf(temp, sizeof(temp), "%s.%d", file, (int)getpid());
	fd = openat(root->run_fd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	n = snprintf(text, sizeof(text), "%.*s\n%llu\n", WWID_MAX - 1, wwid, (unsigned long long)disk_number(root, name));
	if (write(fd, text, (size_t)n) != n || renameat(root->run_fd, temp, root->run_fd, file) < 0) {
		int r = -errno;

		unlinkat(root->run_fd, temp, 0);
		return r ? r : -EIO;
	}
	return 0;
}

bool path_component(const char *syspath, const char *prefix, char *out, size_t size)
{
	for (const char *p = syspath; (p = strchr(p, '/')); p++) {
		const char *rest = str_after(p + 1, prefix);
		size_t n = strcspn(p + 1, "/");

		if (rest && *rest >= '0' && *rest <= '9' && n < size) {
			memcpy(out, p + 1, n);
			out[n] = '\0';
			return true;
		}
	}
	return false;
}

static void read_class(const struct sysroot *root, const char *class, const char *device, const char *attr,
		       char *out, size_t size)
{
	char file[160];

	snprintf(file, sizeof(file), "class/%s/%s/%s", class, device, attr);
	if (sys_read_str(root->sys_fd, file, out, size) < 0)
		out[0] = '\0';
}

/* Which target port this path leads to, where the transport says (initramfs.md and the kernel's scsi_transport_*.c). */
static void read_target(const struct sysroot *root, struct path *p)
{
	char device[48], address[48], port[8];

	if (path_component(p->syspath, "session", device, sizeof(device))) {
		char connection[64];

		read_class(root, "iscsi_session", device, "targetname", p->target, sizeof(p->target));
		memcpy(p->node_name, p->target, sizeof(p->node_name));
		snprintf(connection, sizeof(connection), "connection%s:0", device + strlen("session"));
		read_class(root, "iscsi_connection", connection, "persistent_address", address, sizeof(address));
		read_class(root, "iscsi_connection", connection, "persistent_port", port, sizeof(port));
		snprintf(p->portal, sizeof(p->portal), strchr(address, ':') ? "[%s]:%s" : "%s:%s", address, port);
	} else if (path_component(p->syspath, "rport-", device, sizeof(device))) {
		read_class(root, "fc_remote_ports", device, "port_name", p->target, sizeof(p->target));
		read_class(root, "fc_remote_ports", device, "node_name", p->node_name, sizeof(p->node_name));
	} else if (path_component(p->syspath, "end_device-", device, sizeof(device))) {
		read_class(root, "sas_device", device, "sas_address", p->target, sizeof(p->target));
	}
}

/* A namespace: its controller is the path, and its subsystem the target. The address is fit to connect to once more without where we came from. */
static void read_nvme(const struct sysroot *root, struct path *p)
{
	unsigned int controller, instance, cntlid = 0;
	char *rest;
	uint64_t value;
	char address[256], *local;

	if (sys_read_str(root->block_fd, attr_of(p->name, "device/subsysnqn").text, p->target, sizeof(p->target)) < 0)
		p->target[0] = '\0';
	memcpy(p->node_name, p->target, sizeof(p->node_name));
	if (sys_read_str(root->block_fd, attr_of(p->name, "device/address").text, address, sizeof(address)) < 0)
		address[0] = '\0';
	local = strstr(address, NVME_LOCAL);
	snprintf(p->portal, sizeof(p->portal), "%.*s", local ? (int)(local - address) : (int)sizeof(p->portal) - 1, address);
	if (sys_read_str(root->block_fd, attr_of(p->name, "device/serial").text, p->serial, sizeof(p->serial)) < 0)
		p->serial[0] = '\0';
	if (sys_read_u64(root->block_fd, attr_of(p->name, "nsid").text, &value) == 0)
		p->lun = (unsigned int)value;
	if (sys_read_u64(root->block_fd, attr_of(p->name, "device/cntlid").text, &value) == 0)
		cntlid = (unsigned int)value;
	/* nvme0n1: discover_name_is_disk() has seen to that */
	controller = (unsigned int)strtoul(p->name + strlen("nvme"), &rest, 10);
	instance = (unsigned int)strtoul(rest + 1, NULL, 10);
	snprintf(p->hctl, sizeof(p->hctl), "%u:%u:%u:%u", controller, cntlid, instance, p->lun);	/* as multipathd has it */
}

static void read_details(const struct sysroot *root, struct path *p)
{
	uint64_t value;
	uint8_t page[VPD_SIZE];
	char vendor[32], link[256], *last;
	unsigned int group;
	ssize_t n;

	if (sys_read_str(root->block_fd, attr_of(p->name, "device/vendor").text, vendor, sizeof(vendor)) < 0)
		vendor[0] = '\0';
	snprintf(p->vendor, sizeof(p->vendor), "%.8s", vendor[0] ? vendor : p->bus == BUS_NVME ? "NVME" : p->bus == BUS_DASD ? "IBM" : "");
	if (sys_read_str(root->block_fd, attr_of(p->name, "device/model").text, p->model, sizeof(p->model)) < 0)
		p->model[0] = '\0';
	p->ro = sys_read_u64(root->block_fd, attr_of(p->name, "ro").text, &value) == 0 && value;
	if (sys_read_u64(root->block_fd, attr_of(p->name, "device/timeout").text, &value) == 0 && value < 86400)
		p->sys_timeout_s = (unsigned int)value;
	p->port_group = p->tpgs = -1;
	snprintf(p->hctl, sizeof(p->hctl), "%s", p->name);
	if (p->bus == BUS_NVME)
		read_nvme(root, p);
	if (p->bus != BUS_SCSI)
		return;
	n = sys_read(root->block_fd, attr_of(p->name, "device/inquiry").text, page, sizeof(page));
	if (n > 5)
		p->tpgs = page[5] >> 4 & 3;
	n = sys_read_link(root->block_fd, attr_of(p->name, "device").text, link, sizeof(link));
	last = n > 0 ? strrchr(link, '/') : NULL;
	snprintf(p->hctl, sizeof(p->hctl), "%.40s", last ? last + 1 : p->name);
	last = strrchr(p->hctl, ':');
	if (last)
		p->lun = (unsigned int)strtoul(last + 1, NULL, 10);
	n = sys_read(root->block_fd, attr_of(p->name, "device/vpd_pg83").text, page, sizeof(page));
	if (n > 0 && vpd83_port_group(page, (size_t)n, &group) == 0)
		p->port_group = (int)group;
	n = sys_read(root->block_fd, attr_of(p->name, "device/vpd_pg80").text, page, sizeof(page));
	if (n > 4) {
		size_t len = (size_t)n - 4 < sizeof(p->serial) - 1 ? (size_t)n - 4 : sizeof(p->serial) - 1;

		memcpy(p->serial, page + 4, len);
		p->serial[len] = '\0';
	}
	read_target(root, p);
}

bool discover_is_native(const struct sysroot *root, const char *name)
{
	char link[256];

	return str_after(name, "nvme") && sys_read_link(root->block_fd, name, link, sizeof(link)) > 0 && strstr(link, NVME_SUBSYSTEM);
}

int discover_path(const struct sysroot *root, size_t map, const char *name, struct path *out)
{
	struct path p = { .map = map };
	ssize_t n;
	int r;

	if (!name_bus(name, &p.bus))
		return -EINVAL;
	snprintf(p.name, sizeof(p.name), "%s", name);
	if (sys_read_link(root->block_fd, name, p.syspath, sizeof(p.syspath)) < 0)
		snprintf(p.syspath, sizeof(p.syspath), "%s", name);
	if (p.bus == BUS_NVME && strstr(p.syspath, NVME_SUBSYSTEM))
		return -EALREADY;
	n = sys_read_str(root->block_fd, attr_of(name, "dev").text, p.devno, sizeof(p.devno));
	if (n < 0)
		return (int)n;
	r = sys_read_u64(root->block_fd, attr_of(name, "size").text, &p.size);
	if (r < 0)
		return r;
	read_details(root, &p);
	*out = p;
	return 1;
}

const struct conf_node *discover_blacklisted(const struct sysroot *root, const struct snapshot *snap, const char *name)
{
	struct blacklist_in in = { .config = snap->lists, .uid_attribute = "" };
	struct blacklist_verdict verdict;
	struct path_facts facts;

	if (!snap->lists || path_facts_read(root->sys_fd, name, &facts) < 0)
		return NULL;
	in.facts = &facts;
	blacklist_check(&in, &verdict);
	return verdict.is_blacklisted ? verdict.rule : NULL;
}

int discover_map(const struct sysroot *root, const struct snapshot *snap, const char *name, size_t *map)
{
	struct match m = { .snap = snap, .map = snap->n_maps };
	enum path_bus bus;
	int r = 0;

	if (!name_bus(name, &bus))
		return 0;
	switch (bus) {
	case BUS_SCSI:
		r = match_scsi(root, name, &m);
		break;
	case BUS_NVME:
	case BUS_DASD:
		r = match_attr(root, name, bus, &m);
		break;
	}
	if (m.map == snap->n_maps)
		match_claim(root, name, &m);
	if (m.map == snap->n_maps)
		return r;
	if (discover_blacklisted(root, snap, name))
		return 0;
	*map = m.map;
	return 1;
}

int discover_disk(const struct sysroot *root, const struct snapshot *snap, const char *name, struct path *out)
{
	size_t map;
	int r = discover_map(root, snap, name, &map);

	return r == 1 ? discover_path(root, map, name, out) : r;
}

struct strongest {
	char wwid[WWID_MAX];
	int score;
};

static int take_strongest(const struct designator *d, void *arg)
{
	struct strongest *best = arg;
	char wwid[WWID_MAX];

	if (d->score > best->score && designator_wwid(d, wwid) == 0) {
		best->score = d->score;
		memcpy(best->wwid, wwid, sizeof(best->wwid));
	}
	return 0;
}

/* "IBM.750000000KC311.3201.00.…": what follows the fourth dot names a PAV alias of the same volume. */
static void cut_dasd_uid(char *uid)
{
	for (unsigned int dots = 0; *uid; uid++) {
		if (*uid == '.' && ++dots == 4) {
			*uid = '\0';
			return;
		}
	}
}

int discover_wwid(const struct sysroot *root, const char *name, char *wwid)
{
	struct strongest best = { .score = 0 };
	uint8_t page[VPD_SIZE];
	enum path_bus bus;
	ssize_t n = 0;

	if (!name_bus(name, &bus))
		return -ENOENT;
	switch (bus) {
	case BUS_SCSI:
		n = sys_read_once(root->block_fd, attr_of(name, "device/vpd_pg83").text, page, sizeof(page));
		if (n < 0)
			return (int)n;
		vpd83_visit(page, (size_t)n, NULL, take_strongest, &best);
		memcpy(wwid, best.wwid, WWID_MAX);
		return best.score ? 0 : -ENOENT;
	case BUS_NVME:
		if (discover_is_native(root, name))
			return -EALREADY;
		n = sys_read_str(root->block_fd, attr_of(name, "wwid").text, wwid, WWID_MAX);
		break;
	case BUS_DASD:
		n = sys_read_str(root->block_fd, attr_of(name, "device/uid").text, wwid, WWID_MAX);
		if (n > 0)
			cut_dasd_uid(wwid);
		break;
	}
	return n < 0 ? (int)n : n == 0 ? -ENOENT : 0;
}

void discover_dh_state(const struct sysroot *root, const char *name, char *out, size_t size)
{
	ssize_t n = sys_read_str(root->block_fd, attr_of(name, "device/dh_state").text, out, size);

	if (n < 0 || streq(out, "detached"))
		out[0] = '\0';	/* absent without CONFIG_SCSI_DH */
}

struct part_scan {
	const struct sysroot *root;
	const char *disk;
	struct snap_part *out;
	size_t n, max;
};

static int add_part(const char *entry, void *arg)
{
	struct part_scan *scan = arg;
	char file[128];
	uint64_t number;
	struct snap_part part;
	size_t at;

	if (strncmp(entry, scan->disk, strlen(scan->disk)) || strlen(entry) > 60)
		return 0;
	snprintf(file, sizeof(file), "%s/%s/partition", scan->disk, entry);
	if (sys_read_u64(scan->root->block_fd, file, &number) < 0 || number == 0 || number > 255)
		return 0;
	part.number = (unsigned int)number;
	snprintf(file, sizeof(file), "%s/%s/start", scan->disk, entry);
	if (sys_read_u64(scan->root->block_fd, file, &part.start) < 0)
		return 0;
	snprintf(file, sizeof(file), "%s/%s/size", scan->disk, entry);
	if (sys_read_u64(scan->root->block_fd, file, &part.size) < 0 || part.size == 0 || scan->n == scan->max)
		return 0;
	for (at = scan->n; at > 0 && scan->out[at - 1].number > part.number; at--)
		scan->out[at] = scan->out[at - 1];
	scan->out[at] = part;
	scan->n++;
	return 0;
}

int discover_parts(const struct sysroot *root, const char *name, struct snap_part *out, size_t max)
{
	struct part_scan scan = { .root = root, .disk = name, .out = out, .max = max };
	int r = sys_each(root->block_fd, name, add_part, &scan);

	return r < 0 ? r : (int)scan.n;
}
