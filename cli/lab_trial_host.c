/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of what a node has or does: commands, routes, neighbours, what is served. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lab_trial.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "net/netns.h"
#include "net/probe_icmp.h"
#include "net/route_text.h"

#define COMMAND_TIME (60 * PROBE_S)
#define HTTP_TIME    (10 * PROBE_S)

/* ---- commands ---- */

int trial_exec(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	uint64_t time = t->wait_given && t->wait > COMMAND_TIME ? t->wait : COMMAND_TIME;
	struct lab_said c = { 0 };
	int r = lab_command(x, t->node, t->cmd, time, &c, e);

	if (r < 0)
		return r;
	y->text = c.text;
	y->ok = c.status == 0;
	y->has_value = lab_first_number(c.text, &y->value);
	if (c.status == -ETIMEDOUT)
		lab_say(y, "ended after %u s", (unsigned)(time / PROBE_S));
	else if (t->expect.what == TOPO_EXPECT_RANGE && y->has_value)
		lab_value(TOPO_UNIT_COUNT, y->value, y->said);
	else
		lab_say(y, "exit status %d", c.status);
	return 0;
}

/* ---- HTTP ---- */

struct url {
	char host[256];
	uint16_t port;
	const char *path;
};

/* http://HOST[:PORT][/PATH], an IPv6 address in brackets. */
static int parse_url(const char *text, struct url *ret, struct err *e)
{
	const char *p = text + strlen("http://"), *end = strchrnul(p, '/'), *colon;
	bool bracket = *p == '[';
	size_t len;
	char port[8];
	uint32_t n = 80;

	p += bracket;
	len = bracket ? strcspn(p, "]") : strcspn(p, ":/");
	colon = p + len + (bracket && p[len] == ']');
	if (!len || (*colon == ':' &&
		     (str_fmt(port, sizeof(port), "%.*s", (int)(end - colon - 1), colon + 1) < 0 ||
		      parse_u32(port, 1, 65535, &n, NULL) < 0)))
		return err_set(e, EINVAL, "\"%.80s\" is not http://HOST[:PORT]/PATH", text);
	if (str_fmt(ret->host, sizeof(ret->host), "%.*s", (int)len, p) < 0)
		return err_set(e, ENAMETOOLONG, "the host of %.80s is too long", text);
	ret->port = (uint16_t)n;
	ret->path = *end ? end : "/";
	return 0;
}

/* A node or an address: what stands for a node in /etc/hosts stands for it here. */
static int url_target(const struct lab_trial *x, const struct url *u, struct topo_target *ret,
		      struct err *e)
{
	*ret = (struct topo_target){ .text = u->host, .node = TOPO_NONE, .iface = TOPO_NONE };
	if (parse_ip(u->host, &ret->prefix.addr, NULL) == 0) {
		ret->prefix.len = (uint8_t)ip_bits(&ret->prefix.addr);
		return 0;
	}
	ret->node = topology_node(x->t, u->host);
	if (ret->node == TOPO_NONE)
		return err_set(e, EINVAL, "%s is neither a node nor an address", u->host);
	return 0;
}

static struct topo_target from_of(const struct lab_trial *x, const struct topo_test *t)
{
	struct topo_target from = t->from;

	if (from.node == TOPO_NONE)
		from = (struct topo_target){ .text = x->t->nodes[t->node].name,
					     .node = t->node,
					     .iface = TOPO_NONE };
	return from;
}

int trial_http(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	const struct topo_target from = from_of(x, t);
	struct err refused = ERR_INIT;
	struct topo_target to;
	struct probe_path p;
	struct url u;
	int status, r = parse_url(t->to.text, &u, e);
	size_t len;

	r = r < 0 ? r : url_target(x, &u, &to, e);
	r = r < 0 ? r : trial_path(x, &from, &to, t->family, &p, e);
	if (r < 0)
		return r;
	if (probe_http(&p, u.port, u.host, u.path, HTTP_TIME, &status, &y->text, &len, &refused) <
	    0) {
		lab_say(y, "%s", refused.msg);
		return 0;
	}
	y->ok = status >= 200 && status < 300;
	lab_say(y, "status %d, %zu bytes", status, len);
	return 0;
}

/* ---- what the node knows ---- */

int trial_route(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	struct route_text_query q = { .family = t->family, .dst = t->to.prefix };
	_cleanup_nl_ struct nl nl = NL_INIT;
	int r = trial_netns(x, t->node, e);

	if (r < 0)
		return r;
	if (t->to.node != TOPO_NONE) {
		if (!topology_target_addr(x->t, &t->to, t->family, &q.dst.addr))
			return err_set(e, EADDRNOTAVAIL, "%s has no such address", t->to.text);
		q.dst.len = (uint8_t)ip_bits(&q.dst.addr);
	}
	q.exact = !ip_is_set(&q.dst.addr) || strchr(t->to.text, '/');
	if (!q.family)
		q.family = ip_is_set(&q.dst.addr) ? q.dst.addr.family : AF_INET;
	q.dst.addr.family = q.family;
	r = netns_nl_open(r, &nl, NETLINK_ROUTE, e);
	r = r < 0 ? r : route_text(&nl, &q, &y->text, e);
	if (r < 0)
		return r;
	y->ok = r;
	lab_say(y, "%s", r ? y->text : "there is no route");
	return 0;
}

int trial_neigh(struct lab_trial *x, const struct topo_test *t, struct lab_yield *y, struct err *e)
{
	const struct topo_target from = from_of(x, t);
	struct probe_echo_result got;
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct probe_path p;
	int r = trial_path(x, &from, &t->to, t->family, &p, e);

	r = r < 0 ? r : probe_echo(&p, &(struct probe_echo){ .count = 3 }, &got, e);
	r = r < 0 ? r : netns_nl_open(p.netns_fd, &nl, NETLINK_ROUTE, e);
	r = r < 0 ? r : neigh_text(&nl, &p.dst, &y->text, e);
	if (r < 0)
		return r;
	/* one that was asked for in vain is no neighbour */
	y->ok = r > 0 && !strstr(y->text, "FAILED") && !strstr(y->text, "INCOMPLETE");
	lab_say(y, "%s", r ? y->text : "there is no entry");
	return 0;
}
