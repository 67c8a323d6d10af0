/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notice.h"

#include <stdio.h>
#include <sys/stat.h>

#include "../log.h"

/* sd-daemon(3): systemd takes a number in angle brackets at the start of a line for its priority. */
static const int priorities[] = {
	[DRIFT_SAME] = 6,
	[DRIFT_HARMLESS] = 6,
	[DRIFT_RELOAD] = 4,
	[DRIFT_LOSE] = 2,
};

const char *notice_remake_command(void)
{
	if (access("/usr/sbin/update-initramfs", X_OK) == 0)
		return "update-initramfs -u -k all";
	if (access("/usr/bin/dracut", X_OK) == 0)
		return "dracut --force --regenerate-all";
	return "mpath-snapshot cpio -o FILE, and have the boot loader append it to the image";
}

/* Not a difference: it is so whatever the snapshot says. */
static bool is_finding(const struct drift_item *i)
{
	return !i->old_value && !i->new_value;
}

static void print_item(FILE *f, const struct drift_item *i)
{
	fprintf(f, "%s%s%s%s", *i->map ? "map " : "", i->map, *i->map ? ": " : "", i->key);
	if (i->old_value)
		fprintf(f, " was \"%s\"", i->old_value);
	if (i->new_value)
		fprintf(f, "%s \"%s\"", i->old_value ? ", is" : " is", i->new_value);
	if (!is_finding(i) && i->new_origin)
		fprintf(f, " (%s)", i->new_origin);
	fprintf(f, ": %s: %s", severity_texts[i->severity], i->text ? i->text : "");
	if (i->command)
		fprintf(f, "; type: %s", i->command);
	fprintf(f, "\n");
}

static void write_file(const struct drift *d, const char *snapshot)
{
	FILE *f;

	mkdir("/run/mpath-boot", 0755);
	f = fopen(NOTICE_FILE ".new", "we");
	if (!f) {
		log_warning("unable to write " NOTICE_FILE ": %s", strerror(errno));
		return;
	}
	fprintf(f, "%s: %s is not what the system says now; mpath-snapshot check %s shows it, %s puts it right\n", severity_texts[d->worst], snapshot, snapshot,
		notice_remake_command());
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].severity == d->worst)
			print_item(f, &d->v[i]);
	if (fclose(f) != 0 || rename(NOTICE_FILE ".new", NOTICE_FILE) != 0)
		log_warning("unable to write " NOTICE_FILE ": %s", strerror(errno));
}

void notice_remove(void)
{
	unlink(NOTICE_FILE);
}

void notice_write(const struct drift *d, const char *snapshot)
{
	if (d->worst == DRIFT_SAME)
		notice_remove();
	else
		write_file(d, snapshot);
	for (size_t i = 0; i < d->n; i++) {
		fprintf(stderr, "<%d>", priorities[d->v[i].severity]);
		print_item(stderr, &d->v[i]);
	}
	if (d->worst == DRIFT_LOSE || d->worst == DRIFT_RELOAD)
		fprintf(stderr, "<%d>the next boot with %s %s root's map; to make the image again, type: %s\n", priorities[d->worst], snapshot,
			d->worst == DRIFT_LOSE ? "would lose or rename" : "would reload", notice_remake_command());
}
