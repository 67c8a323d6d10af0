/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path-info.h"

#include <fcntl.h>
#include <stdio.h>

#include "../nvme.h"
#include "modules.h"
#include "net.h"

#define COMMAND_TIMEOUT_MS 5000

/* @dir cut behind the component that starts with @prefix and goes on with a digit. */
static bool ancestor(const char *dir, const char *prefix, char *out, size_t size, const char **name)
{
	size_t len, end;
	const char *at = path_facts_component(dir, prefix, &len);

	if (!at)
		return false;
	end = (size_t)(at - dir) + len;
	if (end >= size)
		return false;
	memcpy(out, dir, end);
	out[end] = '\0';
	*name = out + (at - dir);
	return true;
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
	place->is_named = *ip && !net_is_address(ip);
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
	if (!ancestor(dir, "host", host_dir, sizeof(host_dir), &scsi_host))
		return;
	/* Drivers that set no name show "<NULL>" or "(null)". */
	if (host_attr(host, place->driver, sizeof(place->driver), "%s/scsi_host/%s/proc_name", host_dir, scsi_host) <= 0 ||
	    strchr("<(", place->driver[0]))
		host_link_name(host, place->driver, sizeof(place->driver), "%s/../driver", host_dir);

	if (ancestor(dir, "session", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "iscsi");
		read_iscsi(host, at, name, host_dir, scsi_host, place);
	} else if (ancestor(dir, "rport-", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "fc");
		host_attr(host, place->target, sizeof(place->target), "%s/fc_remote_ports/%s/port_name", at, name);
	} else if (ancestor(dir, "end_device-", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "sas");
		host_attr(host, place->target, sizeof(place->target), "%s/sas_device/%s/sas_address", at, name);
	} else if (ancestor(dir, "ata", at, sizeof(at), &name)) {
		snprintf(place->transport, sizeof(place->transport), "ata");
	} else if (strstr(dir, "/usb")) {
		snprintf(place->transport, sizeof(place->transport), "usb");
	} else if (host_has(host, "sys/class/srp_host/%s", scsi_host)) {
		snprintf(place->transport, sizeof(place->transport), "srp");
	}
}

static void read_nvme_place(const struct host *host, const char *dir, struct path_info *p)
{
	const char *transport = p->facts.protocol + strlen("nvme:");
	char address[256], nsid[16], ip[64], self[64], netdev[32], *local;

	snprintf(p->place.transport, sizeof(p->place.transport), "nvme");
	snprintf(p->place.driver, sizeof(p->place.driver), streq(transport, "pcie") ? "nvme" : "nvme_%s", transport);
	host_attr(host, p->place.target, sizeof(p->place.target), "%s/device/subsysnqn", dir);
	if (host_attr(host, address, sizeof(address), "%s/device/address", dir) > 0) {
		local = strstr(address, NVME_LOCAL);
		snprintf(p->place.portal, sizeof(p->place.portal), "%.*s", local ? (int)(local - address) : (int)sizeof(p->place.portal) - 1, address);
		nvme_address_part(address, "traddr", ip, sizeof(ip));
		nvme_address_part(address, "src_addr", self, sizeof(self));	/* since 6.1 */
		if (!*self)
			nvme_address_part(address, "host_traddr", self, sizeof(self));
		nvme_address_part(address, "host_iface", netdev, sizeof(netdev));
		if (streq(transport, "tcp"))
			net_find_place(host, ip, self, netdev, &p->place);
	}
	if (host_attr(host, nsid, sizeof(nsid), "%s/nsid", dir) > 0)
		p->place.lun = strtoull(nsid, NULL, 10);
}

static void read_dasd_place(const struct host *host, const char *dir, struct path_info *p)
{
	snprintf(p->place.transport, sizeof(p->place.transport), "ccw");
	host_link_name(host, p->place.driver, sizeof(p->place.driver), "%s/device/driver", dir);
}

/* From /sys, and on the running system from the device itself. */
static int read_facts(const struct host *host, const char *name, struct path_facts *f)
{
	_auto_close_ int sys_fd = openat(host->fd, "sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd = -1;
	uint8_t page[PATH_FACTS_PAGE];
	char dev[64];
	int r;

	r = sys_fd < 0 ? -errno : path_facts_read(sys_fd, name, f);
	if (r || !host->is_live)
		return r;
	snprintf(dev, sizeof(dev), "dev/%.31s", name);
	fd = openat(host->fd, dev, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		path_facts_ask(fd, COMMAND_TIMEOUT_MS, page, f);
	return 0;
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
	int r;

	*p = (struct path_info){ .place.portal_group = -1 };
	r = read_facts(host, name, &p->facts);
	if (r)
		return r;
	snprintf(link, sizeof(link), "sys/class/block/%.31s", name);
	r = host_device_dir(host, link, dir, sizeof(dir));
	if (r)
		return r;
	switch (p->facts.bus) {
	case BUS_NVME:
		read_nvme_place(host, dir, p);
		break;
	case BUS_DASD:
		read_dasd_place(host, dir, p);
		break;
	case BUS_SCSI:
		read_scsi_place(host, dir, p);
		break;
	}
	r = modules_add_drivers(host, dir, modules);
	if (!r)
		r = add_transport_modules(host, p, modules);
	if (!r && p->place.interface[0])
		r = net_add_modules(host, p->place.interface, modules);
	return r;
}
