/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fsdown DIR: its file system refuses everything from now on, as XFS does after I/O errors, and ext4 in Linux 6.6 to 6.14. The file system is not written to.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* ext4's and XFS's, the same (fs/ext4/ext4.h, EXT4_IOC_SHUTDOWN; fs/xfs/libxfs/xfs_fs.h, XFS_IOC_GOINGDOWN) */
#define GO_DOWN _IOR('X', 125, unsigned int)
#define NO_FLUSH 2u

int main(int argc, char **argv)
{
	unsigned int how = NO_FLUSH;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd >= 0 && ioctl(fd, GO_DOWN, &how) == 0)
		return 0;
	perror("fsdown DIR");
	return 1;
}
