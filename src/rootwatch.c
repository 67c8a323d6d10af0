/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rootwatch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Where initramfs-tools and where dracut mount it (rootmnt, NEWROOT). */
static const char *const places[] = { "/", "/root", "/sysroot" };

/* The @n-th word, from 0; its length, 0 if there is none. */
static size_t word(const char *line, int n, const char **start)
{
	while (n--) {
		line += strcspn(line, " ");
		line += *line == ' ';
	}
	*start = line;
	return strcspn(line, " ");
}

/* Documentation/filesystems/proc.rst: id parent major:minor root PLACE options [tags...] - type SOURCE options */
bool rootwatch_parse(const char *line, char source[128], char at[16])
{
	const char *place, *dash = strstr(line, " - "), *from;
	size_t n = word(line, 4, &place), from_n;

	if (!dash || place >= dash)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (strlen(places[i]) != n || strncmp(places[i], place, n))
			continue;
		from_n = word(dash + 3, 1, &from);
		snprintf(source, 128, "%.*s", (int)(from_n < 127 ? from_n : 127), from);
		snprintf(at, 16, "%s", places[i]);
		return true;
	}
	return false;
}

struct count {
	unsigned int roots;
	bool mounted;
};

static void take_line(struct rootwatch *w, struct count *count, const char *line)
{
	char source[128], at[16];

	if (!rootwatch_parse(line, source, at))
		return;
	if (streq(at, "/")) {
		count->roots++;
	} else {
		count->mounted = true;
		memcpy(w->source, source, sizeof(source));
		memcpy(w->at, at, sizeof(at));
	}
}

static struct count look(struct rootwatch *w)
{
	struct count count = { 0 };
	char text[2048];
	size_t have = 0;
	off_t pos = 0;
	ssize_t n;

	while ((n = pread(w->fd, text + have, sizeof(text) - 1 - have, pos)) > 0) {
		char *line = text, *end;

		pos += n;
		have += (size_t)n;
		text[have] = '\0';
		while ((end = strchr(line, '\n'))) {
			*end = '\0';
			take_line(w, &count, line);
			line = end + 1;
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
		if (have == sizeof(text) - 1)
			have = 0;	/* a mount with so many options is not root */
	}
	return count;
}

void rootwatch_open(struct rootwatch *w, const struct sysroot *root)
{
	struct stat st;

	*w = (struct rootwatch){ .fd = -1 };
	if (root->proc_fd < 0 || fstatat(root->proc_fd, "1/root", &st, 0) < 0)
		return;
	w->root_dev = st.st_dev;
	w->root_ino = st.st_ino;
	w->fd = openat(root->proc_fd, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (w->fd < 0)
		return;
	w->roots = look(w).roots;
	w->changed = true;	/* root may be mounted already */
}

static bool init_has_moved(const struct rootwatch *w, const struct sysroot *root)
{
	struct stat st;

	return fstatat(root->proc_fd, "1/root", &st, 0) == 0 && (st.st_dev != w->root_dev || st.st_ino != w->root_ino);
}

enum root_news rootwatch_step(struct rootwatch *w, const struct sysroot *root)
{
	struct count now = { .roots = w->roots };

	if (w->fd < 0)
		return ROOT_NOTHING;
	if (w->changed)
		now = look(w);
	if (now.mounted && !w->mounted) {
		w->mounted = true;
		return ROOT_MOUNTED;	/* changed stays: there may be more news */
	}
	w->changed = false;
	/* A mount on / shows before process 1 goes there; its own move is for kernels and inits that do it otherwise. */
	if (now.roots <= w->roots && !init_has_moved(w, root))
		return ROOT_NOTHING;
	close(w->fd);
	w->fd = -1;
	return ROOT_SWITCHED;
}
