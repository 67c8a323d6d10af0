/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox.h"

#include <endian.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && __BYTE_ORDER == __LITTLE_ENDIAN
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#endif

/* Every thread. What an architecture does not have it does not need. */
static const int common[] = {
	SYS_read, SYS_readv, SYS_write, SYS_writev, SYS_close, SYS_fcntl, SYS_lseek, SYS_ppoll,
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_futex, SYS_clock_gettime, SYS_gettimeofday, SYS_nanosleep, SYS_clock_nanosleep, SYS_restart_syscall,
	SYS_rt_sigreturn, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_sigaltstack, SYS_sched_yield,
	SYS_exit, SYS_exit_group, SYS_getpid, SYS_gettid, SYS_uname, SYS_tkill, SYS_tgkill,
};

/* Small files below descriptors that were opened at start. */
static const int files[] = {
	SYS_fstat, SYS_readlinkat, SYS_faccessat, SYS_getdents64, SYS_pread64,
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
#ifdef SYS_statx
	SYS_statx,
#endif
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
};

/* The state file and links, files that are kept in memory, multipathd's socket, kernel events, the control socket. */
static const int owner[] = {
	SYS_mkdirat, SYS_unlinkat, SYS_symlinkat, SYS_ftruncate, SYS_fchmod, SYS_renameat2, SYS_munmap,
#ifdef SYS_renameat
	SYS_renameat,
#endif
	SYS_socket, SYS_connect, SYS_accept4, SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg, SYS_getsockopt, SYS_shutdown,
};

static const int devices[] = {
	SYS_io_setup, SYS_io_destroy, SYS_io_submit, SYS_io_getevents, SYS_fadvise64,
#ifdef SYS_io_pgetevents
	SYS_io_pgetevents,
#endif
#ifdef SYS_getrandom
	SYS_getrandom,
#endif
};

static const int memory[] = { SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise };

/* Second byte of the request (asm-generic/ioctl.h): device-mapper's; SG_IO, block devices, NVMe, cciss. */
static const unsigned int ioctl_dm[] = { 0xfd }, ioctl_device[] = { 0x22, 0x12, 'N', 'B' };

struct program {
	struct sock_filter code[160];
	unsigned short n;
};

static void add(struct program *p, unsigned short code, unsigned int k, unsigned char yes, unsigned char no)
{
	if (p->n < ARRAY_SIZE(p->code))
		p->code[p->n++] = (struct sock_filter) { .code = code, .k = k, .jt = yes, .jf = no };
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset, 0, 0);
}

static size_t argument(int i)
{
	return offsetof(struct seccomp_data, args) + (size_t)i * 8 + (__BYTE_ORDER == __LITTLE_ENDIAN ? 0 : 4);
}

static void allow(struct program *p, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)calls[i], 0, 1);
		add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	}
}

/* Only below a descriptor: never from the root or working directory. */
static void allow_openat(struct program *p, unsigned int otherwise)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4);
	load(p, argument(0));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)AT_FDCWD, 0, 1);
	add(p, BPF_RET | BPF_K, otherwise, 0, 0);
	add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* A file as it is, to be read: no memory of one's own. */
static void allow_files(struct program *p, unsigned int otherwise)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 6);
	load(p, argument(2));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, PROT_READ, 0, 2);
	load(p, argument(3));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, MAP_SHARED, 1, 0);
	add(p, BPF_RET | BPF_K, otherwise, 0, 0);
	add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

/* Memory of nobody's: not a file's. */
static void allow_anonymous(struct program *p, unsigned int otherwise)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 4);
	load(p, argument(4));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)-1, 1, 0);
	add(p, BPF_RET | BPF_K, otherwise, 0, 0);
	add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
}

static void allow_ioctl(struct program *p, const unsigned int *types, size_t n, unsigned int otherwise)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, (unsigned char)(2 * n + 3));
	load(p, argument(1));
	add(p, BPF_ALU | BPF_AND | BPF_K, 0xff00, 0, 0);
	for (size_t i = 0; i < n; i++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, types[i] << 8, 0, 1);
		add(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	}
	add(p, BPF_RET | BPF_K, otherwise, 0, 0);
}

#define ALLOW(p, list) allow(p, list, ARRAY_SIZE(list))

static void build(struct program *p, enum sandbox_thread thread, unsigned int otherwise)
{
#ifdef ARCH
	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	add(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
#endif
	load(p, offsetof(struct seccomp_data, nr));
	ALLOW(p, common);
	switch (thread) {
	case SANDBOX_MAIN:
		ALLOW(p, files);
		ALLOW(p, owner);
		allow_openat(p, otherwise);
		allow_files(p, otherwise);
		allow_ioctl(p, ioctl_dm, ARRAY_SIZE(ioctl_dm), otherwise);
		break;
	case SANDBOX_PROBE:
		ALLOW(p, files);
		ALLOW(p, devices);
		ALLOW(p, memory);
		allow_anonymous(p, otherwise);
		allow_openat(p, otherwise);
		allow_ioctl(p, ioctl_device, ARRAY_SIZE(ioctl_device), otherwise);
		break;
	case SANDBOX_DM:
		allow_ioctl(p, ioctl_dm, ARRAY_SIZE(ioctl_dm), otherwise);
		break;
	}
	add(p, BPF_RET | BPF_K, otherwise, 0, 0);
}

/*
 * SYS_ADMIN: device-mapper, NVMe commands. SYS_RAWIO: SCSI commands beyond the kernel's short list. DAC_OVERRIDE: a node that udev has given to somebody.
 * IPC_LOCK: memory that comes later is locked, too. SYS_PTRACE: the root directory of a multipathd.
 */
static int drop_capabilities(void)
{
	static const unsigned int keep = 1u << CAP_SYS_ADMIN | 1u << CAP_SYS_RAWIO | 1u << CAP_DAC_OVERRIDE | 1u << CAP_IPC_LOCK | 1u << CAP_SYS_PTRACE;
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	data[0].effective &= keep;
	data[0].permitted &= keep;
	data[0].inheritable = 0;
	data[1] = (struct __user_cap_data_struct) { 0 };
	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

int sandbox_enter(enum sandbox_thread thread, enum sandbox_mode mode)
{
	struct program p = { .n = 0 };
	struct sock_fprog prog = { .filter = p.code };
	int r;

	if (mode == SANDBOX_OFF)
		return 0;
	r = drop_capabilities();
	if (r < 0)
		return r;
	build(&p, thread, mode == SANDBOX_KILL ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_ERRNO | EPERM);
	if (p.n == ARRAY_SIZE(p.code))
		return -E2BIG;
	prog.len = p.n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) < 0)
		return -errno;
	return 0;
}
