/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "device.h"

#include <sys/ioctl.h>

int device_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}
