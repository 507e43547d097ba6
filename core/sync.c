/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/sync.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"

int sync_pair(int ret[2], struct err *e)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret) < 0
		       ? err_sys(e, errno, "make a socket pair")
		       : 0;
}

static int send_msg(int sock, const struct sync_msg *m, int fd)
{
	int r = fd_send(sock, m, sizeof(*m), &fd, fd >= 0 ? 1 : 0);

	return r < 0 ? r : 0;
}

int sync_send(int sock, enum sync_type type, int fd)
{
	struct sync_msg m = { .type = type };

	return send_msg(sock, &m, fd);
}

int sync_send_failed(int sock, int status, const struct err *e)
{
	struct sync_msg m = { .type = SYNC_FAILED, .status = status, .err = *e };

	return send_msg(sock, &m, -1);
}

int sync_recv(int sock, struct sync_msg *ret, int *ret_fd)
{
	int fd = -1;
	size_t n = 0;
	ssize_t len = fd_recv(sock, ret, sizeof(*ret), &fd, 1, &n);

	/* said once, before the records, when the other side left some unread */
	if (len == -ECONNRESET)
		len = fd_recv(sock, ret, sizeof(*ret), &fd, 1, &n);
	if (len <= 0)
		return (int)len;
	if (len != sizeof(*ret) || ret->type < SYNC_NET || ret->type > SYNC_FAILED) {
		fd_close(fd);
		return -EPROTO;
	}
	err_receive(&ret->err);
	*ret_fd = fd;
	return 1;
}
