/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pidfd_info - what the kernel tells of the process of a pidfd, without /proc:
 * linux/pidfd.h, Linux 6.13 and (the exit) 6.15, younger than many libraries.
 */
#ifndef CT_CORE_PIDFD_INFO_H
#define CT_CORE_PIDFD_INFO_H

#include <stdint.h>

#define PIDFD_TOLD_EXIT (1u << 3) /* in mask, asked for and told */

struct pidfd_told {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ids[8]; /* then real, effective, saved and fs ids */
	int32_t exit_code; /* as wait(2) has it */
};

/* With mask set by the caller. -ESRCH: it was collected; -ENOTTY and others: an older kernel. */
int pidfd_info(int pidfd, struct pidfd_told *i);

#endif
