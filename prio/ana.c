/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ana: the asymmetric access state of the namespace's group, from the controller that this path leads to. */
#include "../src/nvme.h"
#include "../src/prio.h"

#define MAX_READS 64	/* of the log, a page each: more groups than any controller may have (ANAGRPMAX) in practice */

static int state_prio(unsigned int state)
{
	switch (state) {
	case NVME_ANA_OPTIMIZED:
		return 50;
	case NVME_ANA_NON_OPTIMIZED:
		return 10;
	case NVME_ANA_INACCESSIBLE:
	case NVME_ANA_CHANGE:
		return 1;
	case NVME_ANA_PERSISTENT_LOSS:
		return 0;
	}
	return -EBADMSG;
}

/* The log may be longer than our page: go on where the last read broke off. */
static int group_state(const struct probe_args *args, uint32_t group, unsigned int *state)
{
	uint64_t offset = 0;
	unsigned int groups = 0;

	for (int i = 0; i < MAX_READS; i++) {
		size_t skip = i == 0 ? NVME_ANA_LOG_HEADER : 0, next;
		int r = nvme_ana_log(args->dev_fd, offset, args->page, PROBE_PAGE_SIZE, args->timeout_ms);

		if (r < 0)
			return r;
		if (i == 0)
			groups = (unsigned int)nvme_ana_log_groups(args->page, PROBE_PAGE_SIZE);
		*state = 0;
		next = nvme_ana_find_group(args->page + skip, PROBE_PAGE_SIZE - skip, group, &groups, state);
		if (groups == 0)
			return *state ? 0 : -ENOENT;
		offset += skip + next;
	}
	return -EMSGSIZE;
}

static int ana_get(const struct probe_args *args, int *prio)
{
	unsigned int state;
	uint32_t nsid, group;
	int r = nvme_namespace_id(args->dev_fd, &nsid);

	if (r == 0)
		r = nvme_identify_controller(args->dev_fd, args->page, args->timeout_ms);
	if (r < 0)
		return r;
	if (!nvme_controller_has_ana(args->page, NVME_IDENTIFY_SIZE))
		return -EOPNOTSUPP;
	r = nvme_identify_namespace(args->dev_fd, nsid, args->page, args->timeout_ms);
	if (r < 0)
		return r;
	group = nvme_namespace_ana_group(args->page, NVME_IDENTIFY_SIZE);
	r = group ? group_state(args, group, &state) : -ENOENT;
	if (r < 0)
		return r;
	*prio = state_prio(state);
	return *prio < 0 ? *prio : 0;
}

const struct prio_ops prio_ana = {
	.abi = PRIO_ABI,
	.name = "ana",
	.sends = "Identify Controller, Identify Namespace, Get Log Page 0Ch",
	.get = ana_get,
};
