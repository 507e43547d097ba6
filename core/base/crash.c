/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/crash.h"

#ifdef CT_CRASH_POINTS

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The count is the number of lines in the log, so that it goes on across fork
 * and exec. Tests let one command at a time use a log.
 */
static long log_point(const char *path, const char *what, const char *step)
{
	char line[128], buf[4096];
	off_t end, at = 0;
	long lines = 0;
	ssize_t got;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return 0;
	snprintf(line, sizeof(line), "%s: %s\n", what, step);
	/* up to its own line: several processes of one command write here at once */
	end = write(fd, line, strlen(line)) > 0 ? lseek(fd, 0, SEEK_CUR) : 0;
	while (at < end && (got = pread(fd, buf, sizeof(buf), at)) > 0)
		for (ssize_t i = 0; i < got && at < end; i++, at++)
			lines += buf[i] == '\n';
	close(fd);
	return lines;
}

void crash_point(const char *what, const char *step)
{
	const char *log = getenv("CT_CRASH_LOG"), *at = getenv("CT_CRASH_AT");
	long reached;

	if (!log)
		return;
	reached = log_point(log, what, step);
	if (!at || reached != strtol(at, NULL, 10))
		return;
	raise(SIGKILL);
	/* the first process of a pid namespace has no signal from itself */
	_exit(128 + SIGKILL);
}

#endif
