/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>

#include "modules.h"

#define STACKED_MAX 8	/* interfaces on top of each other */

struct address {
	int family;	/* AF_UNSPEC: none */
	uint8_t bytes[16];
};

struct route {
	struct address to, gateway;
	unsigned int prefix;
	unsigned int metric;
	char interface[IFNAMSIZ];
};

struct search {
	struct address to;
	const char *interface;	/* only routes through this one; NULL: any */
	bool only_direct;	/* only networks that are on the link itself */
	struct route best;
	bool found;
};

static struct address parse_address(const char *text)
{
	struct address a = { .family = AF_UNSPEC };
	char plain[INET6_ADDRSTRLEN];

	snprintf(plain, sizeof(plain), "%.*s", (int)strcspn(text, "%"), text);	/* fe80::1%eth0 */
	if (inet_pton(AF_INET, plain, a.bytes) == 1)
		a.family = AF_INET;
	else if (inet_pton(AF_INET6, plain, a.bytes) == 1)
		a.family = AF_INET6;
	return a;
}

static bool is_zero(const struct address *a)
{
	for (size_t i = 0; i < sizeof(a->bytes); i++)
		if (a->bytes[i])
			return false;
	return true;
}

static bool is_within(const struct address *a, const struct address *net, unsigned int prefix)
{
	if (a->family != net->family)
		return false;
	for (unsigned int bit = 0; bit < prefix; bit++)
		if ((a->bytes[bit / 8] ^ net->bytes[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

static void consider(struct search *s, const struct route *r)
{
	if (!is_within(&s->to, &r->to, r->prefix) || (s->interface && !streq(s->interface, r->interface)))
		return;
	if (s->only_direct && !is_zero(&r->gateway))
		return;
	if (s->found && (r->prefix < s->best.prefix || (r->prefix == s->best.prefix && r->metric >= s->best.metric)))
		return;
	s->best = *r;
	s->found = true;
}

/* /proc/net/route: interface, destination, gateway, flags, …, metric, mask; addresses as host-endian words of network-endian bytes. */
static void search_ipv4(struct search *s, const char *text)
{
	for (const char *line = text; (line = strchr(line, '\n')) && *++line; ) {
		struct route r = { .to.family = AF_INET, .gateway.family = AF_INET };
		unsigned int to, gateway, flags, mask;

		if (sscanf(line, "%15s %x %x %x %*u %*u %u %x", r.interface, &to, &gateway, &flags, &r.metric, &mask) != 6)
			continue;
		memcpy(r.to.bytes, &to, sizeof(to));
		memcpy(r.gateway.bytes, &gateway, sizeof(gateway));
		r.prefix = (unsigned int)__builtin_popcount(mask);
		if (flags & 1)	/* RTF_UP */
			consider(s, &r);
	}
}

static bool parse_hex(const char *hex, struct address *a)
{
	a->family = AF_INET6;
	for (int i = 0; i < 16; i++)
		if (sscanf(hex + 2 * i, "%2hhx", &a->bytes[i]) != 1)
			return false;
	return true;
}

/* /proc/net/ipv6_route: destination, prefix length, source, prefix length, next hop, metric, references, use, flags, interface. */
static void search_ipv6(struct search *s, const char *text)
{
	for (const char *line = text, *end; *line; line = end + (*end == '\n')) {
		char to[33], gateway[33];
		struct route r = { .prefix = 0 };
		unsigned int flags;

		end = line + strcspn(line, "\n");
		if (sscanf(line, "%32s %x %*s %*x %32s %x %*x %*x %x %15s", to, &r.prefix, gateway, &r.metric, &flags, r.interface) != 6)
			continue;
		if (strlen(to) != 32 || strlen(gateway) != 32 || r.prefix > 128 || !parse_hex(to, &r.to) || !parse_hex(gateway, &r.gateway))
			continue;
		if ((flags & 1) && !(flags & 0x200) && !streq(r.interface, "lo"))	/* RTF_UP, RTF_REJECT */
			consider(s, &r);
	}
}

/* Only the main table: policy routing to a root disk has not been met yet. */
static bool find_route(const struct host *host, struct search *s)
{
	_auto_free_ char *text = NULL;

	if (s->to.family == AF_INET && host_read_file(host, "proc/net/route", &text, NULL) == 0)
		search_ipv4(s, text);
	else if (s->to.family == AF_INET6 && host_read_file(host, "proc/net/ipv6_route", &text, NULL) == 0)
		search_ipv6(s, text);
	return s->found;
}

static void print_address(const struct address *a, char *buf, size_t size)
{
	if (a->family == AF_UNSPEC || !inet_ntop(a->family, a->bytes, buf, (socklen_t)size))
		buf[0] = '\0';
}

static struct address from_sockaddr(const struct sockaddr *sa, unsigned int *prefix)
{
	struct address a = { .family = AF_UNSPEC };

	if (sa && sa->sa_family == AF_INET)
		memcpy(a.bytes, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	else if (sa && sa->sa_family == AF_INET6)
		memcpy(a.bytes, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	else
		return a;
	a.family = sa->sa_family;
	if (prefix)
		*prefix = 0;
	for (size_t i = 0; prefix && i < sizeof(a.bytes); i++)
		*prefix += (unsigned int)__builtin_popcount(a.bytes[i]);
	return a;
}

/* What getifaddrs() calls an address is its label, "eth0:1" perhaps: the interface is in front of the colon. */
static bool is_of_interface(const struct ifaddrs *i, const char *name)
{
	size_t len = strcspn(i->ifa_name, ":");

	return strlen(name) == len && memcmp(i->ifa_name, name, len) == 0;
}

/* The running system's interface with address @local: @interface, or any if that is "". */
static void find_interface(const struct ifaddrs *all, const struct address *local, char *interface, unsigned int *prefix)
{
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		struct address a = from_sockaddr(i->ifa_addr, NULL);

		if (a.family != local->family || memcmp(a.bytes, local->bytes, sizeof(a.bytes)) != 0 || (*interface && !is_of_interface(i, interface)))
			continue;
		snprintf(interface, IFNAMSIZ, "%.*s", (int)strcspn(i->ifa_name, ":"), i->ifa_name);
		from_sockaddr(i->ifa_netmask, prefix);
		return;
	}
}

static bool is_link_local(const struct address *a)
{
	return a->family == AF_INET6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/* Of @interface's addresses that @portal may be reached from, the one in whose network @next is (the portal, or the gateway to it), else the first. */
static void find_address(const struct ifaddrs *all, const char *interface, const struct address *portal, const struct address *next,
			 struct address *address, unsigned int *prefix)
{
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		unsigned int bits = 0;
		struct address a = from_sockaddr(i->ifa_addr, NULL);

		if (a.family == AF_UNSPEC || a.family != portal->family || is_link_local(&a) != is_link_local(portal) || !is_of_interface(i, interface))
			continue;
		from_sockaddr(i->ifa_netmask, &bits);
		if (address->family != AF_UNSPEC && !is_within(next, &a, bits))
			continue;
		*address = a;
		*prefix = bits;
		if (is_within(next, &a, bits))
			return;
	}
}

bool net_is_address(const char *text)
{
	return parse_address(text).family != AF_UNSPEC;
}

void net_find_place(const struct host *host, const char *portal_ip, const char *local_ip, const char *netdev,
		    struct path_place *place)
{
	struct address portal = parse_address(portal_ip), local = parse_address(local_ip);
	struct search to_portal = { .to = portal }, to_self = { .to = local, .only_direct = true };
	char interface[IFNAMSIZ] = "", text[INET6_ADDRSTRLEN];
	struct ifaddrs *all = NULL;
	unsigned int prefix = 0;
	bool has_gateway;

	/* Drivers without an interface of their own show "<NULL>" or "default". */
	if (*netdev && host_has(host, "sys/class/net/%s", netdev))
		snprintf(interface, sizeof(interface), "%s", netdev);
	if (is_zero(&local))
		local.family = AF_UNSPEC;
	place->is_guessed = local.family == AF_UNSPEC;

	if (host->is_live && getifaddrs(&all) != 0)
		all = NULL;
	if (!place->is_guessed)
		find_interface(all, &local, interface, &prefix);
	to_portal.interface = *interface ? interface : NULL;
	if (find_route(host, &to_portal) && !*interface)
		snprintf(interface, sizeof(interface), "%s", to_portal.best.interface);
	has_gateway = to_portal.found && !is_zero(&to_portal.best.gateway);
	/* iscsi_tcp shows no address while the portal is down, and NVMe/TCP none before 6.1. */
	if (place->is_guessed)
		find_address(all, interface, &portal, has_gateway ? &to_portal.best.gateway : &portal, &local, &prefix);
	if (all)
		freeifaddrs(all);
	if (!prefix && local.family != AF_UNSPEC) {
		to_self.interface = *interface ? interface : NULL;
		if (find_route(host, &to_self))
			prefix = to_self.best.prefix;
	}

	snprintf(place->interface, sizeof(place->interface), "%s", interface);
	if (*interface)
		host_attr(host, place->mac, sizeof(place->mac), "sys/class/net/%s/address", interface);
	print_address(&local, text, sizeof(text));
	if (*text && prefix)
		snprintf(place->address, sizeof(place->address), "%s/%u", text, prefix);
	if (has_gateway)
		print_address(&to_portal.best.gateway, place->gateway, sizeof(place->gateway));
}

/* Links lower_NAME lead to what a bond, vlan or bridge is made of. */
struct lower_list {
	char (*names)[IFNAMSIZ];
	size_t *n;
};

static int add_lower(const char *entry, void *arg)
{
	struct lower_list *list = arg;
	const char *name = str_after(entry, "lower_");

	if (name && *list->n < STACKED_MAX)
		snprintf(list->names[(*list->n)++], IFNAMSIZ, "%s", name);
	return 0;
}

static int add_type_module(const struct host *host, const char *name, struct names *modules)
{
	static const struct {
		const char *type, *module;
	} types[] = { { "bond", "bonding" }, { "vlan", "8021q" }, { "bridge", "bridge" } };
	_auto_free_ char *text = NULL;
	char file[64];
	int r = 0;

	snprintf(file, sizeof(file), "sys/class/net/%s/uevent", name);
	if (host_read_file(host, file, &text, NULL) != 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(types) && !r; i++) {
		char line[32];

		snprintf(line, sizeof(line), "DEVTYPE=%s\n", types[i].type);
		if (strstr(text, line))
			r = names_add(modules, types[i].module);
	}
	return r;
}

int net_add_modules(const struct host *host, const char *name, struct names *modules)
{
	char names[STACKED_MAX][IFNAMSIZ];
	size_t n = 1;
	struct lower_list list = { names, &n };

	if (strlen(name) >= IFNAMSIZ || strchr(name, '/'))
		return 0;
	strcpy(names[0], name);
	for (size_t i = 0; i < n; i++) {
		char link[64], dir[512];
		int r = add_type_module(host, names[i], modules);

		if (r)
			return r;
		snprintf(link, sizeof(link), "sys/class/net/%s", names[i]);
		sys_each(host->fd, link, add_lower, &list);
		if (host_device_dir(host, link, dir, sizeof(dir)) == 0) {
			r = modules_add_drivers(host, dir, modules);
			if (r)
				return r;
		}
	}
	return 0;
}
