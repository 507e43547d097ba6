/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet publish and unpublish: ports of the host for a container that runs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_ports.h"
#include "cli/out.h"
#include "cli/run_ports.h"
#include "core/base/cleanup.h"
#include "core/state.h"
#include "net/network.h"

static int parse_words(struct app *app, int argc, char **argv, struct run_ports *ports,
		       struct err *e)
{
	for (int i = 1; i < argc; i++) {
		int r = run_ports_add(ports, argv[i], e);

		if (r < 0)
			return app_usage(app, r);
	}
	return 0;
}

static int find_container(struct app *app, const char *word, struct ct_info *ct, struct err *e)
{
	int r;

	if (str_starts(word, "ns:"))
		return err_set(e, EOPNOTSUPP, "%s is no container: only theirs are published",
			       word);
	r = state_find(app->root_fd, word, ct, e);
	if (r >= 0 && !proc_alive(&ct->init))
		r = err_set(e, ESRCH, "container %s does not run", word);
	return r;
}

/* The attachment that ports lead to: the first interface on a network that can. */
struct route_in {
	struct net *net;
	struct attach_info a;
	struct port_target t;
	bool found, any;
	struct err *e;
	int r;
};

static int look(const struct attach_info *a, void *ctx)
{
	_cleanup_network_ struct network n = { 0 };
	struct route_in *w = ctx;
	struct err why = ERR_INIT;
	struct port_target t;
	int r;

	if (w->found && strcmp(a->ifname, w->a.ifname) > 0)
		return 0;
	r = network_load(w->net, a->network, &n, &why);
	if (r >= 0)
		r = port_target(&n, a, &t, &why);
	if (r >= 0) {
		w->found = true;
		w->a = *a;
		w->t = t;
	} else if (!w->any) {
		w->r = r;
		if (w->e)
			*w->e = why;
	}
	w->any = true;
	return 0;
}

static int find_target(struct net *net, const struct ct_info *ct, struct port_target *ret,
		       struct err *e)
{
	struct route_in w = { .net = net, .e = e };
	int r = attach_list(net, ct->id, NULL, look, &w);

	if (r < 0)
		return err_sys(e, r, "read the networks of %s", ct->name);
	if (w.found) {
		err_clear(e);
		*ret = w.t;
		return 0;
	}
	if (w.any)
		return w.r;
	err_hint(e, "`ctnet connect NET %s` gives it one", ct->name);
	return err_set(e, ENETUNREACH, "container %s has no network", ct->name);
}

static void report(const struct app *app, const struct port_spec *specs, size_t n)
{
	json_t *all = json_array();
	char text[NET_PORTS_STRLEN];

	for (size_t i = 0; i < n; i++)
		if (app->json)
			net_ports_add(all, &specs[i]);
		else if (!app->quiet)
			printf("%s\n", net_ports_text(&specs[i], text));
	if (app->json)
		out_json(all);
	else
		json_decref(all);
}

static int publish(struct app *app, struct net *net, const struct ct_info *ct,
		   struct run_ports *ports, struct err *e)
{
	struct port_want w = { .owner = ct->id, .name = ct->name, .holder = ct->init };
	struct port_claim *claim = NULL;
	const struct port_spec *specs;
	struct port_target t;
	size_t n;
	int r = find_target(net, ct, &t, e);

	if (r >= 0)
		r = run_ports_default(app, ports, &t, e);
	w.specs = ports->v;
	w.n = ports->n;
	/* until it leads there, it ends with this process */
	if (r >= 0)
		r = proc_identify_self(&w.holder, e);
	if (r >= 0)
		r = port_claim(net, &w, &t, &claim, e);
	if (r >= 0)
		r = port_publish(claim, &t, &ct->init, e);
	if (r >= 0) {
		specs = port_claimed(claim, &n);
		report(app, specs, n);
	}
	port_claim_free(claim);
	return r;
}

/* A default address stands for the missing one, as it did when they were published. */
static int unpublish(struct app *app, struct net *net, const struct ct_info *ct,
		     struct run_ports *ports, struct err *e)
{
	struct port_want w = { .owner = ct->id, .name = ct->name };
	struct port_target t = { .family = { true, true } };
	int r = find_target(net, ct, &t, NULL);

	r = run_ports_default(app, ports, &t, e);
	w.specs = ports->v;
	w.n = ports->n;
	if (r >= 0)
		r = port_unpublish(net, &w, e);
	if (r >= 0 && app->json)
		report(app, w.specs, w.n);
	return r;
}

static int run(struct app *app, int argc, char **argv,
	       int (*verb)(struct app *, struct net *, const struct ct_info *, struct run_ports *,
			   struct err *),
	       struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct run_ports ports = { 0 };
	struct ct_info ct = { .exit_code = -1 };
	int r = app_parse(app, NULL, argc, argv, 2, -1, e);

	if (r >= 0)
		r = parse_words(app, r, argv, &ports, e);
	if (r >= 0)
		r = app_open_net(app, &net, SWEEP_SOME, e);
	if (r >= 0)
		r = find_container(app, argv[0], &ct, e);
	if (r >= 0)
		r = verb(app, &net, &ct, &ports, e);
	ct_info_free(&ct);
	run_ports_free(&ports);
	return r < 0 ? r : 0;
}

int cmd_net_publish(struct app *app, int argc, char **argv, struct err *e)
{
	return run(app, argc, argv, publish, e);
}

int cmd_net_unpublish(struct app *app, int argc, char **argv, struct err *e)
{
	return run(app, argc, argv, unpublish, e);
}
