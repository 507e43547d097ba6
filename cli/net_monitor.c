/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet monitor: what happens, a line each, until it is interrupted. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_monitor.h"
#include "core/base/cleanup.h"
#include "core/base/dir.h"
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

/* A container that was seen. */
struct seen {
	char id[CT_ID_LEN + 1], name[NAME_MAX_CT + 1], status[16];
};

struct watch {
	struct app *app;
	bool timestamp;
	struct monitor *monitor;
	int signals, inotify; /* of containers, or -1 */
	struct seen *seen;
	size_t n_seen;
};

static void cleanup_watch(struct watch *w)
{
	monitor_close(w->monitor);
	fd_close(w->signals);
	fd_close(w->inotify);
	free(w->seen);
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

static struct seen *seen_find(struct watch *w, const char *id)
{
	for (size_t i = 0; i < w->n_seen; i++)
		if (!strcmp(w->seen[i].id, id))
			return &w->seen[i];
	return NULL;
}

/* Whether this is news. */
static bool see(struct watch *w, const struct ct_info *i)
{
	struct seen *s = seen_find(w, i->id), *more;

	if (s && !strcmp(s->status, i->status))
		return false;
	if (!s) {
		more = realloc(w->seen, (w->n_seen + 1) * sizeof(*more));
		if (!more)
			return false;
		w->seen = more;
		s = &more[w->n_seen++];
	}
	memcpy(s->id, i->id, sizeof(s->id));
	memcpy(s->name, i->name, sizeof(s->name));
	memcpy(s->status, i->status, sizeof(s->status));
	return true;
}

static int see_each(struct ct_info *i, void *ctx)
{
	see(ctx, i);
	return 0;
}

static void container_gone(struct watch *w, const char *id)
{
	struct ct_info i = { .exit_code = -1 };
	struct seen *s = seen_find(w, id);

	if (!s)
		return;
	memcpy(i.id, s->id, sizeof(i.id));
	memcpy(i.name, s->name, sizeof(i.name));
	*s = w->seen[--w->n_seen];
	net_monitor_print(net_monitor_container(&i, "removed"), w->app->json, w->timestamp);
}

static void container_changed(struct watch *w, const char *id)
{
	struct ct_info i = { 0 };

	if (state_find(w->app->root_fd, id, &i, NULL) >= 0 && !strcmp(i.id, id) && see(w, &i))
		net_monitor_print(net_monitor_container(&i, i.status), w->app->json, w->timestamp);
	ct_info_free(&i);
}

static int read_containers(struct watch *w, struct err *e)
{
	_Alignas(struct inotify_event) char buf[8192];
	ssize_t n;

	while ((n = read(w->inotify, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + n;) {
			const struct inotify_event *in = (const struct inotify_event *)at;

			at += sizeof(*in) + in->len;
			if (in->mask & IN_Q_OVERFLOW)
				tell(&(struct monitor_event){ .object = MONITOR_LOST }, w);
			else if (in->len && in->mask & (IN_DELETE | IN_MOVED_FROM))
				container_gone(w, in->name);
			else if (in->len)
				container_changed(w, in->name);
		}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return err_sys(e, errno, "watch the containers");
	return 0;
}

static int watch_containers(struct watch *w, struct err *e)
{
	_cleanup_close_ int dir = dir_open_at(w->app->root_fd, "containers", true);
	char path[32];

	if (dir < 0)
		return err_sys(e, dir, "watch the containers");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->inotify < 0 || inotify_add_watch(w->inotify, path,
						IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO |
							IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR) < 0)
		return err_sys(e, errno, "watch the containers");
	return state_list(w->app->root_fd, see_each, w, e);
}

/* ---- the loop ---- */

/* Who reads us may go, and that is no error; who interrupts us has seen enough. */
static int catch_signals(struct watch *w, struct err *e)
{
	sigset_t end;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&end);
	sigaddset(&end, SIGINT);
	sigaddset(&end, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &end, NULL) == 0)
		w->signals = signalfd(-1, &end, SFD_CLOEXEC);
	return w->signals < 0 ? err_sys(e, errno, "catch signals") : 0;
}

static int loop(struct watch *w, struct err *e)
{
	struct pollfd p[MONITOR_FDS + 3];
	int r = 0;

	p[0] = (struct pollfd){ .fd = w->signals, .events = POLLIN };
	p[1] = (struct pollfd){ .fd = w->inotify, .events = POLLIN };
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
			r = read_containers(w, e);
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
	_cleanup_(cleanup_watch) struct watch w = { .app = app, .signals = -1, .inotify = -1 };
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
		r = catch_signals(&w, e);
	if (r >= 0)
		r = monitor_open(&net, objects, &w.monitor, e);
	if (r >= 0 && objects & CONTAINERS)
		r = watch_containers(&w, e);
	return r < 0 ? r : loop(&w, e);
}
