/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A topology as a lab file: what defaults, kinds, profiles and generators have
 * given stands where it ended, every address is written out. Read again it is
 * the same topology, and written again the same text.
 */
#include <inttypes.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "net/topology.h"

/* A line of a lab file holds 1022 bytes; lists go on in the next. */
#define LIST_MAX 900

/* ---- lines ---- */

static bool needs_quotes(const char *v)
{
	size_t len = strlen(v);

	return !len || strpbrk(v, ";#") || strchr("\"' \t", v[0]) || strchr(" \t\\", v[len - 1]);
}

static void key(FILE *f, const char *name, const char *value)
{
	const char *q = !needs_quotes(value) ? "" : strchr(value, '"') ? "'" : "\"";

	fprintf(f, "%-11s = %s%s%s\n", name, q, value, q);
}

static void numbered(FILE *f, const char *stem, uint32_t num, const char *value)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%u", stem, num);
	key(f, name, value);
}

static void number(FILE *f, const char *name, uint64_t v)
{
	if (v)
		fprintf(f, "%-11s = %" PRIu64 "\n", name, v);
}

static void prefixes(FILE *f, const char *name, const struct ip_prefix *v, size_t n)
{
	char buf[IP_PREFIX_STRLEN];

	if (!n)
		return;
	fprintf(f, "%-11s =", name);
	for (size_t i = 0; i < n; i++)
		fprintf(f, " %s", prefix_str(&v[i], buf));
	fputc('\n', f);
}

static void texts(FILE *f, const char *stem, const struct topo_text *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		numbered(f, stem, v[i].num, v[i].text);
}

static void pairs(FILE *f, const char *stem, const struct topo_pair *v, size_t n, char sep)
{
	for (size_t i = 0; i < n; i++) {
		char text[1024];

		snprintf(text, sizeof(text), "%s%c%s%s%s", v[i].left, sep, v[i].right,
			 v[i].opts ? ":" : "", v[i].opts ? v[i].opts : "");
		numbered(f, stem, v[i].num, text);
	}
}

static void write_phys(FILE *f, const struct topo_node *n)
{
	for (size_t i = 0; i < n->n_phys; i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s:%s%s", n->phys[i].left, n->phys[i].right,
			 n->phys[i].opts ? "," TOPO_MOVE_VIRTUAL : "");
		numbered(f, "phys", n->phys[i].num, text);
	}
}

static void impairments(FILE *f, const struct topo_impair dirs[TOPO_DIRS])
{
	for (unsigned p = 0; p < TOPO_PARAMS; p++) {
		char value[TOPO_DIRS][IMPAIR_STRLEN], name[16];
		bool has[TOPO_DIRS];

		for (unsigned d = 0; d < TOPO_DIRS; d++) {
			has[d] = dirs[d].has & 1U << p;
			impair_value(&dirs[d], (enum topo_param)p, value[d]);
		}
		if (has[0] && has[1] && !strcmp(value[0], value[1])) {
			key(f, impair_name((enum topo_param)p), value[0]);
			continue;
		}
		for (unsigned d = 0; d < TOPO_DIRS; d++) {
			snprintf(name, sizeof(name), "%s.%s", impair_name((enum topo_param)p),
				 d == TOPO_AB ? "ab" : "ba");
			if (has[d])
				key(f, name, value[d]);
		}
	}
}

/* ---- sections ---- */

static void write_lab(FILE *f, const struct topology *t)
{
	char buf[IP_PREFIX_STRLEN], time[IMPAIR_STRLEN];

	fprintf(f, "[lab]\n");
	key(f, "name", t->name);
	fprintf(f, "%-11s = 1\n", "version");
	number(f, "seed", t->seed);
	if (t->pool4.addr.family)
		key(f, "ipv4-pool", prefix_str(&t->pool4, buf));
	if (t->pool6.addr.family)
		key(f, "ipv6-pool", prefix_str(&t->pool6, buf));
	number(f, "mtu", t->mtu);
	if (t->warn_unsupported)
		key(f, "unsupported", "warn");
	if (t->wait)
		key(f, "wait", topo_time_str(t->wait, time));
	if (t->no_hosts_file)
		key(f, "hosts-file", "no");
}

static const char *base_kind(enum topo_kind k)
{
	static const char *const words[] = { "host", "router", "switch", "nat" };

	return words[k];
}

void topology_write_route(FILE *f, const struct topo_route *r)
{
	char buf[IP_PREFIX_STRLEN], ip[IP_STRLEN];

	fprintf(f, "%s%s", r->blackhole ? "blackhole " : "",
		r->dst.len ? prefix_str(&r->dst, buf) : "default");
	for (size_t i = 0; i < r->n_hops; i++) {
		const struct topo_hop *h = &r->hops[i];

		if (r->n_hops > 1 || h->weight)
			fprintf(f, " nexthop");
		if (ip_is_set(&h->via))
			fprintf(f, " via %s", ip_str(&h->via, ip));
		if (h->dev)
			fprintf(f, " dev %s", h->dev);
		if (h->weight)
			fprintf(f, " weight %u", h->weight);
	}
	if (ip_is_set(&r->src))
		fprintf(f, " src %s", ip_str(&r->src, ip));
	if (r->metric)
		fprintf(f, " metric %u", r->metric);
}

static void write_routes(FILE *f, const struct topo_node *n)
{
	for (size_t i = 0; i < n->n_routes; i++) {
		if (n->routes[i].implied)
			continue;
		fprintf(f, "route.%-5u = ", n->routes[i].num);
		topology_write_route(f, &n->routes[i]);
		fputc('\n', f);
	}
}

static void write_macs(FILE *f, const struct topology *t, const struct topo_node *n)
{
	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[n->ifaces[i]];
		char name[8 + NAME_MAX_IF], mac[MAC_STRLEN];

		snprintf(name, sizeof(name), "mac.%s", x->name);
		if (x->mac_given)
			key(f, name, mac_str(&x->mac, mac));
	}
}

static void write_limits(FILE *f, const struct topo_node *n)
{
	char buf[IMPAIR_STRLEN];

	if (n->cpus_milli)
		fprintf(f, "%-11s = %u.%03u\n", "cpus", n->cpus_milli / 1000, n->cpus_milli % 1000);
	if (n->cpuset)
		key(f, "cpuset", n->cpuset);
	if (n->memory)
		key(f, "memory", topo_size_str(n->memory, buf));
	number(f, "pids", n->pids);
}

static void write_runs(FILE *f, const struct topo_node *n)
{
	char buf[IMPAIR_STRLEN];

	texts(f, "exec", n->execs, n->n_execs);
	texts(f, "daemon", n->daemons, n->n_daemons);
	texts(f, "stop", n->stops, n->n_stops);
	if (n->ready)
		key(f, "ready", n->ready);
	if (n->ready_wait)
		key(f, "ready-wait", topo_time_str(n->ready_wait, buf));
	for (size_t i = 0; i < n->n_after; i++)
		fprintf(f, "%s%s%s", i ? "" : "after       = ", n->after_names[i],
			i + 1 < n->n_after ? " " : "\n");
	for (size_t i = 0; i < n->n_publish; i++)
		numbered(f, "publish", n->publish[i].num, n->publish[i].text);
}

static void write_node(FILE *f, const struct topology *t, const struct topo_node *n)
{
	const struct {
		const char *name, *value;
	} words[] = {
		{ "rootfs", n->rootfs },
		{ "user", n->user },
		{ "caps", n->caps },
		{ "hostname", n->hostname },
	};

	fprintf(f, "\n[node.%s]\n", n->name);
	key(f, "kind", n->kind_name);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].value)
			key(f, words[i].name, words[i].value);
	pairs(f, "mount", n->mounts, n->n_mounts, ':');
	texts(f, "tmpfs", n->tmpfs, n->n_tmpfs);
	texts(f, "env", n->env, n->n_env);
	write_limits(f, n);
	pairs(f, "sysctl", n->sysctls, n->n_sysctls, '=');
	prefixes(f, "lo", n->lo, n->n_lo);
	write_routes(f, n);
	write_runs(f, n);
	if (n->uplink)
		key(f, "uplink", n->uplink);
	prefixes(f, "masquerade", n->masquerade, n->n_masquerade);
	write_phys(f, n);
	write_macs(f, t, n);
	if (n->stp)
		key(f, "stp", "yes");
	number(f, "mtu", n->mtu);
}

/* node:if=addr/len,addr/len */
static void member_text(const struct topology *t, const struct topo_iface *x, char *buf,
			size_t size)
{
	size_t len = (size_t)snprintf(buf, size, "%s:%s", t->nodes[x->node].name, x->name);
	char a[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < x->n_addrs && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%c%s", i ? ',' : '=',
					prefix_str(&x->addrs[i], a));
}

static void write_members(FILE *f, const struct topology *t, const struct topo_net *n)
{
	size_t used = 0;
	unsigned line = 0;

	for (size_t i = 0; i < n->n_members; i++) {
		char text[LIST_MAX];
		size_t len;

		member_text(t, &t->ifaces[n->members[i]], text, sizeof(text));
		len = strlen(text) + 1;
		if (!line || used + len > LIST_MAX) {
			fprintf(f, "%smembers.%-3u =", line ? "\n" : "", line + 1);
			line++;
			used = 0;
		}
		fprintf(f, " %s", text);
		used += len;
	}
	if (line)
		fputc('\n', f);
}

static void write_net(FILE *f, const struct topology *t, const struct topo_net *n)
{
	fprintf(f, "\n[net.%s]\n", n->name);
	if (n->n_subnets)
		prefixes(f, "subnet", n->subnets, n->n_subnets);
	else
		key(f, "subnet", "none");
	write_members(f, t, n);
	if (n->gateway != TOPO_NONE)
		key(f, "gateway", t->nodes[n->gateway].name);
	if (n->stp)
		key(f, "stp", "yes");
	number(f, "mtu", n->mtu);
	impairments(f, n->impair);
	if (n->uplink)
		fprintf(f, "%-11s = %s%s\n", "uplink", n->uplink,
			n->uplink_virtual ? "," TOPO_MOVE_VIRTUAL : "");
}

static void write_ends(FILE *f, const struct topology *t, const struct topo_link *l)
{
	const struct topo_iface *a = &t->ifaces[l->ifaces[0]], *b = &t->ifaces[l->ifaces[1]];
	size_t n = a->n_addrs > b->n_addrs ? a->n_addrs : b->n_addrs;
	char buf[IP_PREFIX_STRLEN];

	fprintf(f, "%-11s = %s:%s %s:%s\n", "ends", t->nodes[a->node].name, a->name,
		t->nodes[b->node].name, b->name);
	if (!n)
		key(f, "subnet", "none");
	for (size_t i = 0; i < n; i++) {
		fprintf(f, "%s%s,", i ? " " : "ip          = ",
			i < a->n_addrs ? prefix_str(&a->addrs[i], buf) : "");
		fprintf(f, "%s%s", i < b->n_addrs ? prefix_str(&b->addrs[i], buf) : "",
			i + 1 < n ? "" : "\n");
	}
	if (a->mtu == b->mtu) {
		number(f, "mtu", a->mtu);
		return;
	}
	number(f, "mtu.ab", a->mtu);
	number(f, "mtu.ba", b->mtu);
}

static void write_link(FILE *f, const struct topology *t, const struct topo_link *l)
{
	static const char *const wires[] = { "auto", "direct", "stitched" };

	fprintf(f, "\n[link.%s]\n", l->name);
	write_ends(f, t, l);
	if (l->state_given)
		key(f, "state", l->down ? "down" : "up");
	impairments(f, l->impair);
	if (l->wire != TOPO_WIRE_AUTO)
		key(f, "wire", wires[l->wire]);
}

static void write_needs(FILE *f, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(f, "%s%s%s", i ? "" : "needs       = ", words[i], i + 1 < n ? " " : "\n");
}

static void write_test_more(FILE *f, const struct topo_test *x)
{
	char buf[IMPAIR_STRLEN];

	if (x->family)
		key(f, "family", x->family == AF_INET ? "4" : "6");
	number(f, "count", x->count);
	number(f, "seconds", x->seconds);
	if (x->cmd)
		key(f, "cmd", x->cmd);
	key(f, "expect", x->expect.text);
	if (x->wait_given)
		key(f, "wait", topo_time_str(x->wait, buf));
	write_needs(f, x->needs, x->n_needs);
	if (x->warn)
		key(f, "level", "warn");
}

void topology_write_test(FILE *f, const struct topology *t, const struct topo_test *x)
{
	fprintf(f, "\n[test.%s]\n", x->name);
	key(f, "type", topo_test_name(x->type));
	if (x->from.text)
		key(f, "from", x->from.text);
	if (x->to.text)
		key(f, "to", x->to.text);
	if (x->node != TOPO_NONE)
		key(f, "node", t->nodes[x->node].name);
	if (x->nodes_text)
		key(f, "nodes", x->nodes_text);
	write_test_more(f, x);
}

void topology_write_scenario(FILE *f, const struct topo_scenario *s)
{
	fprintf(f, "\n[scenario.%s]\n", s->name);
	write_needs(f, s->needs, s->n_needs);
	for (size_t i = 0; i < s->n_steps; i++)
		numbered(f, "step", s->steps[i].num, s->steps[i].text);
}

/* Links and nets in the order of their interfaces: so a node's first one stays the first. */
static void write_wires(FILE *f, const struct topology *t)
{
	for (size_t i = 0; i < t->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[i];

		if (x->on == TOPO_ON_LINK && x->end == TOPO_AB)
			write_link(f, t, &t->links[x->wire]);
		else if (x->on == TOPO_ON_NET && t->nets[x->wire].members[0] == i)
			write_net(f, t, &t->nets[x->wire]);
	}
	for (size_t i = 0; i < t->n_nets; i++)
		if (!t->nets[i].n_members)
			write_net(f, t, &t->nets[i]);
}

void topology_expand(const struct topology *t, FILE *f)
{
	write_lab(f, t);
	for (size_t i = 0; i < t->n_kinds; i++)
		fprintf(f, "\n[kind.%s]\n%-11s = %s\n", t->kinds[i].name, "kind",
			base_kind(t->kinds[i].kind));
	for (size_t i = 0; i < t->n_profiles; i++) {
		fprintf(f, "\n[impair.%s]\n", t->profiles[i].name);
		impairments(f, t->profiles[i].impair);
	}
	for (size_t i = 0; i < t->n_nodes; i++)
		write_node(f, t, &t->nodes[i]);
	write_wires(f, t);
	for (size_t i = 0; i < t->n_tests; i++)
		topology_write_test(f, t, &t->tests[i]);
	for (size_t i = 0; i < t->n_scenarios; i++)
		topology_write_scenario(f, &t->scenarios[i]);
}
