/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "modules.h"

#include <stdio.h>

int names_add(struct names *names, const char *name)
{
	char (*grown)[64];
	size_t at = 0;

	while (at < names->n && strcmp(names->v[at], name) < 0)
		at++;
	if (!*name || (at < names->n && streq(names->v[at], name)))
		return 0;
	grown = realloc(names->v, (names->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	names->v = grown;
	memmove(grown + at + 1, grown + at, (names->n - at) * sizeof(*grown));
	snprintf(grown[at], sizeof(*grown), "%s", name);
	names->n++;
	return 0;
}

/* The link driver/module; without it the driver is built in. */
int modules_add_drivers(const struct host *host, const char *dir, struct names *modules)
{
	char at[1024], module[64];
	char *slash;
	int r = 0;

	if ((size_t)snprintf(at, sizeof(at), "%s", dir) >= sizeof(at))
		return 0;
	while (!r && str_after(at, "sys/devices/")) {
		if (host_link_name(host, module, sizeof(module), "%s/driver/module", at) == 0)
			r = names_add(modules, module);
		slash = strrchr(at, '/');
		*slash = '\0';
	}
	return r;
}

int modules_add_map(const char *selector, const char *hwhandler, struct names *modules)
{
	char name[64], handler[32] = "";
	int r = names_add(modules, "dm-multipath");

	snprintf(name, sizeof(name), "dm-%.*s", (int)strcspn(selector, " "), selector);
	if (!r)
		r = names_add(modules, name);
	if (!r && sscanf(hwhandler, "%*u %31s", handler) == 1) {
		snprintf(name, sizeof(name), "scsi_dh_%s", handler);
		r = names_add(modules, name);
	}
	return r;
}

int modules_add_any(const struct conf *conf, struct names *modules)
{
	static const char *const handlers[] = { "1 alua", "1 emc", "1 hp_sw", "1 rdac" };
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(handlers); i++)
		r = modules_add_map("service-time 0", handlers[i], modules);
	for (size_t i = 0; !r && i < conf->n_nodes; i++)
		if (streq(conf->nodes[i].key, "path_selector") && conf->nodes[i].value)
			r = modules_add_map(conf->nodes[i].value, "0", modules);
	return r;
}
