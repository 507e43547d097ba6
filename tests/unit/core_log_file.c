/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of a container: lines, parts, rotation, reading back, following. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_tmp.h"
#include "core/base/fd.h"
#include "core/log_file.h"

static void empty(void)
{
	char name[LOG_NAME_SIZE];

	for (uint64_t n; (n = log_file_after(dir, 0));) {
		log_file_name(n, name);
		unlinkat(dir, name, 0);
	}
}

static struct log_file *start(uint64_t size, uint32_t files)
{
	struct log_file *l = NULL;

	empty();
	assert_int_equal(log_file_open(dir, size, files, &l, NULL), 0);
	return l;
}

static void put(struct log_file *l, int stream, const char *text)
{
	log_file_write(l, stream, text, strlen(text));
}

/* ---- what is read, as "1text\n" and "1part" behind each other ---- */

struct seen {
	char text[65536];
	size_t len, lines;
	int64_t last;
	size_t stop; /* after so many lines, 0: never */
	int end; /* eventfd written to then */
};

static int see(const struct log_line *l, void *ctx)
{
	struct seen *s = ctx;

	assert_true(l->time >= s->last);
	s->last = l->time;
	s->lines += !l->part;
	if (s->len + l->len + 3 < sizeof(s->text)) {
		s->text[s->len++] = (char)('0' + l->stream);
		memcpy(s->text + s->len, l->text, l->len);
		s->len += l->len;
		if (!l->part)
			s->text[s->len++] = '\n';
		s->text[s->len] = '\0';
	}
	if (s->stop && s->lines == s->stop)
		eventfd_write(s->end, 1);
	return 0;
}

static void read_back(struct seen *s, uint64_t tail)
{
	struct log_reader r = { .dir_fd = dir, .tail = tail, .end_fd = -1, .out_fd = -1 };

	memset(s, 0, sizeof(*s));
	assert_int_equal(log_file_read(&r, see, s, NULL), 0);
}

static struct seen s; /* large */

static void lines_and_parts(void **state)
{
	struct log_file *l = start(0, 0);

	put(l, 1, "one\ntwo\n");
	put(l, 2, "error\n");
	put(l, 1, "pro");
	put(l, 1, "mpt\n\n");
	put(l, 1, "last");
	log_file_close(l);
	read_back(&s, UINT64_MAX);
	assert_string_equal(s.text, "1one\n1two\n2error\n1pro1mpt\n1\n1last");
}

static void a_long_line_comes_in_parts(void **state)
{
	struct log_file *l = start(0, 0);
	char *line = malloc(10001);
	size_t len = 0;

	memset(line, 'x', 10000);
	line[10000] = '\n';
	log_file_write(l, 1, line, 10001);
	log_file_close(l);
	read_back(&s, UINT64_MAX);
	assert_int_equal(s.lines, 1);
	for (size_t i = 0; i < s.len; i++)
		len += s.text[i] == 'x';
	assert_int_equal(len, 10000);
	free(line);
}

static void bytes_are_kept(void **state)
{
	static const char bytes[] = "a\0b\r\xff\x1b[0m";
	struct log_file *l = start(0, 0);

	log_file_write(l, 1, bytes, sizeof(bytes));
	put(l, 1, "\n");
	log_file_close(l);
	read_back(&s, UINT64_MAX);
	assert_memory_equal(s.text + 1, bytes, sizeof(bytes));
}

static void rotation_keeps_sizes_and_the_newest(void **state)
{
	struct log_file *l = start(1024, 3);
	char line[32], name[LOG_NAME_SIZE];
	uint64_t first, last;
	struct stat st;

	for (int i = 0; i < 500; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		put(l, 1, line);
	}
	log_file_close(l);
	log_file_numbers(dir, &first, &last);
	assert_int_equal(last - first, 2);
	for (uint64_t n = first; n <= last; n++) {
		log_file_name(n, name);
		assert_int_equal(fstatat(dir, name, &st, 0), 0);
		assert_true(st.st_size <= 1024);
	}
	read_back(&s, UINT64_MAX);
	/* 45 bytes or so each, so some sixty are left: the last, in order, without a gap */
	assert_in_range(s.lines, 40, 75);
	snprintf(line, sizeof(line), "1line %d\n", 500 - (int)s.lines);
	assert_int_equal(strncmp(s.text, line, strlen(line)), 0);
	assert_string_equal(s.text + s.len - strlen("1line 499\n"), "1line 499\n");
}

static void one_file_alone_starts_anew(void **state)
{
	struct log_file *l = start(1024, 1);
	uint64_t first, last;

	for (int i = 0; i < 100; i++)
		put(l, 1, "some line\n");
	log_file_close(l);
	log_file_numbers(dir, &first, &last);
	assert_int_equal(first, last);
	read_back(&s, UINT64_MAX);
	assert_in_range(s.lines, 1, 25);
}

static void a_log_goes_on(void **state)
{
	struct log_file *l = start(0, 0);

	put(l, 1, "before\n");
	log_file_close(l);
	assert_int_equal(log_file_open(dir, 0, 0, &l, NULL), 0);
	put(l, 1, "after\n");
	log_file_close(l);
	read_back(&s, UINT64_MAX);
	assert_string_equal(s.text, "1before\n1after\n");
}

static void the_tail(void **state)
{
	struct log_file *l = start(1024, 3);
	char line[32];

	for (int i = 0; i < 40; i++) {
		snprintf(line, sizeof(line), "%d\n", i);
		put(l, 1, line);
	}
	log_file_close(l);
	read_back(&s, 3);
	assert_string_equal(s.text, "137\n138\n139\n");
	read_back(&s, 0);
	assert_string_equal(s.text, "");
	read_back(&s, 30); /* from more than one file */
	assert_int_equal(s.lines, 30);
}

static void since_and_until(void **state)
{
	static const char log[] = "2026-01-01T00:00:00.000000001Z stdout F a\n"
				  "no line\n"
				  "2026-01-01T01:00:00+01:00 stdout F b\n"
				  "2026-01-01T00:00:01Z stderr F c\n"
				  "2026-01-01T00:00:02Z stdout F d\n"
				  "2026-01-01T00:00:03Z stdout F torn";
	struct log_reader r = { .dir_fd = dir, .tail = UINT64_MAX, .end_fd = -1, .out_fd = -1 };

	empty();
	assert_int_equal(file_replace_at(dir, "log.1", log, strlen(log), 0600, false), 0);
	assert_int_equal(log_time_parse("2026-01-01T00:00:01Z", 20, &r.since), 0);
	memset(&s, 0, sizeof(s));
	assert_int_equal(log_file_read(&r, see, &s, NULL), 0);
	assert_string_equal(s.text, "2c\n1d\n");
	r.until = r.since;
	memset(&s, 0, sizeof(s));
	assert_int_equal(log_file_read(&r, see, &s, NULL), 0);
	assert_string_equal(s.text, "2c\n");
}

/* RLIMIT_FSIZE stands for a disk that is full: EFBIG in place of ENOSPC. */
static void a_full_disk_costs_lines_and_tells(void **state)
{
	struct log_file *l = start(0, 0);
	struct rlimit old, small = { 200, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	put(l, 1, "there\n");
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 10; i++)
		put(l, 1, "a line that is too much\n");
	setrlimit(RLIMIT_FSIZE, &old);
	put(l, 1, "again\n");
	log_file_close(l);
	read_back(&s, UINT64_MAX);
	assert_int_equal(strncmp(s.text, "1there\n", 7), 0);
	assert_non_null(strstr(s.text, "\n2ctnet: 8 lines are missing"));
	assert_string_equal(s.text + s.len - strlen("\n1again\n"), "\n1again\n");
}

static void *write_many(void *ctx)
{
	struct log_file *l = ctx;
	char line[32];

	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "%d\n", i);
		put(l, 1, line);
	}
	return NULL;
}

static void following_goes_through_rotations(void **state)
{
	/* files enough for a reader that is never scheduled */
	struct log_file *l = start(2048, 60);
	struct log_reader r = { .dir_fd = dir, .tail = UINT64_MAX, .out_fd = -1 };
	pthread_t writer;

	memset(&s, 0, sizeof(s));
	r.end_fd = s.end = eventfd(0, EFD_CLOEXEC);
	s.stop = 2000;
	assert_int_equal(pthread_create(&writer, NULL, write_many, l), 0);
	assert_int_equal(log_file_read(&r, see, &s, NULL), 0);
	pthread_join(writer, NULL);
	assert_int_equal(s.lines, 2000);
	assert_int_equal(strncmp(s.text, "10\n11\n12\n", 9), 0);
	close(r.end_fd);
	log_file_close(l);
}

/* As long as somebody writes: neither more lines than were asked for, nor fewer. */
static void the_tail_of_a_log_that_grows(void **state)
{
	struct log_file *l = start(1024, 2);
	pthread_t writer;

	put(l, 1, "first\n");
	assert_int_equal(pthread_create(&writer, NULL, write_many, l), 0);
	do {
		read_back(&s, 1);
		assert_int_equal(s.lines, 1);
	} while (strcmp(s.text, "11999\n") != 0);
	pthread_join(writer, NULL);
	log_file_close(l);
}

struct echo {
	struct log_file *log;
	size_t lines;
};

static int write_one_more(const struct log_line *l, void *ctx)
{
	struct echo *echo = ctx;

	put(echo->log, 1, "more\n");
	return ++echo->lines == 1000;
}

static void a_writer_is_not_chased(void **state)
{
	struct echo echo = { .log = start(0, 0) };
	struct log_reader r = { .dir_fd = dir, .tail = UINT64_MAX, .end_fd = -1, .out_fd = -1 };

	put(echo.log, 1, "one\ntwo\n");
	assert_int_equal(log_file_read(&r, write_one_more, &echo, NULL), 0);
	assert_int_equal(echo.lines, 2);
	log_file_close(echo.log);
}

static void no_log_has_no_lines(void **state)
{
	empty();
	read_back(&s, UINT64_MAX);
	assert_int_equal(s.len, 0);
}

static void times(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} good[] = { { "1970-01-01T00:00:00Z", 0 },
		     { "1970-01-01", 0 },
		     { "2026-01-31T23:59:59.5Z", 1769903999500000000 },
		     { "2026-01-31T23:59:59.123456789+01:30", 1769898599123456789 },
		     { "2026-01-31T23:59", 1769903940000000000 } };
	static const char *const bad[] = { "",
					   "2026",
					   "2026-13-01",
					   "2026-01-31T",
					   "2026-01-31T24:00:00Z",
					   "2026-01-31T23:59:59.Z",
					   "2026-01-31T23:59:59Zx",
					   "2026-01-31 23:59:59Z",
					   "2026-01-31T23:59:59+1:00" };
	char buf[LOG_TIME_SIZE];
	int64_t t;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(log_time_parse(good[i].text, strlen(good[i].text), &t), 0);
		assert_true(t == good[i].time);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(log_time_parse(bad[i], strlen(bad[i]), &t), -EINVAL);
	log_time_format(1769903999500000001, buf);
	assert_string_equal(buf, "2026-01-31T23:59:59.500000001Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_parts),
		cmocka_unit_test(a_long_line_comes_in_parts),
		cmocka_unit_test(bytes_are_kept),
		cmocka_unit_test(rotation_keeps_sizes_and_the_newest),
		cmocka_unit_test(one_file_alone_starts_anew),
		cmocka_unit_test(a_log_goes_on),
		cmocka_unit_test(the_tail),
		cmocka_unit_test(since_and_until),
		cmocka_unit_test(a_full_disk_costs_lines_and_tells),
		cmocka_unit_test(following_goes_through_rotations),
		cmocka_unit_test(the_tail_of_a_log_that_grows),
		cmocka_unit_test(a_writer_is_not_chased),
		cmocka_unit_test(no_log_has_no_lines),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
