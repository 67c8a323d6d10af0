/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cpio.h"

#include <stdio.h>
#include <sys/stat.h>

#define TRAILER "TRAILER!!!"
#define BLOCK_SIZE 512
#define NAME_SIZE_MAX 4096	/* PATH_MAX: the kernel takes no longer one (init/initramfs.c) */

/* Fields of eight hexadecimal digits behind the magic number, in their order. */
enum field {
	FIELD_INO, FIELD_MODE, FIELD_UID, FIELD_GID, FIELD_NLINK, FIELD_MTIME, FIELD_SIZE, FIELD_MAJOR, FIELD_MINOR, FIELD_RMAJOR, FIELD_RMINOR,
	FIELD_NAME_SIZE, FIELD_CHECK, N_FIELDS
};

static void add_bytes(struct cpio *c, const void *data, size_t len)
{
	if (len > c->size - c->len) {
		size_t size = 2 * (c->len + len) + 4096;
		uint8_t *grown = c->failed ? NULL : realloc(c->data, size);

		if (!grown) {
			c->failed = true;
			return;
		}
		c->data = grown;
		c->size = size;
	}
	if (len)
		memcpy(c->data + c->len, data, len);
	c->len += len;
}

static void pad_to(struct cpio *c, size_t unit)
{
	static const uint8_t zeros[BLOCK_SIZE];

	add_bytes(c, zeros, (unit - c->len % unit) % unit);
}

void cpio_add(struct cpio *c, const char *name, mode_t mode, const void *data, size_t len)
{
	unsigned int fields[N_FIELDS] = {
		[FIELD_INO] = ++c->n,
		[FIELD_MODE] = mode,
		[FIELD_NLINK] = S_ISDIR(mode) ? 2 : 1,
		[FIELD_SIZE] = (unsigned int)len,
		[FIELD_NAME_SIZE] = (unsigned int)strlen(name) + 1,
	};
	char header[CPIO_HEADER_SIZE + 1] = "070701";
	size_t at = 6;

	for (size_t i = 0; i < N_FIELDS; i++)
		at += (size_t)sprintf(header + at, "%08X", fields[i]);
	add_bytes(c, header, CPIO_HEADER_SIZE);
	add_bytes(c, name, strlen(name) + 1);
	pad_to(c, 4);
	add_bytes(c, data, len);
	pad_to(c, 4);
}

void cpio_end(struct cpio *c)
{
	c->n = (unsigned int)-1;	/* the trailer is inode 0 */
	cpio_add(c, TRAILER, 0, NULL, 0);
	pad_to(c, BLOCK_SIZE);
}

static bool parse_field(const char *text, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 8; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* The name as it is in the image: initramfs-tools writes "etc", dracut "etc" or "./etc", others "/etc". */
static const char *plain_name(const char *name)
{
	while (str_after(name, "./") || *name == '/')
		name += *name == '/' ? 1 : 2;
	return name;
}

int cpio_next(cpio_read_fn *read, void *arg, struct cpio_member *out)
{
	char header[CPIO_HEADER_SIZE], name[NAME_SIZE_MAX + 4];
	uint32_t fields[N_FIELDS];
	size_t n = read(arg, header, sizeof(header)), len;

	if (n == 0)
		return -ENODATA;
	/* 070702 has checksums, which the kernel does not look at either */
	if (n != sizeof(header) || (memcmp(header, "070701", 6) != 0 && memcmp(header, "070702", 6) != 0))
		return -EBADMSG;
	for (size_t i = 0; i < N_FIELDS; i++)
		if (!parse_field(header + 6 + 8 * i, &fields[i]))
			return -EBADMSG;
	len = fields[FIELD_NAME_SIZE];
	if (len == 0 || len > NAME_SIZE_MAX)
		return -EBADMSG;
	len += cpio_padding(sizeof(header) + len);
	if (len > sizeof(name) || read(arg, name, len) != len || name[fields[FIELD_NAME_SIZE] - 1] != '\0')
		return -EBADMSG;
	if (streq(name, TRAILER))
		return 0;
	snprintf(out->name, sizeof(out->name), "%.255s", plain_name(name));
	out->mode = fields[FIELD_MODE];
	out->size = fields[FIELD_SIZE];
	return 1;
}
