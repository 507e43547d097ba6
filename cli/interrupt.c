/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>

#include "core/base/err.h"

int interrupt_open(struct err *e)
{
	sigset_t end;
	int fd = -1;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &end, NULL) == 0)
		fd = signalfd(-1, &end, SFD_CLOEXEC);
	return fd < 0 ? err_sys(e, errno, "catch signals") : fd;
}
