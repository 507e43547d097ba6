/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files are held open from the first look on, so that one that is renamed or
 * removed is read to its end. The writer is behind a file when "log" is another:
 * what it wrote before it went on is then read first, and the next is the one
 * whose name is one less.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/log_file.h"

#define LOOK_AGAIN_MS 100 /* without inotify, of which root has 128 */
#define LINE_MAX_LEN  65536

struct chain {
	int fds[LOG_MOST_FILE]; /* newest first */
	size_t n;
};

struct reading {
	const struct log_reader *r;
	log_line_fn *fn;
	void *ctx;
	uint64_t skip; /* lines before those wanted */
	int fd; /* where it stands */
	int watch; /* inotify */
	size_t len;
	bool passing; /* the rest of a line that is too long */
	char buf[LINE_MAX_LEN];
};

/* ---- one line ---- */

bool log_line_parse(const char *text, size_t len, struct log_line *ret)
{
	static const char out[] = " stdout ", err[] = " stderr ";
	const char *end = memchr(text, ' ', len), *at;
	struct log_line l = { .part = false };

	if (!end || log_time_parse(text, (size_t)(end - text), &l.time) < 0)
		return false;
	at = end;
	/* stream, tag and a space */
	if (len - (size_t)(at - text) < strlen(out) + 2)
		return false;
	l.stream = !memcmp(at, out, strlen(out)) ? 1 : !memcmp(at, err, strlen(err)) ? 2 : 0;
	at += strlen(out);
	if (!l.stream || (at[0] != 'F' && at[0] != 'P') || at[1] != ' ')
		return false;
	l.part = at[0] == 'P';
	l.text = at + 2;
	l.len = len - (size_t)(l.text - text);
	*ret = l;
	return true;
}

static bool is_wanted(const struct log_reader *r, const struct log_line *l)
{
	return (!r->since || l->time >= r->since) && (!r->until || l->time <= r->until);
}

static int count_line(const struct log_line *l, void *ctx)
{
	uint64_t *lines = ctx;

	*lines += !l->part;
	return 0;
}

static int take(struct reading *g, const char *text, size_t len)
{
	struct log_line l;

	if (!log_line_parse(text, len, &l) || !is_wanted(g->r, &l))
		return 0;
	if (g->skip) {
		g->skip -= !l.part;
		return 0;
	}
	return g->fn(&l, g->ctx);
}

/* ---- one file ---- */

/* Whole lines at the front of the buffer. */
static int lines_take(struct reading *g)
{
	char *at = g->buf, *feed;
	int r = 0;

	while (!r && (feed = memchr(at, '\n', (size_t)(g->buf + g->len - at)))) {
		if (!g->passing)
			r = take(g, at, (size_t)(feed - at));
		g->passing = false;
		at = feed + 1;
	}
	g->len -= (size_t)(at - g->buf);
	memmove(g->buf, at, g->len);
	if (g->len == sizeof(g->buf)) {
		g->passing = true;
		g->len = 0;
	}
	return r;
}

/* To its end; ret_any: whether there was anything. */
static int file_take(struct reading *g, bool *ret_any)
{
	for (;;) {
		ssize_t n = read(g->fd, g->buf + g->len, sizeof(g->buf) - g->len);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		*ret_any = true;
		g->len += (size_t)n;
		r = lines_take(g);
		if (r)
			return r;
	}
}

static int file_enter(struct reading *g, int fd)
{
	g->fd = fd;
	g->len = 0;
	g->passing = false;
	return lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;
}

/* ---- the files ---- */

static int open_numbered(int dir_fd, size_t i)
{
	char name[16];

	if (i)
		snprintf(name, sizeof(name), "log.%zu", i);
	return openat(dir_fd, i ? name : "log", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static bool same_file(int fd, int dir_fd, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dir_fd, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

static void chain_close(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		fd_close(c->fds[i]);
	c->n = 0;
}

/* As they were at one moment: nothing was rotated meanwhile. */
static void chain_open(int dir_fd, struct chain *c)
{
	for (int tries = 0; tries < 100; tries++) {
		chain_close(c);
		while (c->n < LOG_MOST_FILE && (c->fds[c->n] = open_numbered(dir_fd, c->n)) >= 0)
			c->n++;
		if (!c->n || same_file(c->fds[0], dir_fd, "log"))
			return;
	}
}

static int chain_take(struct reading *g, const struct chain *c)
{
	bool any;
	int r = 0;

	for (size_t i = c->n; !r && i-- > 0;) {
		r = file_enter(g, c->fds[i]);
		if (r >= 0)
			r = file_take(g, &any);
	}
	return r;
}

/* How many of the lines come before the last ones that are wanted. */
static int count_skipped(struct reading *g, const struct chain *c)
{
	log_line_fn *fn = g->fn;
	void *ctx = g->ctx;
	uint64_t lines = 0;
	int r = 0;

	if (g->r->tail == UINT64_MAX)
		return 0;
	g->fn = count_line;
	g->ctx = &lines;
	r = chain_take(g, c);
	g->fn = fn;
	g->ctx = ctx;
	g->skip = lines > g->r->tail ? lines - g->r->tail : 0;
	return r;
}

/* ---- following ---- */

/* Where the writer went on from here; -ENOENT: nowhere yet. */
static int next_open(const struct reading *g)
{
	struct chain c = { .n = 0 };
	size_t at = 0;
	int fd;

	chain_open(g->r->dir_fd, &c);
	if (!c.n)
		return -ENOENT;
	while (at < c.n) {
		struct stat a, b;

		if (fstat(c.fds[at], &a) == 0 && fstat(g->fd, &b) == 0 && a.st_ino == b.st_ino)
			break;
		at++;
	}
	/* the one after it; the oldest where it is gone already */
	at = at ? at - 1 : 0;
	fd = take_fd(&c.fds[at]);
	chain_close(&c);
	return fd;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Until there may be more. 1: there will not be. */
static int wait_for_more(const struct reading *g)
{
	struct pollfd p[] = { { g->r->end_fd, POLLIN, 0 },
			      { g->watch, POLLIN, 0 },
			      { g->r->out_fd, 0, 0 } };
	int64_t left = g->r->until ? (g->r->until - now()) / 1000000 + 1 : INT32_MAX;
	char events[4096];

	if (left <= 0)
		return 1;
	if (g->watch < 0 && left > LOOK_AGAIN_MS)
		left = LOOK_AGAIN_MS;
	if (poll(p, ARRAY_SIZE(p), left >= INT32_MAX ? -1 : (int)left) < 0)
		return errno == EINTR ? 0 : -errno;
	if (p[1].revents && read(g->watch, events, sizeof(events)) < 0 && errno != EAGAIN)
		return -errno;
	return p[2].revents & (POLLERR | POLLNVAL) ? 1 : 0;
}

static bool has_ended(const struct reading *g)
{
	struct pollfd p = { g->r->end_fd, POLLIN, 0 };

	return poll(&p, 1, 0) > 0;
}

/* Goes on to the writer's file; 0: it is there already. */
static int go_on(struct reading *g, int *own)
{
	bool any;
	int r, fd;

	if (g->fd >= 0 && same_file(g->fd, g->r->dir_fd, "log"))
		return 0;
	r = g->fd >= 0 ? file_take(g, &any) : 0;
	if (r)
		return r;
	fd = next_open(g);
	if (fd < 0)
		return 0;
	fd_close(*own);
	*own = fd;
	r = file_enter(g, fd);
	return r < 0 ? r : -EAGAIN;
}

static int follow(struct reading *g)
{
	_cleanup_close_ int own = -1;
	int r = 0;

	while (!r) {
		bool ended = has_ended(g), any = false;

		if (g->fd >= 0)
			r = file_take(g, &any);
		if (!r)
			r = go_on(g, &own);
		if (r == -EAGAIN) {
			r = 0;
			continue;
		}
		if (r || any)
			continue;
		r = ended ? 1 : wait_for_more(g);
		if (r == 1)
			return 0;
	}
	return r;
}

static int watch_open(int dir_fd)
{
	_cleanup_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/.", dir_fd);
	if (fd < 0 || inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return -1;
	return take_fd(&fd);
}

static int read_all(struct reading *g, struct chain *c)
{
	int r = count_skipped(g, c);

	if (!r)
		r = chain_take(g, c);
	if (!r && g->r->end_fd >= 0) {
		g->fd = c->n ? c->fds[0] : -1;
		r = follow(g);
	}
	return r;
}

int log_file_read(const struct log_reader *r, log_line_fn *fn, void *ctx, struct err *e)
{
	struct reading *g = calloc(1, sizeof(*g));
	struct chain c = { .n = 0 };
	int n;

	if (!g)
		return err_sys(e, -ENOMEM, "read the log");
	g->r = r;
	g->fn = fn;
	g->ctx = ctx;
	g->fd = -1;
	/* before the first look, so that nothing is missed between them */
	g->watch = r->end_fd >= 0 ? watch_open(r->dir_fd) : -1;
	chain_open(r->dir_fd, &c);
	n = read_all(g, &c);
	chain_close(&c);
	fd_close(g->watch);
	free(g);
	return n < 0 ? err_sys(e, n, "read the log") : n;
}
