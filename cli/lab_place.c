/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_place.h"

#include <errno.h>

#include "cli/app.h"
#include "cli/lab_live.h"
#include "core/base/cleanup.h"
#include "core/cgroup.h"

/* Where core/node put it: only a node with limits has a control group. */
static int find_cgroup(struct app *app, const struct lab *l, const struct topo_node *n,
		       struct lab_place *p, struct err *e)
{
	_cleanup_free_ char *id = str_printf("%s-%s", l->rec.id, n->name);

	if (!id)
		return err_sys(e, ENOMEM, "node %s", n->name);
	if (!n->memory && !n->cpus_milli && !n->cpuset && !n->pids)
		return 0;
	return cgroup_path(app->cgroup_parent, id, p->cgroup, sizeof(p->cgroup), e);
}

int lab_place(struct app *app, const struct lab *l, const struct lab_node *at,
	      struct lab_place *ret, struct err *e)
{
	const struct topo_node *n = &l->topo.nodes[at->node];
	int r = 0;

	*ret = (struct lab_place){ .place = { .lab = l->rec.name,
					      .name = n->name,
					      .host = at->host,
					      .user = n->user,
					      .env = &ret->env,
					      .cgroup = ret->cgroup } };
	for (size_t i = 0; r >= 0 && i < n->n_env; i++)
		r = strv_add(&ret->env, n->env[i].text);
	if (r < 0)
		err_sys(e, r, "node %s", n->name);
	r = r < 0 ? r : live_caps(n->caps, &ret->place.caps, e);
	r = r < 0 ? r : find_cgroup(app, l, n, ret, e);
	if (r < 0)
		lab_place_free(ret);
	return r;
}

void lab_place_free(struct lab_place *p)
{
	strv_free(&p->env);
	*p = (struct lab_place){ 0 };
}
