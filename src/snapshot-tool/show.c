/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <fcntl.h>
#include <stdio.h>

#include "../conf.h"
#include "../log.h"
#include "../nvme.h"
#include "../snapshot.h"
#include "facts.h"

#define ORIGIN_COLUMN 64

/* The tree of a snapshot that mpath-boot would take. Exit code. */
static int load(const char *file, struct conf **out)
{
	const struct host here = { .fd = AT_FDCWD };
	_auto_free_ char *text = NULL;
	struct snapshot_error err;
	struct snapshot *s;
	size_t len;
	int r = host_read_file(&here, file, &text, &len);

	if (r) {
		log_error("unable to read %s: %s", file, strerror(-r));
		return r == -ENOENT ? EXIT_USAGE : EXIT_SYSTEM;
	}
	r = snapshot_parse(text, len, &s, &err);
	if (r) {
		log_error("%s line %u: %s", file, err.line, err.text);
		return EXIT_USAGE;
	}
	snapshot_free(s);
	return conf_parse(text, len, true, NULL, NULL, out) == 0 ? EXIT_DONE : EXIT_SYSTEM;
}

static void print_value(const char *value)
{
	for (; *value; value++)
		printf(*value == '"' ? "\"\"" : "%c", *value);
}

static void print_node(const struct conf_node *n, int depth)
{
	int width = printf("%*s%s", 4 * depth, "", n->key);

	if (n->is_section) {
		printf(" {\n");
		return;
	}
	printf(" \"");
	print_value(n->value);
	printf("\"");
	width += 3 + (int)strlen(n->value);
	if (n->comment)
		printf("%*s (%s)", width < ORIGIN_COLUMN ? ORIGIN_COLUMN - width : 0, "", n->comment);
	printf("\n");
}

/* Sections are as deep as the parser lets them be. */
int show_snapshot(const char *file)
{
	const struct conf_node *stack[CONF_DEPTH_MAX], *n;
	struct conf *conf;
	int depth = 0, code = load(file, &conf);

	if (code)
		return code;
	for (n = conf->first; n || depth; ) {
		if (!n) {
			n = stack[--depth]->next;
			printf("%*s}\n", 4 * depth, "");
			continue;
		}
		print_node(n, depth);
		if (n->is_section) {
			stack[depth++] = n;
			n = n->child;
		} else {
			n = n->next;
		}
	}
	conf_free(conf);
	return EXIT_DONE;
}

static bool is_with_modules(const struct conf_node *section)
{
	return streq(section->key, "map") || streq(section->key, "generic");
}

int show_modules(const char *file)
{
	struct names modules = { .n = 0 };
	struct conf *conf;
	int code = load(file, &conf);

	if (code)
		return code;
	for (const struct conf_node *map = conf->first; map; map = map->next)
		for (const struct conf_node *n = is_with_modules(map) ? conf_find(map->child, "module") : NULL; n; n = conf_find(n->next, "module"))
			if (n->value && names_add(&modules, n->value) != 0)
				code = EXIT_SYSTEM;
	for (size_t i = 0; i < modules.n; i++)
		printf("%s\n", modules.v[i]);
	free(modules.v);
	conf_free(conf);
	return code;
}

/* A shell must be able to split the line. */
static const char *word(const struct conf_node *path, const char *key)
{
	const struct conf_node *n = conf_find(path->child, key);

	return n && n->value && *n->value && !strpbrk(n->value, " \t") ? n->value : "-";
}

static bool is_printed(const struct conf_node *const *done, size_t n, const struct conf_node *path)
{
	for (size_t i = 0; i < n; i++)
		if (streq(word(done[i], "target"), word(path, "target")) && streq(word(done[i], "portal"), word(path, "portal")) &&
		    streq(word(done[i], "interface"), word(path, "interface")))
			return true;
	return false;
}

static void print_interface(FILE *out, const struct conf_node *path)
{
	fprintf(out, " %s %s %s %s", word(path, "interface"), word(path, "interface_mac"), word(path, "interface_address"), word(path, "gateway"));
}

static void print_part(FILE *out, const char *part, size_t len, const char *otherwise)
{
	fprintf(out, " %.*s", len ? (int)len : (int)strlen(otherwise), len ? part : otherwise);
}

/* "10.0.2.2:3260", "[fe80::1]:3260" */
static void print_portal(FILE *out, const struct conf_node *path)
{
	const char *portal = word(path, "portal"), *colon = strrchr(portal, ':');
	size_t len = colon && !strchr(colon, ']') ? (size_t)(colon - portal) : strlen(portal);
	bool is_bracketed = len > 1 && portal[0] == '[' && portal[len - 1] == ']';
	const char *port = portal[len] ? portal + len + 1 : "";

	fprintf(out, "%s", word(path, "target"));
	print_part(out, portal + is_bracketed, len - 2 * is_bracketed, "-");
	print_part(out, port, strlen(port), "3260");
	fprintf(out, " %s", word(path, "portal_group"));
	print_interface(out, path);
	fprintf(out, "\n");
}

/* What binds the connection to a card stands only where there is some: the boot scripts of an older image take the last word for the rest of the line. */
static void print_controller(FILE *out, const struct conf_node *path)
{
	const char *portal = word(path, "portal");
	char ip[64], port[16], host_ip[64], host_interface[32];

	nvme_address_part(portal, "traddr", ip, sizeof(ip));
	nvme_address_part(portal, "trsvcid", port, sizeof(port));
	nvme_address_part(portal, "host_traddr", host_ip, sizeof(host_ip));
	nvme_address_part(portal, "host_iface", host_interface, sizeof(host_interface));
	fprintf(out, "%s %s %s", word(path, "target"), *ip ? ip : "-", *port ? port : "4420");
	print_interface(out, path);
	if (*host_ip || *host_interface)
		fprintf(out, " %s %s", *host_ip ? host_ip : "-", *host_interface ? host_interface : "-");
	fprintf(out, "\n");
}

static bool is_iscsi(const struct conf_node *path)
{
	return streq(word(path, "transport"), "iscsi");
}

/* Over Fibre Channel the host adapter's driver and udev see to the connection. */
static bool is_nvme_tcp(const struct conf_node *path)
{
	return streq(word(path, "driver"), "nvme_tcp");
}

static int show_places(const struct conf *conf, FILE *out, bool (*is_wanted)(const struct conf_node *path),
		       void (*print)(FILE *out, const struct conf_node *path))
{
	_auto_free_ const struct conf_node **done = calloc(conf->n_nodes + 1, sizeof(*done));
	size_t n_done = 0;

	if (!done)
		return -ENOMEM;
	for (const struct conf_node *map = conf_find(conf->first, "map"); map; map = conf_find(map->next, "map")) {
		for (const struct conf_node *path = conf_find(map->child, "path"); path; path = conf_find(path->next, "path")) {
			if (!is_wanted(path) || is_printed(done, n_done, path))
				continue;
			done[n_done++] = path;
			print(out, path);
		}
	}
	return 0;
}

int show_portals(const struct conf *conf, FILE *out)
{
	return show_places(conf, out, is_iscsi, print_portal);
}

int show_controllers(const struct conf *conf, FILE *out)
{
	return show_places(conf, out, is_nvme_tcp, print_controller);
}

static int show_file(const char *file, int (*show)(const struct conf *conf, FILE *out))
{
	struct conf *conf;
	int code = load(file, &conf);

	if (code)
		return code;
	code = show(conf, stdout) == 0 ? EXIT_DONE : EXIT_SYSTEM;
	conf_free(conf);
	return code;
}

int show_iscsi(const char *file)
{
	return show_file(file, show_portals);
}

int show_nvme(const char *file)
{
	return show_file(file, show_controllers);
}
