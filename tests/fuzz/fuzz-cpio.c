/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives of an initramfs image, one behind another, and what may be between them. Nothing is unpacked. */
#include <string.h>

#include "snapshot-tool/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *data;
	size_t len;
};

static size_t read_memory(void *arg, void *buf, size_t len)
{
	struct memory *m = arg;

	len = len < m->len ? len : m->len;
	if (len)
		memcpy(buf, m->data, len);
	m->data += len;
	m->len -= len;
	return len;
}

/* Each byte of it is there, and one more. */
static void look_at(struct image *image)
{
	if ((image->own && image->own[image->own_len]) || (image->appended && image->appended[image->appended_len]))
		abort();
	image_clear(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct memory m = { data, size };
	struct image image = { .own = 0 };

	while (image_take_archive(read_memory, &m, &image) == 0)
		;
	look_at(&image);
	image_take("/nonexistent", data, size, &image);
	look_at(&image);
	return 0;
}
