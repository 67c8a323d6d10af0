/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain: one reason for each disk. For people who sit before a machine that does not boot, or that has booted with fewer paths than it should.
 */
#include <getopt.h>
#include <stdio.h>

#include "choice.h"
#include "cmdline.h"
#include "command.h"
#include "discover.h"
#include "explain-facts.h"
#include "json.h"
#include "log.h"
#include "state.h"

#define COPY_FILE "/run/" STATE_DIR "/snapshot"	/* what the guard of this boot went by */

struct job {
	struct explain_scene scene;
	bool is_json;
	size_t n;	/* explained so far */
	bool all_are_paths;
};

static void print_json(const struct job *job, const struct explain_facts *f, const struct explanation *e)
{
	printf("%s{", job->n ? ",\n " : "");
	json_put_member("name", f->name, ", ", stdout);
	json_put_member("reason", explain_names[e->reason], ", ", stdout);
	printf("\"is_path\": %s, ", e->is_path ? "true" : "false");
	if (f->is_ours) {
		json_put_member("map", f->snap->maps[f->path.map].alias, ", ", stdout);
		json_put_member("wwid", f->snap->maps[f->path.map].wwid, ", ", stdout);
	}
	if (e->is_path)
		printf("\"group\": %u, \"groups\": %u, ", f->group, f->n_groups);
	if (e->is_path && f->prio != PRIO_UNDEF)
		printf("\"prio\": %d, ", f->prio);
	json_put_member("text", e->text.s, "}", stdout);
}

static void explain_name(struct job *job, const char *name, const char *asked)
{
	struct explain_facts f;
	struct explanation e;

	explain_read(&job->scene, name, asked, &f);
	explain_decide(&f, &e);
	if (job->is_json)
		print_json(job, &f, &e);
	else
		printf("%s\n", e.text.s);
	job->n++;
	job->all_are_paths = job->all_are_paths && e.is_path;
}

static void explain_nothing(struct job *job, const char *asked)
{
	const struct explain_facts f = { .name = asked };
	struct explanation e;

	explain_decide(&f, &e);
	if (job->is_json)
		print_json(job, &f, &e);
	else
		printf("%s\n", e.text.s);
	job->n++;
	job->all_are_paths = false;
}

struct disks {
	char (*names)[32];
	size_t n;
};

static int add_disk(const char *name, void *arg)
{
	struct disks *d = arg;
	char (*grown)[32];

	if (!discover_name_is_disk(name))
		return 0;
	grown = realloc(d->names, (d->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	d->names = grown;
	strcpy(grown[d->n++], name);
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	size_t n = strlen(a), m = strlen(b);

	return n != m ? (n < m ? -1 : 1) : strcmp(a, b);	/* sdz before sdaa */
}

/* All disks, or all that are paths of @map. */
static void explain_disks(struct job *job, const struct snap_map *map)
{
	struct disks d = { .n = 0 };
	struct path p;

	sys_each(job->scene.root->sys_fd, "block", add_disk, &d);
	if (d.n)
		qsort(d.names, d.n, sizeof(*d.names), compare_names);
	for (size_t i = 0; i < d.n; i++)
		if (!map || (discover_disk(job->scene.root, job->scene.snap, d.names[i], &p) == 1 && &job->scene.snap->maps[p.map] == map))
			explain_name(job, d.names[i], d.names[i]);
	free(d.names);
}

static void explain_map(struct job *job, const struct snap_map *map)
{
	size_t before = job->n;

	if (!job->is_json)
		printf("%s (%s) is a map of the snapshot, with %zu paths expected\n", map->alias, map->wwid, map->n_paths);
	explain_disks(job, map);
	if (job->n == before) {
		job->all_are_paths = false;
		if (!job->is_json)
			printf("no disk that the kernel has is a path of it\n");
	}
}

static void explain(struct job *job, const char *asked)
{
	const struct snap_map *map = explain_find_map(&job->scene, asked);
	char name[64];

	if (map)
		explain_map(job, map);
	else if (explain_find_name(job->scene.root, asked, name, sizeof(name)) == 0)
		explain_name(job, name, asked);
	else
		explain_nothing(job, asked);
}

/* The image's snapshot; in the running system the copy of the one that it booted with; what the kernel command line names. */
static void load_snapshot(const char *file, const char *sysroot, const struct cmdline *cmdline, struct choice *out)
{
	char path[4096];

	if (file) {
		choice_load(NULL, file, out);
	} else if (*sysroot) {
		snprintf(path, sizeof(path), "%s" SNAPSHOT_FILE, sysroot);
		choice_load(NULL, path, out);
	} else if (choice_load_image(out) < 0) {
		struct choice copy;

		if (choice_load(NULL, COPY_FILE, &copy) == 0)
			*out = copy;
	}
	if (!*sysroot && cmdline->wwids[0])
		snapshot_add_wwids(&out->snap, cmdline->wwids);
}

int command_explain(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "snapshot", required_argument, NULL, 's' },
		{ "sysroot", required_argument, NULL, 'r' },
		{ 0 },
	};
	static struct dm dm;
	struct job job = { .all_are_paths = true };
	const char *file = NULL, *sysroot = "";
	struct cmdline cmdline;
	struct choice choice;
	struct sysroot root;
	struct conf *state = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (c) {
		case 'j':
			job.is_json = true;
			break;
		case 's':
			file = optarg;
			break;
		case 'r':
			sysroot = optarg;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (sysroot_open(&root, sysroot) < 0) {
		log_error("unable to open %s/sys/block", sysroot);
		return EXIT_SYSTEM;
	}
	cmdline_read(root.proc_fd, &cmdline);
	load_snapshot(file, sysroot, &cmdline, &choice);
	job.scene = (struct explain_scene) {
		.root = &root,
		.snap = choice.snap,
		.snapshot_problem = choice.problem,
		.is_off = cmdline.off,
	};
	if (!*sysroot) {
		job.scene.guard_runs = state_guard_pid() > 0;
		if (state_load(&state) == 0)
			job.scene.state = state;
		if (dm_open(&dm, &root) == 0)
			job.scene.dm = &dm;
	}
	if (job.is_json)
		printf("[");
	for (int i = optind; i < argc; i++)
		explain(&job, argv[i]);
	if (optind == argc) {
		explain_disks(&job, NULL);
		job.all_are_paths = true;	/* nobody asked whether they are */
	}
	if (job.is_json)
		printf("]\n");
	return job.all_are_paths ? EXIT_DONE : EXIT_NO;
}
