/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resident.h"

#include <sys/mman.h>
#include <unistd.h>

void resident_keep(struct resident *r, int fd, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (r->at)
		munmap(r->at, r->size);
	r->size = (size + page - 1) / page * page;
	r->at = r->size ? mmap(NULL, r->size, PROT_READ, MAP_SHARED, fd, 0) : NULL;
	if (r->at == MAP_FAILED)
		r->at = NULL;
}
