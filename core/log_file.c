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
#include "core/base/str.h"

/* A record's text at most, and what is written at once. */
#define TEXT_MAX  4096
#define BATCH_MAX 8192

struct log_file {
	int dir_fd, fd; /* fd -1: could not be opened, tried again */
	uint64_t size, max_size;
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

static void name_of(uint32_t i, char buf[16])
{
	if (i)
		snprintf(buf, 16, "log.%u", i);
	else
		memcpy(buf, "log", sizeof("log"));
}

static int newest_open(struct log_file *l)
{
	struct stat st;

	l->fd = openat(l->dir_fd, "log",
		       O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (l->fd < 0)
		return -errno;
	l->size = fstat(l->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return 0;
}

int log_file_open(int dir_fd, uint64_t max_size, uint32_t max_file, struct log_file **ret,
		  struct err *e)
{
	struct log_file *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return err_sys(e, -ENOMEM, "log");
	*l = (struct log_file){ .dir_fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 3),
				.fd = -1,
				.max_size = max_size ? max_size : LOG_MAX_SIZE,
				.max_file = max_file ? max_file : LOG_MAX_FILE };
	r = l->dir_fd < 0 ? -errno : newest_open(l);
	if (r < 0) {
		log_file_close(l);
		return err_sys(e, r, "open the log");
	}
	*ret = l;
	return 0;
}

/* The oldest goes with the first rename over it. */
static void rotate(struct log_file *l)
{
	char from[16], to[16];

	for (uint32_t i = l->max_file - 1; i > 0; i--) {
		name_of(i - 1, from);
		name_of(i, to);
		renameat(l->dir_fd, from, l->dir_fd, to);
	}
	if (l->max_file == 1)
		unlinkat(l->dir_fd, "log", 0);
	fd_close(take_fd(&l->fd));
	newest_open(l);
	l->torn = false;
}

static bool write_all(struct log_file *l, const char *buf, size_t len)
{
	ssize_t n;

	if (l->fd < 0 && newest_open(l) < 0)
		return false;
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

/* What could not be written is told as soon as something can. */
static bool tell_lost(struct log_file *l)
{
	char now[LOG_TIME_SIZE], line[160];
	struct timespec t;

	if (!l->lost && !l->torn)
		return true;
	clock_gettime(CLOCK_REALTIME, &t);
	log_time_format((int64_t)t.tv_sec * 1000000000 + t.tv_nsec, now);
	snprintf(line, sizeof(line),
		 "%s%s stderr F ctnet: %llu lines are missing here: the log could not be written\n",
		 l->torn ? "\n" : "", now, (unsigned long long)l->lost);
	if (!write_all(l, line, strlen(line)))
		return false;
	l->lost = 0;
	l->torn = false;
	return true;
}

void log_file_close(struct log_file *l)
{
	if (!l)
		return;
	if (l->dir_fd >= 0)
		tell_lost(l);
	fd_close(l->fd);
	fd_close(l->dir_fd);
	free(l);
}

static void batch_flush(struct log_file *l, struct batch *b)
{
	if (b->len && (!tell_lost(l) || !write_all(l, b->buf, b->len)))
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
	char now[LOG_TIME_SIZE];
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	log_time_format((int64_t)t.tv_sec * 1000000000 + t.tv_nsec, now);
	snprintf(b.head, sizeof(b.head), "%s %s ", now, stream == 2 ? "stderr" : "stdout");
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

void log_file_note(struct log_file *l, const char *text)
{
	log_file_write(l, 2, text, strlen(text));
	log_file_write(l, 2, "\n", 1);
}
