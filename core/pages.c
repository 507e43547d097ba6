/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that has started a container has most of its own text mapped and of
 * its libraries', none of which it needs to wait. Only segments that are never
 * written to are let go: of the others a page that was is the only copy.
 */
#include "core/pages.h"

#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_LOOK (256u << 10)

#ifndef __SANITIZE_ADDRESS__
static int release_object(struct dl_phdr_info *info, size_t size, void *ctx)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t from = (info->dlpi_addr + h->p_vaddr) & ~(page - 1);
		uintptr_t to = info->dlpi_addr + h->p_vaddr + h->p_memsz;

		if (h->p_type == PT_LOAD && !(h->p_flags & PF_W))
			madvise((void *)from, to - from, MADV_DONTNEED); /* NOLINT */
	}
	return 0;
}

/* Below this frame, and a page that the kernel or a signal may be at. */
static void release_stack(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(page - 1);

	/* the lower end may not be mapped: the rest of it is let go nevertheless */
	madvise((void *)(here - STACK_LOOK), STACK_LOOK - 2 * page, MADV_DONTNEED); /* NOLINT */
}
#endif

void pages_release(void)
{
#ifndef __SANITIZE_ADDRESS__
	malloc_trim(0);
	release_stack();
	dl_iterate_phdr(release_object, NULL);
#endif
}
