/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "conf.h"

struct heard {
	unsigned int n, line;
	char text[160];
};

static void hear(void *arg, unsigned int line, const char *problem)
{
	struct heard *h = arg;

	if (h->n++ == 0) {
		h->line = line;
		snprintf(h->text, sizeof(h->text), "%s", problem);
	}
}

static struct conf *parse(const char *text, size_t len, bool strict, struct heard *h)
{
	struct conf *c = NULL;
	int r = conf_parse(text, len, strict, hear, h, &c);

	assert_int_equal(r, c ? 0 : -EBADMSG);
	return c;
}

/* The tree as one line: key=value, key{ … }, comments as <…>. */
static void flatten(const struct conf_node *first, char *out, size_t size)
{
	const struct conf_node *stack[CONF_DEPTH_MAX], *n = first;
	size_t depth = 0, len = 0;

	out[0] = '\0';
	while (n || depth) {
		if (!n) {
			n = stack[--depth]->next;
			len += (size_t)snprintf(out + len, size - len, "} ");
			continue;
		}
		len += (size_t)snprintf(out + len, size - len, "%s%s%s", n->key, n->is_section ? "{" : "=", n->value ? n->value : "");
		len += (size_t)snprintf(out + len, size - len, n->comment ? "<%s> " : " ", n->comment);
		if (n->is_section) {
			stack[depth++] = n;
			n = n->child;
		} else {
			n = n->next;
		}
	}
}

static void check_strict(const char *text, const char *flat)
{
	struct heard h = { 0 };
	struct conf *c = parse(text, strlen(text), true, &h);
	char got[500];

	assert_non_null(c);
	flatten(c->first, got, sizeof(got));
	assert_string_equal(got, flat);
	assert_int_equal(h.n, 0);
	conf_free(c);
}

static void test_good(void **state)
{
	(void)state;
	check_strict("", "");
	check_strict("a b", "a=b ");
	check_strict("a b\r\nc \"d e\"\r\n", "a=b c=d e ");
	check_strict("s {\n\ta 1 # /etc/x:3\n}\n", "s{ a=1</etc/x:3> } ");
	check_strict("# nothing\n! nothing\n  # nothing\n\na b!why\n", "a=b<why> ");
	check_strict("a \"x # y ! z { }\" # c\n", "a=x # y ! z { }<c> ");
	check_strict("a \"say \"\"hi\"\"\"\n", "a=say \"hi\" ");
	check_strict("a \"\"\n", "a= ");
	check_strict("a \"\"\"\"\n", "a=\" ");
	check_strict("s{\nt{\n}\n}\ns {\n}\n", "s{ t{ } } s{ } ");
	check_strict("a b#\n", "a=b ");
}

static void check_bad(const char *text, size_t len, unsigned int line, const char *problem)
{
	struct heard h = { 0 };

	assert_null(parse(text, len, true, &h));
	assert_int_equal(h.n, 1);
	assert_int_equal(h.line, line);
	if (problem)
		assert_string_equal(h.text, problem);
}

static void test_strict(void **state)
{
	static const char nul[] = "a b\nc\0d e\n";

	(void)state;
	check_bad("a b\nc\n", 6, 2, "no value for 'c'");
	check_bad("a b c\n", 6, 1, "ignoring what follows from 'c' on");
	check_bad("a b {\n}\n", 8, 1, "ignoring what follows from '{' on");
	check_bad("a \"b\n", 5, 1, "missing closing quote");
	check_bad("s {\na b\n", 8, 2, "missing '}' at the end of the file");
	check_bad("}\n", 2, 1, "unmatched '}'");
	check_bad("s\n{\n}\n", 6, 1, NULL);
	check_bad("s { a b }\n", 10, 1, NULL);
	check_bad(nul, sizeof(nul) - 1, 2, "NUL byte, line skipped");
}

static void check_lenient(const char *text, size_t len, unsigned int problems, const char *flat)
{
	struct heard h = { 0 };
	struct conf *c = parse(text, len, false, &h);
	char got[500];

	assert_non_null(c);
	flatten(c->first, got, sizeof(got));
	assert_string_equal(got, flat);
	assert_int_equal(h.n, problems);
	conf_free(c);
}

/* Mended as multipath 0.9.4 mends it: the first five were watched with multipath -t. */
static void test_lenient(void **state)
{
	static const char nul[] = "a b\nc\0d e\nf g\n";

	(void)state;
	check_lenient("prio \"al\"\"ua\"\n", 14, 0, "prio=al\"ua ");
	check_lenient("policy \"multibus\" extra\n", 24, 1, "policy=multibus ");
	check_lenient("features \"1 queue_if_no_path\nb c\n", 33, 1, "features=1 queue_if_no_path b=c ");
	check_lenient("devices\n{\nf b\n}\na b\n", 20, 1, "devices{ f=b } a=b ");
	check_lenient("s {\n} extra\na b\n", 16, 1, "s{ } a=b ");
	check_lenient("}\na b\n", 6, 1, "a=b ");
	check_lenient("s {\na b\n", 8, 1, "s{ a=b } ");
	check_lenient("a\nb c\n", 6, 0, "a= b=c ");
	check_lenient("a b\n{\nc d\n}\ne f\n", 16, 1, "a=b e=f ");
	check_lenient(nul, sizeof(nul) - 1, 1, "a=b f=g ");
}

static void test_depth(void **state)
{
	char text[4 * 5000 + 20];
	struct heard h = { 0 };
	struct conf *c;
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 5000; i++, len += 4)
		memcpy(text + len, "s {\n", 4);
	c = parse(text, len, false, &h);
	assert_non_null(c);
	conf_free(c);

	/* what is too deep is skipped to its end, and no further */
	len = 0;
	for (int i = 0; i < CONF_DEPTH_MAX + 2; i++)
		len += (size_t)sprintf(text + len, "s {\n");
	for (int i = 0; i < CONF_DEPTH_MAX + 2; i++)
		len += (size_t)sprintf(text + len, "}\n");
	len += (size_t)sprintf(text + len, "a b\n");
	h.n = 0;
	c = parse(text, len, false, &h);
	assert_non_null(conf_find(c->first, "a"));
	assert_int_equal(h.n, 1);
	conf_free(c);
}

static void test_long_line(void **state)
{
	size_t size = 1 << 20;
	char *text = malloc(size);
	struct heard h = { 0 };
	struct conf *c;

	(void)state;
	memset(text, 'x', size);
	text[1] = ' ';
	c = parse(text, size, true, &h);
	assert_int_equal(strlen(c->first->value), size - 2);
	conf_free(c);
	free(text);
}

static void test_number(void **state)
{
	uint64_t v = 7;

	(void)state;
	assert_true(conf_number("0", 10, &v) && v == 0);
	assert_true(conf_number("18446744073709551615", UINT64_MAX, &v) && v == UINT64_MAX);
	assert_false(conf_number("18446744073709551616", UINT64_MAX, &v));
	assert_false(conf_number("99999999999999999999999", UINT64_MAX, &v));
	assert_false(conf_number("11", 10, &v));
	assert_false(conf_number("", 10, &v));
	assert_false(conf_number("-1", 10, &v));
	assert_false(conf_number(" 1", 10, &v));
	assert_false(conf_number("1x", 10, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_strict), cmocka_unit_test(test_lenient),
		cmocka_unit_test(test_depth), cmocka_unit_test(test_long_line), cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
