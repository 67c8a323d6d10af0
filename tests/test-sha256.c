/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sha256.h"
#include "util.h"

/* FIPS 180-4 examples, and lengths around the block's end, where padding goes wrong; sha256sum(1) says the same. */
static void test_known(void **state)
{
	static const struct {
		const char *text;
		size_t repeat;
		const char *hex;
	} known[] = {
		{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318" },
		{ "a", 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb" },
		{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t len = strlen(known[i].text), n = len * known[i].repeat;
		_auto_free_ char *text = malloc(n + 1);
		char hex[SHA256_HEX_SIZE];

		for (size_t j = 0; j < n; j++)
			text[j] = known[i].text[j % len];
		sha256_hex(text, n, hex);
		assert_string_equal(hex, known[i].hex);
	}
}

static void test_pieces(void **state)
{
	char text[300], whole[SHA256_HEX_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (size_t cut = 0; cut <= sizeof(text); cut++) {
		uint8_t digest[SHA256_SIZE], other[SHA256_SIZE];
		struct sha256 h;

		sha256_init(&h);
		sha256_add(&h, text, sizeof(text));
		sha256_finish(&h, other);
		sha256_init(&h);
		sha256_add(&h, text, cut);
		sha256_add(&h, text + cut, sizeof(text) - cut);
		sha256_finish(&h, digest);
		assert_memory_equal(digest, other, sizeof(digest));
	}
	sha256_hex(text, sizeof(text), whole);
	assert_int_equal(strlen(whole), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
