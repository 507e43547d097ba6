/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet monitor: what happens, a line each, until it is interrupted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_watch.h"
#include "cli/interrupt.h"
#include "cli/net_monitor.h"
#include "core/base/cleanup.h"
#include "core/state.h"
#include "net/monitor.h"

struct monitor_args {
	bool timestamp;
};

const struct opt net_monitor_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct monitor_args, "timestamp", 't', OPT_FLAG, NULL, timestamp,
		"put the time in front of each line"),
	OPT_END,
};

#define CONTAINERS (1U << 31) /* beside enum monitor_object */

static const struct {
	const char *word;
	unsigned objects;
} words[] = {
	{ "link", MONITOR_LINK },
	{ "address", MONITOR_ADDRESS },
	{ "route", MONITOR_ROUTE },
	{ "neigh", MONITOR_NEIGH },
	{ "network", MONITOR_NETWORK },
	{ "container", MONITOR_ATTACH | CONTAINERS },
	{ "all", ~0U },
};

struct watch {
	struct app *app;
	bool timestamp;
	struct monitor *monitor;
	struct ct_watch *containers; /* or NULL */
	int signals;
};

static void cleanup_watch(struct watch *w)
{
	monitor_close(w->monitor);
	ct_watch_close(w->containers);
	fd_close(w->signals);
}

static const char *word_at(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(words) ? words[i].word : NULL;
}

static int objects_of(int argc, char **argv, unsigned *ret, struct err *e)
{
	*ret = argc ? 0 : ~0U;
	for (int i = 0; i < argc; i++) {
		const char *near;
		size_t w = 0;

		while (w < ARRAY_SIZE(words) && strcmp(words[w].word, argv[i]) != 0)
			w++;
		if (w < ARRAY_SIZE(words)) {
			*ret |= words[w].objects;
			continue;
		}
		near = str_nearest(argv[i], word_at, NULL);
		err_hint(e,
			 near ? "did you mean %s?"
			      : "link, address, route, neigh, network, "
				"container or all",
			 near);
		return err_set(e, EINVAL, "'%s' is nothing to watch", argv[i]);
	}
	return 0;
}

static int tell(const struct monitor_event *ev, void *ctx)
{
	const struct watch *w = ctx;

	net_monitor_print(net_monitor_event(ev), w->app->json, w->timestamp);
	return 0;
}

/* ---- containers ---- */

static void tell_created(struct ct_info ct, const struct watch *w)
{
	ct.init = (struct proc_id){ 0 };
	net_monitor_print(net_monitor_container(&ct, "created"), w->app->json, w->timestamp);
}

/* Only what is news: many changes of a record are not. */
static void tell_container(const struct ct_info *old, const struct ct_info *now, void *ctx)
{
	const struct watch *w = ctx;
	struct ct_info gone = { .exit_code = -1 };

	if (!old && !now) {
		tell(&(struct monitor_event){ .object = MONITOR_LOST }, ctx);
	} else if (!now) {
		memcpy(gone.id, old->id, sizeof(gone.id));
		memcpy(gone.name, old->name, sizeof(gone.name));
		net_monitor_print(net_monitor_container(&gone, "removed"), w->app->json,
				  w->timestamp);
	} else if (!old || strcmp(old->status, now->status) != 0) {
		/* one whose creation went by before it was looked at */
		if (!old && strcmp(now->status, "created") != 0)
			tell_created(*now, w);
		net_monitor_print(net_monitor_container(now, now->status), w->app->json,
				  w->timestamp);
	}
}

/* ---- the loop ---- */

static int loop(struct watch *w, struct err *e)
{
	struct pollfd p[MONITOR_FDS + 3];
	int r = 0;

	p[0] = (struct pollfd){ .fd = w->signals, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = w->containers ? ct_watch_fd(w->containers) : -1,
				.events = POLLIN };
	/* a pipe without a reader: known at once, not at the next event */
	p[2] = (struct pollfd){ .fd = STDOUT_FILENO };
	monitor_fds(w->monitor, p + 3);
	while (r >= 0) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(e, errno, "wait for events");
		}
		if (p[1].revents)
			r = ct_watch_read(w->containers, tell_container, w, e);
		if (r >= 0)
			r = monitor_read(w->monitor, tell, w, e);
		if (fflush(stdout) != 0)
			return err_sys(e, errno, "cannot write the output");
		if (p[0].revents || p[2].revents & POLLERR)
			break;
	}
	return r;
}

int cmd_net_monitor(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_(cleanup_watch) struct watch w = { .app = app, .signals = -1 };
	_cleanup_net_ struct net net = NET_INIT;
	struct monitor_args args = { 0 };
	unsigned objects = 0;
	int n = app_parse(app, &args, argc, argv, 0, -1, e);
	int r = n < 0 ? n : objects_of(n, argv, &objects, e);

	if (r < 0)
		return n < 0 ? r : app_usage(app, r);
	w.timestamp = args.timestamp;
	r = app_open_net(app, &net, SWEEP_ALL, e);
	if (r >= 0)
		r = w.signals = interrupt_open(e);
	if (r >= 0)
		r = monitor_open(&net, objects, &w.monitor, e);
	if (r >= 0 && objects & CONTAINERS)
		r = ct_watch_open(app->root_fd, &w.containers, e);
	return r < 0 ? r : loop(&w, e);
}
