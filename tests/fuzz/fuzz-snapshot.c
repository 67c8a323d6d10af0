/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "rules.h"
#include "sha256.h"
#include "snapshot.h"
#include "util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Without a good checksum the parser is never reached: as it stands, and with one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = calloc(1, len + 100), hex[SHA256_HEX_SIZE];
	struct snapshot_error err;
	struct snapshot *s;

	if (!text)
		return 0;
	if (len)
		memcpy(text, data, len);
	if (snapshot_parse((const char *)data, len, &s, &err) == 0)
		snapshot_free(s);
	if (len && text[len - 1] != '\n')
		text[len++] = '\n';
	sha256_hex(text, len, hex);
	len += (size_t)sprintf(text + len, "checksum \"sha256:%s\"\n", hex);
	if (snapshot_parse(text, len, &s, &err) == 0) {
		snapshot_add_wwids(&s, "36001405abcdef0000000000000000000,eui.00");
		for (size_t i = 0; i < s->n_maps; i++)
			if (!s->maps[i].wwid || !s->maps[i].alias || (unsigned int)s->maps[i].policy >= n_policy_names)
				abort();
		if (s->rules && ((unsigned int)s->rules->find > FIND_STRICT || !s->rules->bindings || !s->rules->wwids))
			abort();
		for (size_t i = 0; s->rules && i < s->rules->n_bindings; i++)
			if (!snapshot_is_alias(s->rules->bindings[i].alias) || !snapshot_is_wwid(s->rules->bindings[i].wwid))
				abort();
		snapshot_free(s);
	} else if (strlen(err.text) == 0) {
		abort();
	}
	free(text);
	return 0;
}
