/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/stats.h"
#include "core/base/cleanup.h"
#include "core/base/clock.h"
#include "core/base/err.h"
#include "core/base/vec.h"
#include "core/procfs.h"
#include "core/usage.h"
#include "net/netns.h"

static void one_free(struct stats_one *one)
{
	if (one)
		nl_close(&one->rt);
	free(one);
}

void stats_free(struct stats *s)
{
	for (size_t i = 0; i < s->n; i++)
		one_free(s->v[i]);
	free(s->v);
	*s = (struct stats){ .n = 0 };
}

/* That of a container seen before, or a new one at the end. */
static struct stats_one *one_of(struct stats *s, const struct ct_info *ct)
{
	struct stats_one **added = NULL, *one;

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i]->id, ct->id))
			return s->v[i];
	one = calloc(1, sizeof(*one));
	if (one)
		added = VEC_ADD(s->v, s->n);
	if (!added) {
		free(one);
		return NULL;
	}
	one->rt = (struct nl)NL_INIT;
	memcpy(one->id, ct->id, sizeof(one->id));
	*added = one;
	return one;
}

/* ---- its links ---- */

/* In the namespace of the host there is nothing that is the container's. */
static int open_netns(struct stats_one *one, struct err *e)
{
	_cleanup_close_ int proc = procfs_open(&one->init), ns = -1, own = netns_open_self();

	nl_close(&one->rt);
	if (proc < 0)
		return proc;
	ns = openat(proc, "ns/net", O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return -errno;
	if (netns_inode(ns) == netns_inode(own))
		return 0;
	return netns_nl_open(ns, &one->rt, NETLINK_ROUTE, e);
}

static int add_link(const struct link_stats *l, void *ctx)
{
	struct stats_one *one = ctx;

	if (!(l->link.flags & IFF_LOOPBACK) && one->n_links < STATS_LINKS_MAX)
		one->links[one->n_links++] = *l;
	return 0;
}

static int look_at_links(struct stats_one *one, const struct ct_info *ct, struct err *e)
{
	int r = 0;

	if (one->init.pid != ct->init.pid || one->init.start != ct->init.start) {
		one->init = ct->init;
		r = open_netns(one, e);
	}
	one->n_links = 0;
	if (r >= 0 && one->rt.fd >= 0)
		r = link_stats_list(&one->rt, add_link, one, e);
	return r;
}

/* ---- one container ---- */

static void count_cpu(struct stats_one *one)
{
	int64_t at = clock_ns(CLOCK_MONOTONIC);
	uint64_t cpu = one->now.cpu_ns;

	one->cpu_percent = -1;
	if (one->looked && cpu != UINT64_MAX && cpu >= one->cpu_before && at > one->looked)
		one->cpu_percent =
			(double)(cpu - one->cpu_before) / (double)(at - one->looked) * 100;
	one->cpu_before = cpu;
	one->looked = at;
}

/* As docker counts it: pages of files that nobody has used lately are free in all but name. */
static void leave_cache_out(struct cgroup_stats *s)
{
	if (s->memory != UINT64_MAX && s->memory_cache != UINT64_MAX &&
	    s->memory >= s->memory_cache)
		s->memory -= s->memory_cache;
}

/* -ESRCH: it does not run. */
static int look_at(struct stats *s, const struct ct_info *ct, struct err *e)
{
	struct cgroup_stats usage;
	struct stats_one *one;
	int r = usage_read(ct, &usage, e);

	if (r < 0)
		return r;
	one = one_of(s, ct);
	if (!one)
		return err_sys(e, ENOMEM, "look at %s", ct->name);
	memcpy(one->name, ct->name, sizeof(one->name));
	one->now = usage;
	leave_cache_out(&one->now);
	count_cpu(one);
	r = look_at_links(one, ct, e);
	/* who ends in this moment is not there any more */
	one->seen = r >= 0;
	return r == -ENOENT ? -ESRCH : r;
}

struct look {
	struct stats *s;
	struct err *e;
};

static int look_at_each(struct ct_info *i, void *ctx)
{
	const struct look *l = ctx;
	int r = i->init.pid > 0 ? look_at(l->s, i, l->e) : -ESRCH;

	if (r != -ESRCH)
		return r;
	if (l->e)
		err_clear(l->e);
	return 0;
}

static int look_at_word(struct stats *s, int root_fd, const char *word, bool gone_ok, struct err *e)
{
	struct ct_info ct = { .exit_code = -1 };
	int r = state_find(root_fd, word, &ct, e);

	if (r >= 0)
		r = look_at(s, &ct, e);
	ct_info_free(&ct);
	if (!gone_ok || (r != -ESRCH && r != -ENOENT))
		return r;
	err_clear(e);
	return 0;
}

static void forget_gone(struct stats *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i]->seen)
			s->v[n++] = s->v[i];
		else
			one_free(s->v[i]);
	s->n = n;
}

int stats_look(struct stats *s, int root_fd, char *const *words, size_t n_words, bool gone_ok,
	       struct err *e)
{
	struct look l = { .s = s, .e = e };
	int r = 0;

	for (size_t i = 0; i < s->n; i++)
		s->v[i]->seen = false;
	for (size_t i = 0; r >= 0 && i < n_words; i++)
		r = look_at_word(s, root_fd, words[i], gone_ok, e);
	if (!n_words)
		r = state_list(root_fd, look_at_each, &l, e);
	forget_gone(s);
	return r < 0 ? r : 0;
}
