/* SPDX-License-Identifier: GPL-2.0-or-later */
/* regs - of a process that is stopped at a system call: what ptrace(2) has one call for
 * only since Linux 6.16. x86_64 alone. */
#ifndef CT_FAULTS_REGS_H
#define CT_FAULTS_REGS_H

#include <sys/types.h>

/* At the entry: no call is made; regs_result() says at the exit what is seen of it. */
void regs_skip(pid_t pid);
void regs_first_argument(pid_t pid, unsigned long value);
/* At the exit. */
void regs_result(pid_t pid, long value);

#endif
