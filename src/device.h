/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one door to a path device: every command of ours goes through it, so that a test can stand behind it instead of a disk.
 */
#ifndef MPATH_DEVICE_H
#define MPATH_DEVICE_H

/* ioctl(2): -1 and errno, or what the driver returns. Blocks as long as the driver does. */
int device_ioctl(int fd, unsigned long request, void *arg);

#endif
