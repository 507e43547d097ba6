/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct stats: what containers use, again and again. On a terminal the lines are
 * written over those of before, each cleared to its end, so that nothing flickers
 * and there is no state of the terminal that would have to be restored.
 */
#include "cli/stats.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/interrupt.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"

#define MS		1000000ULL
#define FIRST_LOOK_MS	250 /* between the first two looks, so that a use of CPU is known */
#define INTERVAL_MIN_MS 100
#define PAIR_MAX	64 /* two texts of TEXT_MAX */

struct stats_args {
	bool no_stream;
	uint64_t interval; /* nanoseconds */
};

/* Seconds, or with a unit. */
static int set_interval(void *member, const char *word, struct err *e)
{
	char with_unit[32];
	int r;

	if (word[0] && word[strspn(word, "0123456789.")] == '\0' && strlen(word) < 16) {
		snprintf(with_unit, sizeof(with_unit), "%ss", word);
		word = with_unit;
	}
	r = parse_duration(word, member, e);
	if (r >= 0 && *(uint64_t *)member < INTERVAL_MIN_MS * MS)
		return err_set(e, ERANGE, "at least %dms", INTERVAL_MIN_MS);
	return r;
}

const struct opt stats_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct stats_args, "no-stream", 0, OPT_FLAG, NULL, no_stream, "once, and no more"),
	OPT_ROW_FN(struct stats_args, "interval", 0, "TIME", interval, set_interval,
		   "from one look to the next, in seconds or with a unit (default 1s)"),
	OPT_END,
};

/* ---- JSON ---- */

static json_t *interface_json(const struct link_stats *l)
{
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "ifname", l->link.name,
			 "rx_bytes", (json_int_t)l->rx_bytes, "tx_bytes", (json_int_t)l->tx_bytes,
			 "rx_packets", (json_int_t)l->rx_packets, "tx_packets",
			 (json_int_t)l->tx_packets, "rx_errors", (json_int_t)l->rx_errors,
			 "tx_errors", (json_int_t)l->tx_errors, "rx_dropped",
			 (json_int_t)l->rx_dropped, "tx_dropped", (json_int_t)l->tx_dropped);
}

static uint64_t total(const struct stats_one *one, bool sent)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < one->n_links; i++)
		sum += sent ? one->links[i].tx_bytes : one->links[i].rx_bytes;
	return sum;
}

static void print_json(const struct stats_one *one)
{
	json_t *interfaces = json_array(), *o;

	for (size_t i = 0; i < one->n_links; i++)
		json_array_append_new(interfaces, interface_json(&one->links[i]));
	o = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "id",
		      one->id, "name", one->name, "cpu_percent",
		      one->cpu_percent < 0 ? json_null() : json_real(one->cpu_percent), "cpu_ns",
		      text_json_number(one->now.cpu_ns), "memory",
		      text_json_number(one->now.memory), "memory_limit",
		      text_json_number(one->now.memory_limit), "pids",
		      text_json_number(one->now.pids), "pids_limit",
		      text_json_number(one->now.pids_limit), "io_read",
		      text_json_number(one->now.io_read), "io_write",
		      text_json_number(one->now.io_write), "rx_bytes",
		      (json_int_t)total(one, false), "tx_bytes", (json_int_t)total(one, true),
		      "interfaces", interfaces);
	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(o);
}

/* ---- the table ---- */

static const char *join(uint64_t a, uint64_t b, char buf[PAIR_MAX])
{
	char left[TEXT_MAX], right[TEXT_MAX];

	snprintf(buf, PAIR_MAX, "%.15s / %.15s", text_size(a, left), text_size(b, right));
	return buf;
}

static const char *percent(double v, char buf[TEXT_MAX])
{
	if (v < 0)
		snprintf(buf, TEXT_MAX, "-");
	else
		snprintf(buf, TEXT_MAX, "%.2f%%", v);
	return buf;
}

/* What it may have: without a limit, all there is. */
static uint64_t room(const struct stats_one *one)
{
	uint64_t all = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

	return one->now.memory_limit < all ? one->now.memory_limit : all;
}

static void write_one(FILE *out, const struct stats_one *one, int width)
{
	char cpu[TEXT_MAX], part[TEXT_MAX], pids[TEXT_MAX] = "-";
	char memory[PAIR_MAX], net[PAIR_MAX] = "-", io[PAIR_MAX];
	double share = one->now.memory == UINT64_MAX
			       ? -1
			       : (double)one->now.memory / (double)room(one) * 100;

	if (one->now.pids != UINT64_MAX)
		snprintf(pids, sizeof(pids), "%llu", (unsigned long long)one->now.pids);
	if (one->rt.fd >= 0)
		join(total(one, false), total(one, true), net);
	fprintf(out, "%-12s  %-*s  %8s  %-21s  %7s  %-21s  %-21s  %s\n", one->id, width, one->name,
		percent(one->cpu_percent, cpu), join(one->now.memory, room(one), memory),
		percent(share, part), net, join(one->now.io_read, one->now.io_write, io), pids);
	for (size_t i = 0; one->n_links > 1 && i < one->n_links; i++)
		fprintf(out, "%-12s  %-*s  %8s  %-21s  %7s  %s\n", "", width,
			one->links[i].link.name, "", "", "",
			join(one->links[i].rx_bytes, one->links[i].tx_bytes, net));
}

static void write_table(FILE *out, const struct stats *s)
{
	int width = (int)strlen("NAME");

	for (size_t i = 0; i < s->n; i++)
		if ((int)strlen(s->v[i]->name) > width)
			width = (int)strlen(s->v[i]->name);
	fprintf(out, "%-12s  %-*s  %8s  %-21s  %7s  %-21s  %-21s  %s\n", "ID", width, "NAME",
		"CPU %", "MEM USAGE / LIMIT", "MEM %", "NET RX / TX", "BLOCK IN / OUT", "PIDS");
	for (size_t i = 0; i < s->n; i++)
		write_one(out, s->v[i], width);
}

/* Over what stands there, as much of it as the window shows. */
static void paint(const char *text)
{
	struct winsize size = { 0 };
	int line = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col || !size.ws_row)
		size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	fputs("\033[H", stdout);
	while (*text && ++line < size.ws_row) {
		int len = (int)strcspn(text, "\n");

		printf("%.*s\033[K\n", len < size.ws_col ? len : size.ws_col - 1, text);
		text += len + (text[len] != '\0');
	}
	fputs("\033[J", stdout);
}

static int show(const struct app *app, const struct stats *s, bool live, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	FILE *out;

	for (size_t i = 0; app->json && i < s->n; i++)
		print_json(s->v[i]);
	if (app->json)
		return 0;
	out = open_memstream(&text, &len);
	if (!out)
		return err_sys(e, errno, "write the table");
	write_table(out, s);
	if (fclose(out) != 0)
		return err_sys(e, errno, "write the table");
	if (live)
		paint(text);
	else
		fputs(text, stdout);
	return 0;
}

/* ---- the loop ---- */

/* Until the time is over; 1: interrupted, or nobody reads us any more. */
static int wait_ms(int signals, int ms, struct err *e)
{
	struct pollfd p[2] = { { .fd = signals, .events = POLLIN }, { .fd = STDOUT_FILENO } };

	if (fflush(stdout) != 0)
		return err_sys(e, errno, "cannot write the output");
	if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
		return err_sys(e, errno, "wait");
	return p[0].revents || p[1].revents & POLLERR;
}

static int loop(struct app *app, const struct stats_args *args, char *const *words, size_t n,
		struct err *e)
{
	_cleanup_(stats_free) struct stats s = { .n = 0 };
	_cleanup_close_ int signals = interrupt_open(e);
	bool live = !args->no_stream && !app->json && isatty(STDOUT_FILENO), first = true;
	int ms = args->interval ? (int)(args->interval / MS) : 1000, r;

	r = signals < 0 ? signals : stats_look(&s, app->root_fd, words, n, false, e);
	while (r >= 0) {
		r = wait_ms(signals, first && ms > FIRST_LOOK_MS ? FIRST_LOOK_MS : ms, e);
		if (r)
			return r < 0 ? r : 0;
		r = stats_look(&s, app->root_fd, words, n, true, e);
		/* who was asked for has ended: there is nothing more to come */
		if (r >= 0 && n && !s.n)
			return 0;
		if (r >= 0 && live && first)
			fputs("\033[2J", stdout);
		if (r >= 0)
			r = show(app, &s, live, e);
		if (args->no_stream)
			break;
		first = false;
	}
	return r;
}

int cmd_stats(struct app *app, int argc, char **argv, struct err *e)
{
	struct stats_args args = { .no_stream = false };
	int words = app_parse(app, &args, argc, argv, 0, -1, e), r = words;

	if (r >= 0)
		r = app_open(app, SWEEP_ALL, e);
	return r < 0 ? r : loop(app, &args, argv, (size_t)words, e);
}
