/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/ct_watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/state.h"

#define CHANGES (IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)

struct ct_watch {
	int root_fd, inotify;
	struct ct_info *seen;
	size_t n;
};

void ct_watch_close(struct ct_watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n; i++)
		ct_info_free(&w->seen[i]);
	free(w->seen);
	fd_close(w->inotify);
	free(w);
}

static void cleanup_watch(struct ct_watch **w)
{
	ct_watch_close(*w);
}

int ct_watch_fd(const struct ct_watch *w)
{
	return w->inotify;
}

static struct ct_info *find(struct ct_watch *w, const char *id)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->seen[i].id, id))
			return &w->seen[i];
	return NULL;
}

/* Takes *i over. */
static int see(struct ct_watch *w, struct ct_info *i)
{
	struct ct_info *added = VEC_ADD(w->seen, w->n);

	if (!added)
		return -ENOMEM;
	*added = *i;
	*i = (struct ct_info){ .exit_code = -1 };
	return 0;
}

static int see_each(struct ct_info *i, void *ctx)
{
	return see(ctx, i);
}

static void gone(struct ct_watch *w, const char *id, ct_watch_fn *fn, void *ctx)
{
	struct ct_info *s = find(w, id);

	if (!s)
		return;
	fn(s, NULL, ctx);
	ct_info_free(s);
	memmove(s, s + 1, (size_t)(w->seen + --w->n - s) * sizeof(*s));
}

static void changed(struct ct_watch *w, const char *id, ct_watch_fn *fn, void *ctx)
{
	struct ct_info now = { .exit_code = -1 }, *old = find(w, id);

	if (state_find(w->root_fd, id, &now, NULL) < 0)
		return;
	if (!strcmp(now.id, id)) {
		fn(old, &now, ctx);
		if (old) {
			ct_info_free(old);
			*old = now;
			now = (struct ct_info){ .exit_code = -1 };
		} else {
			see(w, &now);
		}
	}
	ct_info_free(&now);
}

int ct_watch_read(struct ct_watch *w, ct_watch_fn *fn, void *ctx, struct err *e)
{
	_Alignas(struct inotify_event) char buf[8192];
	ssize_t n;

	while ((n = read(w->inotify, buf, sizeof(buf))) > 0)
		for (char *at = buf; at < buf + n;) {
			const struct inotify_event *in = (const struct inotify_event *)at;

			at += sizeof(*in) + in->len;
			if (in->mask & IN_Q_OVERFLOW)
				fn(NULL, NULL, ctx);
			else if (in->len && in->mask & (IN_DELETE | IN_MOVED_FROM))
				gone(w, in->name, fn, ctx);
			else if (in->len)
				changed(w, in->name, fn, ctx);
		}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return err_sys(e, errno, "watch the containers");
	return 0;
}

void ct_watch_known(const struct ct_watch *w, ct_watch_fn *fn, void *ctx)
{
	for (size_t i = 0; i < w->n; i++)
		fn(NULL, &w->seen[i], ctx);
}

int ct_watch_open(int root_fd, struct ct_watch **ret, struct err *e)
{
	_cleanup_close_ int dir = dir_open_at(root_fd, "containers", true);
	_cleanup_(cleanup_watch) struct ct_watch *w = calloc(1, sizeof(*w));
	char path[32];
	int r;

	if (!w)
		return err_sys(e, ENOMEM, "watch the containers");
	w->root_fd = root_fd;
	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (dir < 0 || w->inotify < 0 || inotify_add_watch(w->inotify, path, CHANGES) < 0)
		return err_sys(e, dir < 0 ? dir : errno, "watch the containers");
	r = state_list(root_fd, see_each, w, e);
	if (r < 0)
		return r;
	*ret = take_ptr(w);
	return 0;
}
