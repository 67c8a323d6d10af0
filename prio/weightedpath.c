/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * weightedpath: the administrator gives the numbers, to paths whose address or name matches a regular expression. What it looks at never
 * changes for a path, so the answer is found once, and kept.
 */
#include <stdio.h>

#include "../src/pattern.h"
#include "../src/prio.h"
#include "../src/prio-args.h"
#include "../src/sysroot.h"

#define UNKNOWN "[undef]"	/* as in "multipathd show paths" */
#define NAME_SIZE 224

/* The component of @syspath that starts with @prefix and a digit, e.g. "host2". */
static void component(const char *syspath, const char *prefix, char *out, size_t size)
{
	out[0] = '\0';
	for (const char *p = syspath; (p = strchr(p, '/')); p++) {
		const char *rest = str_after(p + 1, prefix);

		if (rest && *rest >= '0' && *rest <= '9')
			snprintf(out, size, "%.*s", (int)strcspn(p + 1, "/"), p + 1);
	}
}

/* An attribute of the FC host, whose directory is three levels above the SCSI device's: remote port, target, device. */
static void read_host(const struct probe_args *args, const char *host, const char *attr, char *out)
{
	char file[128];

	snprintf(file, sizeof(file), "device/../../../fc_host/%s/%s", host, attr);
	if (!*host || sys_read_str(args->sys_fd, file, out, NAME_SIZE) <= 0)
		strcpy(out, UNKNOWN);
}

/* host_wwnn:host_wwpn:target_wwnn:target_wwpn */
static void put_wwn(const struct probe_args *args, char *out, size_t size)
{
	char host[32], node[NAME_SIZE], port[NAME_SIZE];
	const struct path *p = args->path;
	bool is_fc = strstr(p->syspath, "/rport-");

	component(p->syspath, "host", host, sizeof(host));
	read_host(args, host, "node_name", node);
	read_host(args, host, "port_name", port);
	snprintf(out, size, "%s:%s:%s:%s", node, port, p->node_name[0] ? p->node_name : UNKNOWN, is_fc && p->target[0] ? p->target : UNKNOWN);
}

/* What is matched, into args->page; false if there is no such kind. */
static bool put_subject(const struct probe_args *args, const char *kind, size_t len)
{
	const struct path *p = args->path;
	char *out = (char *)args->page;

	if (len == 4 && !memcmp(kind, "hbtl", 4))
		snprintf(out, PROBE_PAGE_SIZE, "%s", p->hctl);
	else if (len == 7 && !memcmp(kind, "devname", 7))
		snprintf(out, PROBE_PAGE_SIZE, "%s", p->name);
	else if (len == 6 && !memcmp(kind, "serial", 6))
		snprintf(out, PROBE_PAGE_SIZE, "%s", p->serial);
	else if (len == 3 && !memcmp(kind, "wwn", 3))
		put_wwn(args, out, PROBE_PAGE_SIZE);
	else
		return false;
	return true;
}

static bool matches(const char *pattern, size_t len, const char *subject)
{
	char text[256];

	if (len >= sizeof(text))
		return false;
	memcpy(text, pattern, len);
	text[len] = '\0';
	return pattern_matches(text, subject);
}

/* The number of the first expression that matches, 0 if none does. */
static int find_weight(const struct probe_args *args)
{
	const char *s = args->options, *word, *number;
	size_t len, digits;

	word = prio_args_word(&s, &len);
	if (!word || !put_subject(args, word, len))
		return 0;
	while ((word = prio_args_word(&s, &len)) && (number = prio_args_word(&s, &digits))) {
		int64_t weight = prio_args_thousandths(number, digits);

		if (matches(word, len, (const char *)args->page))
			return weight < 0 ? 0 : (int)(weight / 1000);
	}
	return 0;
}

static int weightedpath_get(const struct probe_args *args, int *prio)
{
	uintptr_t kept = (uintptr_t)*args->ctx;

	if (!kept) {
		kept = (uintptr_t)find_weight(args) + 1;
		*args->ctx = (void *)kept;	/* a number, no memory: there is nothing to release */
	}
	*prio = (int)(kept - 1);
	return 0;
}

const struct prio_ops prio_weightedpath = {
	.abi = PRIO_ABI,
	.name = "weightedpath",
	.sends = "nothing; looks at the path's address and names",
	.args = "hbtl|devname|serial|wwn REGEX PRIO [REGEX PRIO]...",
	.get = weightedpath_get,
};
