/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void touch(void *arg, unsigned int line, const char *problem)
{
	*(size_t *)arg += line + strlen(problem);
}

/* Every pointer of the tree is followed; each node is in it once at most, so the walk ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	for (int strict = 0; strict < 2; strict++) {
		struct conf *c;
		size_t sum = 0;

		if (conf_parse((const char *)data, len, strict, touch, &sum, &c) != 0)
			continue;
		for (size_t i = 0; i < c->n_nodes; i++) {
			const struct conf_node *n = &c->nodes[i];

			sum += strlen(n->key) + (n->value ? strlen(n->value) : 0) + (n->comment ? strlen(n->comment) : 0);
			if ((n->value && n->is_section) || (n->child && !n->is_section) || (n->next && n->next <= n) ||
			    (n->child && n->child <= n) || (strict && !n->value && !n->is_section))
				abort();
		}
		if (sum > 100 * (len + 1) * (len + 1))
			abort();
		conf_free(c);
	}
	return 0;
}
