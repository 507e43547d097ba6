/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes compared: one row a key, which tells what a difference asks for. First who
 * stays and who must start anew, which decides about wires; when those are known,
 * what changes in those that go on.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/str.h"
#include "net/topology_diff_build.h"

struct side {
	const struct topology *t;
	const struct topo_node *node;
	const struct topo_differ *d;
	bool old;
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): as a row reads
struct row {
	const char *key;
	enum topo_change_what what;
	void (*put)(struct topo_items *x, const struct row *r, const struct side *s);
	size_t v, n; /* offsets of the member; of a list also of its count */
	char sep; /* between the parts of a pair */
};

#define MEMBER(s, type, at) (*(type const *)((const char *)(s)->node + (at)))

/* ---- what rows put ---- */

static void put_word(struct topo_items *x, const struct row *r, const char *value)
{
	if (value)
		topo_items_put(x, r->what, 0, str_printf("%s", r->key), str_printf("%s", value));
}

static void put_str(struct topo_items *x, const struct row *r, const struct side *s)
{
	put_word(x, r, MEMBER(s, const char *, r->v));
}

static void put_texts(struct topo_items *x, const struct row *r, const struct side *s)
{
	const struct topo_text *v = MEMBER(s, struct topo_text *, r->v);

	for (size_t i = 0; i < MEMBER(s, size_t, r->n); i++)
		topo_items_put(x, r->what, v[i].num, str_printf("%s.%u", r->key, v[i].num),
			       str_printf("\"%s\"", v[i].text));
}

static void put_pairs(struct topo_items *x, const struct row *r, const struct side *s)
{
	const struct topo_pair *v = MEMBER(s, struct topo_pair *, r->v);

	for (size_t i = 0; i < MEMBER(s, size_t, r->n); i++)
		topo_items_put(x, r->what, v[i].num, str_printf("%s.%u", r->key, v[i].num),
			       str_printf("%s%c%s%s%s", v[i].left, r->sep, v[i].right,
					  v[i].opts ? ":" : "", v[i].opts ? v[i].opts : ""));
}

static void put_prefixes(struct topo_items *x, const struct row *r, const struct side *s)
{
	const struct ip_prefix *v = MEMBER(s, struct ip_prefix *, r->v);
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < MEMBER(s, size_t, r->n); i++)
		topo_items_put_key(x, r->what, str_printf("%s %s", r->key, prefix_str(&v[i], buf)));
}

/* By its name, not its number: a later line for the same setting wins. */
static void put_sysctls(struct topo_items *x, const struct row *r, const struct side *s)
{
	for (size_t i = 0; i < s->node->n_sysctls; i++)
		topo_items_put(x, r->what, 0, str_printf("sysctl %s", s->node->sysctls[i].left),
			       str_printf("%s", s->node->sysctls[i].right));
}

static void put_routes(struct topo_items *x, const struct row *r, const struct side *s)
{
	for (size_t i = 0; i < s->node->n_routes; i++) {
		char *text = NULL;
		size_t len;
		FILE *f = open_memstream(&text, &len);

		if (f) {
			bool v6 = s->node->routes[i].dst.addr.family == AF_INET6;

			fprintf(f, v6 ? "route -6 " : "route ");
			topology_write_route(f, &s->node->routes[i]);
			fclose(f);
		}
		topo_items_put_key(x, r->what, text);
	}
}

/* Of interfaces that were there and stay; a new one comes with its addresses. */
static void put_addresses(struct topo_items *x, const struct row *r, const struct side *s)
{
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < s->node->n_ifaces; i++) {
		uint32_t at = s->node->ifaces[i];
		const struct topo_iface *f = &s->t->ifaces[at];
		bool stays = s->old ? s->d->iface_stays[at] : s->d->iface_old[at] != TOPO_NONE;

		for (size_t k = 0; stays && k < f->n_addrs; k++)
			topo_items_put_key(x, r->what,
					   str_printf("%s %s", f->name,
						      prefix_str(&f->addrs[k], buf)));
	}
}

static void put_publish(struct topo_items *x, const struct row *r, const struct side *s)
{
	for (size_t i = 0; i < s->node->n_publish; i++)
		topo_items_put_key(x, r->what, str_printf("publish %s", s->node->publish[i].text));
}

static void put_cpus(struct topo_items *x, const struct row *r, const struct side *s)
{
	if (s->node->cpus_milli)
		topo_items_put(x, r->what, 0, str_printf("cpus"),
			       str_printf("%u.%03u", s->node->cpus_milli / 1000,
					  s->node->cpus_milli % 1000));
}

static void put_memory(struct topo_items *x, const struct row *r, const struct side *s)
{
	char buf[IMPAIR_STRLEN];

	if (s->node->memory)
		put_word(x, r, topo_size_str(s->node->memory, buf));
}

static void put_pids(struct topo_items *x, const struct row *r, const struct side *s)
{
	if (s->node->pids)
		topo_items_put(x, r->what, 0, str_printf("pids"), str_printf("%u", s->node->pids));
}

static void put_ready_wait(struct topo_items *x, const struct row *r, const struct side *s)
{
	char buf[IMPAIR_STRLEN];

	if (s->node->ready_wait)
		put_word(x, r, topo_time_str(s->node->ready_wait, buf));
}

static void put_after(struct topo_items *x, const struct row *r, const struct side *s)
{
	for (size_t i = 0; i < s->node->n_after; i++)
		topo_items_put_key(x, r->what, str_printf("after %s", s->node->after_names[i]));
}

/* What it behaves as; only that matters. */
static void put_kind(struct topo_items *x, const struct row *r, const struct side *s)
{
	static const char *const words[] = { "host", "router", "switch", "nat" };

	put_word(x, r, words[s->node->kind]);
}

static void put_hosts_file(struct topo_items *x, const struct row *r, const struct side *s)
{
	put_word(x, r, s->t->no_hosts_file ? "no" : "yes");
}

#define AT(member)   offsetof(struct topo_node, member)
#define LIST(member) AT(member), AT(n_##member)

/* clang-format off */
static const struct row rows[] = {
	{ "behaves as", TOPO_REPLACE_NODE, put_kind, 0, 0, 0 },
	{ "rootfs", TOPO_REPLACE_NODE, put_str, AT(rootfs), 0, 0 },
	{ "user", TOPO_REPLACE_NODE, put_str, AT(user), 0, 0 },
	{ "caps", TOPO_REPLACE_NODE, put_str, AT(caps), 0, 0 },
	{ "hostname", TOPO_REPLACE_NODE, put_str, AT(hostname), 0, 0 },
	{ "mount", TOPO_REPLACE_NODE, put_pairs, LIST(mounts), ':' },
	{ "tmpfs", TOPO_REPLACE_NODE, put_texts, LIST(tmpfs), 0 },
	{ "env", TOPO_REPLACE_NODE, put_texts, LIST(env), 0 },
	{ "hosts-file", TOPO_REPLACE_NODE, put_hosts_file, 0, 0, 0 },
	{ "cpus", TOPO_CHANGE_LIMITS, put_cpus, 0, 0, 0 },
	{ "cpuset", TOPO_CHANGE_LIMITS, put_str, AT(cpuset), 0, 0 },
	{ "memory", TOPO_CHANGE_LIMITS, put_memory, 0, 0, 0 },
	{ "pids", TOPO_CHANGE_LIMITS, put_pids, 0, 0, 0 },
	{ "sysctl", TOPO_CHANGE_NODE, put_sysctls, 0, 0, 0 },
	{ "lo", TOPO_CHANGE_NODE, put_prefixes, LIST(lo), 0 },
	{ "address", TOPO_CHANGE_NODE, put_addresses, 0, 0, 0 },
	{ "route", TOPO_CHANGE_NODE, put_routes, 0, 0, 0 },
	{ "masquerade", TOPO_CHANGE_NODE, put_prefixes, LIST(masquerade), 0 },
	{ "uplink", TOPO_CHANGE_HOST, put_str, AT(uplink), 0, 0 },
	{ "publish", TOPO_CHANGE_HOST, put_publish, 0, 0, 0 },
	{ "phys", TOPO_CHANGE_HOST, put_pairs, LIST(phys), ':' },
	{ "stop", TOPO_CHANGE_STOP, put_texts, LIST(stops), 0 },
	{ "exec", TOPO_RUN_EXEC, put_texts, LIST(execs), 0 },
	{ "daemon", TOPO_CHANGE_DAEMON, put_texts, LIST(daemons), 0 },
	{ "kind", TOPO_CHANGE_FILE, put_str, AT(kind_name), 0, 0 },
	{ "ready", TOPO_CHANGE_FILE, put_str, AT(ready), 0, 0 },
	{ "ready-wait", TOPO_CHANGE_FILE, put_ready_wait, 0, 0, 0 },
	{ "after", TOPO_CHANGE_FILE, put_after, 0, 0, 0 },
};
/* clang-format on */

static void put_rows(struct topo_items *x, const struct side *s, bool replace)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if ((rows[i].what == TOPO_REPLACE_NODE) == replace)
			rows[i].put(x, &rows[i], s);
}

static void compare(struct topo_differ *d, uint32_t o, uint32_t n, bool replace, topo_item_fn *fn,
		    void *ctx)
{
	_cleanup_(topo_items_free) struct topo_items a = { 0 }, b = { 0 };

	put_rows(&a, &(struct side){ d->o, &d->o->nodes[o], d, true }, replace);
	put_rows(&b, &(struct side){ d->n, &d->n->nodes[n], d, false }, replace);
	if (topo_items_compare(&a, &b, fn, ctx) < 0)
		d->oom = true;
}

/* ---- who stays ---- */

struct reasons {
	char *text; /* NULL: none */
	bool oom;
};

static void add_reason(void *ctx, const struct topo_item *o, const struct topo_item *n,
		       const char *text)
{
	struct reasons *x = ctx;
	char *all = str_printf("%s%s%s", x->text ? x->text : "", x->text ? ", " : "", text);

	free(x->text);
	x->text = all;
	x->oom |= !all;
}

static bool has_limits(const struct topo_node *n)
{
	return n->cpus_milli || n->cpuset || n->memory || n->pids;
}

/* A control group is joined at birth; and what all cpus are nobody can say later. */
static void limit_reasons(const struct topo_node *o, const struct topo_node *n, struct reasons *why)
{
	if (!has_limits(o) && has_limits(n))
		add_reason(why, NULL, NULL, "it had no limits");
	else if (o->cpuset && !n->cpuset)
		add_reason(why, NULL, NULL, "cpuset gone");
}

static void match_process(struct topo_differ *d, uint32_t o, uint32_t n)
{
	struct topo_change c = { .what = TOPO_REPLACE_NODE, .old = o, .new = n };
	enum topo_stands stands = topo_stands(d->s->nodes, o);
	const char *name = d->n->nodes[n].name;
	struct reasons why = { 0 };

	compare(d, o, n, true, add_reason, &why);
	limit_reasons(&d->o->nodes[o], &d->n->nodes[n], &why);
	d->oom |= why.oom;
	d->anew[n] = why.text || stands != TOPO_STANDS;
	if (why.text)
		topo_differ_add(d, c, "node %s: starts anew: %s", name, why.text);
	else if (stands == TOPO_STOPPED)
		topo_differ_add(d, c, "node %s: starts, it is stopped", name);
	else if (stands == TOPO_BROKEN)
		topo_differ_add(d, c, "node %s: starts anew: it is not what it should be", name);
	free(why.text);
}

static void match(struct topo_differ *d, uint32_t n)
{
	uint32_t o = topology_node(d->o, d->n->nodes[n].name);
	bool was_switch = o != TOPO_NONE && d->o->nodes[o].kind == TOPO_SWITCH;
	bool is_switch = d->n->nodes[n].kind == TOPO_SWITCH;

	if (o != TOPO_NONE &&
	    (was_switch != is_switch || (is_switch && topo_stands(d->s->nodes, o) != TOPO_STANDS)))
		o = TOPO_NONE;
	d->old_of[n] = o;
	if (o == TOPO_NONE) {
		topo_differ_add(
			d,
			(struct topo_change){ .what = TOPO_ADD_NODE, .old = TOPO_NONE, .new = n },
			"node %s: %s", d->n->nodes[n].name, d->n->nodes[n].kind_name);
		return;
	}
	d->new_of[o] = n;
	if (!is_switch)
		match_process(d, o, n);
}

void topo_diff_nodes(struct topo_differ *d)
{
	memset(d->new_of, 0xff, d->o->n_nodes * sizeof(*d->new_of));
	for (uint32_t n = 0; n < d->n->n_nodes; n++)
		match(d, n);
	for (uint32_t o = 0; o < d->o->n_nodes; o++)
		if (d->new_of[o] == TOPO_NONE)
			topo_differ_add(d,
					(struct topo_change){
						.what = TOPO_DEL_NODE, .old = o, .new = TOPO_NONE },
					"node %s", d->o->nodes[o].name);
}

/* ---- what changes in those that go on ---- */

struct setting {
	struct topo_differ *d;
	uint32_t o, n;
};

static void add_setting(void *ctx, const struct topo_item *o, const struct topo_item *n,
			const char *text)
{
	const struct setting *s = ctx;
	const struct topo_item *x = n ? n : o;
	struct topo_change c = { .what = x->what, .old = s->o, .new = s->n, .num = x->num };
	const char *more = "";

	if (x->what == TOPO_RUN_EXEC && !n) {
		c.what = TOPO_CHANGE_FILE;
		more = ": what it did stays";
	} else if (str_starts(x->key, "ready") || str_starts(x->key, "after ")) {
		more = ", at its next start";
	}
	topo_differ_add(s->d, c, "node %s: %s%s", s->d->n->nodes[s->n].name, text, more);
}

void topo_diff_settings(struct topo_differ *d)
{
	for (uint32_t n = 0; n < d->n->n_nodes && !d->oom; n++) {
		struct setting s = { d, d->old_of[n], n };

		if (s.o != TOPO_NONE && !d->anew[n] && d->n->nodes[n].kind != TOPO_SWITCH)
			compare(d, s.o, n, false, add_setting, &s);
	}
}
