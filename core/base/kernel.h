/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel - the system calls that nothing here does without. An older kernel lacks some;
 * a seccomp filter around us (of a container that we run in) may refuse any, and who
 * ignores the failure of one, as of a signal to somebody who may be gone, would wait for
 * something that never comes.
 */
#ifndef CT_BASE_KERNEL_H
#define CT_BASE_KERNEL_H

struct err;

/* 0; -ENOSYS: the first that is missing is named, with what has it. Changes nothing. */
int kernel_check(struct err *e);

#endif
