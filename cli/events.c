/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ct events: what happens to containers, a line each. There is no log of it: what
 * happens is seen while we watch, and of the time before, what the records of
 * those tell that are still there.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_watch.h"
#include "cli/interrupt.h"
#include "cli/text.h"
#include "cli/value_time.h"
#include "core/base/cleanup.h"
#include "core/base/vec.h"
#include "core/state.h"

#define MS 1000000LL

struct events_args {
	int64_t since, until; /* 0: not given */
	struct strv filters;
};

struct events {
	struct app *app;
	struct events_args args;
	struct ct_watch *watch;
	int signals;
	/* of the time before, until they are sorted */
	struct past {
		int64_t time;
		size_t order; /* among those of one time */
		const char *event;
		json_t *object;
	} * past;
	size_t n_past;
	bool lost; /* no memory for them */
};

static const char *const names[] = { "create", "start", "restart", "pause",   "unpause",
				     "rename", "oom",	"die",	   "destroy", "health_status" };

static int add_filter(void *filters, const char *word, struct err *e)
{
	const char *eq = strchr(word, '=');
	size_t len = eq ? (size_t)(eq - word) : 0;

	if (eq && eq[1] && len == 9 && !strncmp(word, "container", len))
		return strv_add(filters, word);
	for (size_t i = 0; eq && len == 5 && !strncmp(word, "event", len) && i < ARRAY_SIZE(names);
	     i++)
		if (!strcmp(eq + 1, names[i]))
			return strv_add(filters, word);
	err_hint(e, "events: create, start, restart, pause, unpause, rename, oom, die, destroy, "
		    "health_status");
	return err_set(e, EINVAL, "'%s' is neither container=NAME nor event=EVENT", word);
}

#define ROW(name, arg, member, fn, help) \
	OPT_ROW_FN(struct events_args, name, 0, arg, member, fn, help)

const struct opt events_opts[] = {
	OPT_HEADING("Options"),
	ROW("since", "TIME", since, value_time,
	    "first what the records tell of the time since (a date, or 10m: ago)"),
	ROW("until", "TIME", until, value_time, "end at that time"),
	OPT_ROW_FN(struct events_args, "filter", 'f', "KEY=VALUE", filters, add_filter,
		   "container=NAME or ID, event=EVENT; of several of a key, any"),
	OPT_END,
};

/* ---- one event ---- */

static bool is_container(const char *word, const struct ct_info *i, const struct ct_info *old)
{
	return !strcmp(word, i->name) || str_starts(i->id, word) ||
	       (old && !strcmp(word, old->name));
}

/* Any of the filters of each kind, where there are such. */
static bool passes(const struct events *ev, const char *event, const struct ct_info *i,
		   const struct ct_info *old)
{
	bool by_name = false, named = false, by_event = false, wanted = false;

	for (size_t k = 0; k < ev->args.filters.n; k++) {
		const char *word = ev->args.filters.v[k], *value = strchr(word, '=') + 1;

		if (word[0] == 'e') {
			by_event = true;
			wanted |= !strcmp(value, event);
		} else {
			by_name = true;
			named |= is_container(value, i, old);
		}
	}
	return (!by_name || named) && (!by_event || wanted);
}

static void put(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

/* The members that belong to the event; a line shows those behind the name, too. */
static json_t *object_of(const char *event, const struct ct_info *i, const struct ct_info *old)
{
	json_t *o = json_object();
	bool dies = !strcmp(event, "die");

	put(o, "id", json_string(i->id));
	put(o, "name", json_string(i->name));
	if (!strcmp(event, "rename"))
		put(o, "old_name", json_string(old->name));
	if (!strcmp(event, "start") && i->init.pid > 0)
		put(o, "pid", json_integer(i->init.pid));
	if (dies)
		put(o, "exit_code", i->exit_code < 0 ? json_null() : json_integer(i->exit_code));
	if (dies && i->oom_killed)
		put(o, "oom_killed", json_true());
	if (!strcmp(event, "health_status"))
		put(o, "health", json_string(i->health));
	return o;
}

static void print_value(const char *key, const json_t *value)
{
	printf(", %s=", key);
	if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		printf("%s", json_string_value(value));
	else
		printf("%s", json_is_true(value) ? "true" : "unknown");
}

/* Takes the object. */
static void print(const struct events *ev, int64_t time, const char *event, json_t *o)
{
	json_t *all = json_object(), *value;
	char when[TEXT_MAX];
	const char *key;

	text_time(time, when);
	if (ev->app->json) {
		put(all, "time", json_string(when));
		put(all, "event", json_string(event));
		json_object_update(all, o);
		json_dumpf(all, stdout, JSON_COMPACT);
	} else {
		printf("%s container %s %s (name=%s", when, event,
		       json_string_value(json_object_get(o, "id")),
		       json_string_value(json_object_get(o, "name")));
		json_object_foreach(o, key, value) if (strcmp(key, "id") && strcmp(key, "name"))
			print_value(key, value);
		putchar(')');
	}
	putchar('\n');
	json_decref(all);
	json_decref(o);
}

/* ---- of the time before ---- */

static int by_time(const void *a, const void *b)
{
	const struct past *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void remember(struct events *ev, int64_t time, const char *event, const struct ct_info *i)
{
	int64_t until = ev->args.until ? ev->args.until : INT64_MAX;
	struct past *p;

	if (time < ev->args.since || time > until || !passes(ev, event, i, NULL))
		return;
	p = VEC_ADD(ev->past, ev->n_past);
	if (p)
		*p = (struct past){ time, ev->n_past, event, object_of(event, i, NULL) };
	else
		ev->lost = true;
}

/* The start is told more finely than the creation, whose second it may be in. */
static void remember_each(const struct ct_info *old, const struct ct_info *i, void *ctx)
{
	int64_t created = i->created * 1000 * MS;

	(void)old;
	remember(ctx, created, "create", i);
	if (i->started)
		remember(ctx, i->started > created ? i->started : created, "start", i);
	if (i->finished)
		remember(ctx, i->finished, "die", i);
}

static int tell_past(struct events *ev, struct err *e)
{
	ct_watch_known(ev->watch, remember_each, ev);
	if (ev->lost)
		return err_sys(e, ENOMEM, "remember what happened");
	if (ev->n_past)
		qsort(ev->past, ev->n_past, sizeof(*ev->past), by_time);
	for (size_t i = 0; i < ev->n_past; i++)
		print(ev, ev->past[i].time, ev->past[i].event, take_ptr(ev->past[i].object));
	return 0;
}

/* ---- as it happens ---- */

static void tell(struct events *ev, const char *event, const struct ct_info *i,
		 const struct ct_info *old)
{
	if (passes(ev, event, i, old))
		print(ev, value_time_now(), event, object_of(event, i, old));
}

static bool is(const struct ct_info *i, const char *status)
{
	return !strcmp(i->status, status);
}

static bool runs(const struct ct_info *i)
{
	return is(i, "running") || is(i, "paused");
}

/* Its end and its next beginning, which may both have passed unseen. */
static void tell_life(struct events *ev, const struct ct_info *old, const struct ct_info *now)
{
	bool unseen = runs(old) && runs(now) && now->restarts > old->restarts;
	bool died = runs(old) && (!runs(now) || unseen);

	if (now->oom_killed && !old->oom_killed)
		tell(ev, "oom", now, old);
	if (died)
		tell(ev, "die", now, old);
	if (runs(now) && (!runs(old) || died)) {
		tell(ev, "start", now, old);
		if (!is(old, "created"))
			tell(ev, "restart", now, old);
	}
	if (is(old, "paused") && is(now, "running") && !died)
		tell(ev, "unpause", now, old);
	if (!is(old, "paused") && is(now, "paused"))
		tell(ev, "pause", now, old);
}

static void changed(const struct ct_info *old, const struct ct_info *now, void *ctx)
{
	static const struct ct_info nothing = { .status = "created" };
	struct events *ev = ctx;

	if (!old && !now) {
		fprintf(stderr, "%s: events came faster than they were read; some are missing\n",
			ev->app->prog);
		return;
	}
	if (!now) {
		if (runs(old))
			tell(ev, "die", old, NULL);
		tell(ev, "destroy", old, NULL);
		return;
	}
	if (!old)
		tell(ev, "create", now, NULL);
	else if (strcmp(old->name, now->name) != 0)
		tell(ev, "rename", now, old);
	tell_life(ev, old ? old : &nothing, now);
	if (now->health[0] && strcmp(now->health, old ? old->health : "") != 0)
		tell(ev, "health_status", now, old);
}

/* ---- the loop ---- */

/* Milliseconds until the end that was asked for; -1: none was. */
static int time_left(const struct events *ev)
{
	int64_t left = (ev->args.until - value_time_now() + MS - 1) / MS;

	if (!ev->args.until)
		return -1;
	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

static int loop(struct events *ev, struct err *e)
{
	struct pollfd p[3] = { { .fd = ev->signals, .events = POLLIN },
			       { .fd = ct_watch_fd(ev->watch), .events = POLLIN },
			       /* a pipe without a reader: known at once, not at the next event */
			       { .fd = STDOUT_FILENO } };
	int r = 0;

	while (r >= 0) {
		int left;

		if (fflush(stdout) != 0)
			return err_sys(e, errno, "cannot write the output");
		if (p[0].revents || p[2].revents & POLLERR)
			break;
		left = time_left(ev);
		if (left == 0)
			break;
		if (poll(p, ARRAY_SIZE(p), left) < 0 && errno != EINTR)
			return err_sys(e, errno, "wait for events");
		r = ct_watch_read(ev->watch, changed, ev, e);
	}
	return r < 0 ? r : 0;
}

static void events_close(struct events *ev)
{
	for (size_t i = 0; i < ev->n_past; i++)
		json_decref(ev->past[i].object);
	free(ev->past);
	ct_watch_close(ev->watch);
	fd_close(ev->signals);
	strv_free(&ev->args.filters);
}

int cmd_events(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_(events_close) struct events ev = { .app = app, .signals = -1 };
	int r = app_parse(app, &ev.args, argc, argv, 0, 0, e);

	if (r >= 0)
		r = app_open(app, SWEEP_ALL, e);
	if (r >= 0)
		r = ev.signals = interrupt_open(e);
	if (r >= 0)
		r = ct_watch_open(app->root_fd, &ev.watch, e);
	if (r >= 0 && ev.args.since)
		r = tell_past(&ev, e);
	return r < 0 ? r : loop(&ev, e);
}
