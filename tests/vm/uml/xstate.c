/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preloaded into the User-Mode Linux kernel, whose buffer for a process's FPU registers has 2 696 bytes:
 * what AVX-512 and protection keys need. Hosts with AMX have 11 008, and since Linux 5.14 the host
 * refuses a PTRACE_SETREGSET that is shorter than that (EFAULT; UML then kills init). So pad it. The
 * guest is not told of AMX by anybody who would use it, so zeroes are right for the rest.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

long ptrace(enum __ptrace_request request, ...)
{
	static long (*real)(enum __ptrace_request, long, void *, void *);
	static char buf[1 << 16];
	static size_t size;             /* of the host's register set, 0 while UML's own will do */
	va_list ap;
	long pid;
	void *addr, *data;

	va_start(ap, request);
	pid = va_arg(ap, long);
	addr = va_arg(ap, void *);
	data = va_arg(ap, void *);
	va_end(ap);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "ptrace");

	if (request == PTRACE_SETREGSET && (long)addr == NT_X86_XSTATE) {
		const struct iovec *small = data;
		struct iovec big = { .iov_base = buf, .iov_len = sizeof(buf) };

		if (!size) {
			if (real(PTRACE_GETREGSET, pid, addr, &big) < 0)
				return -1;
			size = big.iov_len;
			memset(buf, 0, sizeof(buf));
		}
		if (small->iov_len < size) {
			memcpy(buf, small->iov_base, small->iov_len);
			big.iov_len = size;
			return real(request, pid, addr, &big);
		}
	}
	return real(request, pid, addr, data);
}
