/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin.h"

#ifdef PLUGINS_SHARED

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "extension-name.h"
#include "fence.h"
#include "log.h"
#ifndef PLUGIN_DIR	/* a test has another one */
#include "plugin-dir.h"	/* made by the Makefile */
#endif

#define TRIED_MAX 64
#define LOADER_STACK_SIZE (256 << 10)

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

/* Start-up code that crashed or hangs may have left locks of the dynamic linker's behind: whoever asks it again may wait for ever. */
static bool broken;

bool plugin_is_broken(void)
{
	return broken;
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
	char file[sizeof(PLUGIN_DIR) + 64], source[64], base[PLUGIN_NAME_MAX + sizeof("checker-")], why[PLUGIN_WHY_SIZE];
	const void *ops;

	if (broken || !plugin_name_is_valid(name))
		return NULL;
	snprintf(base, sizeof(base), "%s%s", prefix[kind], name);
	if (was_tried(base))
		return NULL;	/* what was found then is in the registry, and is asked first */
	snprintf(file, sizeof(file), PLUGIN_DIR "/%s.so", base);
	if (access(file, F_OK) < 0)
		return NULL;
	ops = load_file(file, symbol[kind], why, sizeof(why));
	snprintf(source, sizeof(source), "loaded %s.so", base);
	if (!ops || foreign_add_one(kind, ops, source, why, sizeof(why)) < 0) {
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

/* ---- extensions: code of others, whose start-up code may crash or never end ---- */

static void call_load(void *arg)
{
	struct plugin_load *l = arg;

	l->found = load(l->name, "mpath_boot_extension", l->why, sizeof(l->why));
}

static void *loader_main(void *arg)
{
	struct plugin_load *l = arg;
	uint64_t one = 1;
	int sig = fence_run(call_load, l, true);

	if (sig) {
		l->found = NULL;
		snprintf(l->why, sizeof(l->why), "its start-up code crashed: %s", strsignal(sig));
	}
	__atomic_store_n(&l->state, sig ? LOAD_CRASHED : LOAD_DONE, __ATOMIC_RELEASE);
	if (write(l->notify_fd, &one, sizeof(one)) < 0)
		return NULL;	/* nobody waits any more */
	return NULL;
}

int plugin_load_start(struct plugin_load *l, int fd, bool in_proc, int notify_fd)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	if (broken) {
		snprintf(l->why, sizeof(l->why), "the start-up code of another one has crashed or hangs: nothing can be loaded until this program is started again");
		return -EBUSY;
	}
	snprintf(l->name, sizeof(l->name), "%sself/fd/%d", in_proc ? "./" : "/proc/", fd);
	l->found = NULL;
	l->state = LOAD_RUNNING;
	l->notify_fd = notify_fd;
	fence_init();
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, LOADER_STACK_SIZE);
	pthread_attr_setguardsize(&attr, FENCE_GUARD_SIZE);
	r = pthread_create(&thread, &attr, loader_main, l);
	pthread_attr_destroy(&attr);
	if (r) {
		snprintf(l->why, sizeof(l->why), "unable to start a thread: %s", strerror(r));
		return -r;
	}
	return 0;
}

struct taking {
	const struct mpath_extension *e;
	const char *source;
	char *why;
	size_t size;
	int r;
};

static void call_take(void *arg)
{
	struct taking *t = arg;

	t->r = foreign_add(t->e, t->source, t->why, t->size);
}

int plugin_load_finish(struct plugin_load *l, const char *file, bool in_time)
{
	char source[EXTENSION_FILE_MAX + 12];
	struct taking t = { .e = l->found, .source = source, .why = l->why, .size = sizeof(l->why) };

	switch (in_time ? __atomic_load_n(&l->state, __ATOMIC_ACQUIRE) : LOAD_RUNNING) {
	case LOAD_RUNNING:
		broken = true;
		snprintf(l->why, sizeof(l->why), "its start-up code did not end within %d s", PLUGIN_LOAD_MS / 1000);
		return -ETIMEDOUT;
	case LOAD_CRASHED:
		broken = true;
		return -EFAULT;
	case LOAD_DONE:
		break;
	}
	if (!t.e)
		return -EBADMSG;
	snprintf(source, sizeof(source), "extension %s", strrchr(file, '/') ? strrchr(file, '/') + 1 : file);
	/* It holds pointers of theirs. */
	if (fence_run(call_take, &t, true)) {
		snprintf(l->why, sizeof(l->why), "what it brings is no list of checkers and prioritizers");
		return -EFAULT;
	}
	return t.r < 0 && t.r != -EEXIST ? t.r : 0;
}

int plugin_load_extension(const char *file, char *why, size_t size)
{
	/* Static: a thread that hangs keeps it. */
	static struct plugin_load l;
	char path[sizeof(PLUGIN_DIR) + EXTENSION_FILE_MAX + 1];
	struct pollfd done = { .events = POLLIN };
	int fd, r;

	if (!extension_file_is_valid(file)) {
		snprintf(why, size, "a name is letters, digits and \"_-+.\", ends in .so, and lies in " PLUGIN_DIR " or is an absolute path");
		return -EINVAL;
	}
	snprintf(path, sizeof(path), "%s%s%s", *file == '/' ? "" : PLUGIN_DIR, *file == '/' ? "" : "/", file);
	fd = open_trusted(path, why, size);
	if (fd < 0)
		return fd;
	done.fd = eventfd(0, EFD_CLOEXEC);
	r = plugin_load_start(&l, fd, false, done.fd);
	if (r == 0)
		r = plugin_load_finish(&l, file, poll(&done, 1, PLUGIN_LOAD_MS) == 1);
	if (r < 0)
		snprintf(why, size, "%s", l.why);
	if (r != -ETIMEDOUT)
		close(done.fd);
	return r;	/* fd stays: see load_file() */
}

#endif
