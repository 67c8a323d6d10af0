/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin.h"

#ifdef PLUGINS_SHARED

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "extension-name.h"
#include "log.h"
#include "plugin-dir.h"	/* made by the Makefile: PLUGIN_DIR */

#define TRIED_MAX 64

static const char *const prefix[] = { [PLUGIN_CHECKER] = "checker-", [PLUGIN_PRIO] = "prio-" };
static const char *const symbol[] = { [PLUGIN_CHECKER] = "mpath_boot_checker", [PLUGIN_PRIO] = "mpath_boot_prio" };

/* Names that plugin_find() has looked for, found or not. */
static char tried[TRIED_MAX][PLUGIN_NAME_MAX + sizeof("checker-")];
static size_t n_tried;

const char *plugin_dir(void)
{
	return PLUGIN_DIR;
}

static bool was_tried(const char *name)
{
	for (size_t i = 0; i < n_tried; i++)
		if (streq(tried[i], name))
			return true;
	if (n_tried == TRIED_MAX)
		return true;
	snprintf(tried[n_tried++], sizeof(tried[0]), "%s", name);
	return false;
}

/* A descriptor, or -errno and @why. Who may write the file may run code as us. */
static int open_trusted(const char *file, char *why, size_t size)
{
	_auto_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		int r = -errno;

		snprintf(why, size, "%s", strerror(-r));
		return r;
	}
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, size, "it is no regular file");
		return -EPERM;
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		snprintf(why, size, "it belongs to user %u, not to root: not loaded", (unsigned int)st.st_uid);
		return -EPERM;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		snprintf(why, size, "others may write it (mode %o): not loaded; chmod go-w", (unsigned int)(st.st_mode & 07777));
		return -EPERM;
	}
	return steal_fd(&fd);
}

/* dlerror() puts the name in front that we gave it, which says nothing to people. */
static void dl_why(const char *name, char *why, size_t size)
{
	const char *text = dlerror(), *rest;

	if (!text)
		text = "unknown error of the dynamic linker";
	rest = str_after(text, name);
	snprintf(why, size, "%s", rest && str_after(rest, ": ") ? rest + 2 : text);
}

/* The symbol's address, or NULL and @why. @name leads to an open file. */
static const void *load(const char *name, const char *what, char *why, size_t size)
{
	void *lib = dlopen(name, RTLD_NOW | RTLD_LOCAL), *found;

	if (!lib) {
		dl_why(name, why, size);
		return NULL;
	}
	found = dlsym(lib, what);
	if (!found)
		snprintf(why, size, "it has no symbol %s", what);
	return found;
}

/* The descriptor stays open when that went well: the dynamic linker would take another file under its number for this one. */
static const void *load_file(const char *file, const char *what, char *why, size_t size)
{
	_auto_close_ int fd = open_trusted(file, why, size);
	char name[40];
	const void *found;

	if (fd < 0)
		return NULL;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	found = load(name, what, why, size);
	steal_fd(&fd);
	return found;
}

const void *plugin_find(enum plugin_kind kind, const char *name)
{
	char file[sizeof(PLUGIN_DIR) + 64], base[PLUGIN_NAME_MAX + sizeof("checker-")], why[PLUGIN_WHY_SIZE];
	const void *ops;

	if (!plugin_name_is_valid(name))
		return NULL;
	snprintf(base, sizeof(base), "%s%s", prefix[kind], name);
	if (was_tried(base))
		return NULL;	/* what was found then is in the registry, and is asked first */
	snprintf(file, sizeof(file), PLUGIN_DIR "/%s.so", base);
	if (access(file, F_OK) < 0)
		return NULL;
	ops = load_file(file, symbol[kind], why, sizeof(why));
	if (!ops || foreign_add_one(kind, ops, file, why, sizeof(why)) < 0) {
		log_error("unable to load %s: %s", file, why);
		return NULL;
	}
	return foreign_find(kind, name);
}

static void find_named(const char *entry)
{
	for (enum plugin_kind kind = PLUGIN_CHECKER; kind <= PLUGIN_PRIO; kind++) {
		const char *rest = str_after(entry, prefix[kind]);
		char name[PLUGIN_NAME_MAX + 1];
		size_t len = rest ? strlen(rest) : 0;

		if (len <= 3 || len - 3 > PLUGIN_NAME_MAX || !streq(rest + len - 3, ".so"))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(len - 3), rest);
		plugin_find(kind, name);
	}
}

void plugin_load_all(void)
{
	struct dirent **names;
	int n = scandir(PLUGIN_DIR, &names, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		find_named(names[i]->d_name);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

int plugin_load_extension(const char *file, char *why, size_t size)
{
	char path[sizeof(PLUGIN_DIR) + EXTENSION_FILE_MAX + 1], source[EXTENSION_FILE_MAX + 12];
	const struct mpath_extension *e;
	int r;

	if (!extension_file_is_valid(file)) {
		snprintf(why, size, "a name is letters, digits and \"_-+.\", ends in .so, and lies in " PLUGIN_DIR " or is an absolute path");
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "%s%s%s", *file == '/' ? "" : PLUGIN_DIR, *file == '/' ? "" : "/", file);
	e = load_file(path, "mpath_boot_extension", why, size);
	if (!e)
		return -EBADMSG;
	snprintf(source, sizeof(source), "extension %s", file);
	r = foreign_add(e, source, why, size);
	return r < 0 && r != -EEXIST ? r : 0;
}

int plugin_open_fd(int fd, int proc_fd, const struct mpath_extension **out, char *why, size_t size)
{
	char name[40];
	const struct mpath_extension *e;

	/* "." is where we are, whether or not a path leads there any more. */
	_auto_close_ int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (here < 0 || fchdir(proc_fd) < 0) {
		snprintf(why, size, "unable to go to /proc: %s", strerror(errno));
		return -errno;
	}
	snprintf(name, sizeof(name), "self/fd/%d", fd);
	e = load(name, "mpath_boot_extension", why, size);
	if (fchdir(here) < 0)
		log_debug("unable to go back from /proc: %s", strerror(errno));
	if (!e)
		return -EBADMSG;
	*out = e;
	return 0;
}

#endif
