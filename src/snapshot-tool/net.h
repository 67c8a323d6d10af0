/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Through which interface, with which address and gateway, an iSCSI portal is reached.
 */
#ifndef MPATH_NET_H
#define MPATH_NET_H

#include "facts.h"

/*
 * Fill @place's interface, interface_mac, address and gateway for its portal at @portal_ip. @local_ip is the session's own address and
 * @netdev the interface it is bound to; "" where unknown. What cannot be found stays "". Without @local_ip the routes tell, and is_guessed is set.
 */
void net_find_place(const struct host *host, const char *portal_ip, const char *local_ip, const char *netdev,
		    struct path_place *place);

/* Is it an IP address, and not a name? */
bool net_is_address(const char *text);

/* Add the drivers of interface @name, and of those it is made of (bond, vlan, bridge). 0 or -ENOMEM. */
int net_add_modules(const struct host *host, const char *name, struct names *modules);

#endif
