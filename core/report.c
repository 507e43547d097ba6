/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/report.h"

#include <errno.h>
#include <stdbool.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"

struct report {
	int value; /* negative: errno, and err says it */
	struct err err;
};

int report_send(int line, int value, const struct err *e, int fd)
{
	struct report r = { .value = value };

	if (e)
		r.err = *e;
	return fd_send(line, &r, sizeof(r), &fd, fd >= 0);
}

int report_take(int line, int *ret_fd, struct err *e)
{
	_cleanup_close_ int fd = -1;
	struct report r;
	ssize_t len;
	size_t n = 0;

	len = fd_recv(line, &r, sizeof(r), &fd, 1, &n);
	/* the word is still there */
	if (err_is_passing((int)len))
		len = fd_recv(line, &r, sizeof(r), &fd, 1, &n);
	if (len != sizeof(r))
		return -ECHILD;
	err_receive(&r.err);
	if (r.value < 0 && e)
		*e = r.err;
	if (ret_fd)
		*ret_fd = take_fd(&fd);
	return r.value;
}
