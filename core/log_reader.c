/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files are read in the order of their numbers. The writer is done with one
 * when there is a later one; what it wrote before that is read first.
 *
 * What is there is what is there at the first look: its files are opened then, so
 * that none is lost to a rotation between counting and reading, and of the last one
 * no more is read than it had, or a writer who is faster would be chased for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/inotify.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/log_file.h"

#define LOOK_AGAIN_MS 100 /* without inotify, of which root has 128 */
#define LINE_MAX_LEN  65536

struct file {
	int fd;
	uint64_t number;
};

struct reading {
	const struct log_reader *r;
	log_line_fn *fn;
	void *ctx;
	uint64_t skip; /* lines before those wanted */
	struct file files[LOG_MOST_FILE]; /* at the first look */
	size_t n_files;
	uint64_t end; /* of the last of them */
	int fd; /* where it stands, -1: nowhere yet; one of files, or later */
	int later; /* a file that came after those, or -1 */
	uint64_t number; /* of fd */
	uint64_t left; /* bytes of it to be read */
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

/* To its end, or as far as it is to be read; ret_any: whether there was anything. */
static int file_take(struct reading *g, bool *ret_any)
{
	for (;;) {
		size_t room = sizeof(g->buf) - g->len;
		ssize_t n = read(g->fd, g->buf + g->len, g->left < room ? g->left : room);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		*ret_any = true;
		g->len += (size_t)n;
		g->left -= (uint64_t)n;
		r = lines_take(g);
		if (r)
			return r;
	}
}

static void file_begin(struct reading *g, const struct file *f, uint64_t left)
{
	g->fd = f->fd;
	g->number = f->number;
	g->left = left;
	g->len = 0;
	g->passing = false;
}

/* The first file behind number n; 0: there is none, -EAGAIN: it went meanwhile. */
static int file_open(const struct reading *g, uint64_t n, struct file *ret)
{
	char name[LOG_NAME_SIZE];

	ret->number = log_file_after(g->r->dir_fd, n);
	if (!ret->number)
		return 0;
	log_file_name(ret->number, name);
	ret->fd = openat(g->r->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (ret->fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	return 1;
}

/* Goes on to it; as file_open(). */
static int file_enter(struct reading *g, uint64_t n)
{
	struct file f;
	int r = file_open(g, n, &f);

	if (r <= 0)
		return r;
	fd_close(g->later);
	g->later = f.fd;
	file_begin(g, &f, UINT64_MAX);
	return 1;
}

/* ---- all that is there ---- */

/* The first look. Of more files than anybody keeps, the last. */
static int files_open(struct reading *g)
{
	uint64_t first, last, n;
	struct stat st;
	int r = 1;

	log_file_numbers(g->r->dir_fd, &first, &last);
	n = last > LOG_MOST_FILE ? last - LOG_MOST_FILE : 0;
	while (r && n < last && g->n_files < LOG_MOST_FILE) {
		r = file_open(g, n, &g->files[g->n_files]);
		if (r < 0 && r != -EAGAIN)
			return r;
		if (r > 0)
			n = g->files[g->n_files++].number;
	}
	if (g->n_files && fstat(g->files[g->n_files - 1].fd, &st) < 0)
		return -errno;
	g->end = g->n_files ? (uint64_t)st.st_size : 0;
	return 0;
}

static int files_take(struct reading *g)
{
	bool any;
	int r = 0;

	for (size_t i = 0; !r && i < g->n_files; i++) {
		file_begin(g, &g->files[i], i + 1 < g->n_files ? UINT64_MAX : g->end);
		if (lseek(g->fd, 0, SEEK_SET) < 0)
			return -errno;
		r = file_take(g, &any);
	}
	g->left = UINT64_MAX;
	return r;
}

static void files_close(struct reading *g)
{
	for (size_t i = 0; i < g->n_files; i++)
		fd_close(g->files[i].fd);
}

/* How many of the lines come before the last ones that are wanted. */
static int count_skipped(struct reading *g)
{
	log_line_fn *fn = g->fn;
	void *ctx = g->ctx;
	uint64_t lines = 0;
	int r = 0;

	if (g->r->tail == UINT64_MAX)
		return 0;
	g->fn = count_line;
	g->ctx = &lines;
	r = files_take(g);
	g->fn = fn;
	g->ctx = ctx;
	g->skip = lines > g->r->tail ? lines - g->r->tail : 0;
	return r;
}

/* ---- following ---- */

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
	if (g->r->idle)
		g->r->idle(g->ctx);
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

/* 1: there is more to read now; 0: not yet. */
static int go_on(struct reading *g, bool any)
{
	int r;

	if (any)
		return 1;
	if (!log_file_after(g->r->dir_fd, g->number))
		return 0;
	/* between the last look and the next file there may have been a last line */
	r = g->fd >= 0 ? file_take(g, &any) : 0;
	if (!r)
		r = file_enter(g, g->number);
	return r == -EAGAIN ? 1 : r;
}

static int follow(struct reading *g)
{
	for (;;) {
		bool ended = has_ended(g), any = false;
		int r = g->fd >= 0 ? file_take(g, &any) : 0;

		if (r)
			return r;
		r = go_on(g, any);
		if (!r)
			r = ended || wait_for_more(g) ? -ECANCELED : 1;
		if (r != 1)
			return r == -ECANCELED ? 0 : r;
	}
}

static int watch_open(int dir_fd)
{
	_cleanup_close_ int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/.", dir_fd);
	if (fd < 0 || inotify_add_watch(fd, path, IN_MODIFY | IN_CREATE) < 0)
		return -1;
	return take_fd(&fd);
}

int log_file_read(const struct log_reader *r, log_line_fn *fn, void *ctx, struct err *e)
{
	struct reading *g = calloc(1, sizeof(*g));
	int n;

	if (!g)
		return err_sys(e, -ENOMEM, "read the log");
	g->r = r;
	g->fn = fn;
	g->ctx = ctx;
	g->fd = -1;
	g->later = -1;
	/* before the first look, so that nothing is missed between them */
	g->watch = r->end_fd >= 0 ? watch_open(r->dir_fd) : -1;
	n = files_open(g);
	if (!n)
		n = count_skipped(g);
	if (!n)
		n = files_take(g);
	if (!n && r->end_fd >= 0)
		n = follow(g);
	files_close(g);
	fd_close(g->later);
	fd_close(g->watch);
	free(g);
	return n < 0 ? err_sys(e, n, "read the log") : n;
}
