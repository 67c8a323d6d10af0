/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "group.h"

#include "util.h"

static bool same_group(enum pg_policy policy, const struct candidate *a, const struct candidate *b)
{
	switch (policy) {
	case POLICY_FAILOVER:
		return false;
	case POLICY_MULTIBUS:
		return true;
	case POLICY_GROUP_BY_SERIAL:
		return streq(a->path->serial, b->path->serial);
	case POLICY_GROUP_BY_PRIO:
		return a->prio == b->prio;
	case POLICY_GROUP_BY_NODE_NAME:
		return streq(a->path->node_name, b->path->node_name);
	case POLICY_GROUP_BY_TPG:
		return a->path->port_group == b->path->port_group;
	}
	return false;
}

static void rate_group(struct group *g, const unsigned int *order, const struct candidate *cand)
{
	long sum = 0;
	int n = 0;

	for (unsigned int i = 0; i < g->n; i++) {
		const struct candidate *c = &cand[order[g->first + i]];

		if (!path_is_usable(c->state))
			continue;
		g->usable++;
		if (c->unsuited)
			continue;
		g->rated++;
		if (c->prio != PRIO_UNDEF) {
			sum += c->prio;
			n++;
		}
	}
	g->prio = n ? (int)(sum / n) : 0;
}

static bool ranks_before(const struct group *a, const struct group *b)
{
	return a->prio != b->prio ? a->prio > b->prio : a->rated > b->rated;
}

static void sort_groups(struct grouping *out)
{
	for (unsigned int i = 1; i < out->n_groups; i++) {
		struct group g = out->groups[i];
		unsigned int at = i;

		for (; at > 0 && ranks_before(&g, &out->groups[at - 1]); at--)
			out->groups[at] = out->groups[at - 1];
		out->groups[at] = g;
	}
}

static unsigned int best_group(const struct grouping *out)
{
	unsigned int best = 0;

	for (unsigned int i = 0; i < out->n_groups; i++)
		if (out->groups[i].usable && (!best || ranks_before(&out->groups[i], &out->groups[best - 1])))
			best = i + 1;
	return best ? best : out->n_groups ? 1 : 0;
}

void group_paths(enum pg_policy policy, const struct candidate *cand, size_t n, struct grouping *out)
{
	bool placed[MAP_PATHS_MAX] = { false };

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < n; i++) {
		struct group *g = &out->groups[out->n_groups];

		if (placed[i])
			continue;
		g->first = out->n_paths;
		for (size_t j = i; j < n; j++) {
			if (placed[j] || (j != i && !same_group(policy, &cand[i], &cand[j])))
				continue;
			placed[j] = true;
			out->order[out->n_paths++] = (unsigned int)j;
			g->n++;
		}
		rate_group(g, out->order, cand);
		out->n_groups++;
	}
	sort_groups(out);
	out->best = best_group(out);
}
