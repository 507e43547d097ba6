/* SPDX-License-Identifier: GPL-2.0-or-later */
/* proc_exit - how a process ended that is not the caller's child. */
#ifndef CT_CORE_PROC_EXIT_H
#define CT_CORE_PROC_EXIT_H

#include "core/base/proc.h"

/*
 * Of one that has ended (its pidfd is readable): as a shell has it, 0..255 or
 * 128 + n. Kernels from 6.15 on keep it with the pidfd (PIDFD_INFO_EXIT, once its
 * parent has collected it); on older ones it is there while nobody has, in
 * /proc/PID/stat. -ENODATA: it cannot be told.
 */
int proc_exit_status(int pidfd, const struct proc_id *id);

#endif
