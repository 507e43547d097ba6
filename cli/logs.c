/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct logs: what a detached container wrote. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/logs.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "core/log_file.h"
#include "core/state.h"

#define SECOND	      1000000000ll
#define LINE_MAX_JSON (1u << 20)

/* RFC 3339, seconds since the epoch, or how long ago. */
static int set_time(void *time, const char *value, struct err *e)
{
	int64_t *ret = time;
	struct timespec now;
	uint64_t ns;

	if (log_time_parse(value, strlen(value), ret) >= 0)
		return 0;
	if (*value && strspn(value, "0123456789.") == strlen(value)) {
		char word[40];

		/* as a duration since then, for its fraction */
		if (str_fmt(word, sizeof(word), "%ss", value) < 0 ||
		    parse_duration(word, &ns, e) < 0)
			return err_set(e, EINVAL, "'%s' is no time", value);
		*ret = (int64_t)ns;
		return 0;
	}
	if (parse_duration(value, &ns, NULL) < 0)
		return err_set(e, EINVAL,
			       "'%s' is no time: 2026-01-31T23:59:59Z, seconds since the epoch, "
			       "or how long ago, as 10m",
			       value);
	clock_gettime(CLOCK_REALTIME, &now);
	*ret = now.tv_sec * SECOND + now.tv_nsec - (int64_t)ns;
	return 0;
}

static int set_tail(void *args, const char *value, struct err *e)
{
	struct logs_args *a = args;

	if (!strcmp(value, "all"))
		a->reader.tail = UINT64_MAX;
	else
		return parse_u64(value, 0, UINT64_MAX - 1, &a->reader.tail, e);
	return 0;
}

#define AT(name, letter, arg, member, fn, help) \
	OPT_ROW_FN(struct logs_args, name, letter, arg, member, fn, help)

const struct opt logs_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct logs_args, "follow", 'f', OPT_FLAG, NULL, follow,
		"go on with what it writes, until it ends"),
	AT("since", 0, "TIME", reader.since, set_time,
	   "RFC 3339, seconds since the epoch, or how long ago, as 10m"),
	AT("until", 0, "TIME", reader.until, set_time, "likewise"),
	OPT_ALL_FN("tail", 'n', "N", set_tail, "the last lines of those (default: all)"),
	OPT_ROW(struct logs_args, "timestamps", 't', OPT_FLAG, NULL, timestamps,
		"when each line was written"),
	OPT_END,
};

/* A line that came in parts, as it is put together again. */
struct pending {
	char *text;
	size_t len;
	int64_t time;
	bool open; /* there was a part of it */
};

struct printer {
	bool timestamps;
	struct pending streams[3];
};

static void print_text(struct printer *p, const struct log_line *l)
{
	struct pending *s = &p->streams[l->stream];
	FILE *to = l->stream == 2 ? stderr : stdout;
	char time[LOG_TIME_SIZE];

	/* both may be one terminal */
	if (to == stderr)
		fflush(stdout);
	if (p->timestamps && !s->open) {
		log_time_format(l->time, time);
		fprintf(to, "%s ", time);
	}
	fwrite(l->text, 1, l->len, to);
	if (!l->part)
		putc('\n', to);
	s->open = l->part;
}

static int text_line(const struct log_line *l, void *ctx)
{
	print_text(ctx, l);
	return 0;
}

/* Bytes of the UTF-8 character at s (RFC 3629), 0: it is none. */
static size_t utf8_len(const unsigned char *s, size_t n)
{
	size_t len = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* longer than needed, surrogates, and beyond the last one */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/* What is no UTF-8 has no JSON form: U+FFFD for each byte of it. */
static json_t *bytes_json(const char *text, size_t n)
{
	static const char unknown[] = "\xef\xbf\xbd";
	_cleanup_free_ char *clean = malloc(3 * n + 1);
	size_t len = 0;

	for (size_t i = 0, step; clean && i < n; i += step) {
		step = utf8_len((const unsigned char *)text + i, n - i);
		memcpy(clean + len, step ? text + i : unknown, step ? step : 3);
		len += step ? step : 3;
		step = step ? step : 1;
	}
	return clean ? json_stringn(clean, len) : NULL;
}

static void print_json(struct pending *s, int stream)
{
	char time[LOG_TIME_SIZE];
	char *line;
	json_t *o = json_object();

	log_time_format(s->time, time);
	json_object_set_new(o, "time", json_string(time));
	json_object_set_new(o, "stream", json_string(stream == 2 ? "stderr" : "stdout"));
	json_object_set_new(o, "line", bytes_json(s->text ? s->text : "", s->len));
	line = json_dumps(o, JSON_COMPACT);
	if (line)
		puts(line);
	free(line);
	json_decref(o);
	free(s->text);
	*s = (struct pending){ .text = NULL };
}

static int json_line(const struct log_line *l, void *ctx)
{
	struct printer *p = ctx;
	struct pending *s = &p->streams[l->stream];
	char *grown = realloc(s->text, s->len + l->len + 1);

	if (!grown)
		return -ENOMEM;
	memcpy(grown + s->len, l->text, l->len);
	s->text = grown;
	s->len += l->len;
	if (!s->open)
		s->time = l->time;
	s->open = true;
	if (!l->part || s->len > LINE_MAX_JSON)
		print_json(s, l->stream);
	return 0;
}

static void on_idle(void *ctx)
{
	(void)ctx;
	fflush(stdout);
}

static int open_log(struct app *app, const struct ct_info *ct, struct logs_args *a, struct err *e)
{
	uint64_t first, last;
	int dir;

	if (!ct->detached) {
		err_hint(e, "a container has one with --detach");
		return err_set(e, -ENOENT, "container %s has no log", ct->name);
	}
	dir = state_dir(app->root_fd, ct->id);
	if (dir < 0)
		return err_sys(e, dir, "open the container's directory");
	log_file_numbers(dir, &first, &last);
	if (!last) {
		fd_close(dir);
		err_hint(e, "it was started with --log-driver none");
		return err_set(e, -ENOENT, "container %s has no log", ct->name);
	}
	a->reader.dir_fd = dir;
	/* it ends with the container, restarts included, as its runner does */
	if (a->follow && strcmp(ct->status, "exited") != 0)
		a->reader.end_fd = proc_open(&ct->runner);
	return 0;
}

int logs_print(struct app *app, struct logs_args *a, struct err *e)
{
	struct printer p = { .timestamps = a->timestamps };
	int r;

	a->reader.out_fd = STDOUT_FILENO;
	a->reader.idle = on_idle;
	r = log_file_read(&a->reader, app->json ? json_line : text_line, &p, e);
	for (int i = 1; i <= 2; i++) {
		if (app->json && p.streams[i].open)
			print_json(&p.streams[i], i);
		free(p.streams[i].text);
	}
	return r;
}

void logs_close(struct logs_args *a)
{
	fd_close(a->reader.end_fd);
	fd_close(a->reader.dir_fd);
}

int cmd_logs(struct app *app, int argc, char **argv, struct err *e)
{
	struct logs_args a = LOGS_ARGS_INIT;
	struct ct_info ct = { 0 };
	int r = app_parse(app, &a, argc, argv, 1, 1, e);

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = state_find(app->root_fd, argv[0], &ct, e);
	if (r >= 0)
		r = open_log(app, &ct, &a, e);
	if (r >= 0)
		r = logs_print(app, &a, e);
	logs_close(&a);
	ct_info_free(&ct);
	return r;
}
