/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of the kernel and of multipathd: uevents, dm tables and status lines, the command line, show daemon, show maps. The first byte chooses. */
#include <stdint.h>
#include <string.h>

#include "cmdline.h"
#include "handoff.h"
#include "table.h"
#include "uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[UEVENT_SIZE];
	static struct table table;
	struct cmdline cmdline;
	struct uevent event;

	if (size < 1 || size > sizeof(text) - 1)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] & 3) {
	case 0:
		uevent_parse(text, size - 1, &event);
		break;
	case 1:
		table_parse(text, &table);
		break;
	case 2:
		table_parse_status(text, &table);
		break;
	case 3:
		cmdline_parse(text, &cmdline);
		handoff_daemon_is_ready(text, 1);
		handoff_has_map(text, "3600");
		break;
	}
	return 0;
}
