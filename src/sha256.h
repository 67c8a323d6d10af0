/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-256 (FIPS 180-4): the snapshot's checksum and the hashes of its sources. No allocation, no I/O.
 */
#ifndef MPATH_SHA256_H
#define MPATH_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_HEX_SIZE (2 * SHA256_SIZE + 1)

struct sha256 {
	uint32_t state[8];
	uint64_t len;		/* bytes so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *data, size_t len);
void sha256_finish(struct sha256 *h, uint8_t digest[SHA256_SIZE]);

/* The same as hex. */
void sha256_finish_hex(struct sha256 *h, char hex[SHA256_HEX_SIZE]);

/* The digest of @len bytes at @data as lower-case hex, NUL at the end. */
void sha256_hex(const void *data, size_t len, char hex[SHA256_HEX_SIZE]);

#endif
