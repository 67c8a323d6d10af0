/* SPDX-License-Identifier: GPL-2.0-or-later */
/* iet: iSCSI paths to one portal address are preferred. */
#include "../src/prio.h"
#include "../src/prio-args.h"

static bool is_dotted_quad(const char *text, size_t len)
{
	size_t at = 0;

	for (int part = 0; part < 4; part++) {
		size_t digits = 0;

		while (at < len && text[at] >= '0' && text[at] <= '9') {
			at++;
			digits++;
		}
		if (digits < 1 || digits > 3 || (part < 3 && (at == len || text[at++] != '.')))
			return false;
	}
	return at == len;
}

static int iet_get(const struct probe_args *args, int *prio)
{
	const char *portal = args->path->portal;
	size_t len;
	const char *ip = prio_args_value(args->options, "preferredip", &len);

	if (!ip || !is_dotted_quad(ip, len)) {
		*prio = 0;
		return 0;
	}
	if (!*portal)
		return -ENOENT;	/* not iSCSI */
	*prio = strncmp(portal, ip, len) == 0 && portal[len] == ':' ? 20 : 10;
	return 0;
}

const struct prio_ops prio_iet = {
	.abi = PRIO_ABI,
	.name = "iet",
	.sends = "nothing; looks at the address of the iSCSI portal",
	.args = "preferredip=A.B.C.D",
	.get = iet_get,
};
