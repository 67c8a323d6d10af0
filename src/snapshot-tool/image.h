/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The snapshot in an initramfs image of whatever builder: archives one behind another, each plain or compressed, as the kernel takes them. A compressed one is read
 * through the program for it; behind it, only plain archives are found.
 */
#ifndef MPATH_IMAGE_H
#define MPATH_IMAGE_H

#include "cpio.h"

/* Texts of the snapshots in an image; NULL where it has none. Owned: image_clear(). */
struct image {
	char *own, *appended;	/* see ../choice.h */
	size_t own_len, appended_len;
};

/*
 * Read @n files as the boot loader loads them: one behind the other. A file that is a snapshot itself counts as an image with nothing else in it. 0, or -errno, which
 * has been reported, but for -ENODATA: there is no snapshot in them.
 */
int image_read(const char *const *files, size_t n, struct image *out);
void image_clear(struct image *image);

/* One file of an image, whose bytes are here; @file is read again where it has to be unpacked. 0 or -errno, which has been reported. */
int image_take(const char *file, const uint8_t *data, size_t len, struct image *out);
/* One archive from a stream (cpio.h), up to its trailer. 0; -ENODATA: there was none; -EBADMSG, -ENOMEM. */
int image_take_archive(cpio_read_fn *read, void *arg, struct image *out);

#endif
