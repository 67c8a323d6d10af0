/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extensions.h"

#include "extension-name.h"
#include "log.h"
#include "plugin.h"

#ifdef PLUGINS_SHARED

#include <link.h>
#include <sys/wait.h>

int extensions_load(const char *file)
{
	char why[PLUGIN_WHY_SIZE];
	int r;

	if (foreign_is_linked(file))
		return 0;
	r = plugin_load_extension(file, why, sizeof(why));
	if (r < 0)
		log_error("unable to load extension %s: %s", file, why);
	return r;
}

static int count_one(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)info;
	(void)size;
	++*(int *)arg;
	return 0;
}

static int count_libraries(void)
{
	int n = 0;

	dl_iterate_phdr(count_one, &n);
	return n;
}

static int try_here(const char *file)
{
	int before = count_libraries();

	if (extensions_load(file) < 0)
		return 1;
	if (count_libraries() > before + 1) {
		log_error("%s needs libraries beside libc, which a running guard cannot read: link them into it, or name it in the configuration and make the image again", file);
		return 1;
	}
	return 0;
}

int extensions_try(const char *file)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_here(file));	/* no exit(): see plugin_is_broken() */
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		log_error("%s: loading it ended in a crash: %s", file, strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EINVAL;
}

#else

int extensions_load(const char *file)
{
	if (foreign_is_linked(file))
		return 0;
	log_error("unable to load extension %s: this mpath-boot is static and loads nothing; link it in (mpath-boot relink), or use the dynamic one", file);
	return -ENOSYS;
}

int extensions_try(const char *file)
{
	(void)file;
	return 0;
}

#endif
