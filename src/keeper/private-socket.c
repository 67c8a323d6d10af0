/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into the keeper's iscsid and iscsiadm: they talk over a socket of another name. The name that is compiled in belongs to the real root's iscsid, or to
 * the systemd socket unit that waits for it; abstract names are one to a network namespace, and iSCSI in the kernel knows but the first of those.
 *
 * Linked with nothing: syscall() is found in whichever libc the program has.
 */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static const char theirs[] = "ISCSIADM_ABSTRACT_NAMESPACE", ours[] = "/mpath-boot/iscsid";

extern long syscall(long number, ...);
int bind(int fd, const struct sockaddr *addr, socklen_t len);
int connect(int fd, const struct sockaddr *addr, socklen_t len);

static const struct sockaddr *rename_address(const struct sockaddr *addr, socklen_t *len, struct sockaddr_un *own)
{
	const struct sockaddr_un *un = (const void *)addr;
	socklen_t at = offsetof(struct sockaddr_un, sun_path) + 1;

	if (addr->sa_family != AF_UNIX || *len < at + sizeof(theirs) - 1 || un->sun_path[0])
		return addr;
	for (size_t i = 0; i < sizeof(theirs) - 1; i++)
		if (un->sun_path[1 + i] != theirs[i])
			return addr;
	own->sun_family = AF_UNIX;
	own->sun_path[0] = '\0';
	for (size_t i = 0; i < sizeof(ours) - 1; i++)
		own->sun_path[1 + i] = ours[i];
	*len = at + sizeof(ours) - 1;
	return (const struct sockaddr *)own;
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_un own;

	addr = rename_address(addr, &len, &own);
	return (int)syscall(SYS_bind, fd, addr, len);
}

int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct sockaddr_un own;

	addr = rename_address(addr, &len, &own);
	return (int)syscall(SYS_connect, fd, addr, len);
}
