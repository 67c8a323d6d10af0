/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf.h"
#include "snapshot-tool/print-mend.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What multipath -t might print one day. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), *mended;
	size_t mended_len;
	struct conf *conf;

	if (!text)
		return 0;
	if (len)
		memcpy(text, data, len);
	text[len] = '\0';
	if (!memchr(text, '\0', len)) {
		mended = print_mend(text, len, &mended_len);
		if (mended && mended_len > 3 * len + 2)
			abort();
		if (mended && conf_parse(mended, mended_len, false, NULL, NULL, &conf) == 0)
			conf_free(conf);
		free(mended);
	}
	free(text);
	return 0;
}
