/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a lab is on the host, made: attachments, ports, lent interfaces. The mark in the
 * lab's directory comes first: a lab without it has nothing that its end would look for.
 */
#include "cli/lab_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/lab_host_real.h"
#include "cli/lab_record.h"
#include "cli/run_ports.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/vec.h"
#include "net/default_route.h"
#include "net/inside.h"
#include "net/netns.h"
#include "net/network.h"
#include "net/phys.h"

struct host {
	struct app *app;
	const struct lab_record *rec;
	const struct topology *t;
	struct net net;
	const struct proc_id *holder;
	int netns_fd; /* the holder's */
	char owner[LAB_OWNER_LEN];
};

static void host_close(struct host *h)
{
	net_close(&h->net);
	fd_close(h->netns_fd);
}
#define _cleanup_host_ __attribute__((cleanup(host_close)))

/* ---- names ---- */

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t hash(const char *s, uint32_t h)
{
	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619U;
	return h;
}

void lab_host_prefix(const struct lab_record *rec, char buf[LAB_OWNER_LEN])
{
	snprintf(buf, LAB_OWNER_LEN, "lab-%s-", rec->id);
}

void lab_host_owner(const struct lab_record *rec, const char *what, const char *name,
		    char buf[LAB_OWNER_LEN])
{
	snprintf(buf, LAB_OWNER_LEN, "lab-%s-%08x", rec->id, hash(name, hash(what, 2166136261U)));
}

void lab_host_network(const struct lab_record *rec, char buf[NAME_MAX_IF + 1])
{
	snprintf(buf, NAME_MAX_IF + 1, LAB_NETWORK_PREFIX "%.12s", rec->id);
}

/* ---- begin ---- */

static int mark(struct app *app, const struct lab_record *rec, const char *file, struct err *e)
{
	_cleanup_close_ int labs = lab_labs_fd(app, false), dir = -1, fd = -1;

	dir = labs < 0 ? labs : dir_open_at(labs, rec->name, false);
	if (dir < 0)
		return err_sys(e, dir, "open the directory of lab %s", rec->name);
	fd = openat(dir, file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? err_sys(e, errno, "write the record of lab %s", rec->name) : 0;
}

static int begin(struct host *h, const char *what, const char *name, struct err *e)
{
	char path[32];
	int r = mark(h->app, h->rec, LAB_HOST_FILE, e);

	if (r < 0)
		return r;
	crash_point("lab host", "marked");
	lab_host_owner(h->rec, what, name, h->owner);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)h->holder->pid);
	h->netns_fd = netns_open_path(path, e);
	if (h->netns_fd < 0)
		return h->netns_fd;
	/* opened first: were the pid another's by then, the start time would tell */
	if (!proc_alive(h->holder))
		return err_set(e, ESRCH, "its first process is gone");
	return net_open(&h->net, h->app->root_fd, &h->app->net_config, e);
}

/* ---- the lab's own network ---- */

/* Every address of the lab; what leads there by a route is wider than any subnet of ours. */
static struct ip_prefix *taken(const struct topology *t, size_t *ret_n)
{
	struct ip_prefix *v;
	size_t n = 0;

	for (size_t i = 0; i < t->n_ifaces; i++)
		n += t->ifaces[i].n_addrs;
	v = calloc(n + 1, sizeof(*v));
	*ret_n = v ? n : 0;
	n = 0;
	for (size_t i = 0; v && i < t->n_ifaces; i++)
		for (size_t k = 0; k < t->ifaces[i].n_addrs; k++)
			v[n++] = prefix_masked(&t->ifaces[i].addrs[k]);
	return v;
}

static bool wants_ipv6(const struct topology *t)
{
	for (size_t i = 0; i < t->n_nodes; i++)
		for (size_t k = 0; k < t->nodes[i].n_masquerade; k++)
			if (t->nodes[i].masquerade[k].addr.family == AF_INET6)
				return true;
	return false;
}

static int add_label(struct network *n, const char *key, const char *value)
{
	char *label = str_printf("%s%s", key, value);

	return label ? strv_add_take(&n->labels, label) : -ENOMEM;
}

/* No bridge: on the host there is nothing but the uplinks' own links. */
static int make_network(struct host *h, const char *name, struct err *e)
{
	_cleanup_network_ struct network n = { .driver = "ptp", .ipv6 = wants_ipv6(h->t) };
	_cleanup_free_ char *root = realpath(h->app->root, NULL);
	_cleanup_free_ struct ip_prefix *avoid = taken(h->t, &n.n_avoid);
	int r = root && avoid ? add_label(&n, LAB_LABEL, h->rec->name) : -ENOMEM;

	if (r >= 0)
		r = add_label(&n, LAB_LABEL_ROOT, root);
	if (r < 0)
		return err_sys(e, r, "make a network for lab %s", h->rec->name);
	n.avoid = avoid;
	str_fmt(n.name, sizeof(n.name), "%s", name);
	r = network_create(&h->net, &n, e);
	crash_point("lab host", "network");
	return r;
}

/* ---- uplink ---- */

/* Families that the file gives a default route itself. */
static unsigned own_defaults(const struct topo_node *n)
{
	unsigned families = 0;

	for (size_t i = 0; i < n->n_routes; i++)
		if (!n->routes[i].dst.len && !n->routes[i].metric)
			families |= n->routes[i].dst.addr.family == AF_INET ? FAMILY_4 : FAMILY_6;
	return families;
}

static int attach(struct host *h, const struct topo_node *node, const struct network *n,
		  struct attach_info *ret, struct err *e)
{
	unsigned can = default_route_can(n), want = can & ~own_defaults(node);
	char name[NAME_MAX_CT + 1];
	struct net_attach a = { .network = n->name,
				.definition = n,
				.owner = h->owner,
				.name = name,
				.ifname = INSIDE_UPLINK,
				.default_route = want && want == can,
				.connect = true,
				.holder = *h->holder };
	struct default_route d = { .n = n, .a = ret, .families = want };
	int r;

	if (str_fmt(name, sizeof(name), "%s.%s", node->name, h->rec->name) < 0)
		a.name = NULL; /* too long to be resolved */
	r = attach_up(&h->net, &a, h->netns_fd, ret, e);
	crash_point("lab host", "attached");
	if (r < 0 || a.default_route || !want)
		return r;
	r = default_route_give(h->netns_fd, &d, e);
	if (r < 0)
		attach_down(&h->net, ret, false, NULL);
	return r;
}

/* ---- published ports ---- */

static bool leads_on(const struct topo_publish *p, uint32_t node)
{
	return p->to != TOPO_NONE && p->to != node;
}

static bool same_goal(const struct topo_publish *a, const struct topo_publish *b)
{
	return a->to == b->to && a->port.port == b->port.port &&
	       a->port.host_port == b->port.host_port;
}

/* Two that are told apart by addresses of the host are one port of the uplink. */
static int check_rivals(const struct topo_node *n, uint32_t node, size_t i, struct err *e)
{
	const struct topo_publish *p = &n->publish[i];
	uint32_t first = inside_publish_port(node, p);
	uint32_t last = first + p->port.host_end - p->port.host_port;

	for (size_t k = 0; k < i; k++) {
		const struct topo_publish *o = &n->publish[k];
		uint32_t at = inside_publish_port(node, o);
		uint32_t end = at + o->port.host_end - o->port.host_port;

		if (o->port.proto != p->port.proto || at > last || end < first || same_goal(o, p))
			continue;
		err_hint(e, "another node is reached by the uplink's port of the host's number");
		return err_set(e, EINVAL, "publish.%u and publish.%u both take port %u of the %s",
			       o->num, p->num, at > first ? at : first, "uplink");
	}
	return 0;
}

static int check_target(const struct host *h, const struct topo_publish *p,
			const struct port_target *t, struct err *e)
{
	const struct topo_target to = { .node = p->to, .iface = TOPO_NONE };
	struct ip_addr a;

	if ((t->family[0] && topology_target_addr(h->t, &to, AF_INET, &a)) ||
	    (t->family[1] && topology_target_addr(h->t, &to, AF_INET6, &a)))
		return 0;
	return err_set(e, EADDRNOTAVAIL, "publish.%u: %s has no address of the uplink's family",
		       p->num, h->t->nodes[p->to].name);
}

static int collect_ports(const struct host *h, uint32_t node, const struct port_target *t,
			 struct run_ports *ret, struct err *e)
{
	const struct topo_node *n = &h->t->nodes[node];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n->n_publish; i++) {
		const struct topo_publish *p = &n->publish[i];
		struct port_spec *s = VEC_ADD(ret->v, ret->n);

		if (!s)
			return err_sys(e, ENOMEM, "publish ports");
		*s = p->port;
		s->port = inside_publish_port(node, p);
		r = check_rivals(n, node, i, e);
		if (r >= 0 && leads_on(p, node))
			r = check_target(h, p, t, e);
	}
	return r < 0 ? r : run_ports_default(h->app, ret, t, e);
}

static int publish(struct host *h, uint32_t node, const struct network *n,
		   const struct attach_info *a, struct err *e)
{
	_cleanup_(run_ports_free) struct run_ports ports = { 0 };
	struct port_want w = { .owner = h->owner, .name = a->name };
	struct port_claim *claim = NULL;
	struct port_target t;
	int r = port_target(n, a, &t, e);

	if (r >= 0)
		r = collect_ports(h, node, &t, &ports, e);
	w.specs = ports.v;
	w.n = ports.n;
	/* until they lead there they end with this process */
	if (r >= 0)
		r = proc_identify(getpid(), &w.holder);
	if (r >= 0)
		r = port_claim(&h->net, &w, &t, &claim, e);
	if (r >= 0)
		r = port_publish(claim, &t, h->holder, e);
	port_claim_free(claim);
	crash_point("lab host", "published");
	return r;
}

static int join(struct host *h, uint32_t node, struct err *e)
{
	const struct topo_node *x = &h->t->nodes[node];
	_cleanup_network_ struct network n = { 0 };
	bool own = !strcmp(x->uplink, "host");
	struct attach_info a = { .n_addrs = 0 };
	char name[NAME_MAX_IF + 1];
	int r = 0;

	if (own)
		lab_host_network(h->rec, name);
	else
		str_fmt(name, sizeof(name), "%s", x->uplink);
	if (own && !network_defined(&h->net, name))
		r = make_network(h, name, e);
	if (r >= 0)
		r = network_load(&h->net, name, &n, e);
	if (r >= 0)
		r = attach(h, x, &n, &a, e);
	if (r >= 0 && x->n_publish)
		r = publish(h, node, &n, &a, e);
	return r < 0 ? err_wrap(e, r, "uplink of node %s", x->name) : 0;
}

/* ---- lent interfaces ---- */

static int lend(struct host *h, const struct phys_spec *s, struct err *e)
{
	struct phys_info info;
	int r = mark(h->app, h->rec, LAB_LENT_FILE, e);

	if (r >= 0)
		r = phys_take(&h->net, s, h->netns_fd, &info, e);

	crash_point("lab host", "lent");
	return r;
}

static int lend_all(struct host *h, const struct topo_node *n, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n->n_phys; i++) {
		const struct topo_pair *p = &n->phys[i];
		char cure[80];
		const struct phys_spec s = { .name = p->left,
					     .inside = p->right,
					     .owner = h->owner,
					     .holder = *h->holder,
					     .move_virtual = p->opts,
					     .cure = cure };

		snprintf(cure, sizeof(cure), "phys.%u = %.15s:%.15s," TOPO_MOVE_VIRTUAL, p->num,
			 p->left, p->right);
		r = lend(h, &s, e);
		if (r < 0)
			err_wrap(e, r, "node %s: phys.%u", n->name, p->num);
	}
	return r;
}

/* ---- all of it ---- */

int lab_host_node(struct app *app, const struct lab_record *rec, const struct topology *t,
		  uint32_t node, const struct proc_id *holder, struct err *e)
{
	const struct topo_node *n = &t->nodes[node];
	_cleanup_host_ struct host h = {
		.app = app, .rec = rec, .t = t, .net = NET_INIT, .holder = holder, .netns_fd = -1
	};
	int r;

	if (n->n_publish && n->kind != TOPO_NAT) {
		err_hint(e, "kind = nat and uplink = host, or a network");
		return err_set(e, EINVAL, "node %s: ports of a node without uplink are not reached",
			       n->name);
	}
	if (!n->uplink && !n->n_phys)
		return 0; /* its ports are published to the lab */
	r = begin(&h, "node", n->name, e);
	if (r < 0)
		return err_wrap(e, r, "node %s", n->name);
	attach_gc(&h.net, SWEEP_SOME, NULL);
	if (n->uplink)
		r = join(&h, node, e);
	if (r >= 0)
		r = lend_all(&h, n, e);
	if (r < 0)
		lab_host_node_end(app, rec, n->name, NULL);
	return r;
}

int lab_host_net(struct app *app, const struct lab_record *rec, const struct topology *t,
		 uint32_t net, const struct proc_id *supervisor, struct err *e)
{
	const struct topo_net *n = &t->nets[net];
	_cleanup_host_ struct host h = { .app = app,
					 .rec = rec,
					 .t = t,
					 .net = NET_INIT,
					 .holder = supervisor,
					 .netns_fd = -1 };
	char cure[80];
	const struct phys_spec s = { .name = n->uplink,
				     .owner = h.owner,
				     .holder = *supervisor,
				     .move_virtual = n->uplink_virtual,
				     .cure = cure };
	int r = begin(&h, "net", n->name, e);

	snprintf(cure, sizeof(cure), "uplink = %.15s," TOPO_MOVE_VIRTUAL, n->uplink);
	if (r >= 0)
		r = lend(&h, &s, e);
	return r < 0 ? err_wrap(e, r, "uplink of net %s", n->name) : 0;
}
