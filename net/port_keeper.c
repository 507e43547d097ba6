/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side of a command: finding or starting keepers, and speaking to them. */
#include "net/port_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "net/note.h"

/* Descriptors that are not for ports: lines, and connections to [::1]. */
#define OTHER_FDS 1100u
#define NAME_LEN  24

unsigned port_keeper_capacity(void)
{
	struct rlimit l = { .rlim_max = 0 };

	getrlimit(RLIMIT_NOFILE, &l);
	if (l.rlim_max >= OTHER_FDS + 2 * KEEPER_PORTS)
		return KEEPER_PORTS;
	/* few as they are, some are left: nobody opens 1000 connections on such a host */
	return l.rlim_max > 2UL * OTHER_FDS ? (unsigned)(l.rlim_max - OTHER_FDS) / 2 : 64;
}

static void names_of(unsigned i, char note[NAME_LEN], char sock[NAME_LEN])
{
	snprintf(note, NAME_LEN, ".keeper.%u", i);
	snprintf(sock, NAME_LEN, ".socket.%u", i);
}

static socklen_t socket_path(int dir, const char *name, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s", dir, name);
	return sizeof(*ret);
}

static int connect_keeper(int dir, const char *name)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa;
	socklen_t len = socket_path(dir, name, &sa);

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, len) < 0)
		return -errno;
	return take_fd(&fd);
}

static int listen_at(int dir, const char *name)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un sa;
	socklen_t len = socket_path(dir, name, &sa);

	unlinkat(dir, name, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, len) < 0 || listen(fd, 16) < 0)
		return -errno;
	return take_fd(&fd);
}

struct birth {
	int dir, listener, line;
	const char *note;
};

static int on_born(const struct proc_id *id, void *ctx)
{
	const struct birth *b = ctx;
	int r = note_set_proc(b->dir, b->note, id);

	crash_point("port", "keeper noted");
	return r;
}

/* Of all that the command had open it takes two descriptors along. */
static int keeper_main(void *ctx)
{
	const struct birth *b = ctx;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int high[] = { fcntl(b->listener, F_DUPFD_CLOEXEC, 16),
		       fcntl(b->line, F_DUPFD_CLOEXEC, 16) };

	prctl(PR_SET_NAME, "ct-ports");
	if (null < 0 || high[0] < 0 || high[1] < 0 || dup2(high[0], KEEPER_LISTEN_FD) < 0 ||
	    dup2(high[1], KEEPER_LINE_FD) < 0 || chdir("/") < 0)
		return -errno;
	for (int fd = 0; fd < KEEPER_LISTEN_FD; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	/* the command is told by this that it runs */
	if (close_range(KEEPER_LINE_FD + 1, ~0U, 0) < 0)
		return -errno;
	port_server_main();
	_exit(0);
}

/* The line to a new one; everything of it is closed here when the command ends. */
static int start_keeper(int dir, const char *note, const char *sock)
{
	_cleanup_close_ int listener = listen_at(dir, sock), ours = -1, its = -1;
	struct birth b = { .dir = dir, .listener = listener, .note = note };
	struct proc_detached d = { .born = on_born, .run = keeper_main, .ctx = &b };
	int sv[2], r;

	if (listener < 0)
		return listener;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	ours = sv[0];
	its = b.line = sv[1];
	fcntl(its, F_SETFL, O_NONBLOCK);
	r = proc_detach(&d);
	return r < 0 ? r : take_fd(&ours);
}

/* A reply of whatever length the room for it has; -ECONNRESET: the keeper is gone. */
static int hear(int fd, struct keeper_reply *a, size_t size)
{
	ssize_t n;

	do {
		n = recv(fd, a, size, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n >= (ssize_t)sizeof(*a) ? 0 : -ECONNRESET;
}

static int say(int fd, const struct keeper_request *q, size_t n)
{
	return send(fd, q, sizeof(*q) + n * sizeof(q->specs[0]), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int ask(int fd, const struct keeper_request *q, struct keeper_reply *a)
{
	int r = say(fd, q, q->n);

	return r < 0 ? r : hear(fd, a, sizeof(*a));
}

/*
 * A line to a keeper with room for so many, a new one where there is none. The
 * search goes on behind *next: one that was asked to hold before is busy.
 */
static int acquire(int dir, unsigned room, unsigned *next)
{
	const struct keeper_request hello = { .op = KEEPER_HELLO };
	struct keeper_reply a;
	struct proc_id id;

	while (*next < KEEPERS_MAX) {
		char note[NAME_LEN], sock[NAME_LEN];
		_cleanup_close_ int fd = -1;

		names_of((*next)++, note, sock);
		if (!note_get_proc(dir, note, &id))
			return start_keeper(dir, note, sock);
		fd = connect_keeper(dir, sock);
		if (fd < 0 && !proc_alive(&id))
			return start_keeper(dir, note, sock);
		if (fd >= 0 && ask(fd, &hello, &a) >= 0 && a.room >= room)
			return take_fd(&fd);
	}
	return -EUSERS;
}

/* What one keeper is asked for: specs, and of which of the record's each is a part. */
struct slice {
	struct keeper_request *q;
	size_t *of, ports;
};

static void slice_free(struct slice *s)
{
	free(s->q);
	free(s->of);
}

static int slice_new(struct slice *s)
{
	s->q = calloc(1, sizeof(*s->q) + KEEPER_PORTS * sizeof(s->q->specs[0]));
	s->of = calloc(KEEPER_PORTS, sizeof(*s->of));
	if (!s->q || !s->of)
		return -ENOMEM;
	s->q->op = KEEPER_HOLD;
	return 0;
}

/* Where a record is being cut: the spec, and how much of it went out. */
struct cut {
	const struct port_record *rec;
	size_t i;
	unsigned off;
};

static void slice_fill(struct slice *s, struct cut *c, unsigned capacity)
{
	while (c->i < c->rec->n && s->ports < capacity) {
		struct port_spec part = c->rec->specs[c->i];
		unsigned left = part.host_end - part.host_port + 1u - c->off;
		unsigned n = left < capacity - s->ports ? left : (unsigned)(capacity - s->ports);

		part.host_port = (uint16_t)(part.host_port + c->off);
		part.port = (uint16_t)(part.port + c->off);
		part.host_end = (uint16_t)(part.host_port + n - 1);
		s->of[s->q->n] = c->i;
		s->q->specs[s->q->n++] = part;
		s->ports += n;
		c->off = n == left ? 0 : c->off + n;
		c->i += n == left;
	}
}

static int hold_failed(int r, const struct port_spec *at, struct err *e)
{
	char ip[IP_STRLEN];

	if (r == -EADDRNOTAVAIL) {
		err_hint(e, "`ip address` lists them");
		return err_set(e, r, "%s is not an address of this host", ip_str(&at->host_ip, ip));
	}
	if (r == -EPROTONOSUPPORT || r == -ESOCKTNOSUPPORT) {
		err_hint(e, "CONFIG_IP_SCTP provides it: modprobe sctp");
		return err_set(e, r, "this kernel has no %s", port_proto_name(at->proto));
	}
	return err_sys(e, r, "keep port %u/%s", at->host_port, port_proto_name(at->proto));
}

/* The chosen ports go into the record; one that is refused into *ret_at. */
static int collect(int fd, const struct slice *s, struct port_record *rec, struct port_spec *ret_at,
		   struct err *e)
{
	const size_t size = sizeof(struct keeper_reply) + KEEPER_PORTS * sizeof(uint16_t);
	_cleanup_free_ struct keeper_reply *a = calloc(1, size);
	int r = a ? hear(fd, a, size) : -ENOMEM;

	if (r < 0)
		return err_sys(e, r, "ask the keeper of ports");
	if (a->result < 0) {
		*ret_at = s->q->specs[a->at < s->q->n ? a->at : 0];
		ret_at->host_port = ret_at->host_end = a->port;
		return a->result == -EADDRINUSE ? -EADDRINUSE : hold_failed(a->result, ret_at, e);
	}
	for (size_t i = 0; i < s->q->n && i < a->n; i++)
		if (!s->q->specs[i].host_port)
			rec->specs[s->of[i]].host_port = rec->specs[s->of[i]].host_end =
				a->ports[i];
	return 0;
}

/* All are asked before any is heard: they work side by side. */
static int hold_slices(int dir, struct port_record *rec, struct port_keepers *k,
		       struct port_spec *ret_at, struct err *e)
{
	struct slice s[KEEPERS_MAX] = { 0 };
	struct cut c = { .rec = rec };
	unsigned capacity = port_keeper_capacity(), next = 0;
	int r = 0;

	while (c.i < rec->n && r >= 0 && k->n < KEEPERS_MAX) {
		r = slice_new(&s[k->n]);
		if (r < 0)
			break;
		slice_fill(&s[k->n], &c, capacity);
		r = k->fd[k->n] = acquire(dir, (unsigned)s[k->n].ports, &next);
		if (r >= 0)
			r = say(k->fd[k->n], s[k->n].q, s[k->n].q->n);
		k->n += k->fd[k->n] >= 0;
	}
	if (r >= 0 && c.i < rec->n)
		r = -EUSERS;
	if (r < 0)
		err_sys(e, r, "start the keeper of ports");
	for (size_t i = 0; i < k->n && r >= 0; i++)
		r = collect(k->fd[i], &s[i], rec, ret_at, e);
	for (size_t i = 0; i < KEEPERS_MAX; i++)
		slice_free(&s[i]);
	return r;
}

int port_keepers_hold(struct net *net, struct port_record *rec, struct port_keepers *ret,
		      struct port_spec *ret_at, struct err *e)
{
	_cleanup_close_ int dir = port_record_dir(net, rec->owner, true);
	struct port_keepers k = { .n = 0 };
	int r = dir < 0 ? err_sys(e, dir, "open the records of %s", rec->owner)
			: hold_slices(dir, rec, &k, ret_at, e);

	if (r < 0)
		port_keepers_close(&k);
	else
		*ret = k;
	return r;
}

/* End of file is answered by the same, once everything is let go. */
void port_keepers_close(struct port_keepers *k)
{
	char byte;

	for (size_t i = 0; i < k->n; i++)
		shutdown(k->fd[i], SHUT_WR);
	for (size_t i = 0; i < k->n; i++) {
		while (recv(k->fd[i], &byte, 1, 0) > 0 || errno == EINTR)
			errno = 0;
		fd_close(k->fd[i]);
	}
	k->n = 0;
}

int port_keepers_serve(struct port_keepers *k, const struct port_record *rec,
		       const struct proc_id *holder, struct err *e)
{
	struct keeper_request q = { .op = KEEPER_SERVE, .holder = *holder };
	struct keeper_reply a;
	int r = 0;

	memcpy(q.to, rec->to, sizeof(q.to));
	for (size_t i = 0; i < k->n && r >= 0; i++)
		r = say(k->fd[i], &q, 0);
	for (size_t i = 0; i < k->n && r >= 0; i++) {
		r = hear(k->fd[i], &a, sizeof(a));
		r = r < 0 ? r : a.result;
	}
	if (r < 0)
		return err_sys(e, r, "hand the ports to their keeper");
	/* nothing is to be given up, so nobody is waited for */
	for (size_t i = 0; i < k->n; i++)
		fd_close(k->fd[i]);
	k->n = 0;
	return 0;
}

static int release_from(int fd, const struct port_record *rec)
{
	_cleanup_free_ struct keeper_request *q =
		calloc(1, sizeof(*q) + KEEPER_PORTS * sizeof(q->specs[0]));
	struct keeper_reply a;
	int r = q ? 0 : -ENOMEM;

	for (size_t i = 0; i < rec->n && r >= 0; i += q->n) {
		size_t n = rec->n - i < KEEPER_PORTS ? rec->n - i : KEEPER_PORTS;

		*q = (struct keeper_request){ .op = KEEPER_RELEASE, .n = (uint32_t)n };
		memcpy(q->specs, rec->specs + i, n * sizeof(q->specs[0]));
		r = ask(fd, q, &a);
	}
	return r;
}

int port_keepers_release(struct net *net, const struct port_record *rec)
{
	_cleanup_close_ int dir = port_record_dir(net, rec->owner, false);
	struct proc_id id;
	int r = 0;

	for (unsigned i = 0; dir >= 0 && i < KEEPERS_MAX && r >= 0; i++) {
		char note[NAME_LEN], sock[NAME_LEN];
		_cleanup_close_ int fd = -1;

		names_of(i, note, sock);
		if (!note_get_proc(dir, note, &id))
			break;
		fd = connect_keeper(dir, sock);
		/* it ended, or ends at this moment: then it holds nothing */
		if (fd >= 0)
			r = release_from(fd, rec);
		if (r == -ECONNRESET || r == -EPIPE)
			r = 0;
	}
	return r;
}

/* Dead, and with that its ports free. */
static void wait_dead(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	while (poll(&p, 1, 5000) < 0 && errno == EINTR)
		continue;
}

/* All are killed before any is waited for: to close thousands of sockets takes a while. */
void port_keepers_stop(struct net *net, const char *owner)
{
	_cleanup_close_ int dir = port_record_dir(net, owner, false);
	int fd[KEEPERS_MAX];
	struct proc_id id;
	unsigned n = 0;

	for (; dir >= 0 && n < KEEPERS_MAX; n++) {
		char note[NAME_LEN], sock[NAME_LEN];

		names_of(n, note, sock);
		if (!note_get_proc(dir, note, &id))
			break;
		fd[n] = proc_open(&id);
		if (fd[n] >= 0)
			syscall(SYS_pidfd_send_signal, fd[n], SIGKILL, NULL, 0);
		unlinkat(dir, sock, 0);
	}
	for (unsigned i = 0; i < n; i++) {
		char note[NAME_LEN], sock[NAME_LEN];

		names_of(i, note, sock);
		if (fd[i] >= 0)
			wait_dead(fd[i]);
		fd_close(fd[i]);
		note_del(dir, note);
	}
}
