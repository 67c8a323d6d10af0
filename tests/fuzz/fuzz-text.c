/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of the kernel and of multipathd: uevents, dm tables and status lines, the command line, show daemon, show maps. The first byte chooses. */
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "cmdline.h"
#include "handoff.h"
#include "table.h"
#include "uevent.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two pieces of a reply over its socket; it hangs up, or more would come. */
static void multipathd_says(uint8_t how, const char *text, size_t len)
{
	static struct snap_map maps[2] = { { .wwid = "3600" }, { .wwid = "" } };
	static const struct snapshot snap = { .maps = maps, .n_maps = 2 };
	static struct handoff h;
	bool found[2] = { false };
	size_t first = len * (how >> 4) / 16;
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return;
	h = (struct handoff){ .fd = ends[0], .asked = how & 4 ? ASK_MAPS : ASK_DAEMON, .left = UINT64_MAX, .found = found };
	if (send(ends[1], text, first, 0) < 0)
		abort();
	r = handoff_read_reply(&h, &snap);
	if (r == 0 && send(ends[1], text + first, len - first, 0) < 0)
		abort();
	if (how & 8)
		shutdown(ends[1], SHUT_WR);
	if (r == 0)
		r = handoff_read_reply(&h, &snap);
	if (h.len >= sizeof(h.reply) || (r == 1 && h.left) || (r == 0 && how & 8))
		abort();
	close(ends[0]);
	close(ends[1]);
}

static bool has_twins(const struct table *t)
{
	for (unsigned int i = 0; i < t->n_paths; i++)
		for (unsigned int j = 0; j < i; j++)
			if (streq(t->paths[i].devno, t->paths[j].devno))
				return true;
	return false;
}

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
		if (table_parse(text, &table) == 0 && table_diff(&table, &table) && !has_twins(&table))
			abort();
		break;
	case 2:
		if (table_parse_status(text, &table) == 0)
			table_has_active_path(&table);
		break;
	case 3:
		multipathd_says(data[0], text, size - 1);
		cmdline_parse(text, &cmdline);
		handoff_daemon_is_ready(text, 1);
		handoff_has_map(text, "3600");
		break;
	}
	return 0;
}
