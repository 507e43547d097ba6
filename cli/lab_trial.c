/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab_trial.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_control.h"
#include "cli/lab_report.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/json.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/probe_icmp.h"

/* ---- the lab ---- */

static int hear_node(const json_t *o, void *ctx)
{
	struct lab_trial *x = ctx;
	uint32_t i = topology_node(x->t, json_str(o, "node", ""));
	struct trial_node *n;

	if (i == TOPO_NONE)
		return 0;
	n = &x->nodes[i];
	str_fmt(n->state, sizeof(n->state), "%s", json_str(o, "state", ""));
	n->at = (struct lab_node){ .node = i,
				   .host = { .pid = (pid_t)json_int(o, "pid", 0),
					     .start = (uint64_t)json_int(o, "start", 0) } };
	return 0;
}

static void forget(struct lab_trial *x)
{
	for (size_t i = 0; x->nodes && i < x->t->n_nodes; i++)
		if (x->nodes[i].netns_fd)
			fd_close(x->nodes[i].netns_fd);
	free(x->nodes);
	x->nodes = NULL;
}

int trial_look(struct lab_trial *x, struct err *e)
{
	forget(x);
	x->nodes = calloc(x->t->n_nodes + 1, sizeof(*x->nodes));
	if (!x->nodes)
		return err_sys(e, ENOMEM, "nodes");
	return lab_ask(x->app, x->lab, json_pack("{s:s}", "do", "nodes"), -1, hear_node, x, e);
}

int trial_open(struct lab_trial *x, struct app *app, struct lab *lab, struct err *e)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	int r;

	*x = (struct lab_trial){ .app = app, .lab = lab, .t = &lab->topo };
	r = topology_load(lab->dir_fd, LAB_FILE, &x->whole, &p);
	if (r < 0)
		return err_set(e, r, "lab %s: its file cannot be read", lab->rec.name);
	return trial_look(x, e);
}

void trial_close(struct lab_trial *x)
{
	if (!x->t)
		return;
	forget(x);
	topology_free(&x->whole);
	x->t = NULL;
}

/* ---- places ---- */

int trial_netns(struct lab_trial *x, uint32_t node, struct err *e)
{
	struct trial_node *n = &x->nodes[node];

	if (n->at.host.pid && !n->netns_fd) {
		int fd = lab_node_netns(&n->at, e);

		if (fd < 0)
			return err_wrap(e, fd, "node %s", x->t->nodes[node].name);
		n->netns_fd = fd;
	}
	if (!n->netns_fd)
		return err_set(e, ESRCH, "node %s does not run: it is %s", x->t->nodes[node].name,
			       n->state[0] ? n->state : "not known");
	return n->netns_fd;
}

static int no_address(const struct topo_target *x, uint8_t family, struct err *e)
{
	return err_set(e, EADDRNOTAVAIL, "%s has no %saddress", x->text,
		       family == AF_INET6  ? "IPv6 "
		       : family == AF_INET ? "IPv4 "
					   : "");
}

/* The interface that a link-local address is reached by: that of from, or its first. */
static int find_scope(const struct lab_trial *x, const struct topo_target *from,
		      struct probe_path *p, struct err *e)
{
	const struct topo_node *n = &x->t->nodes[from->node];
	uint32_t iface = from->iface != TOPO_NONE ? from->iface
			 : n->n_ifaces		  ? n->ifaces[0]
						  : TOPO_NONE;
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct link_info link;
	int r;

	if (iface == TOPO_NONE || !ip_is_linklocal(&p->dst))
		return 0;
	r = netns_nl_open(p->netns_fd, &nl, NETLINK_ROUTE, e);
	r = r < 0 ? r : link_get(&nl, x->t->ifaces[iface].name, &link, e);
	if (r >= 0)
		p->scope = link.index;
	return r;
}

int trial_path(struct lab_trial *x, const struct topo_target *from, const struct topo_target *to,
	       uint8_t family, struct probe_path *ret, struct err *e)
{
	struct probe_path p = { 0 };
	int r = trial_netns(x, from->node, e);

	if (r < 0)
		return r;
	p.netns_fd = r;
	if (!topology_target_addr(x->t, to, family, &p.dst))
		return no_address(to, family, e);
	if (from->iface != TOPO_NONE && !ip_is_linklocal(&p.dst) &&
	    !topology_target_addr(x->t, from, p.dst.family, &p.src))
		return no_address(from, p.dst.family, e);
	r = find_scope(x, from, &p, e);
	if (r >= 0)
		*ret = p;
	return r;
}

static bool has_addr(const struct ip_prefix *v, size_t n, const struct ip_addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (ip_eq(&v[i].addr, a))
			return true;
	return false;
}

uint32_t trial_owner(const struct lab_trial *x, const struct ip_addr *a)
{
	for (uint32_t i = 0; i < x->t->n_nodes; i++)
		if (has_addr(x->t->nodes[i].lo, x->t->nodes[i].n_lo, a))
			return i;
	for (size_t i = 0; i < x->t->n_ifaces; i++)
		if (has_addr(x->t->ifaces[i].addrs, x->t->ifaces[i].n_addrs, a))
			return x->t->ifaces[i].node;
	return TOPO_NONE;
}

/* ---- one test ---- */

static trial_fn *const types[] = {
	[TOPO_TEST_PING] = trial_ping,	       [TOPO_TEST_PINGALL] = trial_pingall,
	[TOPO_TEST_RTT] = trial_rtt,	       [TOPO_TEST_LOSS] = trial_loss,
	[TOPO_TEST_TTL] = trial_ttl,	       [TOPO_TEST_TCP_RATE] = trial_tcp_rate,
	[TOPO_TEST_UDP_RATE] = trial_udp_rate, [TOPO_TEST_EXEC] = trial_exec,
	[TOPO_TEST_HTTP] = trial_http,	       [TOPO_TEST_ROUTE] = trial_route,
	[TOPO_TEST_NEIGH] = trial_neigh,       [TOPO_TEST_PMTU] = trial_pmtu,
	[TOPO_TEST_TRACE] = trial_trace,
};

#define PAUSE_MIN (50 * PROBE_MS)
#define PAUSE_MAX (500 * PROBE_MS)

static void try_once(struct lab_trial *x, const struct topo_test *t, struct lab_verdict *v)
{
	_cleanup_(lab_yield_free) struct lab_yield y = { 0 };
	struct err e = ERR_INIT;
	bool tells = t->type == TOPO_TEST_EXEC || t->type == TOPO_TEST_HTTP;

	free(v->output);
	v->output = NULL;
	if (types[t->type](x, t, &y, &e) < 0) {
		lab_verdict_set(v, t->warn ? LAB_WARN : LAB_FAIL, "%s", e.msg);
		return;
	}
	lab_judge(t, &y, v);
	if (tells && v->result != LAB_PASS && y.text && y.text[0]) {
		v->output = y.text;
		y.text = NULL;
	}
}

void trial_run(struct lab_trial *x, const struct topo_test *t, struct lab_verdict *ret)
{
	const uint64_t from = probe_now();
	const uint64_t until = from + (t->wait_given ? t->wait : x->t->wait);
	uint64_t pause = PAUSE_MIN, now;

	if (trial_skip(x, t, ret))
		return;
	for (;;) {
		try_once(x, t, ret);
		now = probe_now();
		if (ret->result == LAB_PASS || now >= until)
			break;
		if (pause > until - now)
			pause = until - now;
		poll(NULL, 0, (int)(pause / PROBE_MS) + 1);
		pause = pause * 2 < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
	}
	ret->took = probe_now() - from;
}

bool trial_expect(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *ret)
{
	const struct topo_test t = { .name = "",
				     .type = TOPO_TEST_PING,
				     .from = s->from,
				     .to = s->to,
				     .node = TOPO_NONE,
				     .family = s->family,
				     .expect = { .what = s->up ? TOPO_EXPECT_OK : TOPO_EXPECT_FAIL,
						 .text = s->up ? "ok" : "fail" },
				     .wait = s->ns,
				     .wait_given = true };

	trial_run(x, &t, ret);
	return ret->result == LAB_PASS;
}

/* ---- between processes ---- */

char *trial_encode(const struct lab_verdict *v)
{
	_cleanup_json_ json_t *o =
		json_pack("{s:i, s:o*, s:o*}", "result", (int)v->result, "message",
			  lab_text_json(v->message), "output", lab_text_json(v->output));

	return o ? json_dumps(o, JSON_COMPACT) : NULL;
}

bool trial_decode(const char *text, struct lab_verdict *ret)
{
	_cleanup_json_ json_t *o = text ? json_loads(text, 0, NULL) : NULL;
	int64_t result = json_int(o, "result", -1);
	const char *output = json_str(o, "output", NULL);

	if (result < LAB_PASS || result > LAB_SKIP)
		return false;
	lab_verdict_set(ret, (enum lab_result)result, "%s", json_str(o, "message", ""));
	free(ret->output);
	ret->output = output ? strdup(output) : NULL;
	return true;
}
