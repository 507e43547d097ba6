/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_file - what a detached container wrote, in files "log.1", "log.2", ... of
 * which the last few are kept. No file is ever renamed, so that a reader knows
 * from its name which one comes next. A line is "TIME STREAM TAG TEXT" as CRI has
 * it (kubernetes: logging format of the container runtime interface): TIME is
 * RFC 3339 with nanoseconds in UTC, STREAM stdout or stderr, TAG F for a whole
 * line, or the end of one, or P for a part that the next of its stream goes on.
 */
#ifndef CT_CORE_LOG_FILE_H
#define CT_CORE_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define LOG_MAX_SIZE  (1ULL << 20)
#define LOG_MAX_FILE  2
#define LOG_MOST_FILE 100
#define LOG_NAME_SIZE 32

struct log_file;

/*
 * dir_fd: state_dir() of the container, which the log duplicates. max_size in
 * bytes and max_file 0: as above. It goes on with a log that is there.
 */
int log_file_open(int dir_fd, uint64_t max_size, uint32_t max_file, struct log_file **ret,
		  struct err *e);
/*
 * Bytes of one stream (1 stdout, 2 stderr), lines or not; they are in the file when
 * it returns. A disk that is full costs lines, never the container: their number
 * is told in the log later.
 */
void log_file_write(struct log_file *l, int stream, const char *bytes, size_t n);
void log_file_close(struct log_file *l); /* NULL is none */

/* The numbers of the files that are there, 0: none. */
void log_file_numbers(int dir_fd, uint64_t *ret_first, uint64_t *ret_last);
/* The smallest number above n, 0: there is none. */
uint64_t log_file_after(int dir_fd, uint64_t n);
void log_file_name(uint64_t n, char buf[LOG_NAME_SIZE]);

/* One line as it is read back; text is no string. */
struct log_line {
	int64_t time; /* nanoseconds since the epoch */
	int stream; /* 1 or 2 */
	bool part;
	const char *text;
	size_t len;
};
/* One line of a file, without its line feed; false: it is none. ret points into it. */
bool log_line_parse(const char *text, size_t len, struct log_line *ret);
/* "2026-01-31T23:59:59.000000001Z"; size is LOG_TIME_SIZE */
#define LOG_TIME_SIZE 36
void log_time_format(int64_t time, char buf[LOG_TIME_SIZE]);
/* RFC 3339, date alone too, with or without a zone (UTC); -EINVAL. */
int log_time_parse(const char *text, size_t len, int64_t *ret);

/* Returns 0 to go on; anything else ends the reading and is what that returns. */
typedef int log_line_fn(const struct log_line *l, void *ctx);

struct log_reader {
	int dir_fd;
	uint64_t tail; /* lines, of those since and until let through; UINT64_MAX: all */
	int64_t since, until; /* nanoseconds since the epoch; 0: not looked at */
	int end_fd; /* with it: what is written later, until it is readable; -1: none */
	int out_fd; /* whose reader, once gone, ends that too; -1: none */
	void (*idle)(void *ctx); /* before it waits; may be NULL */
};
/*
 * Calls fn for every line there is, oldest first; lines that are none are passed
 * over. What is written meanwhile is read with end_fd alone, rotations followed. A
 * container without a log has no lines.
 */
int log_file_read(const struct log_reader *r, log_line_fn *fn, void *ctx, struct err *e);

#endif
