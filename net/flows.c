/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/flows.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/parse.h"
#include "core/base/proc.h"
#include "net/conntrack.h"
#include "net/note.h"

#define NOTES "stale"

/* ---- the look ---- */

struct stale {
	struct ip_addr *addrs; /* sorted */
	size_t n;
	struct nl_req q; /* deletions */
};

static void stale_free(struct stale *s)
{
	free(s->addrs);
	nl_req_free(&s->q);
}

static int by_addr(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

static bool is_stale(const struct stale *s, const struct ip_addr *a)
{
	return bsearch(a, s->addrs, s->n, sizeof(*a), by_addr) != NULL;
}

static int look(const struct conntrack_entry *c, void *ctx)
{
	struct stale *s = ctx;

	if (is_stale(s, &c->src) || is_stale(s, &c->reply_src))
		conntrack_del_put(&s->q, c);
	return 0;
}

static int forget(struct nl *nft, const struct strv *names, struct err *e)
{
	_cleanup_(stale_free) struct stale s = { .addrs = calloc(names->n, sizeof(*s.addrs)) };
	struct conntrack_match any = { .family = AF_UNSPEC };
	int r;

	nl_req_init(&s.q);
	if (!s.addrs)
		return err_sys(e, ENOMEM, "forget connections");
	for (size_t i = 0; i < names->n; i++)
		if (parse_ip(names->v[i], &s.addrs[s.n], NULL) >= 0)
			s.n++;
	if (s.n)
		qsort(s.addrs, s.n, sizeof(*s.addrs), by_addr);
	r = conntrack_list(nft, &any, look, &s, e);
	if (r < 0 || !s.q.n)
		return r;
	r = nl_run(nft, &s.q, NULL, NULL, NULL);
	/* what ended by itself meanwhile is as good as deleted */
	return r < 0 && r != -ENOENT ? err_sys(e, r, "forget connections") : 0;
}

/* The values of the notes; a name that is gone meanwhile has none. */
static int read_notes(int dir, const struct strv *names, struct strv *ret)
{
	char when[32];
	int r = 0;

	for (size_t i = 0; i < names->n && r >= 0; i++)
		r = strv_add(ret, note_get(dir, names->v[i], when, sizeof(when)) < 0 ? "" : when);
	return r;
}

/* One that was made again during the look stays for the next. */
static void drop_notes(int dir, const struct strv *names, const struct strv *seen)
{
	char when[32];

	for (size_t i = 0; i < names->n; i++)
		if (note_get(dir, names->v[i], when, sizeof(when)) >= 0 &&
		    !strcmp(when, seen->v[i]))
			note_del(dir, names->v[i]);
}

/* Again while others note more: they start no look while this one goes on. */
static int forget_noted(int dir, struct nl *nft, struct err *e)
{
	int r;

	for (;;) {
		_cleanup_(strv_free) struct strv names = { 0 }, seen = { 0 };

		r = dir_names(dir, &names);
		if (r >= 0)
			r = read_notes(dir, &names, &seen);
		if (r < 0)
			return err_sys(e, r, "read what connections to forget");
		if (!names.n)
			return 0;
		r = forget(nft, &names, e);
		crash_point("flows", "forgotten");
		if (r < 0)
			return r;
		drop_notes(dir, &names, &seen);
	}
}

static int lock(int dir, int how)
{
	_cleanup_close_ int fd = openat(dir, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, how) < 0)
		return -errno;
	return take_fd(&fd);
}

int flows_sweep(struct net *net, struct err *e)
{
	_cleanup_close_ int dir = net_dir(net, NOTES, false), held = -1;

	if (dir < 0)
		return dir == -ENOENT ? 0 : err_sys(e, dir, "open what connections to forget");
	held = lock(dir, LOCK_EX);
	if (held < 0)
		return err_sys(e, held, "lock what connections to forget");
	return forget_noted(dir, &net->nft, e);
}

bool flows_noted(struct net *net, const struct ip_addr *a)
{
	char path[sizeof(NOTES) + IP_STRLEN + 1], ip[IP_STRLEN], text[8];

	return str_fmt(path, sizeof(path), NOTES "/%s", ip_str(a, ip)) >= 0 &&
	       note_get(net->state_fd, path, text, sizeof(text)) >= 0;
}

/* ---- in a process of its own ---- */

enum { DIR_FD = 3 };

static int nobody_waits(const struct proc_id *id, void *ctx)
{
	(void)id;
	(void)ctx;
	return 0;
}

/*
 * Who notes an address while the lock is held counts on the holder, who may have
 * looked for the last time: hence another look behind the lock.
 */
static void sweep_until_done(int dir, struct nl *nft)
{
	struct strv left = { 0 };
	int r;

	do {
		_cleanup_close_ int held = lock(dir, LOCK_EX);

		r = held < 0 ? held : forget_noted(dir, nft, NULL);
		fd_close(take_fd(&held));
		strv_free(&left);
		if (r >= 0)
			r = dir_names(dir, &left);
	} while (r >= 0 && left.n);
	strv_free(&left);
}

static int sweeper(void *ctx)
{
	_cleanup_nl_ struct nl nft = NL_INIT;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), *dir = ctx;
	int high = fcntl(*dir, F_DUPFD_CLOEXEC, 16);

	prctl(PR_SET_NAME, "ct-flows");
	if (null < 0 || high < 0 || dup2(high, DIR_FD) < 0 || chdir("/") < 0)
		return -errno;
	for (int fd = 0; fd < DIR_FD; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	/* with the lock of the networks, and the caller's line */
	if (close_range(DIR_FD + 1, ~0U, 0) < 0)
		return -errno;
	if (nl_open(&nft, NETLINK_NETFILTER, NULL) >= 0)
		sweep_until_done(DIR_FD, &nft);
	_exit(0);
}

static bool is_swept_now(int dir)
{
	int fd = lock(dir, LOCK_EX | LOCK_NB);

	if (fd < 0)
		return fd == -EWOULDBLOCK;
	fd_close(fd);
	return false;
}

/* Another value each time. */
static int now(char *buf, size_t size)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return str_fmt(buf, size, "%lld.%09ld", (long long)t.tv_sec, t.tv_nsec);
}

void flows_leave(struct net *net, const struct ip_prefix *addrs, size_t n)
{
	_cleanup_close_ int dir = -1;
	struct proc_detached d = { .born = nobody_waits, .run = sweeper, .ctx = &dir };
	char ip[IP_STRLEN], when[32];

	if (!n || now(when, sizeof(when)) < 0)
		return;
	dir = net_dir(net, NOTES, true);
	for (size_t i = 0; i < n && dir >= 0; i++)
		note_set(dir, ip_str(&addrs[i].addr, ip), when);
	crash_point("flows", "noted");
	if (dir >= 0 && !is_swept_now(dir) && proc_detach(&d) < 0)
		log_trace("connections of %s are forgotten by the next sweep", ip);
}
