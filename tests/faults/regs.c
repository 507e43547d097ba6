// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/regs.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

/* One that was killed meanwhile has no registers any more, which is as well. */
#define POKE(pid, reg, value) \
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, reg), value)

void regs_skip(pid_t pid)
{
	POKE(pid, orig_rax, -1L);
}

void regs_first_argument(pid_t pid, unsigned long value)
{
	POKE(pid, rdi, value);
}

void regs_result(pid_t pid, long value)
{
	POKE(pid, rax, value);
}
