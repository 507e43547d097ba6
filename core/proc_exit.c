/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/proc_exit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/pidfd_info.h"

#define REAP_MS 2000 /* for its parent, after its end */

static int shell_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Field n (from 3 on) of a line of /proc/PID/stat; see core/base/proc.c. */
static const char *field(const char *stat, int n)
{
	const char *p = strrchr(stat, ')');

	for (int i = 2; p && i < n; i++) {
		p = strchr(p, ' ');
		if (p)
			p++;
	}
	return p;
}

/* proc(5): state, starttime, exit_code. One that was collected meanwhile is no zombie. */
static int zombie_status(const struct proc_id *id)
{
	_cleanup_free_ char *stat = NULL;
	const char *state, *start, *code;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)id->pid);
	if (file_read_at(AT_FDCWD, path, 4096, &stat, NULL) < 0)
		return -ENODATA;
	state = field(stat, 3);
	start = field(stat, 22);
	code = field(stat, 52);
	if (!state || *state != 'Z' || !start || strtoull(start, NULL, 10) != id->start || !code)
		return -ENODATA;
	return shell_status((int)strtol(code, NULL, 10));
}

static int kept_status(int pidfd)
{
	struct pidfd_told i = { .mask = PIDFD_TOLD_EXIT };

	if (pidfd_info(pidfd, &i) < 0 || !(i.mask & PIDFD_TOLD_EXIT))
		return -ENODATA;
	return shell_status(i.exit_code);
}

int proc_exit_status(int pidfd, const struct proc_id *id)
{
	struct pollfd p = { .fd = pidfd };
	int r = zombie_status(id);

	if (r < 0)
		r = kept_status(pidfd);
	/* between the two it may have been collected, or is being so */
	if (r < 0 && poll(&p, 1, REAP_MS) > 0)
		r = kept_status(pidfd);
	return r;
}
