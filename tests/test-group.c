/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmocka.h.inc"

#include "group.h"

static struct path paths[4];

static void setup_paths(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		memset(&paths[i], 0, sizeof(paths[i]));
		snprintf(paths[i].name, sizeof(paths[i].name), "sd%c", (int)('a' + i));
		snprintf(paths[i].devno, sizeof(paths[i].devno), "8:%zu", 16 * i);
		paths[i].port_group = (int)i / 2;
		snprintf(paths[i].node_name, sizeof(paths[i].node_name), "node%zu", i % 2);
	}
}

static void check_order(const struct grouping *g, const char *want)
{
	char text[128] = "";

	for (unsigned int i = 0; i < g->n_groups; i++) {
		strcat(text, i ? " | " : "");
		for (unsigned int j = 0; j < g->groups[i].n; j++) {
			strcat(text, j ? " " : "");
			strcat(text, paths[g->order[g->groups[i].first + j]].name);
		}
	}
	assert_string_equal(text, want);
}

static void test_policies(void **state)
{
	struct candidate c[4];
	struct grouping g;

	(void)state;
	setup_paths();
	for (size_t i = 0; i < 4; i++)
		c[i] = (struct candidate) { .path = &paths[i], .state = PATH_STATE_UP, .prio = i < 2 ? 10 : 50 };
	group_paths(POLICY_FAILOVER, c, 4, &g);
	check_order(&g, "sdc | sdd | sda | sdb");	/* sorted by priority, stable */
	group_paths(POLICY_MULTIBUS, c, 4, &g);
	check_order(&g, "sda sdb sdc sdd");
	assert_int_equal(g.groups[0].prio, 30);
	group_paths(POLICY_GROUP_BY_PRIO, c, 4, &g);
	check_order(&g, "sdc sdd | sda sdb");
	assert_int_equal(g.best, 1);
	group_paths(POLICY_GROUP_BY_TPG, c, 4, &g);
	check_order(&g, "sdc sdd | sda sdb");
	group_paths(POLICY_GROUP_BY_NODE_NAME, c, 4, &g);
	check_order(&g, "sda sdc | sdb sdd");
	group_paths(POLICY_GROUP_BY_SERIAL, c, 4, &g);
	check_order(&g, "sda sdb sdc sdd");	/* no serials: all the same */
}

static void test_down_paths_do_not_count(void **state)
{
	struct candidate c[3];
	struct grouping g;

	(void)state;
	setup_paths();
	c[0] = (struct candidate) { .path = &paths[0], .state = PATH_STATE_DOWN, .prio = 50 };
	c[1] = (struct candidate) { .path = &paths[1], .state = PATH_STATE_UP, .prio = 10 };
	c[2] = (struct candidate) { .path = &paths[2], .state = PATH_STATE_GHOST, .prio = 1 };
	group_paths(POLICY_FAILOVER, c, 3, &g);
	check_order(&g, "sdb | sdc | sda");
	assert_int_equal(g.groups[2].prio, 0);
	assert_int_equal(g.groups[2].usable, 0);
}

/* multipathd counts no path that the map's checker does not fit, whatever its prioritizer says; I/O may go there all the same. */
static void test_unsuited_paths_are_not_rated(void **state)
{
	struct candidate c[3];
	struct grouping g;

	(void)state;
	setup_paths();
	for (size_t i = 0; i < 3; i++)
		c[i] = (struct candidate) { .path = &paths[i], .state = PATH_STATE_UP, .prio = i ? 50 : 10, .unsuited = true };
	group_paths(POLICY_GROUP_BY_PRIO, c, 3, &g);
	check_order(&g, "sda | sdb sdc");
	assert_int_equal(g.best, 1);
	assert_int_equal(g.groups[1].usable, 2);
	c[2].unsuited = false;
	group_paths(POLICY_GROUP_BY_PRIO, c, 3, &g);
	check_order(&g, "sdb sdc | sda");
	assert_int_equal(g.groups[0].prio, 50);
}

static void test_ties(void **state)
{
	struct candidate c[3];
	struct grouping g;

	(void)state;
	setup_paths();
	/* more usable paths win between equal priorities; undefined priorities are a group of their own */
	c[0] = (struct candidate) { .path = &paths[0], .state = PATH_STATE_UP, .prio = PRIO_UNDEF };
	c[1] = (struct candidate) { .path = &paths[1], .state = PATH_STATE_UP, .prio = 10 };
	c[2] = (struct candidate) { .path = &paths[2], .state = PATH_STATE_UP, .prio = 10 };
	group_paths(POLICY_GROUP_BY_PRIO, c, 3, &g);
	check_order(&g, "sdb sdc | sda");
	for (size_t i = 0; i < 3; i++)
		c[i].state = PATH_STATE_DOWN;
	group_paths(POLICY_FAILOVER, c, 3, &g);
	assert_int_equal(g.best, 1);
	group_paths(POLICY_FAILOVER, c, 0, &g);
	assert_int_equal(g.best, 0);
	assert_int_equal(g.n_groups, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_down_paths_do_not_count),
		cmocka_unit_test(test_unsuited_paths_are_not_rated),
		cmocka_unit_test(test_ties),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
