/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program for the default capabilities was finished at build time and is
 * installed as it lies in the executable. For any other set (--cap-add, a lab
 * node, packet sockets) it is made from the embedded table, which takes a few
 * microseconds: 2^14 sets that matter are too many to embed.
 *
 * No flags at installation: TSYNC has no other threads to reach, LOG and
 * NEW_LISTENER nobody to hear them, and SPEC_ALLOW would trade a mitigation
 * (Spectre v4, on kernels before 5.16 only) for speed.
 */
#include "core/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/seccomp_tree.h"

#include "seccomp_default.inc"

static bool is_precompiled(uint64_t caps, bool packet_sockets)
{
	return (caps & RELEVANT_CAPS) == PRECOMPILED_CAPS && !packet_sockets;
}

/* Writes the program to out, at most max instructions; their count or -E2BIG. */
int seccomp_program(uint64_t caps, bool packet_sockets, struct sock_filter *out, size_t max)
{
	if (!is_precompiled(caps, packet_sockets))
		return sc_build(&default_table, caps, packet_sockets, out, max);
	if (ARRAY_SIZE(default_program) > max)
		return -E2BIG;
	memcpy(out, default_program, sizeof(default_program));
	return (int)ARRAY_SIZE(default_program);
}

static int install(const struct sock_filter *v, size_t n, struct err *e)
{
	/* the kernel only reads it; its structure has no const */
	union {
		const struct sock_filter *in;
		struct sock_filter *out;
	} filter = { .in = v };
	struct sock_fprog prog = { .len = (unsigned short)n, .filter = filter.out };

	int r;

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0)
		return 0;
	r = err_sys(e, errno, "install the system call filter");
	if (r == -EINVAL || r == -ENOSYS)
		err_hint(e, "the kernel needs CONFIG_SECCOMP_FILTER; --seccomp unconfined "
			    "does without");
	return r;
}

/*
 * For the calling thread and what it starts; cannot be undone. Whatever comes
 * after must be let through by it: exec, and writing an error. -EACCES without
 * no_new_privs and SYS_ADMIN. Source: seccomp(2).
 */
int seccomp_install(uint64_t caps, bool packet_sockets, struct err *e)
{
	struct sock_filter v[SECCOMP_MAX_INSNS];
	int n;

	if (is_precompiled(caps, packet_sockets))
		return install(default_program, ARRAY_SIZE(default_program), e);
	n = sc_build(&default_table, caps, packet_sockets, v, ARRAY_SIZE(v));
	return n < 0 ? err_sys(e, n, "build the system call filter") : install(v, (size_t)n, e);
}
