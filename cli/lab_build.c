/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What core/node is told of a node of the topology. A node's process is a fork of the
 * supervisor, so born() and wired() see the plan as it was at the node's birth; the
 * topology of a plan lives as long as the plan.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_caps.h"
#include "cli/lab_live_real.h"
#include "cli/mount_opts.h"
#include "cli/volume.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/inside.h"

struct live_topo {
	struct topology t;
	char *hosts, *base;
	unsigned refs;
};

struct live_plan {
	struct node_spec spec;
	struct ct_limits limits;
	struct strv owned;
	struct live_topo *topo;
	uint32_t node;
	const struct inside_fresh *fresh;
};

/* ---- topologies ---- */

int live_topo_new(struct topology *t, struct live_topo **ret)
{
	struct live_topo *x = calloc(1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->t = *t;
	x->refs = 1;
	*t = (struct topology){ 0 };
	*ret = x;
	return 0;
}

struct topology *live_topo_of(struct live_topo *t)
{
	return &t->t;
}

void live_topo_put(struct live_topo *t)
{
	if (!t || --t->refs)
		return;
	topology_free(&t->t);
	free(t->hosts);
	free(t->base);
	free(t);
}

struct live_topo *live_topo_get(struct live_topo *t)
{
	t->refs++;
	return t;
}

void live_topo_texts(struct live_topo *t, char *hosts, char *base)
{
	free(t->hosts);
	free(t->base);
	t->hosts = hosts;
	t->base = base;
}

/* ---- in the node's first process ---- */

static int born(void *ctx, struct err *e)
{
	const struct live_plan *p = ctx;

	return inside_born(&p->topo->t, p->node, p->fresh, e);
}

static int wired(void *ctx, struct err *e)
{
	const struct live_plan *p = ctx;

	return inside_up(&p->topo->t, p->node, e);
}

/* ---- the parts of a spec ---- */

/* A source that is no absolute path is looked for beside the lab's file. */
static int add_mount(struct ct_spec *into, struct strv *owned, const char *base,
		     const struct topo_pair *m, struct err *e)
{
	_cleanup_free_ char *word =
		str_printf("%s%s%s:%s%s%s", *m->left == '/' ? "" : base, *m->left == '/' ? "" : "/",
			   m->left, m->right, m->opts ? ":" : "", m->opts ? m->opts : "");

	return word ? volume_add(into, owned, word, e) : -ENOMEM;
}

static int set_mounts(struct live_plan *p, const struct topo_node *n, const char *base,
		      struct err *e)
{
	struct ct_spec spec = { 0 };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n->n_mounts; i++)
		r = add_mount(&spec, &p->owned, base, &n->mounts[i], e);
	for (size_t i = 0; r >= 0 && i < n->n_tmpfs; i++)
		r = volume_add_tmpfs(&spec, &p->owned, n->tmpfs[i].text, e);
	mounts_sort(&spec);
	p->spec.mounts = spec.mounts;
	p->spec.n_mounts = spec.n_mounts;
	return r;
}

static int commands(const struct topo_text *v, size_t n, const struct node_command **ret,
		    size_t *ret_n)
{
	struct node_command *c = n ? calloc(n, sizeof(*c)) : NULL;

	if (n && !c)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		c[i] = (struct node_command){ v[i].num, v[i].text };
	*ret = c;
	*ret_n = n;
	return 0;
}

static int set_commands(struct node_spec *s, const struct topo_node *n)
{
	int r = commands(n->execs, n->n_execs, &s->execs, &s->n_execs);

	if (r >= 0)
		r = commands(n->daemons, n->n_daemons, &s->daemons, &s->n_daemons);
	if (r >= 0)
		r = commands(n->stops, n->n_stops, &s->stops, &s->n_stops);
	return r;
}

void live_limits(const struct topo_node *n, struct ct_limits *ret)
{
	*ret = (struct ct_limits){ .memory = n->memory,
				   .cpus_milli = n->cpus_milli,
				   .cpuset_cpus = n->cpuset,
				   .pids = n->pids };
}

static bool is_limited(const struct topo_node *n)
{
	return n->memory || n->cpus_milli || n->cpuset || n->pids;
}

static int fill(struct live_plan *p, const struct lab_live *l, const struct topo_node *n,
		struct err *e)
{
	struct node_spec *s = &p->spec;
	int r = n->rootfs ? strv_split(&s->rootfs, n->rootfs, ":") : 0;

	s->name = n->name;
	s->hostname = n->hostname;
	s->user = n->user;
	s->hosts = l->t->no_hosts_file ? NULL : l->hosts;
	s->ready = n->ready;
	s->ready_wait = n->ready_wait;
	s->born = born;
	s->wired = wired;
	s->ctx = p;
	for (size_t i = 0; r >= 0 && i < n->n_env; i++)
		r = strv_add(&s->env, n->env[i].text);
	if (r >= 0)
		r = set_commands(s, n);
	if (r >= 0)
		r = lab_caps(n->caps, &s->caps, e);
	if (r >= 0 && (n->n_mounts || n->n_tmpfs))
		r = set_mounts(p, n, l->base, e);
	live_limits(n, &p->limits);
	s->limits = is_limited(n) ? &p->limits : NULL;
	return r;
}

int live_plan_new(const struct lab_live *l, uint32_t node, struct live_plan **ret, struct err *e)
{
	struct live_plan *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return err_sys(e, -ENOMEM, "node %s", l->t->nodes[node].name);
	p->topo = l->topo;
	p->topo->refs++;
	p->node = node;
	p->fresh = l->fresh;
	r = fill(p, l, &l->t->nodes[node], e);
	if (r < 0) {
		live_plan_free(p);
		return err_wrap(e, r, "node %s", l->t->nodes[node].name);
	}
	*ret = p;
	return 0;
}

const struct node_spec *live_plan_spec(const struct live_plan *p)
{
	return &p->spec;
}

void live_plan_free(struct live_plan *p)
{
	if (!p)
		return;
	strv_free(&p->spec.rootfs);
	strv_free(&p->spec.env);
	free(p->spec.mounts);
	free((void *)(uintptr_t)p->spec.execs);
	free((void *)(uintptr_t)p->spec.daemons);
	free((void *)(uintptr_t)p->spec.stops);
	strv_free(&p->owned);
	live_topo_put(p->topo);
	free(p);
}
