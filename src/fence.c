/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence.h"

#include <setjmp.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ 51	/* since 5.14; what the kernel itself puts there, which depends on the processor */
#endif

struct fence {
	sigjmp_buf back;
	int sig;
};

static __thread struct fence *current;	/* the call that this thread is in; NULL outside */
static __thread bool has_stack;

static void on_crash(int sig, siginfo_t *info, void *context)
{
	struct sigaction end = { .sa_handler = SIG_DFL };

	(void)context;
	/* A positive code is the processor's; abort() sends its signal itself. One that others send is not about us. */
	if (current && (info->si_code > 0 || sig == SIGABRT)) {
		current->sig = sig;
		siglongjmp(current->back, 1);
	}
	sigaction(sig, &end, NULL);
	if (info->si_code <= 0)
		raise(sig);
	/* else the instruction runs again, and ends us with the right core dump */
}

void fence_init(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	/* SA_NODEFER: the handler does not return, and the mask need not be put back */
	struct sigaction catch = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &catch, NULL);
}

static void get_stack(void)
{
	size_t min = getauxval(AT_MINSIGSTKSZ);
	stack_t stack = { .ss_size = (min ? min : 4096) + 4096 };

	has_stack = true;
	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp != MAP_FAILED)
		sigaltstack(&stack, NULL);
}

int fence_run(void (*call)(void *arg), void *arg, bool foreign)
{
	struct fence fence = { .sig = 0 };

	if (foreign && !has_stack)
		get_stack();
	if (sigsetjmp(fence.back, 0) == 0) {
		current = &fence;
		call(arg);
	}
	current = NULL;
	return fence.sig;
}
