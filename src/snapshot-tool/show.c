/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <fcntl.h>
#include <stdio.h>

#include "../conf.h"
#include "../log.h"
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

/* "10.0.2.2:3260", "[fe80::1]:3260" */
static void print_portal(FILE *out, const struct conf_node *path)
{
	const char *portal = word(path, "portal"), *colon = strrchr(portal, ':');
	int skip = portal[0] == '[';

	if (colon)
		fprintf(out, "%s %.*s %s", word(path, "target"), (int)(colon - portal) - 2 * skip, portal + skip, colon + 1);
	else
		fprintf(out, "%s %s 3260", word(path, "target"), portal);
	fprintf(out, " %s %s %s %s %s\n", word(path, "portal_group"), word(path, "interface"), word(path, "interface_mac"),
	       word(path, "interface_address"), word(path, "gateway"));
}

int show_portals(const struct conf *conf, FILE *out)
{
	_auto_free_ const struct conf_node **done = calloc(conf->n_nodes + 1, sizeof(*done));
	size_t n_done = 0;

	if (!done)
		return -ENOMEM;
	for (const struct conf_node *map = conf_find(conf->first, "map"); map; map = conf_find(map->next, "map")) {
		for (const struct conf_node *path = conf_find(map->child, "path"); path; path = conf_find(path->next, "path")) {
			if (!streq(word(path, "transport"), "iscsi") || is_printed(done, n_done, path))
				continue;
			done[n_done++] = path;
			print_portal(out, path);
		}
	}
	return 0;
}

int show_iscsi(const char *file)
{
	struct conf *conf;
	int code = load(file, &conf);

	if (code)
		return code;
	code = show_portals(conf, stdout) == 0 ? EXIT_DONE : EXIT_SYSTEM;
	conf_free(conf);
	return code;
}
