/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <regex.h>
#include <stdio.h>
#include <cmocka.h>

#include "pattern.h"
#include "util.h"

/* The C library's answer: 1, 0, or -1 for no regular expression. */
static int wanted(const char *pattern, const char *text)
{
	regex_t re;
	int r;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return -1;
	r = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return r;
}

static void check(const char *pattern, const char *text)
{
	int want = wanted(pattern, text);

	if (pattern_is_good(pattern) != (want >= 0) || pattern_matches(pattern, text) != (want == 1))
		fail_msg("\"%s\" and \"%s\": want %d, got %d %d", pattern, text, want, pattern_is_good(pattern), pattern_matches(pattern, text));
}

static void test_known(void **state)
{
	static const char *const patterns[] = {
		"", ".*", "^(sd[a-z]|dasd[a-z]|nvme[0-9])", "(SCSI_IDENT_|ID_WWN)", "^NVM[eE]", "(NETAPP|LSI|ENGENIO)", "SAN ARRAY$", "^DGC", "R/Evo",
		"VV", "^.{4,7}x$", "[[:digit:]]+", "[]a]", "[^]a]", "[a-]", "[-a]", "[[.-.]-a]", "[[=a=]]", "a{2}", "a{,2}b", "a{2,}", "(a|b)*c", "a|", "|a", "()",
		"a**", "(^a)", "a$b", "a^b", "\\.", "\\$", "x)", "[[:alpha:]_]", "\\w+", "\\W", "\\s", "\\S", "(((((a)))))",
		/* wrong ones */
		"*a", "+", "(", "(a", "[a", "a{", "a{1", "a{2,1}", "a{x}", "\\", "[z-a]", "[[:foo:]]", "(*a)", "a|*b",
	};
	static const char *const texts[] = {
		"", "a", "b", "aa", "aab", "ab", "abc", "sda", "sda1", "nvme0n1", "NVME", "NVMe disk", "NETAPP", "SAN ARRAY", "SAN ARRAY ALUA", "R/Evo", "x)",
		".", "$", "]", "-", "123x", "1234567x", "ID_WWN", " ", "_", "a^b", "a$b", "cbabac",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		for (size_t j = 0; j < ARRAY_SIZE(texts); j++)
			check(patterns[i], texts[j]);
}

static uint32_t seed = 20261124;

static unsigned int any(unsigned int n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Whatever the two of us are asked, we say the same. */
static void test_random(void **state)
{
	static const char *const parts[] = {
		"a", "b", "c", ".", "(", ")", "|", "*", "+", "?", "[ab]", "[^a]", "[a-c]", "(a|b)", "{2}", "{1,2}", "{0}", "\\.", "a*", "(ab)", "(a*)*",
	};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		char pattern[128] = "", text[16] = "";

		/* Not in the middle: glibc 2.36 lets (b$){2} match "b". */
		if (any(4) == 0)
			strcat(pattern, "^");
		for (unsigned int n = any(9); n; n--)
			strcat(pattern, parts[any(ARRAY_SIZE(parts))]);
		if (any(4) == 0)
			strcat(pattern, "$");
		for (unsigned int n = any(8); n; n--)
			strncat(text, &"abc."[any(4)], 1);
		check(pattern, text);
	}
}

/* Parts that are a regular expression by themselves. */
static void add_good(char *pattern, unsigned int max, const char *const *parts, size_t n_parts)
{
	char part[128];

	do {
		part[0] = '\0';
		for (unsigned int n = any(max); n; n--)
			strcat(part, parts[any((unsigned int)n_parts)]);
	} while (wanted(part, "") < 0);
	strcat(pattern, part);
}

/* Too long as a whole: lists of alternatives, with something around them. */
static void test_long_lists(void **state)
{
	static const char *const parts[] = {
		"a", "b", "c", ".", "*", "+", "?", "[ab]", "[^a]", "(a|b)", "(a|b|)", "{2}", "\\.", "a*", "(ab)", "(a*)*", "ccbbaa", "cabcab", "bbbbbbb",
	};

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char pattern[16000] = "", text[16] = "";
		unsigned int n = 100;
		bool in_group = any(4);

		strcat(pattern, any(2) ? "^" : "");
		if (in_group) {
			add_good(pattern, 3, parts, ARRAY_SIZE(parts));
			strcat(pattern, "(");
		}
		while (n--) {
			strcat(pattern, any(3) ? "cc" : "");
			add_good(pattern, 9, parts, ARRAY_SIZE(parts));
			strcat(pattern, n ? "|" : any(20) ? "" : "|*");
		}
		if (in_group) {
			strcat(pattern, any(20) ? ")" : "");
			add_good(pattern, 3, parts, ARRAY_SIZE(parts));
		}
		strcat(pattern, any(2) ? "$" : "");
		for (n = any(12); n; n--)
			strncat(text, &"abc."[any(4)], 1);
		check(pattern, text);
	}
}

/* As many WWIDs as anybody may list. */
static void test_wwids(void **state)
{
	static const char *const forms[][2] = { { "^(", ")$" }, { "", "" }, { "(", ")" }, { "^3(", ")" }, { "(^|x)(", ")($|y)" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char pattern[16000];
		int len = sprintf(pattern, "%s", forms[i][0]);

		for (int n = 0; n < 400; n++)
			len += sprintf(pattern + len, "%s360014050000000000000000000000%03d", n ? "|" : "", n);
		strcpy(pattern + len, forms[i][1]);
		check(pattern, "360014050000000000000000000000000");
		check(pattern, "360014050000000000000000000000399");
		check(pattern, "3360014050000000000000000000000399");
		check(pattern, "360014050000000000000000000000400");
		check(pattern, "x360014050000000000000000000000199y");
	}
}

/* No pattern takes for ever, none takes more than there is. */
static void test_hostile(void **state)
{
	char text[400], many[4000] = "";

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(pattern_matches("(a*)*(a*)*(a*)*b", text));
	assert_false(pattern_matches("(a|aa|aaa)*(a|aa|aaa)*c", text));
	assert_true(pattern_matches("^(a|aa)*$", text));
	assert_false(pattern_is_good("(((((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))))))))))"));
	assert_false(pattern_is_good("((a{99}){99}){99}"));
	assert_false(pattern_is_good("(){99}{99}{99}{99}"));
	for (int i = 0; i < 40; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "[a%c]", 'A' + i);
	assert_false(pattern_is_good(many));
	memset(many, 'x', sizeof(many) - 1);
	assert_true(pattern_matches(many, many));	/* nothing special in it: searched for as it stands */
	assert_true(pattern_is_good(many));
	many[0] = '^';
	assert_false(pattern_is_good(many));
	for (size_t i = 0; i < 3996; i += 4)
		memcpy(many + i, "()*|", 4);
	assert_true(pattern_is_good(many));
	for (size_t i = 0; i < 3982; i += 11)
		memcpy(many + i, "(){99}{99}|", 11);
	assert_false(pattern_is_good(many));	/* each is not much work */
}

static void test_turned(void **state)
{
	(void)state;
	assert_false(pattern_matches_or_not("!^sd", "sda"));
	assert_true(pattern_matches_or_not("!^sd", "vda"));
	assert_false(pattern_matches_or_not("!(", "sda"));
	assert_true(pattern_matches_or_not("^sd", "sda"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_wwids),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
