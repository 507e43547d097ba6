/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program for the default capabilities was finished at build time and is
 * installed as it lies in the executable. For any other set (--cap-add, a lab
 * node, packet sockets) it is made from the embedded table, which takes a few
 * microseconds: 2^14 sets that matter are too many to embed.
 *
 * No flags at installation but NEW_LISTENER: TSYNC has no other threads to
 * reach, LOG nobody to hear it, and SPEC_ALLOW would trade a mitigation
 * (Spectre v4, on kernels before 5.16 only) for speed.
 */
#include "core/seccomp.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/seccomp_tree.h"

#include "seccomp_default.inc"

static bool is_precompiled(const struct seccomp_want *want)
{
	return (want->caps & RELEVANT_CAPS) == PRECOMPILED_CAPS && !want->packet_sockets &&
	       want->listener;
}

/* Writes the program to out, at most max instructions; their count or -E2BIG. */
int seccomp_program(const struct seccomp_want *want, struct sock_filter *out, size_t max)
{
	if (!is_precompiled(want))
		return sc_build(&default_table, want, out, max);
	if (ARRAY_SIZE(default_program) > max)
		return -E2BIG;
	memcpy(out, default_program, sizeof(default_program));
	return (int)ARRAY_SIZE(default_program);
}

/* The listener's descriptor, 0 when flags asked for none, -errno. */
static int install(const struct sock_filter *v, size_t n, unsigned flags)
{
	/* the kernel only reads it; its structure has no const */
	union {
		const struct sock_filter *in;
		struct sock_filter *out;
	} filter = { .in = v };
	struct sock_fprog prog = { .len = (unsigned short)n, .filter = filter.out };
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);

	return r < 0 ? -errno : (int)r;
}

static int install_wanted(const struct seccomp_want *want)
{
	unsigned flags = want->listener ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
	struct sock_filter v[SECCOMP_MAX_INSNS];
	int n;

	if (is_precompiled(want))
		return install(default_program, ARRAY_SIZE(default_program), flags);
	n = sc_build(&default_table, want, v, ARRAY_SIZE(v));
	return n < 0 ? n : install(v, (size_t)n, flags);
}

static int refused(int r, struct err *e)
{
	r = err_sys(e, r, "install the system call filter");
	if (r == -EINVAL || r == -ENOSYS)
		err_hint(e, "the kernel needs CONFIG_SECCOMP_FILTER; --seccomp unconfined "
			    "does without");
	return r;
}

/*
 * For the calling thread and what it starts; cannot be undone. Whatever comes
 * after must be let through by it: exec, and writing an error. -EACCES without
 * no_new_privs and SYS_ADMIN. Source: seccomp(2), seccomp_unotify(2).
 */
int seccomp_install(const struct seccomp_want *want, int *ret_listener, struct err *e)
{
	struct seccomp_want deaf = *want;
	int r = install_wanted(want);

	*ret_listener = r >= 0 && want->listener ? r : -1;
	/* a container in a container: the outer one listens already */
	if (r == -EBUSY && want->listener) {
		deaf.listener = false;
		r = install_wanted(&deaf);
	}
	return r >= 0 ? 0 : refused(r, e);
}

#define LOAD(member)	   BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define IF(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define RETURN(action)	   BPF_STMT(BPF_RET | BPF_K, (action))

/*
 * Signals to pid 1 are notified by a filter of their own in front of a profile's:
 * of all verdicts the strictest holds, so what the profile refuses stays refused.
 */
static int install_listener(void)
{
	const struct sock_filter v[] = {
		LOAD(arch),
		IF(default_table.arch, 0, 6),
		LOAD(nr),
		IF(SYS_kill, 2, 0),
		IF(SYS_tkill, 1, 0),
		IF(SYS_tgkill, 0, 2),
		LOAD(args[0]),
		IF(1, 1, 0),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_USER_NOTIF),
	};

	return install(v, ARRAY_SIZE(v), SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

int seccomp_install_custom(const struct seccomp_custom *want, int *ret_listener, struct err *e)
{
	int r = want->listener ? install_listener() : -EBUSY;

	*ret_listener = r >= 0 ? r : -1;
	if (r >= 0 || r == -EBUSY)
		r = install(want->insns, want->n, want->flags);
	return r >= 0 ? 0 : refused(r, e);
}

/* A sanitized program asks for its signal stack before it ends. */
#ifdef CT_SANITIZED
#define EXTRA	      1
#define EXTRA_IF(yes) IF(SYS_sigaltstack, yes, 0),
#else
#define EXTRA 0
#define EXTRA_IF(yes)
#endif

int seccomp_install_reaper(struct err *e)
{
	const struct sock_filter v[] = {
		LOAD(arch),
		IF(default_table.arch, 0, 8 + EXTRA),
		LOAD(nr),
		EXTRA_IF(6) IF(SYS_rt_sigtimedwait, 5, 0),
		IF(SYS_wait4, 4, 0),
		IF(SYS_kill, 3, 0),
		IF(SYS_exit_group, 2, 0),
		IF(SYS_rt_sigreturn, 1, 0),
		IF(SYS_restart_syscall, 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_ERRNO | EPERM),
	};
	int r = install(v, ARRAY_SIZE(v), 0);

	return r >= 0 ? 0 : refused(r, e);
}
