/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path-info.h"

#include <fcntl.h>
#include <stdio.h>

#include "modules.h"
#include "net.h"

#define VPD_SIZE 4096
#define COMMAND_TIMEOUT_MS 5000

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

int path_info_read(const struct host *host, const char *name, struct path_info *p, struct names *modules)
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
