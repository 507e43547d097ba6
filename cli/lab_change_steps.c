/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each change of a running lab does: one row for each kind. */
#include <errno.h>
#include <string.h>

#include "cli/lab_change.h"
#include "cli/lab_live_real.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/limits.h"

#define MTU_KERNEL 1500
#define NO_LIMIT   (INT64_MAX & ~4095LL) /* memory, whole pages */

/* ---- what goes; x->old is of the topology that runs ---- */

static int del_link(struct changing *c, const struct topo_change *x, struct err *e)
{
	int r = live_del_link(c->l, x->old, e);

	c->l->link[x->old].broken = r < 0;
	return r;
}

static int del_member(struct changing *c, const struct topo_change *x, struct err *e)
{
	int r = live_del_member(c->l, x->old, e);

	c->l->iface[x->old].broken = r < 0;
	return r;
}

int change_host_end(struct changing *c, uint32_t node, struct err *e)
{
	enum live_state state = c->l->node[node].state;

	/* what one that died had is the host's still */
	return state == LIVE_READY || state == LIVE_FAILED
		       ? live_host_end(c->l, node, c->s->line, e)
		       : 0;
}

static int del_net(struct changing *c, const struct topo_change *x, struct err *e)
{
	int r = live_host_net_end(c->l, x->old, c->s->line, e);

	if (r >= 0)
		r = live_del_net(c->l, x->old, e);
	c->l->net[x->old].broken = r < 0;
	return r;
}

static int end_host(struct changing *c, const struct topo_change *x, struct err *e)
{
	if (x->on == TOPO_ON_NET)
		return live_host_net_end(c->l, x->old, c->s->line, e);
	if (c->nodes[x->new].host_ended)
		return 0;
	c->nodes[x->new].host_ended = true;
	return live_host_end(c->l, x->old, c->s->line, e);
}

/* ---- what comes; from here on x->new is of the topology that runs ---- */

static int host_again(struct changing *c, const struct topo_change *x, struct err *e)
{
	bool net = x->on == TOPO_ON_NET;
	int r = 0;

	if (net && c->l->t->nets[x->new].uplink)
		r = live_ask(c->l, TOPO_NONE, x->new);
	else if (!net && c->l->node[x->new].host && !c->nodes[x->new].host_asked)
		r = live_ask(c->l, x->new, TOPO_NONE);
	if (!net)
		c->nodes[x->new].host_asked = true;
	return r < 0 ? err_sys(e, r, "ask for the host's part") : 0;
}

static int add_net(struct changing *c, const struct topo_change *x, struct err *e)
{
	c->l->net[x->new].broken = false;
	return live_add_net(c->l, x->new, e);
}

static int add_node(struct changing *c, const struct topo_change *x, struct err *e)
{
	struct live_node *n = &c->l->node[x->new];

	if (n->state == LIVE_LEFT_OUT)
		n->state = LIVE_ABSENT;
	n->broken = false;
	return live_add_node(c->l, x->new, e);
}

/* Those of a node that starts come with it. */
static int add_member(struct changing *c, const struct topo_change *x, struct err *e)
{
	enum live_state s = c->l->node[c->l->t->ifaces[x->new].node].state;

	c->l->iface[x->new].broken = false;
	if (s == LIVE_READY || s == LIVE_SWITCH)
		live_add_member(c->l, x->new);
	return 0;
}

static int add_link(struct changing *c, const struct topo_change *x, struct err *e)
{
	c->l->link[x->new].broken = false;
	live_add_link(c->l, x->new);
	return 0;
}

/* ---- what differs in place ---- */

static int change_bridge(struct changing *c, const struct topo_change *x, struct err *e)
{
	return x->on == TOPO_ON_NET ? live_set_net(c->l, x->new, e)
				    : live_set_switch(c->l, x->new, e);
}

static int change_mtu(struct changing *c, const struct topo_change *x, struct err *e)
{
	const struct live_iface *i = &c->l->iface[x->new];
	uint32_t mtu = c->l->t->ifaces[x->new].mtu;

	if (!i->there || i->port == FABRIC_NONE)
		return 0;
	fabric_port_mtu_put(c->l->fabric, i->port, mtu ? mtu : MTU_KERNEL);
	return fabric_flush(c->l->fabric, e);
}

static int change_impair(struct changing *c, const struct topo_change *x, struct err *e)
{
	const struct topo_net *net;
	int r = 0;

	if (x->on == TOPO_ON_LINK)
		return live_impair_link(c->l, x->new, e);
	net = &c->l->t->nets[x->new];
	for (size_t i = 0; r >= 0 && i < net->n_members; i++)
		r = live_impair_member(c->l, net->members[i], e);
	return r;
}

static int change_state(struct changing *c, const struct topo_change *x, struct err *e)
{
	return live_carrier(c->l, x->new, e);
}

/* Only what differs; one that is gone becomes more than there is. */
static int change_limits(struct changing *c, const struct topo_change *x, struct err *e)
{
	const struct topo_node *o = &c->o->nodes[x->old], *n = &c->l->t->nodes[x->new];
	struct ct_limits limits = { 0 };

	if (c->nodes[x->new].limited)
		return 0;
	c->nodes[x->new].limited = true;
	if (o->memory != n->memory) {
		limits.memory = n->memory ? n->memory : NO_LIMIT;
		limits.memory_swap = n->memory ? 0 : -1;
	}
	if (o->cpus_milli != n->cpus_milli)
		limits.cpus_milli = n->cpus_milli ? n->cpus_milli
						  : 1000 * (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	if (o->pids != n->pids)
		limits.pids = n->pids ? n->pids : UINT32_MAX;
	if (n->cpuset && (!o->cpuset || strcmp(o->cpuset, n->cpuset) != 0))
		limits.cpuset_cpus = n->cpuset;
	return node_limits(c->l->nodes, c->l->node[x->new].id, &limits, e);
}

static int change_names(struct changing *c, const struct topo_change *x, struct err *e)
{
	return c->l->hosts ? nodes_hosts(c->l->nodes, c->l->hosts, e) : 0;
}

/* ---- commands ---- */

static struct topo_text *find_text(struct topo_text *v, size_t n, uint32_t num)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].num == num)
			return &v[i];
	return NULL;
}

static int change_stop(struct changing *c, const struct topo_change *x, struct err *e)
{
	const struct topo_node *n = &c->l->t->nodes[x->new];
	const struct topo_text *t = find_text(n->stops, n->n_stops, x->num);

	return node_stop_command(c->l->nodes, c->l->node[x->new].id, x->num, t ? t->text : NULL, e);
}

static int run_exec(struct changing *c, const struct topo_change *x, struct err *e)
{
	const struct topo_node *n = &c->l->t->nodes[x->new];
	const struct topo_text *t = find_text(n->execs, n->n_execs, x->num);

	return node_exec(c->l->nodes, c->l->node[x->new].id, t->text, e);
}

static int change_daemon(struct changing *c, const struct topo_change *x, struct err *e)
{
	const struct topo_node *n = &c->l->t->nodes[x->new];
	const struct topo_text *t = find_text(n->daemons, n->n_daemons, x->num);

	return node_daemon(c->l->nodes, c->l->node[x->new].id, x->num, t ? t->text : NULL, e);
}

/* ---- what did not work: as it was, or broken ---- */

static void net_broken(struct changing *c, const struct topo_change *x)
{
	c->l->net[x->new].broken = true;
}

static void node_broken(struct changing *c, const struct topo_change *x)
{
	c->l->node[x->new].broken = true;
}

static void host_broken(struct changing *c, const struct topo_change *x)
{
	if (x->on == TOPO_ON_NET)
		c->l->net[x->new].broken = true;
	else
		c->l->node[x->new].broken = true;
}

static void member_broken(struct changing *c, const struct topo_change *x)
{
	c->l->iface[x->new].broken = true;
}

static void link_broken(struct changing *c, const struct topo_change *x)
{
	c->l->link[x->new].broken = true;
}

static void bridge_was(struct changing *c, const struct topo_change *x)
{
	if (x->on == TOPO_ON_NET) {
		c->l->t->nets[x->new].stp = c->o->nets[x->old].stp;
		c->l->t->nets[x->new].mtu = c->o->nets[x->old].mtu;
	} else {
		c->l->t->nodes[x->new].stp = c->o->nodes[x->old].stp;
		c->l->t->nodes[x->new].mtu = c->o->nodes[x->old].mtu;
	}
}

static void mtu_was(struct changing *c, const struct topo_change *x)
{
	c->l->t->ifaces[x->new].mtu = c->o->ifaces[x->old].mtu;
}

static void impair_was(struct changing *c, const struct topo_change *x)
{
	if (x->on == TOPO_ON_NET)
		memcpy(c->l->t->nets[x->new].impair, c->o->nets[x->old].impair,
		       sizeof(c->o->nets->impair));
	else
		memcpy(c->l->t->links[x->new].impair, c->o->links[x->old].impair,
		       sizeof(c->o->links->impair));
}

static void state_was(struct changing *c, const struct topo_change *x)
{
	c->l->t->links[x->new].down = c->o->links[x->old].down;
}

/* It has no command of that number yet, so the next difference has. */
static void exec_was(struct changing *c, const struct topo_change *x)
{
	struct topo_node *n = &c->l->t->nodes[x->new];

	find_text(n->execs, n->n_execs, x->num)->text = "";
}

const struct change_step change_steps[TOPO_CHANGES] = {
	[TOPO_DEL_LINK] = { .down = del_link },
	[TOPO_DEL_MEMBER] = { .down = del_member },
	[TOPO_DEL_NODE] = { .down = NULL }, /* many at once */
	[TOPO_DEL_NET] = { .down = del_net },
	[TOPO_ADD_NET] = { NULL, CHANGE_ADD, add_net, net_broken },
	[TOPO_ADD_NODE] = { NULL, CHANGE_ADD, add_node, NULL },
	[TOPO_REPLACE_NODE] = { NULL, CHANGE_ADD, add_node, NULL },
	[TOPO_ADD_MEMBER] = { NULL, CHANGE_ADD, add_member, member_broken },
	[TOPO_ADD_LINK] = { NULL, CHANGE_ADD, add_link, link_broken },
	[TOPO_CHANGE_BRIDGE] = { NULL, CHANGE_PLACE, change_bridge, bridge_was },
	[TOPO_CHANGE_MTU] = { NULL, CHANGE_PLACE, change_mtu, mtu_was },
	[TOPO_CHANGE_IMPAIR] = { NULL, CHANGE_PLACE, change_impair, impair_was },
	[TOPO_CHANGE_STATE] = { NULL, CHANGE_PLACE, change_state, state_was },
	[TOPO_CHANGE_LIMITS] = { NULL, CHANGE_PLACE, change_limits, node_broken },
	[TOPO_CHANGE_NODE] = { NULL, CHANGE_PLACE, NULL, NULL }, /* for all of a node at once */
	[TOPO_CHANGE_HOST] = { end_host, CHANGE_HOST, host_again, host_broken },
	[TOPO_CHANGE_NAMES] = { NULL, CHANGE_PLACE, change_names, NULL },
	[TOPO_CHANGE_STOP] = { NULL, CHANGE_LAST, change_stop, node_broken },
	[TOPO_RUN_EXEC] = { NULL, CHANGE_LAST, run_exec, exec_was },
	[TOPO_CHANGE_DAEMON] = { NULL, CHANGE_LAST, change_daemon, node_broken },
	[TOPO_CHANGE_FILE] = { NULL, CHANGE_PLACE, NULL, NULL },
};
