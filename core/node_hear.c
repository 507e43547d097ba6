/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a node hears of the supervisor, and answers. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/node_agent.h"

#define ANSWER_TRIES 3

/* The supervisor waits for it: of who cannot answer it hears the end. */
static void answer(const struct agent *a, int r, const struct err *e)
{
	struct node_answer out = { .result = r, .err = *e };
	size_t len = r < 0 ? sizeof(out) : offsetof(struct node_answer, err);
	struct err own = ERR_INIT;

	for (int i = 0; i < ANSWER_TRIES; i++)
		if (send(a->calls_fd, &out, len, MSG_NOSIGNAL) >= 0)
			return;
	err_sys(&own, errno, "answer the supervisor");
	agent_failed(a, own.num, &own);
}

static void carry_out(struct agent *a, const struct node_call *c, const char *text)
{
	struct err e = ERR_INIT;
	int r;

	if (c->type == CALL_STOP) {
		a->stop = true;
		a->grace = c->grace;
	}
	/* a command that has ended meanwhile is not there to be cut short */
	if (c->type == CALL_CANCEL)
		a->cancel = a->busy;
	if (c->type == CALL_STOP || c->type == CALL_CANCEL || a->busy)
		return;
	a->busy = true;
	a->cancel = false;
	if (c->type == CALL_EXEC)
		r = text ? job_run(a, "command", text, 0, &e) : -EINVAL;
	else if (c->type == CALL_DAEMON)
		r = daemon_put(a, c->num, text, &e);
	else if (c->type == CALL_STOPS)
		r = stops_put(a, c->num, text, &e);
	else
		r = daemon_restart(a, c->num, &e);
	answer(a, r, &e);
	a->busy = false;
}

/* 1; 0: the supervisor has let go of the node. -errno: it is still to be heard. */
static int call_recv(const struct agent *a, struct node_call *ret, char **ret_text)
{
	ssize_t len = recv(a->calls_fd, ret, sizeof(*ret), MSG_PEEK | MSG_TRUNC);
	struct iovec iov[2] = { { ret, sizeof(*ret) } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (len < 0)
		return -errno;
	if (len < (ssize_t)sizeof(*ret))
		return 0;
	iov[1].iov_len = (size_t)len - sizeof(*ret);
	*ret_text = ret->text ? malloc(iov[1].iov_len + 1) : NULL;
	iov[1].iov_base = *ret_text;
	if (!*ret_text)
		iov[1].iov_len = 0;
	if (recvmsg(a->calls_fd, &m, 0) < 0) {
		int r = -errno;

		free(take_ptr(*ret_text));
		return r;
	}
	if (*ret_text)
		(*ret_text)[iov[1].iov_len] = '\0';
	return 1;
}

void agent_take_call(struct agent *a)
{
	_cleanup_free_ char *text = NULL;
	struct node_call c;
	int r = call_recv(a, &c, &text);

	if (r == 0)
		_exit(0);
	/* else the next turn tries again */
	if (r > 0)
		carry_out(a, &c, text);
}

void agent_await(struct agent *a, enum node_call_type type)
{
	_cleanup_free_ char *text = NULL;
	struct err e = ERR_INIT;
	struct node_call c;
	int r = call_recv(a, &c, &text);

	if (r < 0) {
		err_sys(&e, r, "hear of the supervisor");
		agent_failed(a, r, &e);
	}
	if (r == 0 || c.type != type)
		_exit(0);
}
