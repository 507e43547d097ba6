/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/net_target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/log.h"
#include "core/cover.h"
#include "net/names.h"
#include "net/names_own.h"
#include "net/netns.h"

static struct cover hosts_of(const struct net_target *t)
{
	return (struct cover){ .ct = &t->ct, .path = "/etc/hosts", .head = names_hosts_head };
}

/*
 * The lines that no network wrote: those of --add-host, which have no tab. The
 * container's own name stood on 127.0.1.1 while it was on no network.
 */
static char *own_lines(const char *text)
{
	char *own = calloc(1, strlen(text) + 1), *at = own;

	while (own && *text) {
		size_t len = strcspn(text, "\n");

		if (len && text[0] != ' ' && !memchr(text, '\t', len) &&
		    !str_starts(text, "127.0.1.1 ")) {
			memcpy(at, text, len);
			at[len] = '\n';
			at += len + 1;
		}
		text += len + (text[len] == '\n');
	}
	return own;
}

/* Without a hosts file of ours in it the container is connected all the same. */
static int read_hosts(struct net_target *t, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	const struct cover c = hosts_of(t);
	int r = cover_read(&c, &text, e);

	if (r == -ENOTSUP) {
		err_clear(e);
		log_note("/etc/hosts of %s is a file of its own: names are not added to it",
			 t->ct.name);
		return 0;
	}
	if (r < 0)
		return r;
	t->hosts = own_lines(text);
	t->to.hosts_extra = t->hosts;
	return t->hosts ? 0 : -ENOMEM;
}

static int open_netns(struct net_target *t, struct err *e)
{
	_cleanup_close_ int host = netns_open_self();
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)t->ct.init.pid);
	/* opened first: were the pid another's by then, the start time would tell */
	t->to.netns_fd = netns_open_path(path, NULL);
	if (!proc_alive(&t->ct.init))
		return err_set(e, ESRCH, "container %s does not run", t->ct.name);
	if (t->to.netns_fd < 0)
		return err_sys(e, t->to.netns_fd, "open %s", path);
	if (host >= 0 && netns_inode(host) == netns_inode(t->to.netns_fd)) {
		err_hint(e, "start it without --net host");
		return err_set(e, EINVAL, "container %s has the host's own network", t->ct.name);
	}
	return 0;
}

static int open_container(struct app *app, const char *word, struct net_target *t, struct err *e)
{
	int r = state_find(app->root_fd, word, &t->ct, e);

	if (r >= 0)
		r = open_netns(t, e);
	if (r < 0)
		return r;
	memcpy(t->owner, t->ct.id, sizeof(t->ct.id));
	memcpy(t->name, t->ct.name, sizeof(t->ct.name));
	t->to.owner = t->owner;
	t->to.holder = t->ct.init;
	return read_hosts(t, e);
}

static int open_named(const char *name, struct net_target *t, struct err *e)
{
	int r = connect_netns_owner(name, t->owner, sizeof(t->owner), e);

	if (r >= 0)
		r = t->to.netns_fd = netns_open_name(name, e);
	if (r < 0)
		return r;
	str_fmt(t->name, sizeof(t->name), "%s", name);
	t->to.owner = t->owner;
	return 0;
}

int net_target_open(struct app *app, const char *word, struct net_target *t, struct err *e)
{
	const char *name = word + strlen("ns:");
	int r;

	if (!str_starts(word, "ns:")) {
		r = open_container(app, word, t, e);
	} else {
		if (str_starts(name, NETNS_RUN_DIR "/"))
			name += strlen(NETNS_RUN_DIR "/");
		r = open_named(name, t, e);
	}
	if (r < 0)
		net_target_close(t);
	return r;
}

int net_target_open_owner(struct app *app, const char *owner, struct net_target *t, struct err *e)
{
	int r = str_starts(owner, CONNECT_NETNS) ? open_named(owner + strlen(CONNECT_NETNS), t, e)
						 : open_container(app, owner, t, e);

	if (r < 0)
		net_target_close(t);
	return r;
}

void net_target_close(struct net_target *t)
{
	fd_close(take_fd(&t->to.netns_fd));
	ct_info_free(&t->ct);
	free(take_ptr(t->hosts));
	t->to.hosts_extra = NULL;
}

int net_target_hosts(struct net *net, const struct net_target *t, struct err *e)
{
	_cleanup_close_ int lock = -1, fd = -1;
	const struct cover c = hosts_of(t);

	if (!t->hosts)
		return 0;
	/* of two at once the second one finds it done */
	lock = net_lock(net, e);
	if (lock < 0)
		return lock;
	fd = names_own_open(net, t->owner);
	if (fd < 0)
		return err_sys(e, fd, "hosts file of %s", t->name);
	return cover_file(&c, fd, e);
}
