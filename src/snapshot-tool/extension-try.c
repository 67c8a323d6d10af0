/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "extension-try.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "../extension-name.h"
#include "../log.h"
#include "plugin-dir.h"

#define TRY_MS 15000	/* mpath-boot itself gives up after 3 s */
#define TRY_OUTPUT_MAX 65536
#define EXTENSIONS_MAX 32

static int add(struct config *c, const char *file, const char *origin)
{
	struct config_extension *grown;

	if (!extension_file_is_valid(file)) {
		log_error("%s: extension \"%s\": a name is letters, digits and \"_-+.\", ends in .so, and lies in " PLUGIN_DIR " or is an absolute path", origin, file);
		return -EINVAL;
	}
	for (size_t i = 0; i < c->n_extensions; i++)
		if (streq(c->extensions[i].file, file))
			return 0;
	if (c->n_extensions == EXTENSIONS_MAX) {
		log_error("%s: more than %d extensions", origin, EXTENSIONS_MAX);
		return -EINVAL;
	}
	grown = realloc(c->extensions, (c->n_extensions + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->extensions = grown;
	grown += c->n_extensions++;
	*grown = (struct config_extension) { .is_needed = true };
	snprintf(grown->file, sizeof(grown->file), "%s", file);
	snprintf(grown->origin, sizeof(grown->origin), "%s", origin);
	return 0;
}

static int add_from(struct config *c, const struct conf_node *n, const char *file)
{
	char origin[300];
	int r = 0;

	for (; !r && (n = conf_find(n, "extension")); n = n->next) {
		snprintf(origin, sizeof(origin), "%s:%u", file, n->line);
		if (n->value)
			r = add(c, n->value, origin);
	}
	return r;
}

static int add_defaults(struct config *c, const struct conf *conf, const char *file)
{
	int r = 0;

	for (const struct conf_node *n = conf->first; !r && n; n = n->next)
		if (n->is_section && streq(n->key, "defaults"))
			r = add_from(c, n->child, file);
	return r;
}

int extension_find_all(struct config *c, const char *const *more, size_t n_more)
{
	int r = c->file ? add_defaults(c, c->conf, c->file) : 0;

	for (size_t i = 0; !r && i < c->n_sources; i++) {
		const struct source *s = &c->sources[i];

		if (s->conf)
			r = streq(s->file, EXTENSIONS_CONF) ? add_from(c, s->conf->first, s->file) : add_defaults(c, s->conf, s->file);
	}
	for (size_t i = 0; !r && i < n_more; i++)
		r = add(c, more[i], "--extension");
	return r;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* What a try came to: the exit status of waitpid(), with what was printed; -ETIMEDOUT or another -errno. */
static int try_program(const char *const *argv, char *text, size_t size)
{
	uint64_t end = now_ms() + TRY_MS;
	struct pollfd out = { .events = POLLIN };
	int ends[2], status, r = 0;
	size_t len = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		setenv("LC_ALL", "C", 1);
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	if (pid < 0)
		r = -errno;
	out.fd = ends[0];
	while (!r && len < size - 1) {
		uint64_t now = now_ms();
		ssize_t n;

		if (now >= end || (n = poll(&out, 1, (int)(end - now))) == 0) {
			r = -ETIMEDOUT;
			break;
		}
		n = read(ends[0], text + len, size - 1 - len);
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
		else if (errno != EINTR)
			r = -errno;
	}
	text[len] = '\0';
	close(ends[0]);
	if (pid < 0)
		return r;
	if (r)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return r ? r : status;
}

bool extension_is_listed(const char *text, const char *heading, const char *name)
{
	bool here = false;

	while (*text) {
		size_t len = strcspn(text, "\n"), word = strcspn(text, " \n"), n = strlen(heading);
		const char *source = text + word + strspn(text + word, " ");

		if (len == n + 1 && strncmp(text, heading, n) == 0 && text[n] == ':')
			here = true;
		else if (len == 0)
			here = false;
		else if (here && word == strlen(name) && strncmp(text, name, word) == 0 && source < text + len &&
			 (str_after(source, "extension ") || str_after(source, "linked in ")))
			return true;
		text += len + (text[len] == '\n');
	}
	return false;
}

static bool is_needed(const struct emit_map *m, const char *listed)
{
	const struct setting *checker = &m->resolved.v[OPT_PATH_CHECKER], *prio = &m->resolved.v[OPT_PRIO];

	return (checker->is_set && extension_is_listed(listed, "checkers", checker->value)) ||
	       (prio->is_set && extension_is_listed(listed, "prioritizers", prio->value));
}

static int try_one(struct config_extension *e, const struct emit_map *maps, size_t n_maps)
{
	static const char *const programs[] = { PLUGIN_DIR "/mpath-boot.relinked", PLUGIN_DIR "/mpath-boot.shared", "mpath-boot" };
	static char text[TRY_OUTPUT_MAX];
	char best[512] = "";

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		const char *const argv[] = { programs[i], "list", "--self", "--extension", e->file, NULL };
		int status;

		if (programs[i][0] == '/' && access(programs[i], X_OK) < 0)
			continue;
		status = try_program(argv, text, sizeof(text));
		if (status == -ETIMEDOUT) {
			log_error("extension %s (%s): %s did not come back from trying it within %d s", e->file, e->origin, programs[i], TRY_MS / 1000);
			return -EINVAL;
		}
		if (status < 0) {
			log_error("unable to run %s: %s", programs[i], strerror(-status));
			return status;
		}
		if (WIFSIGNALED(status)) {
			log_error("extension %s (%s): it crashed when %s tried it: %s", e->file, e->origin, programs[i], strsignal(WTERMSIG(status)));
			return -EINVAL;
		}
		if (WEXITSTATUS(status) == 0) {
			e->is_needed = n_maps == 0;
			for (size_t m = 0; m < n_maps; m++)
				e->is_needed = e->is_needed || is_needed(&maps[m], text);
			return 0;
		}
		/* The word of the one that can load beats that of the one that cannot. */
		if (!best[0] || strstr(best, "is static"))
			snprintf(best, sizeof(best), "%.*s", (int)strcspn(text, "\n"), WEXITSTATUS(status) == 127 ? "there is no mpath-boot" : text);
	}
	log_error("extension %s (%s): %s", e->file, e->origin, best[0] ? best : "there is no mpath-boot to try it");
	return -EINVAL;
}

/* One that is linked in may have no file. */
static int note_file(const struct host *host, struct config *c, const char *file)
{
	char path[sizeof(PLUGIN_DIR) + EXTENSION_FILE_MAX + 1];

	snprintf(path, sizeof(path), "%s%s", *file == '/' ? "" : PLUGIN_DIR "/", file);
	return faccessat(host->fd, path + 1, F_OK, 0) == 0 ? config_add_source(host, c, path) : 0;
}

int extension_try_all(const struct host *host, struct config *c, const struct emit_map *maps, size_t n_maps)
{
	int r = 0;

	for (size_t i = 0; !r && i < c->n_extensions; i++) {
		r = try_one(&c->extensions[i], maps, n_maps);
		if (!r && c->extensions[i].is_needed)
			r = note_file(host, c, c->extensions[i].file);
	}
	return r;
}
