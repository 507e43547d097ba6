/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the supervisor tells its nodes. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/node_agent.h"
#include "core/node_make.h"

static struct node *running(const struct nodes *ns, uint32_t id, enum node_event_type at,
			    struct err *e)
{
	struct node *n = node_find(ns, id);

	if (!n || n->calls_fd < 0)
		err_set(e, -ESRCH, "node %s does not run", n ? n->spec->name : "");
	else if (n->at != at)
		err_set(e, -EBUSY, "node %s is not that far yet", n->spec->name);
	else
		return n;
	return NULL;
}

static int call_send(const struct node *n, const struct node_call *c, const char *text,
		     struct err *e)
{
	struct iovec iov[2] = { { (void *)(uintptr_t)c, sizeof(*c) },
				{ (void *)(uintptr_t)text, text ? strlen(text) + 1 : 0 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (iov[1].iov_len > CALL_TEXT)
		return err_set(e, -E2BIG, "node %s: a command of more than %d bytes", n->spec->name,
			       CALL_TEXT);
	if (sendmsg(n->calls_fd, &m, MSG_NOSIGNAL) < 0)
		return err_sys(e, errno == EPIPE ? ESRCH : errno, "tell node %s", n->spec->name);
	return 0;
}

/* Milliseconds to wait for an answer, since the patron was there; then it is not waited for. */
static int patience(struct pollfd *patron, int64_t *until, const struct node *n)
{
	const struct node_call cancel = { .type = CALL_CANCEL };
	int left;

	if (patron->revents) {
		*until = clock_ns(CLOCK_MONOTONIC) + PATRON_NS;
		*patron = (struct pollfd){ .fd = -1 };
	}
	if (!*until)
		return -1;
	left = clock_left_ms(*until);
	if (left)
		return left;
	call_send(n, &cancel, NULL, NULL);
	*until = 0;
	return -1;
}

/* Notes are heard meanwhile: who waits to be heard would not answer. */
static int await_answer(struct nodes *ns, const struct node *n, struct err *e)
{
	/* of the patron only that it has hung up, which is always told */
	struct pollfd p[3] = { { .fd = n->calls_fd, .events = POLLIN },
			       { .fd = ns->notes_fd, .events = POLLIN },
			       { .fd = ns->patron_fd } };
	struct node_answer a;
	int64_t until = 0;
	ssize_t len;

	for (;;) {
		int r = poll(p, ARRAY_SIZE(p), patience(&p[2], &until, n));

		if (r < 0 && errno != EINTR)
			return err_sys(e, errno, "wait for node %s", n->spec->name);
		/* the node itself stays in the table until it is buried */
		while (r > 0 && p[1].revents && (r = nodes_read_note(ns, e)) > 0)
			;
		if (r < 0)
			return r;
		if (p[0].revents)
			break;
	}
	len = recv(n->calls_fd, &a, sizeof(a), 0);
	if (len < (ssize_t)offsetof(struct node_answer, err) ||
	    (a.result < 0 && len < (ssize_t)sizeof(a)))
		return err_set(e, -ESRCH, "node %s ended", n->spec->name);
	if (a.result < 0)
		err_receive(&a.err);
	if (a.result < 0 && e)
		*e = a.err;
	return err_wrap(e, a.result, "node %s", n->spec->name);
}

static int ask(struct nodes *ns, uint32_t id, const struct node_call *c, const char *text,
	       struct err *e)
{
	const struct node *n = running(ns, id, NODE_READY, e);
	int r = n ? call_send(n, c, text, e) : -ESRCH;

	return r < 0 ? r : await_answer(ns, n, e);
}

int node_wire(struct nodes *ns, uint32_t id, struct err *e)
{
	const struct node_call c = { .type = CALL_WIRE };
	const struct node *n = running(ns, id, NODE_BORN, e);

	return n ? call_send(n, &c, NULL, e) : -ESRCH;
}

int node_run(struct nodes *ns, uint32_t id, struct err *e)
{
	const struct node_call c = { .type = CALL_RUN };
	const struct node *n = running(ns, id, NODE_WIRED, e);

	return n ? call_send(n, &c, NULL, e) : -ESRCH;
}

int node_exec(struct nodes *ns, uint32_t id, const char *text, struct err *e)
{
	return ask(ns, id, &(struct node_call){ .type = CALL_EXEC, .text = true }, text, e);
}

int node_daemon(struct nodes *ns, uint32_t id, uint32_t num, const char *text, struct err *e)
{
	const struct node_call c = { .type = CALL_DAEMON, .num = num, .text = text };

	return ask(ns, id, &c, text, e);
}

int node_restart(struct nodes *ns, uint32_t id, uint32_t num, struct err *e)
{
	return ask(ns, id, &(struct node_call){ .type = CALL_RESTART, .num = num }, NULL, e);
}

int node_stop_command(struct nodes *ns, uint32_t id, uint32_t num, const char *text, struct err *e)
{
	const struct node_call c = { .type = CALL_STOPS, .num = num, .text = text };

	return ask(ns, id, &c, text, e);
}

int node_limits(struct nodes *ns, uint32_t id, const struct ct_limits *l, struct err *e)
{
	const struct node *n = node_find(ns, id);

	if (!n)
		return err_set(e, -ESRCH, "the node does not run");
	if (n->cgroup)
		return cgroup_update(n->cgroup, l, e);
	err_set(e, -EBUSY, "node %s has no control group", n->spec->name);
	err_hint(e, "one without limits gets them when it is started again");
	return -EBUSY;
}

int node_stop(struct nodes *ns, uint32_t id, uint64_t grace, struct err *e)
{
	const struct node_call c = { .type = CALL_STOP, .grace = grace };
	struct node *n = node_find(ns, id);
	int r;

	if (!n)
		return 0;
	if (n->at != NODE_READY) {
		node_kill(ns, id);
		return 0;
	}
	n->asked = true;
	r = call_send(n, &c, NULL, e);
	/* one that has died is about to be buried */
	if (r == -ESRCH) {
		err_clear(e);
		return 0;
	}
	n->asked = r >= 0;
	return r;
}

void node_kill(struct nodes *ns, uint32_t id)
{
	struct node *n = node_find(ns, id);

	if (!n)
		return;
	n->asked = true;
	if (node_pid(ns, n))
		kill(node_pid(ns, n), SIGKILL);
}
