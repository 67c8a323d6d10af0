/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into User-Mode Linux: its clock runs with the processor time that it has had, and where it would sleep until its next timer, it is that late at once.
 * So a boot takes the time of its work, and how busy the machine is does not change what happens in it, nor in which order. (Kernels since 5.2 can do
 * it themselves, "time-travel"; Debian's is built without.) What arch/um/os-Linux/time.c asks of the C library is answered here.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long long slept_ns, epoch_ns;
static timer_t timer;
static int has_timer;

static long long to_ns(const struct timespec *t)
{
	return t->tv_sec * 1000000000LL + t->tv_nsec;
}

static struct timespec to_timespec(long long ns)
{
	return (struct timespec) { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
	struct timespec t;

	if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, clock, out);
	syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &t);
	if (clock == CLOCK_REALTIME && !epoch_ns) {
		struct timespec real;

		syscall(SYS_clock_gettime, CLOCK_REALTIME, &real);
		epoch_ns = to_ns(&real) - to_ns(&t) - slept_ns;
	}
	*out = to_timespec(to_ns(&t) + slept_ns + (clock == CLOCK_REALTIME ? epoch_ns : 0));
	return 0;
}

int timer_create(clockid_t clock, struct sigevent *event, timer_t *out)
{
	int id = 0, r = (int)syscall(SYS_timer_create, clock == CLOCK_MONOTONIC ? CLOCK_PROCESS_CPUTIME_ID : clock, event, &id);

	if (r == 0) {
		memset(&timer, 0, sizeof(timer));
		memcpy(&timer, &id, sizeof(id));
		has_timer = 1;
		*out = timer;
	}
	return r;
}

static int id_of(timer_t t)
{
	int id;

	memcpy(&id, &t, sizeof(id));
	return id;
}

int timer_settime(timer_t t, int flags, const struct itimerspec *new, struct itimerspec *old)
{
	return (int)syscall(SYS_timer_settime, id_of(t), flags, new, old);
}

int timer_gettime(timer_t t, struct itimerspec *out)
{
	return (int)syscall(SYS_timer_gettime, id_of(t), out);
}

/*
 * It is idle, and waits for its timer: let it expire now. Not kill(): had the timer just expired, its signal would be pending, one more of the kind be dropped, and
 * disarming the timer take back the first (Linux since 6.13): a sleep without an end.
 */
int sigsuspend(const sigset_t *mask)
{
	struct itimerspec left;

	if (has_timer && timer_gettime(timer, &left) == 0 && to_ns(&left.it_value) > 0) {
		slept_ns += to_ns(&left.it_value);
		left.it_value = to_timespec(1);
		timer_settime(timer, TIMER_ABSTIME, &left, NULL);
	}
	return (int)syscall(SYS_rt_sigsuspend, mask, 8);
}
