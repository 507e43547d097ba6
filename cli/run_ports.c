/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_ports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/vec.h"
#include "net/network.h"

static int append(struct run_ports *p, const struct port_spec *s)
{
	struct port_spec *added = VEC_ADD(p->v, p->n);

	if (!added)
		return -ENOMEM;
	*added = *s;
	return 0;
}

int run_ports_add(struct run_ports *p, const char *value, struct err *e)
{
	struct port_spec s;
	int r = parse_port_spec(value, &s, e);

	return r < 0 ? r : append(p, &s);
}

void run_ports_free(struct run_ports *p)
{
	free(take_ptr(p->v));
	p->n = 0;
}

/* One spec for each of the addresses; when the target has none of their families, the
 * first one is left for the error to speak of. */
static int spread(const struct app *app, struct run_ports *to, struct port_spec s,
		  const struct port_target *t)
{
	size_t before = to->n;
	int r = 0;

	for (size_t i = 0; i < app->n_publish && r >= 0; i++) {
		s.host_ip = app->publish[i];
		if (t->family[s.host_ip.family == AF_INET6])
			r = append(to, &s);
	}
	if (r < 0 || to->n > before)
		return r;
	s.host_ip = app->publish[0];
	return append(to, &s);
}

int run_ports_default(const struct app *app, struct run_ports *p, const struct port_target *t,
		      struct err *e)
{
	struct run_ports all = { 0 };
	int r = 0;

	if (!app->n_publish)
		return 0;
	for (size_t i = 0; i < p->n && r >= 0; i++)
		r = ip_is_set(&p->v[i].host_ip) ? append(&all, &p->v[i])
						: spread(app, &all, p->v[i], t);
	if (r < 0) {
		run_ports_free(&all);
		return err_sys(e, r, "publish ports");
	}
	run_ports_free(p);
	*p = all;
	return 0;
}

/* The first network that can; when none can, why the first cannot. */
static int find_network(struct net *net, const struct run_nets *nets, size_t *ret_net,
			struct port_target *ret, struct err *e)
{
	int worst = 0;

	for (size_t i = 0; i < nets->n; i++) {
		_cleanup_network_ struct network n = { 0 };
		int r = network_load(net, nets->v[i].network, &n, worst ? NULL : e);

		if (r >= 0)
			r = port_target(&n, NULL, ret, worst ? NULL : e);
		if (r >= 0) {
			err_clear(e);
			*ret_net = i;
			return 0;
		}
		worst = worst ? worst : r;
	}
	return worst;
}

static int no_network(const struct run_nets *nets, struct err *e)
{
	err_hint(e, "give it one: --net NET; `ctnet create` makes networks");
	return err_set(e, EINVAL, "ports of a container %s%s cannot be published",
		       nets->join ? "with --net " : "without a network",
		       nets->join ? nets->join : "");
}

int run_ports_claim(struct app *app, struct net *net, const struct run_nets *nets,
		    struct run_ports *p, const struct ct_spec *spec, size_t *ret_net,
		    struct port_claim **ret, struct err *e)
{
	struct port_want w = { .owner = spec->id, .name = spec->name };
	struct port_target t = { .dev = "" };
	int r = nets->n ? find_network(net, nets, ret_net, &t, e) : no_network(nets, e);

	if (r >= 0)
		r = run_ports_default(app, p, &t, e);
	w.specs = p->v;
	w.n = p->n;
	if (r >= 0)
		r = proc_identify_self(&w.holder, e);
	if (r >= 0)
		r = port_claim(net, &w, &t, ret, e);
	return r < 0 ? err_wrap(e, r, "publish") : 0;
}

int run_ports_publish(struct net *net, struct port_claim *c, const struct attach_info *a,
		      const struct proc_id *init, struct err *e)
{
	_cleanup_network_ struct network n = { 0 };
	struct port_target t;
	int r = network_load(net, a->network, &n, e);

	if (r >= 0)
		r = port_target(&n, a, &t, e);
	if (r >= 0)
		r = port_publish(c, &t, init, e);
	return r < 0 ? err_wrap(e, r, "publish") : 0;
}
