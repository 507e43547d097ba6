/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's events carry the numbers of links; names are remembered, because
 * when a link's end is told nobody can be asked any more. Whose a link is says
 * its alias, which is set a moment after its birth, and how its container is
 * called says the record of the attachment.
 *
 * Records are replaced by rename, so one inotify watch on their directory tells
 * of each change once, with the whole file in place. What is known of them is
 * kept too: a removal is told with all that was there.
 */
#include "net/monitor.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "net/attach_real.h"
#include "net/network_real.h"
#include "net/store.h"

/* Room for what one command can cause before it is read: a thousand containers end at once. */
#define QUEUE_BYTES (8 << 20)
#define RECV_BYTES  32768
#define WATCH	    (IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR)

static const struct {
	unsigned object;
	uint32_t group;
} groups[] = {
	/* links in any case: their names are wanted by the others */
	{ MONITOR_LINK | MONITOR_ADDRESS | MONITOR_ROUTE | MONITOR_NEIGH, RTNLGRP_LINK },
	{ MONITOR_ADDRESS, RTNLGRP_IPV4_IFADDR },
	{ MONITOR_ADDRESS, RTNLGRP_IPV6_IFADDR },
	{ MONITOR_ROUTE, RTNLGRP_IPV4_ROUTE },
	{ MONITOR_ROUTE, RTNLGRP_IPV6_ROUTE },
	{ MONITOR_NEIGH, RTNLGRP_NEIGH },
};

struct known {
	char key[ATTACH_KEY_LEN];
	struct attach_info a;
};

struct monitor {
	struct net *net;
	unsigned objects;
	struct nl nl;
	int inotify, watch_attach, watch_real;
	struct monitor_link *links;
	size_t n_links;
	struct known *attachments;
	size_t n_attachments;
	struct strv networks;
	monitor_fn *fn; /* of the monitor_read that runs */
	void *ctx;
};

/* ---- names of links ---- */

static struct monitor_link *link_known(struct monitor *m, uint32_t index)
{
	for (size_t i = 0; i < m->n_links; i++)
		if (m->links[i].index == index)
			return &m->links[i];
	return NULL;
}

static void link_forget(struct monitor *m, uint32_t index)
{
	struct monitor_link *l = link_known(m, index);

	if (l)
		*l = m->links[--m->n_links];
}

/* "ctnet:NETWORK" of a bridge, "ctnet:NETWORK:OWNER:IFNAME" of a container's link. */
static void read_alias(struct monitor *m, const char *alias, struct monitor_link *l)
{
	struct strv words = { 0 };
	struct attach_info a;

	if (str_starts(alias, ALIAS_PREFIX) &&
	    strv_split(&words, alias + strlen(ALIAS_PREFIX), ":") >= 0) {
		if (words.n >= 1)
			str_fmt(l->network, sizeof(l->network), "%s", words.v[0]);
		if (words.n >= 3) {
			str_fmt(l->owner, sizeof(l->owner), "%s", words.v[1]);
			if (attach_find(m->net, words.v[1], words.v[2], &a) >= 0)
				str_fmt(l->container, sizeof(l->container), "%s", a.name);
		}
	}
	strv_free(&words);
}

/* Whether it was known before. */
static int link_learn(struct monitor *m, const struct link_info *info, bool *ret_known)
{
	struct monitor_link *l = link_known(m, info->index);

	*ret_known = l;
	if (!l) {
		l = VEC_ADD(m->links, m->n_links);
		if (!l)
			return -ENOMEM;
		l->index = info->index;
	}
	memcpy(l->name, info->name, sizeof(l->name));
	if (!l->network[0])
		read_alias(m, info->alias, l);
	return 0;
}

static int learn_each(const struct link_info *info, void *ctx)
{
	bool known;

	return link_learn(ctx, info, &known);
}

/* ---- the kernel's events ---- */

static int tell(struct monitor *m, const struct monitor_event *ev)
{
	return ev->object & (m->objects | MONITOR_LOST) ? m->fn(ev, m->ctx) : 0;
}

static int on_message(struct monitor *m, struct nlmsghdr *msg)
{
	const struct monitor_link *l;
	struct monitor_event ev;
	uint32_t index;
	bool known;
	int r = 0;

	if (!monitor_parse(msg, &ev))
		return 0;
	index = ev.on.index;
	if (ev.object == MONITOR_LINK && ev.what != MONITOR_DELETED) {
		r = link_learn(m, &ev.link, &known);
		if (r < 0)
			return r;
		ev.what = known ? MONITOR_CHANGED : MONITOR_ADDED;
	}
	l = link_known(m, index);
	if (l)
		ev.on = *l;
	if (ev.object == MONITOR_LINK) {
		memcpy(ev.on.name, ev.link.name, sizeof(ev.on.name));
		l = link_known(m, ev.link.master);
		if (l)
			memcpy(ev.master, l->name, sizeof(ev.master));
	}
	r = tell(m, &ev);
	if (ev.object == MONITOR_LINK && ev.what == MONITOR_DELETED)
		link_forget(m, index);
	return r;
}

static int lost(struct monitor *m)
{
	const struct monitor_event ev = { .object = MONITOR_LOST };

	/* what went meanwhile would otherwise be taken for the next of its number */
	m->n_links = 0;
	link_list(&m->net->rt, 0, learn_each, m, NULL);
	return tell(m, &ev);
}

static int read_messages(struct monitor *m)
{
	_Alignas(struct nlmsghdr) char buf[RECV_BYTES];
	int r = 0;

	while (r >= 0) {
		ssize_t n = recv(m->nl.fd, buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *msg;
		const void *at = buf;
		size_t len = n < 0 ? 0 : (size_t)n;

		if (n < 0 && errno == ENOBUFS) {
			r = lost(m);
			continue;
		}
		if (n <= 0)
			return n == 0 || errno == EAGAIN || errno == EINTR ? 0 : -errno;
		while (r >= 0 && (msg = nl_next_msg(&at, &len)))
			r = on_message(m, (struct nlmsghdr *)(buf + ((const char *)msg - buf)));
	}
	return r;
}

/* ---- records ---- */

static struct known *attachment_known(struct monitor *m, const char *key)
{
	for (size_t i = 0; i < m->n_attachments; i++)
		if (!strcmp(m->attachments[i].key, key))
			return &m->attachments[i];
	return NULL;
}

/* NULL: it was known, or cannot be read. */
static const struct known *attachment_learn(struct monitor *m, const char *key)
{
	struct known one, *added;

	if (attachment_known(m, key) || str_fmt(one.key, sizeof(one.key), "%s", key) < 0 ||
	    attach_record_load(m->net, key, &one.a) < 0)
		return NULL;
	added = VEC_ADD(m->attachments, m->n_attachments);
	if (added)
		*added = one;
	return added;
}

static int on_attachment(struct monitor *m, const char *key, bool deleted)
{
	struct monitor_event ev = { .object = MONITOR_ATTACH, .what = MONITOR_DELETED };
	struct known *k;

	if (!deleted) {
		const struct known *new = attachment_learn(m, key);

		ev.what = MONITOR_ADDED;
		if (new)
			ev.attach = new->a;
		return new ? tell(m, &ev) : 0;
	}
	k = attachment_known(m, key);
	if (!k)
		return 0;
	ev.attach = k->a;
	*k = m->attachments[--m->n_attachments];
	return tell(m, &ev);
}

static int on_network(struct monitor *m, const char *name, bool deleted)
{
	struct monitor_event ev = { .object = MONITOR_NETWORK,
				    .what = deleted ? MONITOR_DELETED : MONITOR_ADDED };
	int r = 0;

	if (strv_has(&m->networks, name) != deleted)
		return 0;
	if (!deleted)
		r = strv_add(&m->networks, name);
	for (size_t i = 0; deleted && i < m->networks.n; i++)
		if (!strcmp(m->networks.v[i], name)) {
			free(m->networks.v[i]);
			m->networks.v[i] = m->networks.v[--m->networks.n];
			break;
		}
	if (r < 0 || str_fmt(ev.network, sizeof(ev.network), "%s", name) < 0)
		return r;
	return tell(m, &ev);
}

static int on_change(struct monitor *m, const struct inotify_event *in)
{
	bool deleted = in->mask & IN_DELETE;

	if (in->mask & IN_Q_OVERFLOW)
		return lost(m);
	/* temporary files begin with a dot */
	if (!in->len || in->name[0] == '.')
		return 0;
	if (in->wd == m->watch_attach)
		return on_attachment(m, in->name, deleted);
	return in->wd == m->watch_real ? on_network(m, in->name, deleted) : 0;
}

static int read_changes(struct monitor *m)
{
	_Alignas(struct inotify_event) char buf[8192];
	ssize_t n = 0;
	int r = 0;

	while (r >= 0 && (n = read(m->inotify, buf, sizeof(buf))) > 0)
		for (char *at = buf; r >= 0 && at < buf + n;) {
			const struct inotify_event *in = (const struct inotify_event *)at;

			r = on_change(m, in);
			at += sizeof(*in) + in->len;
		}
	if (r >= 0 && n < 0 && errno != EAGAIN && errno != EINTR)
		r = -errno;
	return r;
}

int monitor_read(struct monitor *m, monitor_fn *fn, void *ctx, struct err *e)
{
	int r;

	m->fn = fn;
	m->ctx = ctx;
	/* records first: they stand before the links that they explain */
	r = read_changes(m);
	if (r >= 0)
		r = read_messages(m);
	return r < 0 ? err_sys(e, r, "watch the networks") : 0;
}

/* ---- opening ---- */

static int join(struct monitor *m)
{
	int room = QUEUE_BYTES, r = 0;

	setsockopt(m->nl.fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	for (size_t i = 0; i < ARRAY_SIZE(groups) && r >= 0; i++)
		if (groups[i].object & m->objects)
			r = nl_join(&m->nl, groups[i].group);
	return r;
}

static int watch(struct monitor *m, const char *name, int *ret)
{
	_cleanup_close_ int dir = net_dir(m->net, name, true);
	char path[32];

	if (dir < 0)
		return dir;
	*ret = str_fmt(path, sizeof(path), "/proc/self/fd/%d", dir);
	if (*ret >= 0)
		*ret = inotify_add_watch(m->inotify, path, WATCH);
	return *ret < 0 ? -errno : 0;
}

static int watch_records(struct monitor *m)
{
	struct strv keys = { 0 };
	int r;

	m->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	r = m->inotify < 0 ? -errno : 0;
	if (r >= 0 && m->objects & MONITOR_ATTACH)
		r = watch(m, "attach", &m->watch_attach);
	if (r >= 0 && m->objects & MONITOR_NETWORK)
		r = watch(m, "realised", &m->watch_real);
	if (r >= 0)
		r = network_real_names(m->net, &m->networks, NULL);
	if (r >= 0)
		r = attach_record_keys(m->net, &keys);
	for (size_t i = 0; i < keys.n && r >= 0; i++)
		attachment_learn(m, keys.v[i]);
	strv_free(&keys);
	return r;
}

void monitor_close(struct monitor *m)
{
	if (!m)
		return;
	nl_close(&m->nl);
	fd_close(m->inotify);
	strv_free(&m->networks);
	free(m->attachments);
	free(m->links);
	free(m);
}

static void cleanup_monitor(struct monitor **m)
{
	monitor_close(*m);
}

int monitor_open(struct net *net, unsigned objects, struct monitor **ret, struct err *e)
{
	_cleanup_(cleanup_monitor) struct monitor *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return err_sys(e, ENOMEM, "watch the networks");
	*m = (struct monitor){ .net = net, .objects = objects, .nl = NL_INIT, .inotify = -1 };
	m->watch_attach = m->watch_real = -1;
	r = nl_open(&m->nl, NETLINK_ROUTE, e);
	if (r < 0)
		return r;
	r = join(m);
	if (r < 0)
		return err_sys(e, r, "hear of links and addresses");
	r = watch_records(m);
	if (r == -EMFILE)
		err_hint(e, "see /proc/sys/fs/inotify/max_user_instances");
	if (r < 0)
		return err_sys(e, r, "watch the state directory");
	r = link_list(&net->rt, 0, learn_each, m, e);
	if (r >= 0)
		*ret = take_ptr(m);
	return r < 0 ? r : 0;
}

void monitor_fds(const struct monitor *m, struct pollfd fds[MONITOR_FDS])
{
	fds[0] = (struct pollfd){ .fd = m->nl.fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = m->inotify, .events = POLLIN };
}
