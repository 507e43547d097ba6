/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pidfd_info.h"

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>

#define GET_INFO _IOWR(0xff, 11, struct pidfd_told)

_Static_assert(sizeof(struct pidfd_told) == 64, "PIDFD_INFO_SIZE_VER0");
_Static_assert(offsetof(struct pidfd_told, exit_code) == 60, "as in linux/pidfd.h");

int pidfd_info(int pidfd, struct pidfd_told *i)
{
	return ioctl(pidfd, GET_INFO, i) < 0 ? -errno : 0;
}
