/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpio archives as the kernel unpacks them into its initramfs (Documentation/driver-api/early-userspace/buffer-format.rst): "newc", written and read. The writer
 * is deterministic: no times, no inode numbers of any file system. The reader takes foreign bytes.
 */
#ifndef MPATH_CPIO_H
#define MPATH_CPIO_H

#include "../util.h"

#include <sys/types.h>

#define CPIO_HEADER_SIZE 110

/* An archive that grows in memory. Owned: free(data). */
struct cpio {
	uint8_t *data;
	size_t len, size;
	unsigned int n;		/* members so far */
	bool failed;		/* out of memory */
};

/* A directory (S_IFDIR in @mode, no data) or a regular file; a file's directories come before it. */
void cpio_add(struct cpio *c, const char *name, mode_t mode, const void *data, size_t len);
/* The trailer, and zeros up to whole sectors. */
void cpio_end(struct cpio *c);

struct cpio_member {
	char name[256];		/* without "./" or "/" in front; longer ones are cut */
	mode_t mode;
	uint64_t size;
};

/*
 * The next member of an archive from a stream: @read fills as much of the buffer as there is and returns how much that was (a short count: the end). 1: *out is
 * filled and the stream stands at its data, which the caller reads or skips, cpio_padding() bytes behind it included. 0: the trailer, and the archive is over.
 * -ENODATA: the stream ends before one byte; -EBADMSG: what is there is no header, or it is cut.
 */
typedef size_t cpio_read_fn(void *arg, void *buf, size_t len);
int cpio_next(cpio_read_fn *read, void *arg, struct cpio_member *out);

/* Zeros behind @size bytes of data. */
static inline size_t cpio_padding(uint64_t size)
{
	return (size_t)(-size & 3);
}

#endif
