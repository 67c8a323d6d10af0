/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "append.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../choice.h"
#include "../conf.h"
#include "../log.h"
#include "created.h"
#include "show.h"

#define PORTALS_FILE "etc/mpath-boot/iscsi.new"
#define CONTROLLERS_FILE "etc/mpath-boot/nvme.new"

static int show_into(const struct conf *conf, int (*show)(const struct conf *conf, FILE *out), char **text, size_t *len)
{
	FILE *f = open_memstream(text, len);
	int r = f ? show(conf, f) : -ENOMEM;

	if (f && fclose(f) != 0)
		r = -ENOMEM;
	return r;
}

int append_format(const char *text, size_t len, struct cpio *out)
{
	_auto_free_ char *portals = NULL, *controllers = NULL;
	size_t portals_len = 0, controllers_len = 0;
	struct conf *conf;
	int r = conf_parse(text, len, true, NULL, NULL, &conf);

	if (r)
		return r;
	r = show_into(conf, show_portals, &portals, &portals_len);
	if (!r)
		r = show_into(conf, show_controllers, &controllers, &controllers_len);
	conf_free(conf);
	if (r)
		return r;
	/* The kernel makes no directories of its own accord, and takes the mode of one that is there already from the last that names it. */
	cpio_add(out, "etc", S_IFDIR | 0755, NULL, 0);
	cpio_add(out, "etc/mpath-boot", S_IFDIR | 0755, NULL, 0);
	cpio_add(out, PORTALS_FILE, S_IFREG | 0600, portals, portals_len);
	if (controllers_len)
		cpio_add(out, CONTROLLERS_FILE, S_IFREG | 0644, controllers, controllers_len);
	/* Last, so that an archive that is cut has no good one. */
	cpio_add(out, &SNAPSHOT_APPENDED_FILE[1], S_IFREG | 0644, text, len);
	cpio_end(out);
	return out->failed ? -ENOMEM : 0;
}

static int read_snapshot(const char *file, char **text, size_t *len)
{
	const struct host here = { .fd = AT_FDCWD };
	struct snapshot_error err;
	struct snapshot *s;
	int r = host_read_file(&here, file, text, len);

	if (r) {
		log_error("unable to read %s: %s", file, strerror(-r));
		return r == -ENOENT ? EXIT_USAGE : EXIT_SYSTEM;
	}
	r = snapshot_parse(*text, *len, &s, &err);
	if (r) {
		log_error("%s line %u: %s", file, err.line, err.text);
		return EXIT_USAGE;
	}
	snapshot_free(s);
	return EXIT_DONE;
}

int append_snapshot(const struct create_options *o, const char *file)
{
	_auto_free_ char *text = NULL;
	struct created made = { .n_maps = 0 };
	struct cpio cpio = { .data = NULL };
	size_t len;
	int r, code;

	if (file) {
		code = read_snapshot(file, &text, &len);
	} else {
		code = create_text(o, &made);
		text = steal_ptr(made.text);
		len = made.len;
		created_clear(&made);
	}
	if (code)
		return code;
	r = append_format(text, len, &cpio);
	if (r)
		log_error("unable to make the archive: %s", strerror(-r));
	else
		r = create_write(o->output, cpio.data, cpio.len);
	free(cpio.data);
	return r ? EXIT_SYSTEM : EXIT_DONE;
}
