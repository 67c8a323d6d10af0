/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alua.h"

#include "util.h"

int alua_prio(unsigned int state, bool preferred, const char *options)
{
	int prio = 0;

	switch (state) {
	case ALUA_OPTIMIZED:
		prio = 50;
		break;
	case ALUA_NON_OPTIMIZED:
		prio = 10;
		break;
	case ALUA_LBA_DEPENDENT:
		prio = 5;
		break;
	case ALUA_STANDBY:
		prio = 1;
		break;
	}
	if (preferred && (state != ALUA_OPTIMIZED || strstr(options, "exclusive_pref_bit")))
		prio += 80;
	return prio;
}

unsigned int alua_state_from_name(const char *name)
{
	static const struct {
		const char *name;
		unsigned int state;
	} states[] = {
		{ "active/optimized", ALUA_OPTIMIZED },
		{ "active/non-optimized", ALUA_NON_OPTIMIZED },
		{ "lba-dependent", ALUA_LBA_DEPENDENT },
		{ "standby", ALUA_STANDBY },
		{ "unavailable", ALUA_UNAVAILABLE },
		{ "transitioning", ALUA_TRANSITIONING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (streq(states[i].name, name))
			return states[i].state;
	return ALUA_OFFLINE;
}

int alua_find_group(const uint8_t *data, size_t len, unsigned int group, unsigned int *state, bool *preferred)
{
	size_t end, at;
	bool is_cut;

	if (len < 4)
		return -EBADMSG;
	end = ((size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3]) + 4;
	is_cut = end > len;
	if (is_cut)
		end = len;
	/* The extended format (format type 1) has four more header bytes; we ask for the plain one. */
	for (at = 4; at + 8 <= end; at += 8 + 4 * (size_t)data[at + 7]) {
		const uint8_t *d = data + at;

		if (((unsigned int)d[2] << 8 | d[3]) != group)
			continue;
		*state = d[0] & 0xf;
		*preferred = d[0] & 0x80;
		return 0;
	}
	return is_cut ? -EMSGSIZE : at == end ? -ENOENT : -EBADMSG;
}
