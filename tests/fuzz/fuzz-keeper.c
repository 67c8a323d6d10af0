/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mpath-keeper reads: the list of portals, /proc/net/netlink. The first byte chooses. */
#include <stdint.h>
#include <string.h>

#include "keeper/portal.h"
#include "keeper/successor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct portal portals[4];
	char text[8192];
	const char *at = text;

	if (size < 1 || size > sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] & 1) {
		size_t n = portals_parse(text, portals, 4);

		for (size_t i = 0; i + 1 < n; i++)
			portal_same_address(portals[i].address, portals[i + 1].address);
	} else {
		while (successor_next(&at))
			;
	}
	return 0;
}
