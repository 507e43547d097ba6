/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing is held back: what was read from the command is in the file before
 * more is read, as lines and at the end as a part of one. So a monitor that is
 * killed loses nothing, and who follows sees a prompt.
 *
 * A write that the disk does not take whole is taken back, or the next line
 * would be glued to a torn one.
 */
#include "core/log_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "core/base/str.h"

/* A record's text at most, and what is written at once. */
#define TEXT_MAX  4096
#define BATCH_MAX 8192

struct log_file {
	int dir_fd, fd;
	uint64_t number, size, max_size;
	uint32_t max_file;
	uint64_t lost; /* lines */
	bool torn; /* the file ends in the middle of a line */
};

struct batch {
	char buf[BATCH_MAX];
	size_t len;
	uint64_t lines;
	char head[LOG_TIME_SIZE + sizeof(" stdout ")];
};

/* ---- the files ---- */

void log_file_name(uint64_t n, char buf[LOG_NAME_SIZE])
{
	snprintf(buf, LOG_NAME_SIZE, "log.%llu", (unsigned long long)n);
}

static uint64_t number_of(const char *name)
{
	uint64_t n;

	return str_starts(name, "log.") && parse_u64(name + 4, 1, UINT64_MAX, &n, NULL) >= 0 ? n
											     : 0;
}

void log_file_numbers(int dir_fd, uint64_t *ret_first, uint64_t *ret_last)
{
	_cleanup_(strv_free) struct strv names = { 0 };

	*ret_first = *ret_last = 0;
	dir_names(dir_fd, &names);
	for (size_t i = 0; i < names.n; i++) {
		uint64_t n = number_of(names.v[i]);

		if (n && (!*ret_first || n < *ret_first))
			*ret_first = n;
		if (n > *ret_last)
			*ret_last = n;
	}
}

uint64_t log_file_after(int dir_fd, uint64_t after)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	uint64_t best = 0;

	dir_names(dir_fd, &names);
	for (size_t i = 0; i < names.n; i++) {
		uint64_t n = number_of(names.v[i]);

		if (n > after && (!best || n < best))
			best = n;
	}
	return best;
}

/* What is there is gone on with. */
static int file_open(struct log_file *l, uint64_t n)
{
	char name[LOG_NAME_SIZE];
	struct stat st;
	int fd;

	log_file_name(n, name);
	fd = openat(l->dir_fd, name,
		    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	fd_close(l->fd);
	l->fd = fd;
	l->number = n;
	l->size = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	l->torn = false;
	return 0;
}

int log_file_open(int dir_fd, uint64_t max_size, uint32_t max_file, struct log_file **ret,
		  struct err *e)
{
	struct log_file *l = calloc(1, sizeof(*l));
	uint64_t first, last;
	int r;

	if (!l)
		return err_sys(e, -ENOMEM, "log");
	*l = (struct log_file){ .dir_fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3),
				.fd = -1,
				.max_size = max_size ? max_size : LOG_MAX_SIZE,
				.max_file = max_file ? max_file : LOG_MAX_FILE };
	if (l->dir_fd < 0) {
		r = -errno;
	} else {
		log_file_numbers(dir_fd, &first, &last);
		r = file_open(l, last ? last : 1);
	}
	if (r < 0) {
		log_file_close(l);
		return err_sys(e, r, "open the log");
	}
	*ret = l;
	return 0;
}

static void remove_oldest(const struct log_file *l, uint64_t up_to)
{
	uint64_t first, last;
	char name[LOG_NAME_SIZE];

	log_file_numbers(l->dir_fd, &first, &last);
	for (uint64_t n = first; n && n <= up_to; n++) {
		log_file_name(n, name);
		unlinkat(l->dir_fd, name, 0);
	}
}

/* Where there is no room for another file it goes on with this one. */
static void rotate(struct log_file *l)
{
	uint64_t up_to = l->number + 1 > l->max_file ? l->number + 1 - l->max_file : 0;

	if (file_open(l, l->number + 1) >= 0)
		remove_oldest(l, up_to);
}

static bool write_all(struct log_file *l, const char *buf, size_t len)
{
	ssize_t n;

	do {
		n = write(l->fd, buf, len);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len) {
		l->size += len;
		return true;
	}
	if (n > 0 && ftruncate(l->fd, (off_t)l->size) < 0) {
		l->size += (uint64_t)n;
		l->torn = true;
	}
	return false;
}

static void now(char buf[LOG_TIME_SIZE])
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	log_time_format((int64_t)t.tv_sec * 1000000000 + t.tv_nsec, buf);
}

/* What could not be written is told as soon as something can. */
static bool tell_lost(struct log_file *l, const char *now)
{
	char line[160];

	if (!l->lost && !l->torn)
		return true;
	snprintf(line, sizeof(line),
		 "%s%.*s stderr F ctnet: %llu lines are missing: the log could not be written\n",
		 l->torn ? "\n" : "", (int)strcspn(now, " "), now, (unsigned long long)l->lost);
	if (!write_all(l, line, strlen(line)))
		return false;
	l->lost = 0;
	l->torn = false;
	return true;
}

void log_file_close(struct log_file *l)
{
	char time[LOG_TIME_SIZE];

	if (!l)
		return;
	now(time);
	if (l->fd >= 0)
		tell_lost(l, time);
	fd_close(l->fd);
	fd_close(l->dir_fd);
	free(l);
}

static void batch_flush(struct log_file *l, struct batch *b)
{
	if (b->len && (!tell_lost(l, b->head) || !write_all(l, b->buf, b->len)))
		l->lost += b->lines;
	b->len = 0;
	b->lines = 0;
}

static void batch_add(struct log_file *l, struct batch *b, char tag, const char *text, size_t n)
{
	size_t head = strlen(b->head), need = head + n + 3;

	if (l->size + b->len && l->size + b->len + need > l->max_size) {
		batch_flush(l, b);
		rotate(l);
	}
	if (b->len + need > sizeof(b->buf))
		batch_flush(l, b);
	memcpy(b->buf + b->len, b->head, head);
	b->len += head;
	b->buf[b->len++] = tag;
	b->buf[b->len++] = ' ';
	memcpy(b->buf + b->len, text, n);
	b->len += n;
	b->buf[b->len++] = '\n';
	b->lines++;
}

void log_file_write(struct log_file *l, int stream, const char *bytes, size_t n)
{
	struct batch b = { .len = 0 };
	char time[LOG_TIME_SIZE];

	now(time);
	snprintf(b.head, sizeof(b.head), "%s %s ", time, stream == 2 ? "stderr" : "stdout");
	while (n) {
		const char *feed = memchr(bytes, '\n', n);
		size_t len = feed ? (size_t)(feed - bytes) : n;

		if (len > TEXT_MAX) {
			feed = NULL;
			len = TEXT_MAX;
		}
		batch_add(l, &b, feed ? 'F' : 'P', bytes, len);
		len += feed ? 1 : 0;
		bytes += len;
		n -= len;
	}
	batch_flush(l, &b);
}
