/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmdline.h"

#include "sysroot.h"

#define LINE_SIZE 16384	/* COMMAND_LINE_SIZE is 2048 on x86, 4096 on s390; a bootconfig may add to it */

/* The value of @word if its name is @name ("" if it has none), else NULL. */
static const char *value_of(const char *word, size_t len, const char *name)
{
	size_t i;

	for (i = 0; i < len && name[i]; i++)
		if (word[i] != name[i] && !(word[i] == '-' && name[i] == '_'))
			return NULL;
	if (name[i])
		return NULL;
	if (i == len)
		return word + len;
	return word[i] == '=' ? word + i + 1 : NULL;
}

static bool is_no(const char *value, size_t len)
{
	return (len == 1 && *value == '0') || (len == 2 && !memcmp(value, "no", 2)) || (len == 3 && !memcmp(value, "off", 3));
}

static void set_ms(const char *value, size_t len, unsigned int *ms)
{
	unsigned int s = 0;

	if (len == 0 || len > 6)
		return;
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9')
			return;
		s = s * 10 + (unsigned int)(value[i] - '0');
	}
	*ms = s * 1000;
}

static void add_wwids(const char *value, size_t len, struct cmdline *out)
{
	size_t have = strlen(out->wwids);

	if (len == 0 || have + len + 2 > sizeof(out->wwids))
		return;
	if (have)
		out->wwids[have++] = ',';
	memcpy(out->wwids + have, value, len);
	out->wwids[have + len] = '\0';
}

static void parse_word(const char *word, size_t len, struct cmdline *out)
{
	const char *v;

#define LEFT (len - (size_t)(v - word))
	if ((v = value_of(word, len, "rd.mpath_boot")))
		out->off = out->off || is_no(v, LEFT);
	else if ((v = value_of(word, len, "rd.multipath")) || (v = value_of(word, len, "multipath")))
		out->off = out->off || is_no(v, LEFT);
	else if (value_of(word, len, "nompath"))
		out->off = true;
	else if ((v = value_of(word, len, "rd.mpath_boot.debug")))
		out->debug = !is_no(v, LEFT);
	else if ((v = value_of(word, len, "rd.mpath_boot.seccomp")))
		out->seccomp = is_no(v, LEFT) ? SANDBOX_OFF : LEFT == 4 && !memcmp(v, "kill", 4) ? SANDBOX_KILL : SANDBOX_REFUSE;
	else if ((v = value_of(word, len, "rd.mpath_boot.degraded_after")))
		set_ms(v, LEFT, &out->degraded_after_ms);
	else if ((v = value_of(word, len, "rd.mpath_boot.timeout")))
		set_ms(v, LEFT, &out->timeout_ms);
	else if ((v = value_of(word, len, "rd.mpath_boot.wwid")) || (v = value_of(word, len, "mpath.wwid")))
		add_wwids(v, LEFT, out);
#undef LEFT
}

void cmdline_parse(const char *text, struct cmdline *out)
{
	*out = (struct cmdline) { .degraded_after_ms = 3000, .timeout_ms = 30000 };
	for (;;) {
		size_t len;

		text += strspn(text, " \t\n");
		len = strcspn(text, " \t\n");
		if (!len)
			return;
		parse_word(text, len, out);
		text += len;
	}
}

void cmdline_read(int proc_fd, struct cmdline *out)
{
	char text[LINE_SIZE];
	ssize_t n = proc_fd < 0 ? 0 : sys_read(proc_fd, "cmdline", text, sizeof(text) - 1);

	if (n == (ssize_t)sizeof(text) - 1)	/* of a longer one what is whole counts */
		while (n > 0 && text[n - 1] != ' ')
			n--;
	text[n < 0 ? 0 : n] = '\0';
	cmdline_parse(text, out);
}
