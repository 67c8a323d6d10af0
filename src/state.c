/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "conf.h"
#include "generic.h"
#include "json.h"
#include "log.h"
#include "timeline-show.h"
#include "trust.h"
#include "waiting.h"

#define FILE_SIZE_MAX (16u << 20)
#define DRIFT_SIZE_MAX (1u << 20)
#define WRITE_SIZE (8u << 10)
#define UDEV_QUIET_S 10

static const char *const phase_names[] = {
	[PHASE_GUARD] = "guard",
	[PHASE_STANDBY] = "standby",
	[PHASE_DONE] = "handed over",
	[PHASE_NATIVE] = "native",
	[PHASE_ASSEMBLED] = "assembled",
};

static const char *const need_names[] = {
	[0] = "",
	[NEED_ROOT] = "/",
	[NEED_USR] = "/usr",
	[NEED_ROOT | NEED_USR] = "/ /usr",
	[NEED_RESUME] = "resume",
	[NEED_RESUME | NEED_ROOT] = "/ resume",
	[NEED_RESUME | NEED_USR] = "/usr resume",
	[NEED_RESUME | NEED_ROOT | NEED_USR] = "/ /usr resume",
	[NEED_GROUP] = "group",
};

/* Write what has come together once it is worth a system call. */
static int flush(struct buf *out, int fd, size_t at_least)
{
	ssize_t n;

	if (out->overflow)
		return -E2BIG;
	if (out->len < at_least)
		return 0;
	n = write(fd, out->s, out->len);
	if (n != (ssize_t)out->len)
		return n < 0 ? -errno : -ENOSPC;
	buf_reset(out);
	return 0;
}

static void put(struct buf *out, const char *key, const char *value)
{
	buf_addf(out, "\t%s ", key);
	buf_add_quoted(out, value);
	buf_add(out, "\n");
}

static void put_in(struct buf *out, const char *key, const char *value)
{
	buf_add(out, "\t");
	put(out, key, value);
}

/* Why a path is left out, or not reinstated: a word for programs, and a note for people. */
static void put_reason(struct buf *out, const struct boot *b, const struct boot_path *p)
{
	const struct boot_map *map = &b->maps[p->facts.map];
	const char *reason = NULL, *note = "";

	if (p->wrong_size) {
		reason = STATE_REASON_SIZE;
		note = "left out: another size than the map's";
	} else if (!p->in_table && p->hung) {
		reason = STATE_REASON_HUNG;
		note = "left out: its commands do not come back";
	} else if (!p->in_table && b->now_ms < p->refused_until_ms) {
		reason = STATE_REASON_REFUSED;
		note = "left out: the kernel refused it";
	} else if (!p->in_table && map->devno[0] && !map->ro && p->facts.ro) {
		reason = STATE_REASON_READ_ONLY;
		note = "left out: it is read-only, the map is not";
	} else if (p->in_table && p->kernel_failed && p->told_passive) {
		reason = STATE_REASON_PASSIVE;
		note = "passive, and the array does not fail over on request";
	} else if (p->in_table && p->kernel_failed && path_is_usable(p->state) && !flap_is_over(&p->flap, b->now_ms)) {
		reason = STATE_REASON_FLAPPING;
		note = "not reinstated yet: it fails soon after each return";
	}
	if (!reason)
		return;
	put_in(out, "reason", reason);
	put_in(out, "note", note);
}

static void put_path(struct buf *out, const struct boot *b, const struct boot_path *p)
{
	const struct path *f = &p->facts;

	buf_add(out, "\tpath {\n");
	put_in(out, "name", f->name);
	put_in(out, "dev", f->devno);
	put_in(out, "hctl", f->hctl);
	put_in(out, "vendor", f->vendor);
	put_in(out, "model", f->model);
	if (f->target[0])
		put_in(out, "target", f->target);
	if (f->portal[0])
		put_in(out, "portal", f->portal);
	put_in(out, "state", p->hung ? "i/o timeout" : path_state_names[p->state]);
	buf_addf(out, "\t\tprio %d\n", p->prio);
	buf_addf(out, "\t\tgroup %u\n", p->in_table ? p->group : 0);
	put_in(out, "dm", !p->in_table ? "none" : p->kernel_failed ? "failed" : "active");
	put_reason(out, b, p);
	if (p->slow) {
		uint64_t since_ms = event_clock_us() / 1000 - (b->now_ms - p->last_probe_ms);

		buf_addf(out, "\t\tno_answer_since %llu.%03llu\n", (unsigned long long)since_ms / 1000, (unsigned long long)since_ms % 1000);
	}
	if (p->failures) {
		buf_addf(out, "\t\tfailures %u\n\t\tlast_failure %llu.%03llu\n", p->failures, (unsigned long long)p->failed_us / 1000000,
			 (unsigned long long)p->failed_us / 1000 % 1000);
		put_in(out, "failure_reason", p->why);
	}
	buf_add(out, "\t}\n");
}

static bool is_there(const struct boot *b, size_t m, const struct snap_path *want)
{
	for_each_path_of(p, &b->maps[m]) {
		const struct path *f = &p->facts;

		if (p->in_table && streq(f->target, want->target) && streq(f->portal, want->portal) && f->lun == want->lun)
			return true;
	}
	return false;
}

static int put_missing(struct buf *out, int fd, const struct boot *b, size_t m)
{
	const struct snap_map *snap = b->maps[m].snap;
	int r = 0;

	for (size_t i = 0; r == 0 && i < snap->n_paths && !b->maps[m].complete; i++) {
		const struct snap_path *p = &snap->paths[i];
		char text[600];

		if (!*p->target || is_there(b, m, p))
			continue;
		snprintf(text, sizeof(text), "%s %s%s%s lun %llu", p->transport, p->target, *p->portal ? " at " : "", p->portal,
			 (unsigned long long)p->lun);
		put(out, "missing", text);
		r = flush(out, fd, WRITE_SIZE);
	}
	return r;
}

static int put_map(struct buf *out, int fd, const struct boot *b, size_t m)
{
	const struct boot_map *map = &b->maps[m];
	int r;

	buf_add(out, "map {\n");
	put(out, "name", map->name);
	put(out, "wwid", map->snap->wwid);
	put(out, "dev", map->devno);
	buf_addf(out, "\tsize %llu\n", (unsigned long long)map->size);
	put(out, "needed_for", need_names[map->snap->needed_for & NEED_GROUP ? NEED_GROUP : map->snap->needed_for & (NEED_ROOT | NEED_USR | NEED_RESUME)]);
	/* What the rules of a generic snapshot wanted may be anybody's: it is waited for until it is settled which of them come to be. */
	buf_addf(out, "\trequired %d\n", map->snap->by_rules ? map->ready :
		 !map->is_native && (map->snap->needed_for == 0 || (map->snap->needed_for & (NEED_ROOT | NEED_USR)) != 0));
	buf_addf(out, "\tready %d\n", map->ready);
	buf_addf(out, "\texpected_paths %zu\n", map->snap->n_paths);
	put(out, "features", map->have.features);
	buf_addf(out, "\tqueueing %d\n", map->have.queueing);
	if (map->retry.gave_up)
		buf_add(out, "\tgave_up 1\n");
	put(out, "hwhandler", map->have.hwhandler);
	put(out, "selector", map->have.selector);
	put(out, "table", map->have_text);
	buf_addf(out, "\tms_first_usable %llu\n\tms_live %llu\n\tms_ready %llu\n",
		 (unsigned long long)(map->first_usable_ms ? map->first_usable_ms - b->start_ms : 0),
		 (unsigned long long)(map->live_ms ? map->live_ms - b->start_ms : 0),
		 (unsigned long long)(map->ready_ms ? map->ready_ms - b->start_ms : 0));
	r = flush(out, fd, WRITE_SIZE);
	for (size_t i = 0; r == 0 && i < map->n_parts; i++) {
		buf_add(out, "\tpartition {\n");
		put_in(out, "name", map->parts[i].name);
		put_in(out, "dev", map->parts[i].devno);
		buf_addf(out, "\t\tnumber %u\n\t}\n", map->parts[i].facts.number);
		r = flush(out, fd, WRITE_SIZE);
	}
	for_each_path_of(p, map) {
		put_path(out, b, p);
		if (r == 0)
			r = flush(out, fd, WRITE_SIZE);
	}
	if (r == 0)
		r = put_missing(out, fd, b, m);
	buf_add(out, "}\n");
	return r;
}

int state_write(struct boot *b)
{
	struct buf *out = &b->state;
	_auto_close_ int fd = openat(b->run_dir_fd, "state.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	int r = 0;

	if (fd < 0)
		return -errno;
	buf_reset(out);
	buf_addf(out, "# mpath-boot state; read it with mpath-boot status\nstate {\n\tversion %d\n\tmpath_boot \"%s\"\n\tpid %d\n", STATE_VERSION,
		 MPATH_VERSION, (int)getpid());
	put(out, "phase", phase_names[b->phase]);
	put(out, "snapshot", b->snapshot_problem[0] ? b->snapshot_problem : "ok");
	put(out, "snapshot_file", b->snapshot_file);
	put(out, "appended", b->appended_problem[0] ? b->appended_problem : "ok");
	if (b->generic)
		buf_addf(out, "\tgeneric 1\n\tsettled %d\n", generic_is_settled(b));
	buf_add(out, "}\n");
	for (size_t m = 0; r == 0 && m < b->n_maps; m++)
		r = put_map(out, fd, b, m);
	if (r == 0)
		r = flush(out, fd, 0);
	if (r < 0)
		return r;
	return renameat(b->run_dir_fd, "state.new", b->run_dir_fd, "state") < 0 ? -errno : 0;
}

int state_guard_pid(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_auto_close_ int fd = open(PID_FILE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fcntl(fd, F_GETLK, &lock) < 0)
		return -errno;
	return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

int state_parse(const char *text, size_t len, struct conf **out)
{
	const struct conf_node *head, *version;
	struct conf *conf;
	int r = conf_parse(text, len, true, NULL, NULL, &conf);

	if (r < 0)
		return r;
	head = conf_find(conf->first, "state");
	version = head ? conf_find(head->child, "version") : NULL;
	if (!version || !version->value || version->value[0] < '1' || version->value[0] > '9')
		r = -EBADMSG;
	else if (strtoul(version->value, NULL, 10) > STATE_VERSION)
		r = -EPROTONOSUPPORT;
	if (r < 0)
		conf_free(conf);
	else
		*out = conf;
	return r;
}

int state_load_from(const char *file, struct conf **out)
{
	_auto_free_ char *text = NULL;
	size_t len;
	int r = trust_read(file, FILE_SIZE_MAX, &text, &len);

	return r < 0 ? r : state_parse(text, len, out);
}

int state_load(struct conf **out)
{
	return state_load_from(STATE_FILE, out);
}

static const char *get(const struct conf_node *section, const char *key)
{
	const struct conf_node *n = conf_find(section->child, key);

	return n && n->value ? n->value : "";
}

static uint64_t get_u64(const struct conf_node *section, const char *key)
{
	return strtoull(get(section, key), NULL, 10);
}

#define for_each_section(n, first, name) \
	for (const struct conf_node *n = conf_find(first, name); n; n = conf_find(n->next, name))

const char *state_problem(int r)
{
	return r == -EPERM ? "it or its folder does not belong to root, or others can write to it" :
	       r == -EPROTONOSUPPORT ? "it is of a newer mpath-boot" : r == -EBADMSG ? "it is damaged" : strerror(-r);
}

/* What a path has behind it, to the end of its line. */
static void print_past(const struct conf_node *p)
{
	unsigned int s = waiting_no_answer_s(p, event_clock_us());

	if (s && state_guard_pid() > 0)
		printf(", no answer for %u s", s);
	if (*get(p, "failures"))
		printf(", failed %s times, last at %s s%s%s", get(p, "failures"), get(p, "last_failure"), *get(p, "failure_reason") ? ": " : "",
		       get(p, "failure_reason"));
	printf("\n");
}

static void print_group(const struct conf_node *map, uint64_t group, uint64_t last)
{
	bool first = true;

	for_each_section(p, map->child, "path") {
		if (get_u64(p, "group") != group)
			continue;
		if (first)
			printf("%s policy='%s' prio=%s\n", group == last ? "`-+-" : "|-+-", get(map, "selector"), get(p, "prio"));
		first = false;
		printf("%s %-9s %-6s %-7s %s %s%s%s", group == last ? "  `-" : "| `-", get(p, "hctl"), get(p, "name"), get(p, "dev"),
		       get(p, "dm"), get(p, "state"), *get(p, "portal") ? " " : "", get(p, "portal"));
		print_past(p);
	}
}

/* The lowest group above @group; there is one. */
static uint64_t next_group(const struct conf_node *map, uint64_t group)
{
	uint64_t next = UINT64_MAX;

	for_each_section(p, map->child, "path")
		if (get_u64(p, "group") > group && get_u64(p, "group") < next)
			next = get_u64(p, "group");
	return next;
}

static void print_size(uint64_t sectors)
{
	static const char units[] = "KMGTP";
	double size = (double)sectors / 2;
	int unit = 0;

	while (size >= 1024 && units[unit + 1]) {
		size /= 1024;
		unit++;
	}
	printf("%.*f%c", size < 10 ? 1 : 0, size, units[unit]);
}

static void print_map(const struct conf_node *map)
{
	uint64_t last = 0;

	printf("%s (%s) %s", get(map, "name"), get(map, "wwid"), *get(map, "dev") ? get(map, "dev") : "not there yet");
	for_each_section(p, map->child, "path")
		last = get_u64(p, "group") > last ? get_u64(p, "group") : last;
	if (*get(map, "dev")) {
		printf("%s%s\nsize=", *get(map, "needed_for") ? ", for " : "", get(map, "needed_for"));
		print_size(get_u64(map, "size"));
		printf(" features='%s%s' hwhandler='%s'%s\n", get(map, "features"), get_u64(map, "queueing") ? " +queue_if_no_path" : "",
		       get(map, "hwhandler"), get_u64(map, "ready") ? "" : " (not ready)");
	} else {
		printf("\n");
	}
	for (uint64_t g = 0; g < last; ) {
		g = next_group(map, g);
		print_group(map, g, last);
	}
	for_each_section(p, map->child, "path")
		if (get_u64(p, "group") == 0) {
			printf("  not in the map: %s %s %s %s%s%s", get(p, "hctl"), get(p, "name"), get(p, "dev"), get(p, "state"),
			       *get(p, "note") ? ", " : "", get(p, "note"));
			print_past(p);
		}
	for_each_section(n, map->child, "missing")
		printf("  missing: %s\n", n->value ? n->value : "");
	for_each_section(p, map->child, "partition")
		printf("  partition %s: %s %s\n", get(p, "number"), get(p, "name"), *get(p, "dev") ? get(p, "dev") : "not there yet");
}

/* What mpath-snapshot check has found out about the image, on the full system. NULL: nothing. */
static char *read_drift(void)
{
	char *text = NULL;
	size_t len;

	return trust_read(DRIFT_FILE, DRIFT_SIZE_MAX, &text, &len) == 0 ? text : NULL;
}

static void print_drift(void)
{
	_auto_free_ char *text = read_drift();

	for (const char *line = text, *next; line && *line; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n');
		printf("%s%.*s\n", line == text ? "image: " : "  ", (int)len, line);
	}
}

void state_print(const struct conf *conf)
{
	const struct conf_node *head = conf_find(conf->first, "state");
	int pid = state_guard_pid();

	if (pid > 0)
		printf("guard: pid %d, %s\n", pid, head ? get(head, "phase") : "");
	else
		printf("guard: not running (%s)\n", head && streq(get(head, "phase"), "handed over") ? "handed over to multipathd" :
		       head && streq(get(head, "phase"), "assembled") ? "as mpath-boot assemble left it" :
		       head && streq(get(head, "phase"), "native") ? "the kernel's own multipath serves" : "last state");
	if (head && !streq(get(head, "snapshot"), "ok"))
		printf("snapshot: %s\n", get(head, "snapshot"));
	if (head && *get(head, "appended") && !streq(get(head, "appended"), "ok"))
		printf("appended snapshot: not used: %s\n", get(head, "appended"));
	print_drift();
	for_each_section(map, conf->first, "map")
		print_map(map);
}

/* The state's sections as JSON: numbers stay numbers, repeated sections become arrays named in the plural. */
static bool is_numeric(const char *key)
{
	static const char *const keys[] = { "version", "pid", "size", "expected_paths", "prio", "group", "number", "failures", "last_failure",
		"no_answer_since" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (streq(key, keys[i]))
			return true;
	return str_after(key, "ms_");
}

/* JSON knows no "007", no "1." and no "". */
static bool is_number(const char *s)
{
	size_t n;

	s += *s == '-';
	n = strspn(s, "0123456789");
	if (!n || (n > 1 && *s == '0'))
		return false;
	s += n;
	if (*s == '.') {
		n = strspn(++s, "0123456789");
		s += n;
	}
	return n && !*s;
}

static bool is_flag(const char *key)
{
	static const char *const keys[] = { "ready", "queueing", "gave_up", "required", "generic", "settled" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (streq(key, keys[i]))
			return true;
	return false;
}

static void json_member(const struct conf_node *n, const char **comma)
{
	printf("%s", *comma);
	*comma = ", ";
	json_put(n->key, stdout);
	printf(": ");
	if (is_flag(n->key) && n->value)
		printf("%s", *n->value == '1' ? "true" : "false");
	else if (n->value && is_numeric(n->key) && is_number(n->value))
		printf("%s", n->value);
	else
		json_put(n->value ? n->value : "", stdout);
}

static void json_array(const struct conf_node *first, const char *key, const char *plural, void (*item)(const struct conf_node *))
{
	const char *comma = "";

	printf("\"%s\": [", plural);
	for_each_section(n, first, key) {
		printf("%s", comma);
		item(n);
		comma = ", ";
	}
	printf("]");
}

static void json_plain(const struct conf_node *section)
{
	const char *comma = "";

	printf("{");
	for (const struct conf_node *n = section->child; n; n = n->next)
		json_member(n, &comma);
	printf("}");
}

static void json_value(const struct conf_node *n)
{
	json_put(n->value ? n->value : "", stdout);
}

static void json_map(const struct conf_node *map)
{
	const char *comma = "";

	printf("{");
	for (const struct conf_node *n = map->child; n; n = n->next)
		if (!n->is_section && !streq(n->key, "missing"))
			json_member(n, &comma);
	printf("%s", comma);
	json_array(map->child, "partition", "partitions", json_plain);
	printf(", ");
	json_array(map->child, "path", "paths", json_plain);
	printf(", ");
	json_array(map->child, "missing", "missing", json_value);
	printf("}");
}

static void json_events(void)
{
	struct timeline *t;

	if (timeline_load(EVENTS_FILE, true, &t) < 0) {
		printf("[]");
		return;
	}
	timeline_show_json_events(t, stdout);
	timeline_free(t);
}

static void json_drift(void)
{
	_auto_free_ char *text = read_drift();
	const char *comma = "";

	printf(", \"drift\": [");
	for (char *line = text, *next; line && *line; line = next) {
		size_t len = strcspn(line, "\n");

		next = line + len + (line[len] == '\n');
		line[len] = '\0';
		printf("%s", comma);
		json_put(line, stdout);
		comma = ", ";
	}
	printf("]");
}

void state_print_json(const struct conf *conf)
{
	const struct conf_node *head = conf_find(conf->first, "state");

	printf("{\"running\": %s", state_guard_pid() > 0 ? "true" : "false");
	if (head) {
		const char *comma = ", ";

		for (const struct conf_node *n = head->child; n; n = n->next)
			json_member(n, &comma);
	}
	printf(", ");
	json_array(conf->first, "map", "maps", json_map);
	printf(", \"events\": ");
	json_events();
	json_drift();
	printf("}\n");
}

static void print_devices(const struct conf *conf)
{
	for_each_section(map, conf->first, "map")
		if (*get(map, "dev"))
			printf("/dev/mapper/%s\n", get(map, "name"));
	for_each_section(map, conf->first, "map")
		for_each_section(p, map->child, "partition")
			if (*get(p, "dev"))
				printf("/dev/mapper/%s\n", get(p, "name"));
}

/* Print what there is to be read. Exit code. */
static int show(void (*print)(const struct conf *conf))
{
	struct conf *conf;
	int r = state_load(&conf);

	if (r == -ENOENT)
		log_error("no guard has run since boot (%s is missing)", STATE_FILE);
	else if (r < 0)
		log_error("unable to read %s: %s", STATE_FILE, state_problem(r));
	if (r < 0)
		return EXIT_SYSTEM;
	print(conf);
	conf_free(conf);
	return EXIT_DONE;
}

int state_show(void)
{
	return show(state_print);
}

int state_show_json(void)
{
	return show(state_print_json);
}

int state_show_devices(void)
{
	return show(print_devices);
}

static bool file_has_line(const char *file, const char *line)
{
	char text[8192];
	ssize_t n = sys_read(AT_FDCWD, file, text, sizeof(text) - 1);
	const char *at;

	if (n < 0)
		return false;
	text[n] = '\0';
	at = strstr(text, line);
	return at && (at == text || at[-1] == '\n') && (at[strlen(line)] == '\n' || !at[strlen(line)]);
}

/* It has done all that it was told (systemd's udevd keeps that file while it has events), for so long that it was not just about to begin. */
static bool udev_is_quiet(void)
{
	struct stat st;

	return access("/run/udev/queue", F_OK) < 0 && stat("/run/udev", &st) == 0 && time(NULL) - st.st_mtime >= UDEV_QUIET_S;
}

/* Udev writes its database entry when its rules are through, and the link before that. With the link and no entry it had no room for one (/run was full). */
static bool udev_is_done(const char *name, const char *devno, bool is_map, struct buf *why)
{
	char file[DM_NAME_SIZE + 40];

	snprintf(file, sizeof(file), "/dev/mapper/%s", name);
	if (access(file, F_OK) < 0)
		return false;
	if (access("/run/udev/control", F_OK) < 0)
		return true;
	snprintf(file, sizeof(file), "/run/udev/data/b%s", devno);
	if (access(file, F_OK) == 0)
		return !is_map || file_has_line(file, "E:MPATH_DEVICE_READY=1");
	if (!udev_is_quiet())
		return false;
	buf_addf(why, "udev has no record of %s, and nothing left to do;", name);
	return true;
}

static bool map_is_ready(const struct conf_node *map, struct buf *why)
{
	const char *name = get(map, "name");

	if (!get_u64(map, "ready")) {
		buf_addf(why, "map %s (%s): %s;", name, get(map, "wwid"),
			 !*get(map, "dev") ? conf_find(map->child, "path") ? "none of its paths is usable" : "no path has appeared" :
			 "waiting for more paths");
		for_each_section(n, map->child, "missing")
			buf_addf(why, " missing %s;", n->value ? n->value : "");
		return false;
	}
	if (!udev_is_done(name, get(map, "dev"), true, why)) {
		buf_addf(why, "map %s: udev has not finished with it (is 56-mpath-boot-dm.rules in the image?);", name);
		return false;
	}
	for_each_section(p, map->child, "partition")
		if (!udev_is_done(get(p, "name"), get(p, "dev"), false, why)) {
			buf_addf(why, "map %s: udev has not finished with it;", get(p, "name"));
			return false;
		}
	return true;
}

enum state_ready state_check_ready(const struct conf *conf, struct buf *why)
{
	enum state_ready ready = STATE_READY;

	buf_reset(why);
	for_each_section(head, conf->first, "state") {
		if (streq(get(head, "settled"), "0")) {
			ready = STATE_NOT_READY;
			buf_add(why, "it is not settled yet which LUNs there are;");
		}
	}
	for_each_section(map, conf->first, "map") {
		if (!get_u64(map, "required") || map_is_ready(map, why))
			continue;
		if (!get_u64(map, "ready"))
			return STATE_NOT_READY;
		if (ready == STATE_READY)
			ready = STATE_UDEV_IS_BUSY;
	}
	return ready;
}
