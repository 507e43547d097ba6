/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "cli/lab.h"
#include "cli/lab_host.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"

#define PACKET_MAX (64UL * 1024)
#define BACKLOG	   64

/* ---- packets ---- */

int lab_send(int sock, const json_t *o, int fd)
{
	_cleanup_free_ char *text = json_dumps(o, JSON_COMPACT);

	if (!text)
		return -ENOMEM;
	if (strlen(text) > PACKET_MAX)
		return -EMSGSIZE;
	return fd_send(sock, text, strlen(text), &fd, fd >= 0);
}

int lab_recv(int sock, json_t **ret, int *ret_fd)
{
	_cleanup_free_ char *buf = malloc(PACKET_MAX);
	_cleanup_close_ int fd = -1;
	size_t n = 0;
	ssize_t len;

	if (!buf)
		return -ENOMEM;
	len = fd_recv(sock, buf, PACKET_MAX, &fd, 1, &n);
	if (len <= 0)
		return len == -ECONNRESET ? 0 : (int)len;
	*ret = json_loadb(buf, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(*ret)) {
		json_decref(*ret);
		*ret = NULL;
		return -EPROTO;
	}
	if (ret_fd)
		*ret_fd = take_fd(&fd);
	return 1;
}

int lab_send_end(int sock, int r, const struct err *e)
{
	_cleanup_json_ json_t *o = NULL;

	if (r >= 0)
		o = json_pack("{s:b}", "ok", 1);
	else
		o = json_pack("{s:s, s:s, s:i}", "error", e->msg[0] ? e->msg : strerror(-r), "hint",
			      e->hint, "errno", -r);
	/* words of a command that are no UTF-8 */
	if (!o)
		o = json_pack("{s:s, s:i}", "error", strerror(-r), "errno", -r);
	return o ? lab_send(sock, o, -1) : -ENOMEM;
}

bool lab_is_end(const json_t *o, int *ret_r, struct err *e)
{
	const char *msg = json_str(o, "error", NULL), *hint = json_str(o, "hint", "");
	int num = (int)json_int(o, "errno", EIO);

	if (json_flag(o, "ok", false)) {
		*ret_r = 0;
		return true;
	}
	if (!msg)
		return false;
	*ret_r = err_set(e, num ? num : EIO, "%s", msg);
	if (*hint)
		err_hint(e, "%s", hint);
	return true;
}

/* ---- the socket ---- */

/* Through the descriptor: a state root may be at a path longer than a socket's can be. */
static int make_socket(int dir_fd, struct sockaddr_un *ret)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/" LAB_SOCKET, dir_fd);
	return fd < 0 ? -errno : fd;
}

int lab_listen(int dir_fd, struct err *e)
{
	struct sockaddr_un a;
	_cleanup_close_ int fd = make_socket(dir_fd, &a);
	mode_t mask;
	int r;

	if (fd < 0)
		return err_sys(e, fd, "make a socket");
	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0 || listen(fd, BACKLOG) < 0)
		return err_sys(e, r < 0 ? r : -errno, "listen for commands");
	return take_fd(&fd);
}

int lab_connect(const struct lab *l, struct err *e)
{
	struct sockaddr_un a;
	_cleanup_close_ int fd = make_socket(l->dir_fd, &a);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return err_sys(e, fd < 0 ? fd : -errno, "ask the supervisor of lab %s",
			       l->rec.name);
	return take_fd(&fd);
}

/* ---- the client's side ---- */

static int do_host(struct app *app, const struct lab_record *rec, const struct topology *t,
		   const json_t *what, struct err *e)
{
	const char *node = json_str(what, "node", NULL), *net = json_str(what, "net", NULL);
	const char *end = json_str(what, "end", NULL), *end_net = json_str(what, "end-net", NULL);
	struct proc_id who = { .pid = (pid_t)json_int(what, "pid", 0),
			       .start = (uint64_t)json_int(what, "start", 0) };
	uint32_t i = node ? topology_node(t, node) : net ? topology_net(t, net) : TOPO_NONE;

	if (end)
		return lab_host_node_end(app, rec, end, e);
	if (end_net)
		return lab_host_net_end(app, rec, end_net, e);
	if (i == TOPO_NONE)
		return err_set(e, -EPROTO, "the supervisor asks for what nobody knows");
	return node ? lab_host_node(app, rec, t, i, &who, e)
		    : lab_host_net(app, rec, t, i, &rec->supervisor, e);
}

int lab_host_answer(struct app *app, const struct lab_record *rec, const struct topology *t,
		    const json_t *asked, int sock, struct err *e)
{
	struct err its = ERR_INIT;
	int r = lab_send_end(sock, do_host(app, rec, t, asked, &its), &its);

	return r < 0 ? err_sys(e, r, "answer the supervisor of lab %s", rec->name) : 0;
}

#define DEATH_MS 2000

/* A socket is closed a moment before the process that had it is no more. */
static bool is_dying(const struct proc_id *id)
{
	_cleanup_close_ int fd = id->pid ? proc_open(id) : -ESRCH;

	return fd == -ESRCH || (fd >= 0 && proc_await_end(fd, DEATH_MS));
}

static int no_answer(const struct lab *l, int r, struct err *e)
{
	if (r < 0)
		return err_sys(e, r, "hear of the supervisor of lab %s", l->rec.name);
	if (!is_dying(&l->rec.supervisor))
		return err_set(e, -EIO, "the supervisor of lab %s breaks off its answer",
			       l->rec.name);
	return err_set(e, -ESRCH, "the supervisor of lab %s is gone", l->rec.name);
}

/* 1: the last word, with its meaning in *ret_r. */
static int hear(struct app *app, struct lab *l, int sock, lab_reply_fn *fn, void *ctx, int *ret_r,
		struct err *e)
{
	_cleanup_json_ json_t *o = NULL;
	const json_t *asked;
	int r = lab_recv(sock, &o, NULL);

	if (r <= 0)
		return no_answer(l, r, e);
	asked = json_object_get(o, "host");
	if (asked)
		return lab_host_answer(app, &l->rec, &l->topo, asked, sock, e);
	if (lab_is_end(o, ret_r, e))
		return 1;
	return fn ? fn(o, ctx) : 0;
}

int lab_ask(struct app *app, struct lab *l, json_t *request, int fd, lab_reply_fn *fn, void *ctx,
	    struct err *e)
{
	_cleanup_json_ json_t *o = request;
	_cleanup_close_ int sock = lab_connect(l, e);
	int r, end = 0;

	if (sock < 0)
		return sock;
	r = o ? lab_send(sock, o, fd) : -ENOMEM;
	if (r < 0)
		return err_sys(e, r, "ask the supervisor of lab %s", l->rec.name);
	do {
		r = hear(app, l, sock, fn, ctx, &end, e);
		if (r > 0)
			return end;
	} while (r == 0);
	return r;
}
