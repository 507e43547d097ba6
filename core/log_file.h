/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_file - what a detached container wrote, in files that take turns: "log" is
 * the newest, "log.1" the one before. A line is "TIME STREAM TAG TEXT" as CRI has
 * it (kubernetes: logging format of the container runtime interface): TIME is
 * RFC 3339 with nanoseconds in UTC, STREAM stdout or stderr, TAG F for a whole
 * line or P for a part of one.
 */
#ifndef CT_CORE_LOG_FILE_H
#define CT_CORE_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct log_file;

/* dir_fd: state_dir() of the container, which the log duplicates. */
int log_file_open(int dir_fd, uint64_t max_size, uint32_t max_file, struct log_file **ret,
		  struct err *e);
/*
 * Bytes of one stream (1 stdout, 2 stderr), lines or not. A disk that is full
 * costs lines, never the container: their number is told in the log later.
 */
void log_file_write(struct log_file *l, int stream, const char *bytes, size_t n);
void log_file_close(struct log_file *l); /* what stands there of a line is written */

/* One line as it is read back; text is no string. */
struct log_line {
	int64_t time; /* nanoseconds since the epoch */
	int stream;
	bool part;
	const char *text;
	size_t len;
};
typedef int log_line_fn(const struct log_line *l, void *ctx);

struct log_reader {
	int dir_fd;
	uint64_t tail; /* lines; UINT64_MAX: all */
	int64_t since, until; /* nanoseconds since the epoch; 0: not looked at */
};
/*
 * Calls fn for every line there is, oldest first; lines that are none are passed
 * over. With follow_fd >= 0 it goes on with what is written later, through
 * rotations, until that descriptor is readable and nothing is left.
 */
int log_file_read(const struct log_reader *r, int follow_fd, log_line_fn *fn, void *ctx,
		  struct err *e);

#endif
