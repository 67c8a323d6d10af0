/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swapout KB FILE... -- DISK...: what swap on a map does when that loses its paths. The FILEs, of a tmpfs, are swapped out unless somebody keeps them (madvise(2)), and
 * somebody wants KB of memory, so that they leave it, too; then the DISKs are offline for eight seconds, and the last one is back. All that with memory that is locked:
 * whoever asks for a page that was swapped out waits until the guard has reinstated a path.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static void page_out(const char *file)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	struct stat st;
	char *at;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0)
		return;
	at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (at == MAP_FAILED)
		return;
	for (off_t i = 0; i < st.st_size; i += 4096)
		(void)*(volatile char *)(at + i);
	if (madvise(at, (size_t)st.st_size, MADV_PAGEOUT) < 0)
		perror(file);
	munmap(at, (size_t)st.st_size);
	close(fd);
}

static void set_state(const char *disk, const char *state)
{
	char file[64];
	int fd;

	snprintf(file, sizeof(file), "/sys/block/%.20s/device/state", disk);
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, state, strlen(state)) < 0)
		perror(file);
	close(fd);
}

int main(int argc, char **argv)
{
	size_t kb = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	int i = 2;
	pid_t pid;

	for (; i < argc && strcmp(argv[i], "--") != 0; i++)
		page_out(argv[i]);
	if (i + 1 >= argc)
		return 2;
	sleep(1);
	pid = fork();
	if (pid == 0) {
		char *at = mmap(NULL, kb << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (size_t n = 0; at != MAP_FAILED && n < kb << 10; n += 4096)
			at[n] = 1;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
		return 2;
	for (int n = i + 1; n < argc; n++)
		set_state(argv[n], "offline\n");
	sleep(8);
	set_state(argv[argc - 1], "running\n");
	return 0;
}
