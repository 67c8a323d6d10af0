/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf.h"

#include "buf.h"

enum token {
	TOKEN_END,	/* of the line */
	TOKEN_WORD,
	TOKEN_OPEN,
	TOKEN_CLOSE,
};

struct parser {
	struct conf *conf;
	bool strict, failed;
	conf_report_fn *report;
	void *arg;
	unsigned int line;
	char *pos, *end;	/* what is left of the line; *end is writable */
	char *comment;
	struct conf_node *open[CONF_DEPTH_MAX];	/* sections around the current line */
	struct conf_node **tail[CONF_DEPTH_MAX + 1];	/* where the next statement of each level goes */
	size_t depth;
	size_t too_deep;	/* sections beyond CONF_DEPTH_MAX, which are skipped */
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Report "@before'@word'@after". */
static void complain(struct parser *p, const char *before, const char *word, const char *after)
{
	char mem[128];
	struct buf b = BUF_INIT(mem, sizeof(mem));

	p->failed = true;
	if (!p->report)
		return;
	buf_reset(&b);
	buf_add(&b, before);
	if (word)
		buf_addf(&b, " '%.40s'", word);
	buf_add(&b, after);
	p->report(p->arg, p->line, mem);
}

/* Unquote in place: the result is never longer than its source. */
static char *quoted_word(struct parser *p)
{
	char *word = ++p->pos, *out = word;

	for (;; p->pos++) {
		if (p->pos == p->end) {
			complain(p, "missing closing quote", NULL, "");
			break;
		}
		if (*p->pos == '"') {
			if (p->pos + 1 == p->end || p->pos[1] != '"') {
				p->pos++;
				break;
			}
			p->pos++;
		}
		*out++ = *p->pos;
	}
	*out = '\0';	/* at the latest over the closing quote or the end of the line */
	return word;
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '"' || c == '{' || c == '}' || c == '#' || c == '!';
}

/*
 * An unquoted word cannot be ended with a NUL at once: the byte there may be the next token. @cut says where to put it when the
 * next token has been looked at.
 */
static enum token next_token(struct parser *p, char **word, char **cut)
{
	*cut = NULL;
	while (p->pos < p->end && is_blank(*p->pos))
		p->pos++;
	if (p->pos == p->end)
		return TOKEN_END;
	switch (*p->pos) {
	case '#':
	case '!':
		for (p->pos++; p->pos < p->end && is_blank(*p->pos); p->pos++)
			;
		while (p->end > p->pos && is_blank(p->end[-1]))
			p->end--;
		if (p->pos < p->end) {
			p->comment = p->pos;
			*p->end = '\0';
		}
		p->pos = p->end;
		return TOKEN_END;
	case '{':
		p->pos++;
		return TOKEN_OPEN;
	case '}':
		p->pos++;
		return TOKEN_CLOSE;
	case '"':
		*word = quoted_word(p);
		return TOKEN_WORD;
	}
	*word = p->pos;
	while (p->pos < p->end && !ends_word(*p->pos))
		p->pos++;
	*cut = p->pos;
	return TOKEN_WORD;
}

static void add_node(struct parser *p, const char *key, const char *value, bool is_section)
{
	struct conf_node *n = &p->conf->nodes[p->conf->n_nodes++];

	*n = (struct conf_node){
		.key = key, .value = value, .comment = p->comment, .line = p->line, .is_section = is_section,
	};
	*p->tail[p->depth] = n;
	p->tail[p->depth] = &n->next;
}

static void open_section(struct parser *p, struct conf_node *n)
{
	if (p->depth == CONF_DEPTH_MAX) {
		complain(p, "too many sections inside each other", NULL, "");
		p->too_deep++;
		return;
	}
	p->open[p->depth++] = n;
	p->tail[p->depth] = &n->child;
}

/* multipath.conf in the wild has the brace on a line of its own; multipath-tools complains and opens the section all the same. */
static void lone_open(struct parser *p)
{
	struct conf_node *n = p->conf->n_nodes ? &p->conf->nodes[p->conf->n_nodes - 1] : NULL;
	bool is_last_here = n && p->tail[p->depth] == &n->next;

	complain(p, "'{' must stand on the line of its keyword", NULL, "");
	if (p->too_deep || !is_last_here || n->value || n->is_section) {
		p->too_deep++;	/* whatever it opens belongs to no one */
		return;
	}
	n->is_section = true;
	open_section(p, n);
}

static void close_section(struct parser *p)
{
	if (p->too_deep)
		p->too_deep--;
	else if (p->depth)
		p->depth--;
	else
		complain(p, "unmatched '}'", NULL, "");
}

/* What stands behind a complete statement: only a comment may. */
static void expect_end(struct parser *p)
{
	char *word, *cut;
	enum token t = next_token(p, &word, &cut);

	if (t == TOKEN_END)
		return;
	if (cut)
		*cut = '\0';
	complain(p, "ignoring what follows from", t == TOKEN_WORD ? word : t == TOKEN_OPEN ? "{" : "}", " on");
}

static void parse_statement(struct parser *p, char *key, char *key_cut)
{
	char *value = NULL, *value_cut;
	enum token t = next_token(p, &value, &value_cut);
	struct conf_node *n;

	if (key_cut)
		*key_cut = '\0';
	if (t == TOKEN_CLOSE) {
		complain(p, "'}' must stand on a line of its own, behind", key, "");
		t = TOKEN_END;
	}
	if (t == TOKEN_WORD || t == TOKEN_OPEN)
		expect_end(p);
	if (value_cut)
		*value_cut = '\0';
	if (p->too_deep) {
		if (t == TOKEN_OPEN)
			p->too_deep++;
		return;
	}
	if (t == TOKEN_END && p->strict)
		complain(p, "no value for", key, "");
	add_node(p, key, t == TOKEN_WORD ? value : NULL, t == TOKEN_OPEN);
	n = &p->conf->nodes[p->conf->n_nodes - 1];
	if (t == TOKEN_OPEN)
		open_section(p, n);
}

static void parse_line(struct parser *p)
{
	char *word, *cut;

	p->comment = NULL;
	if (memchr(p->pos, '\0', (size_t)(p->end - p->pos))) {
		complain(p, "NUL byte, line skipped", NULL, "");
		return;
	}
	switch (next_token(p, &word, &cut)) {
	case TOKEN_END:
		break;
	case TOKEN_OPEN:
		lone_open(p);
		expect_end(p);
		break;
	case TOKEN_CLOSE:
		close_section(p);
		expect_end(p);
		break;
	case TOKEN_WORD:
		parse_statement(p, word, cut);
		break;
	}
}

/* An upper bound for the number of statements: lines that are not empty. */
static size_t count_lines(const char *text, size_t len)
{
	size_t n = 0;
	bool seen = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			seen = false;
		} else if (!seen && !is_blank(text[i])) {
			seen = true;
			n++;
		}
	}
	return n;
}

int conf_parse(const char *text, size_t len, bool strict, conf_report_fn *report, void *arg, struct conf **out)
{
	struct parser p = { .strict = strict, .report = report, .arg = arg };
	struct conf *c = calloc(1, sizeof(*c));
	char *line, *end;

	if (!c)
		return -ENOMEM;
	c->text = malloc(len + 1);
	c->nodes = calloc(count_lines(text, len) + 1, sizeof(*c->nodes));
	if (!c->text || !c->nodes) {
		conf_free(c);
		return -ENOMEM;
	}
	if (len)
		memcpy(c->text, text, len);
	c->text[len] = '\0';

	p.conf = c;
	p.tail[0] = &c->first;
	end = c->text + len;
	for (line = c->text; line < end && !(strict && p.failed); ) {
		char *next = memchr(line, '\n', (size_t)(end - line));

		p.line++;
		p.pos = line;
		p.end = next ? next : end;
		line = p.end + 1;
		parse_line(&p);
	}
	if ((p.depth || p.too_deep) && !(strict && p.failed))
		complain(&p, "missing '}' at the end of the file", NULL, "");
	if (strict && p.failed) {
		conf_free(c);
		return -EBADMSG;
	}
	*out = c;
	return 0;
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	free(c->nodes);
	free(c->text);
	free(c);
}

const struct conf_node *conf_find(const struct conf_node *n, const char *key)
{
	while (n && !streq(n->key, key))
		n = n->next;
	return n;
}

bool conf_number(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		if (*s < '0' || *s > '9' || v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}
