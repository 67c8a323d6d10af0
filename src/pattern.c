/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pattern.h"

#include "util.h"

#define CODE_MAX 512		/* a pattern and its threads must fit on the stack of a probe's worker */
#define SETS_MAX 32
#define WORK_MAX 20000		/* repetitions of repetitions of nothing */
#define DEPTH_MAX 16		/* parentheses inside each other */
#define REPEAT_MAX 32767	/* RE_DUP_MAX */
#define INFINITE UINT16_MAX

enum op {
	OP_BYTE,
	OP_ANY,
	OP_SET,
	OP_START,	/* of the text */
	OP_END,
	OP_SPLIT,	/* go on at a and at b */
	OP_JUMP,	/* go on at a */
	OP_MATCH,
};

struct inst {
	uint8_t op, byte;
	uint16_t a, b;	/* targets; a: number of the set */
};

struct set {
	uint32_t bits[8];
};

struct program {
	struct inst code[CODE_MAX];
	struct set sets[SETS_MAX];
	unsigned int n, n_sets, depth, work;
	bool is_bad;
};

struct repeat {
	unsigned int min, max;
};

/* The number of the new instruction. */
static unsigned int emit(struct program *p, enum op op, unsigned int a)
{
	if (p->n == CODE_MAX) {
		p->is_bad = true;
		return 0;
	}
	p->code[p->n] = (struct inst){ .op = (uint8_t)op, .byte = (uint8_t)a, .a = (uint16_t)a };
	return p->n++;
}

static void set_add(struct set *s, unsigned int c)
{
	s->bits[c >> 5] |= 1u << (c & 31);
}

static bool set_has(const struct set *s, unsigned int c)
{
	return s->bits[c >> 5] >> (c & 31) & 1;
}

/* isalpha() and the others would look at a locale. */
static bool in_class(unsigned int c, const char *name, size_t len)
{
	static const struct {
		const char *name, *ranges;	/* pairs of first and last */
	} classes[] = {
		{ "alpha", "AZaz" }, { "upper", "AZ" }, { "lower", "az" }, { "digit", "09" }, { "alnum", "09AZaz" }, { "xdigit", "09AFaf" },
		{ "space", "\t\r  " }, { "blank", "\t\t  " }, { "punct", "!/:@[`{~" }, { "print", " ~" }, { "graph", "!~" },
		{ "cntrl", "\x01\x1f\x7f\x7f" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		if (strlen(classes[i].name) != len || memcmp(classes[i].name, name, len) != 0)
			continue;
		for (const char *r = classes[i].ranges; *r; r += 2)
			if (c >= (unsigned char)r[0] && c <= (unsigned char)r[1])
				return true;
	}
	return false;
}

static void add_class(struct program *p, struct set *s, const char *name, size_t len)
{
	bool any = false;

	for (unsigned int c = 1; c < 256; c++) {
		if (in_class(c, name, len)) {
			set_add(s, c);
			any = true;
		}
	}
	p->is_bad = p->is_bad || !any;
}

/* Behind the ']' that ends the bracket expression at @s; NULL if none does. */
static const char *bracket_end(const char *s, const char *end)
{
	s++;
	if (s < end && *s == '^')
		s++;
	if (s < end && *s == ']')
		s++;
	for (; s < end && *s != ']'; s++) {
		if (*s != '[' || s + 1 == end || !strchr(":.=", s[1]))
			continue;
		for (char kind = *++s; ; s++) {
			if (s + 2 >= end)
				return NULL;
			if (s[1] == kind && s[2] == ']')
				break;
		}
		s += 2;
	}
	return s < end ? s + 1 : NULL;
}

/* One end of a range, "x" or "[.x.]"; behind it, NULL if it is none. */
static const char *range_end(const char *s, const char *end, unsigned int *c)
{
	if (end - s >= 5 && s[0] == '[' && s[1] == '.' && s[3] == '.' && s[4] == ']') {
		*c = (unsigned char)s[2];
		return s + 5;
	}
	if (s >= end || (s[0] == '[' && s + 1 < end && strchr(":.=", s[1])))
		return NULL;
	*c = (unsigned char)*s;
	return s + 1;
}

/* What stands between '[' (or "[^") and its ']' at @end. */
static void fill_set(struct program *p, const char *s, const char *end, struct set *set)
{
	while (s < end && !p->is_bad) {
		unsigned int first = 0, last;
		const char *next;

		if (end - s >= 4 && s[0] == '[' && s[1] == ':') {
			next = s + 2;
			while (next + 1 < end && (next[0] != ':' || next[1] != ']'))
				next++;
			add_class(p, set, s + 2, (size_t)(next - s - 2));
			s = next + 2;
			continue;
		}
		if (end - s >= 5 && s[0] == '[' && s[1] == '=' && s[3] == '=' && s[4] == ']') {
			set_add(set, (unsigned char)s[2]);
			s += 5;
			continue;
		}
		next = range_end(s, end, &first);
		last = first;
		if (next && end - next >= 2 && *next == '-')
			next = range_end(next + 1, end, &last);
		if (!next || last < first) {
			p->is_bad = true;
			return;
		}
		for (unsigned int c = first; c <= last; c++)
			set_add(set, c);
		s = next;
	}
}

static void invert(struct set *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(set->bits); i++)
		set->bits[i] = ~set->bits[i];
}

/* Sets are shared: repetitions write the same one out again and again. */
static void emit_set(struct program *p, const struct set *set)
{
	unsigned int i = 0;

	while (i < p->n_sets && memcmp(&p->sets[i], set, sizeof(*set)) != 0)
		i++;
	if (i == SETS_MAX) {
		p->is_bad = true;
		return;
	}
	if (i == p->n_sets)
		p->sets[p->n_sets++] = *set;
	emit(p, OP_SET, i);
}

static void emit_bracket(struct program *p, const char *s, const char *end)
{
	struct set set = { { 0 } };
	bool is_inverted = s[1] == '^';

	fill_set(p, s + 1 + is_inverted, end - 1, &set);
	if (is_inverted)
		invert(&set);
	emit_set(p, &set);
}

/* \w and \s and their opposites; all other letters and digits mean something that is not understood here. */
static void emit_escape(struct program *p, unsigned char c)
{
	struct set set = { { 0 } };

	if (!strchr("wWsS", c)) {
		p->is_bad = p->is_bad || (c >= '1' && c <= '9') || strchr("bB<>`'", c);
		emit(p, OP_BYTE, c);
		return;
	}
	if (c == 'w' || c == 'W') {
		add_class(p, &set, "alnum", 5);
		set_add(&set, '_');
	} else {
		add_class(p, &set, "space", 5);
	}
	if (c == 'W' || c == 'S')
		invert(&set);
	emit_set(p, &set);
}

/*
 * Behind the atom at @s, and so where its repetitions begin. Only finds the end, so that what follows can be known before the atom is compiled; NULL if
 * there is none. An unmatched ')' is an atom, as any byte.
 */
static const char *atom_end(const char *s, const char *end)
{
	unsigned int depth = 0;

	for (; s < end; ) {
		if (*s == '\\') {
			if (s + 1 == end)
				return NULL;
			s += 2;
		} else if (*s == '[') {
			s = bracket_end(s, end);
			if (!s)
				return NULL;
		} else {
			depth += *s == '(';
			depth -= *s == ')' && depth;
			s++;
		}
		if (!depth)
			return s;
	}
	return NULL;
}

static const char *number(const char *s, const char *end, unsigned int *out)
{
	*out = 0;
	for (; s < end && *s >= '0' && *s <= '9' && *out <= REPEAT_MAX; s++)
		*out = *out * 10 + (unsigned int)(*s - '0');
	return s;
}

/* "{2}", "{2,}", "{2,5}", "{,5}" at @s; behind it, NULL if it is none. */
static const char *bounds(const char *s, const char *end, struct repeat *r)
{
	const char *start = ++s;

	s = number(s, end, &r->min);
	r->max = r->min;
	if (s == start && (s == end || *s != ','))
		return NULL;
	if (s < end && *s == ',') {
		start = ++s;
		s = number(s, end, &r->max);
		if (s == start)
			r->max = INFINITE;
	}
	if (s == end || *s != '}' || r->min > REPEAT_MAX || (r->max > REPEAT_MAX && r->max != INFINITE) || r->max < r->min)
		return NULL;
	return s + 1;
}

static const char *repetition(const char *s, const char *end, struct repeat *r)
{
	switch (*s) {
	case '*':
		*r = (struct repeat){ 0, INFINITE };
		return s + 1;
	case '+':
		*r = (struct repeat){ 1, INFINITE };
		return s + 1;
	case '?':
		*r = (struct repeat){ 0, 1 };
		return s + 1;
	case '{':
		return bounds(s, end, r);
	}
	return NULL;
}

static bool is_repetition(char c)
{
	return c == '*' || c == '+' || c == '?' || c == '{';
}

static void emit_alternatives(struct program *p, const char *s, const char *end);

static void emit_atom(struct program *p, const char *s, const char *end)
{
	switch (*s) {
	case '(':
		if (++p->depth > DEPTH_MAX)
			p->is_bad = true;
		else if (end - s > 1 && end[-1] == ')')
			emit_alternatives(p, s + 1, end - 1);
		else
			p->is_bad = true;
		p->depth--;
		break;
	case '[':
		emit_bracket(p, s, end);
		break;
	case '\\':
		emit_escape(p, (unsigned char)s[1]);
		break;
	case '.':
		emit(p, OP_ANY, 0);
		break;
	case '^':
		emit(p, OP_START, 0);
		break;
	case '$':
		emit(p, OP_END, 0);
		break;
	default:
		p->is_bad = p->is_bad || is_repetition(*s);
		emit(p, OP_BYTE, (unsigned char)*s);
	}
}

/* The atom at @s and its first @n repetitions, the last of which is the outermost. */
static void emit_repeated(struct program *p, const char *s, const char *end, const struct repeat *r, size_t n)
{
	unsigned int split, first_skip = 0, n_skips = 0;

	p->is_bad = p->is_bad || ++p->work > WORK_MAX;
	if (p->is_bad)
		return;
	if (n == 0) {
		emit_atom(p, s, end);
		return;
	}
	r += n - 1;
	if (r->max == 0) {	/* it must be good all the same */
		unsigned int code = p->n;

		emit_repeated(p, s, end, r - (n - 1), n - 1);
		p->n = code;
		return;
	}
	for (unsigned int i = 0; i < r->min && !p->is_bad; i++)
		emit_repeated(p, s, end, r - (n - 1), n - 1);
	if (r->max == INFINITE) {
		split = emit(p, OP_SPLIT, 0);
		p->code[split].a = (uint16_t)p->n;
		emit_repeated(p, s, end, r - (n - 1), n - 1);
		emit(p, OP_JUMP, split);
		p->code[split].b = (uint16_t)p->n;
		return;
	}
	/* Each one more may be left out with all that follow: their ways out are a chain through b until its end is known. */
	for (unsigned int i = r->min; i < r->max && !p->is_bad; i++) {
		split = emit(p, OP_SPLIT, 0);
		p->code[split].a = (uint16_t)p->n;
		p->code[split].b = (uint16_t)first_skip;
		first_skip = split;
		n_skips++;
		emit_repeated(p, s, end, r - (n - 1), n - 1);
	}
	while (n_skips-- && !p->is_bad) {
		split = first_skip;
		first_skip = p->code[split].b;
		p->code[split].b = (uint16_t)p->n;
	}
}

/* Atoms with their repetitions, one behind the other. */
static void emit_branch(struct program *p, const char *s, const char *end)
{
	while (s < end && !p->is_bad) {
		const char *behind = atom_end(s, end), *next = behind;
		struct repeat repeats[8];
		size_t n = 0;

		/* An anchor is nothing to repeat. */
		if (!behind || ((*s == '^' || *s == '$') && next < end && is_repetition(*next))) {
			p->is_bad = true;
			return;
		}
		while (next < end && is_repetition(*next)) {
			next = n < ARRAY_SIZE(repeats) ? repetition(next, end, &repeats[n]) : NULL;
			if (!next) {
				p->is_bad = true;
				return;
			}
			n++;
		}
		emit_repeated(p, s, behind, repeats, n);
		s = next;
	}
}

/* The '|' that ends this branch, or @end. */
static const char *branch_end(const char *s, const char *end)
{
	while (s < end && *s != '|') {
		const char *next = atom_end(s, end);

		s = next ? next : end;
	}
	return s;
}

static void emit_alternatives(struct program *p, const char *s, const char *end)
{
	unsigned int last_jump = 0, n_jumps = 0;

	for (;;) {
		const char *bar = branch_end(s, end);
		unsigned int split, jump;

		if (bar == end)
			break;
		split = emit(p, OP_SPLIT, 0);
		p->code[split].a = (uint16_t)p->n;
		emit_branch(p, s, bar);
		jump = emit(p, OP_JUMP, last_jump);
		if (p->is_bad)
			return;
		last_jump = jump;
		n_jumps++;
		p->code[split].b = (uint16_t)p->n;
		s = bar + 1;
	}
	emit_branch(p, s, end);
	while (n_jumps-- && !p->is_bad) {
		unsigned int jump = last_jump;

		last_jump = p->code[jump].a;
		p->code[jump].a = (uint16_t)p->n;
	}
}

static void compile(struct program *p, const char *pattern)
{
	p->n = p->n_sets = p->depth = p->work = 0;
	p->is_bad = false;
	emit_alternatives(p, pattern, pattern + strlen(pattern));
	emit(p, OP_MATCH, 0);
}

/* The instructions that wait for the next byte. */
struct threads {
	uint16_t at[CODE_MAX];
	unsigned int n;
};

struct run {
	const struct program *program;
	const char *text;
	uint16_t seen[CODE_MAX];	/* generation in which it was added */
	uint16_t stack[CODE_MAX];
	uint16_t generation;
	bool matched;
};

static void push(struct run *run, unsigned int pc, unsigned int *n)
{
	if (run->seen[pc] == run->generation)
		return;
	run->seen[pc] = run->generation;
	run->stack[(*n)++] = (uint16_t)pc;
}

/* Follow everything from @pc that takes no byte, at @s. Each instruction is on the stack once at most. */
static void add_thread(struct run *run, struct threads *list, unsigned int pc, const char *s)
{
	unsigned int n = 0;

	push(run, pc, &n);
	while (n) {
		unsigned int at = run->stack[--n];
		const struct inst *i = &run->program->code[at];

		switch ((enum op)i->op) {
		case OP_SPLIT:
			push(run, i->b, &n);
			push(run, i->a, &n);
			break;
		case OP_JUMP:
			push(run, i->a, &n);
			break;
		case OP_START:
			if (s == run->text)
				push(run, at + 1, &n);
			break;
		case OP_END:
			if (!*s)
				push(run, at + 1, &n);
			break;
		case OP_MATCH:
			run->matched = true;
			break;
		case OP_BYTE:
		case OP_ANY:
		case OP_SET:
			list->at[list->n++] = (uint16_t)at;
			break;
		}
	}
}

static bool takes(const struct program *p, const struct inst *i, unsigned int c)
{
	return i->op == OP_ANY || (i->op == OP_SET ? set_has(&p->sets[i->a], c) : i->byte == c);
}

static bool run_program(const struct program *p, const char *text)
{
	struct run run = { .program = p, .text = text };
	struct threads lists[2], *now = &lists[0], *next = &lists[1], *swap;

	now->n = 0;
	for (const char *s = text; ; s++) {
		/* Threads of @now were added with this generation: a new start may join them. */
		if (s == text)
			run.generation = 1;
		add_thread(&run, now, 0, s);
		if (run.matched || !*s)
			return run.matched;
		if (++run.generation == 0) {	/* a text of 64 kB */
			memset(run.seen, 0, sizeof(run.seen));
			run.generation = 1;
		}
		next->n = 0;
		for (unsigned int i = 0; i < now->n; i++)
			if (takes(p, &p->code[now->at[i]], (unsigned char)*s))
				add_thread(&run, next, now->at[i] + 1u, s + 1);
		if (run.matched)
			return true;
		swap = now;
		now = next;
		next = swap;
	}
}

/* The longest group of a branch that is not repeated, and what stands behind it; @end if there is none. */
static const char *longest_group(const char *s, const char *end, const char **behind)
{
	const char *group = end, *next;

	*behind = end;
	for (; s < end; s = next) {
		next = atom_end(s, end);
		if (!next)
			break;
		if (*s == '(' && (next == end || !is_repetition(*next)) && next - s > *behind - group) {
			group = s;
			*behind = next;
		}
	}
	return group;
}

/* One branch, "A(B|C)D", as "ABD" and "ACD". The others must be good, too, when one has matched. Without @text none matches. */
static bool match_branch(struct program *p, const char *start, const char *end, const char *text)
{
	const char *behind, *group = longest_group(start, end, &behind);
	const char *s = group < end ? group + 1 : end, *last = group < end ? behind - 1 : end;
	bool matched = false;

	for (;; s++) {
		const char *bar = branch_end(s, last);

		p->n = p->n_sets = 0;
		emit_branch(p, start, group);
		emit_branch(p, s, bar);
		emit_branch(p, behind, end);
		emit(p, OP_MATCH, 0);
		if (p->is_bad)
			return false;
		matched = matched || (text && run_program(p, text));
		if (bar == last)
			return matched;
		s = bar;
	}
}

/* A pattern that is too long as a whole, one alternative after the other. 1 or 0; -1 if one of them is bad, or all together too much work. */
static int match_alternatives(struct program *p, const char *pattern, const char *text)
{
	const char *end = pattern + strlen(pattern);
	bool matched = false;

	p->depth = p->work = 0;
	p->is_bad = false;
	for (const char *s = pattern; ; s++) {
		const char *bar = branch_end(s, end);

		matched |= match_branch(p, s, bar, text);
		if (p->is_bad)
			return -1;
		if (bar == end)
			return matched;
		s = bar;
	}
}

/* Most have nothing special in them. */
static bool is_plain(const char *pattern)
{
	return !strpbrk(pattern, "\\^$.[()|?*+{");
}

bool pattern_is_good(const char *pattern)
{
	struct program p;

	if (is_plain(pattern))
		return true;
	compile(&p, pattern);
	return !p.is_bad || match_alternatives(&p, pattern, NULL) >= 0;
}

/* 1 or 0; -1 for what is no regular expression. */
static int match(const char *pattern, const char *text)
{
	struct program p;

	if (is_plain(pattern))
		return strstr(text, pattern) != NULL;
	if (streq(pattern, ".*"))
		return 1;
	compile(&p, pattern);
	return p.is_bad ? match_alternatives(&p, pattern, text) : run_program(&p, text);
}

bool pattern_matches(const char *pattern, const char *text)
{
	return match(pattern, text) == 1;
}

bool pattern_matches_or_not(const char *pattern, const char *text)
{
	bool is_turned = *pattern == '!';
	int found = match(pattern + is_turned, text);

	return found >= 0 && found != is_turned;
}
