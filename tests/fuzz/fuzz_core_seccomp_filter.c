/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the compiled system call filter that is kept beside a container's
 * record: refused, or a program within the kernel's limits.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/seccomp_profile.h"
#include "tests/fuzz/fuzz.h"

#define ID "0123456789ab"
#define HEAD \
	24 /* up to the end of the checksum, 16 bytes in: struct head of core/seccomp_cache.c */

/* Made right, or nothing behind it was ever reached. */
static void set_sum(uint8_t *buf, size_t size)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = HEAD; i < size; i++)
		h = (h ^ buf[i]) * 0x100000001b3ULL;
	memcpy(buf + HEAD - sizeof(h), &h, sizeof(h));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *buf = fuzz_text(data, size);
	struct seccomp_filter f = { 0 };
	struct err e = ERR_INIT;

	if (size >= HEAD)
		set_sum((uint8_t *)buf, size);
	fuzz_file("containers/" ID, "{}", 2); /* or it has no directory */
	fuzz_file("files/" ID "/seccomp", buf, size);
	if (seccomp_filter_load(fuzz_dir(), ID, &f, &e) < 0)
		fuzz_check(e.num < 0 && e.msg[0] && !f.insns);
	else
		fuzz_check(f.n && f.n <= BPF_MAXINSNS);
	seccomp_filter_free(&f);
	return 0;
}
