/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests: one row a type tells what it needs, what it may have, what it yields. */
#include "net/topology_test.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "net/topology_build.h"

enum { FROM = 1, TO = 2, NODE = 4, NODES = 8, COUNT = 16, SECONDS = 32, CMD = 64, FAMILY = 128 };

static const struct {
	const char *name;
	unsigned needs, may;
	enum topo_unit unit;
} types[] = {
	[TOPO_TEST_PING] = { "ping", FROM | TO, COUNT | FAMILY, TOPO_UNIT_NONE },
	[TOPO_TEST_PINGALL] = { "pingall", 0, NODES | FAMILY | COUNT, TOPO_UNIT_SHARE },
	[TOPO_TEST_RTT] = { "rtt", FROM | TO, COUNT | FAMILY, TOPO_UNIT_NS },
	[TOPO_TEST_LOSS] = { "loss", FROM | TO, COUNT | FAMILY, TOPO_UNIT_SHARE },
	[TOPO_TEST_TTL] = { "ttl", FROM | TO, COUNT | FAMILY, TOPO_UNIT_COUNT },
	[TOPO_TEST_TCP_RATE] = { "tcp-rate", FROM | TO, SECONDS | FAMILY, TOPO_UNIT_BPS },
	[TOPO_TEST_UDP_RATE] = { "udp-rate", FROM | TO, SECONDS | FAMILY, TOPO_UNIT_BPS },
	[TOPO_TEST_EXEC] = { "exec", NODE | CMD, 0, TOPO_UNIT_COUNT },
	[TOPO_TEST_HTTP] = { "http", TO, NODE | FROM | FAMILY, TOPO_UNIT_NONE },
	[TOPO_TEST_ROUTE] = { "route", NODE | TO, FAMILY, TOPO_UNIT_NONE },
	[TOPO_TEST_NEIGH] = { "neigh", TO, NODE | FROM | FAMILY, TOPO_UNIT_NONE },
	[TOPO_TEST_PMTU] = { "pmtu", FROM | TO, FAMILY, TOPO_UNIT_COUNT },
	[TOPO_TEST_TRACE] = { "trace", FROM | TO, FAMILY, TOPO_UNIT_NONE },
};

const char *topo_test_name(enum topo_test_type type)
{
	return (size_t)type < ARRAY_SIZE(types) ? types[type].name : NULL;
}

enum topo_unit topo_test_unit(enum topo_test_type type)
{
	return types[type].unit;
}

static const char *type_word(const void *ctx, size_t i)
{
	return topo_test_name((enum topo_test_type)i);
}

static int set_type(struct topo_build *b, void *member, const char *value, struct err *e)
{
	const char *near;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].name, value))
			continue;
		*(enum topo_test_type *)member = (enum topo_test_type)i;
		return 0;
	}
	err_set(e, EINVAL, "there is no test \"%.80s\"", value);
	near = str_nearest(value, type_word, NULL);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	return -EINVAL;
}

/* ---- targets ---- */

int topo_target_parse(struct topo_build *b, const char *text, struct topo_target *ret,
		      struct err *e)
{
	struct topo_target x = { .text = text, .node = TOPO_NONE, .iface = TOPO_NONE };
	const char *colon = strchr(text, ':'), *node = text;
	int r;

	if (!strcmp(text, "default")) {
		*ret = x;
		return 0;
	}
	if (strchr(text, '/')) {
		r = parse_subnet(text, &x.prefix, e);
	} else if (parse_ip(text, &x.prefix.addr, NULL) == 0) {
		x.prefix.len = (uint8_t)ip_bits(&x.prefix.addr);
		r = 0;
	} else {
		if (colon)
			node = topo_keep(b, text, (size_t)(colon - text));
		r = node ? topo_find(b, TOPO_NODES, node, &x.node, e) : topo_no_memory(b, e);
		if (r == 0 && colon)
			r = topo_find_iface(b, x.node, colon + 1, &x.iface, e);
	}
	if (r == 0)
		*ret = x;
	return r;
}

/* Who sends: a node or one of its interfaces. */
static int set_from(struct topo_build *b, void *member, const char *value, struct err *e)
{
	struct topo_target *x = member;
	int r = topo_target_parse(b, value, x, e);

	if (r == 0 && x->node == TOPO_NONE)
		return err_set(e, EINVAL, "\"%.80s\" is neither a node nor node:if", value);
	if (r == 0 && b->t->nodes[x->node].kind == TOPO_SWITCH)
		return err_set(e, EINVAL, "%s is a switch: nothing runs there", value);
	return r;
}

static int set_node(struct topo_build *b, void *member, const char *value, struct err *e)
{
	uint32_t *node = member;
	int r = topo_find(b, TOPO_NODES, value, node, e);

	if (r == 0 && b->t->nodes[*node].kind == TOPO_SWITCH)
		return err_set(e, EINVAL, "%s is a switch: nothing runs there", value);
	return r;
}

static int add_node(struct topo_build *b, struct topo_test *x, uint32_t node, struct err *e)
{
	uint32_t *to = TOPO_ADD(b, x->nodes, x->n_nodes);

	if (!to)
		return topo_no_memory(b, e);
	*to = node;
	return 0;
}

/* Names and patterns (glob(7)); the pattern takes whatever is no switch. */
static int set_nodes(struct topo_build *b, void *test, const char *value, struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	struct topo_test *x = test;
	int r = topo_list(value, &words) < 0 ? topo_no_memory(b, e) : 0;

	x->nodes_text = value;
	for (size_t i = 0; r == 0 && i < words.n; i++) {
		size_t before = x->n_nodes;
		uint32_t node;

		if (!strpbrk(words.v[i], "*?[")) {
			r = set_node(b, &node, words.v[i], e);
			r = r < 0 ? r : add_node(b, x, node, e);
			continue;
		}
		for (node = 0; r == 0 && node < b->t->n_nodes; node++)
			if (b->t->nodes[node].kind != TOPO_SWITCH &&
			    !fnmatch(words.v[i], b->t->nodes[node].name, 0))
				r = add_node(b, x, node, e);
		if (r == 0 && x->n_nodes == before)
			r = err_set(e, EINVAL, "no node is like \"%.80s\"", words.v[i]);
	}
	return r;
}

/* ---- expectations ---- */

static int parse_expect(const struct topo_test *t, const char *text, struct topo_expect *x,
			struct err *e)
{
	enum topo_unit unit = types[t->type].unit;

	x->text = text;
	if (!strcmp(text, "ok") || !strcmp(text, "fail")) {
		x->what = text[0] == 'o' ? TOPO_EXPECT_OK : TOPO_EXPECT_FAIL;
		return 0;
	}
	if (text[0] == '~') {
		x->what = TOPO_EXPECT_MATCH;
		return topo_regex_check(text + 1, e);
	}
	if (unit != TOPO_UNIT_NONE)
		return topo_range_parse(text, unit, x, e);
	x->what = TOPO_EXPECT_TEXT;
	if (t->type == TOPO_TEST_TRACE && *text)
		return 0;
	err_set(e, EINVAL, "\"%.80s\" is not what %s can yield", text, types[t->type].name);
	err_hint(e, t->type == TOPO_TEST_PING ? "ok or fail" : "ok, fail or ~regex");
	return -EINVAL;
}

/* ---- the other keys ---- */

static int set_family(struct topo_build *b, void *member, const char *value, struct err *e)
{
	if (strcmp(value, "4") && strcmp(value, "6"))
		return err_set(e, EINVAL, "\"%.80s\" is neither 4 nor 6", value);
	*(uint8_t *)member = value[0] == '4' ? AF_INET : AF_INET6;
	return 0;
}

static int set_number(struct topo_build *b, void *member, const char *value, struct err *e)
{
	return parse_u32(value, 1, 1000000, member, e);
}

static int set_wait(struct topo_build *b, void *test, const char *value, struct err *e)
{
	struct topo_test *x = test;

	x->wait_given = true;
	return parse_duration(value, &x->wait, e);
}

static int set_level(struct topo_build *b, void *member, const char *value, struct err *e)
{
	bool warn = !strcmp(value, "warn");

	if (!warn && strcmp(value, "error"))
		return err_set(e, EINVAL, "\"%.80s\" is neither error nor warn", value);
	*(bool *)member = warn;
	return 0;
}

static const char *const features[] = {
	"rate", "delay", "jitter", "loss", "dup",     "reorder", "corrupt", "queue", "netem",
	"tbf",	"vlan",	 "vxlan",  "vrf",  "macvlan", "ipvlan",	 "dummy",   "ifb",   "bridge",
	"stp",	"veth",	 "nft",	   "nat",  "ipv6",    "mpls",	 "sctp",    "tun",   "wireguard",
};

static const char *feature(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(features) ? features[i] : NULL;
}

static int check_need(const char *word, struct err *e)
{
	const char *near;

	if (str_starts(word, "bin:") && word[4] && !strchr(word, '/'))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (!strcmp(word, features[i]))
			return 0;
	err_set(e, EINVAL, "\"%.80s\" is no feature that can be looked for", word);
	near = str_nearest(word, feature, NULL);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	else
		err_hint(e, "a program is bin:%.40s", word);
	return -EINVAL;
}

int topo_needs_parse(struct topo_build *b, const char *value, const char ***needs, size_t *n,
		     struct err *e)
{
	_cleanup_(strv_free) struct strv words = { 0 };
	int r = topo_list(value, &words) < 0 ? topo_no_memory(b, e) : 0;

	for (size_t i = 0; r == 0 && i < words.n; i++) {
		const char **to;

		r = check_need(words.v[i], e);
		if (r < 0)
			return r;
		to = TOPO_ADD(b, *needs, *n);
		if (to)
			*to = topo_keep(b, words.v[i], strlen(words.v[i]));
	}
	return r;
}

static int set_needs(struct topo_build *b, void *test, const char *value, struct err *e)
{
	struct topo_test *x = test;

	return topo_needs_parse(b, value, &x->needs, &x->n_needs, e);
}

#define ROW(name, set, member)                                \
	{                                                     \
		name, set, offsetof(struct topo_test, member) \
	}

static int set_to(struct topo_build *b, void *member, const char *value, struct err *e);

const struct topo_key topo_test_keys[] = {
	{ "type", NULL, 0 },
	ROW("from", set_from, from),
	{ "to", set_to, 0 },
	ROW("node", set_node, node),
	{ "nodes", set_nodes, 0 },
	ROW("family", set_family, family),
	ROW("count", set_number, count),
	ROW("seconds", set_number, seconds),
	ROW("cmd", topo_set_str, cmd),
	{ "expect", NULL, 0 },
	{ "wait", set_wait, 0 },
	{ "needs", set_needs, 0 },
	ROW("level", set_level, warn),
	{ NULL, NULL, 0 },
};

static const struct {
	const char *key;
	unsigned bit;
} limited[] = {
	{ "from", FROM },   { "to", TO },	    { "node", NODE }, { "nodes", NODES },
	{ "count", COUNT }, { "seconds", SECONDS }, { "cmd", CMD },   { "family", FAMILY },
};

static int set_to(struct topo_build *b, void *test, const char *value, struct err *e)
{
	struct topo_test *x = test;

	if (x->type == TOPO_TEST_HTTP) {
		x->to.text = value;
		if (str_starts(value, "http://") && value[7])
			return 0;
		return err_set(e, EINVAL, "\"%.80s\" is not http://HOST[:PORT]/PATH", value);
	}
	if (x->type != TOPO_TEST_ROUTE && (strchr(value, '/') || !strcmp(value, "default")))
		return err_set(e, EINVAL, "\"%.80s\" is not a node, node:if or address", value);
	return topo_target_parse(b, value, &x->to, e);
}

static unsigned limited_bit(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(limited); i++)
		if (!strcmp(key, limited[i].key))
			return limited[i].bit;
	return 0;
}

static void read_keys(struct topo_build *b, const struct topo_section *s, struct topo_test *x)
{
	const unsigned needs = types[x->type].needs, may = types[x->type].may;
	unsigned has = 0;

	for (size_t i = 1; i <= s->n; i++) {
		const struct ini_entry *at = &s->head[i];
		unsigned bit = limited_bit(at->key);
		struct err e = ERR_INIT;
		int r;

		has |= bit;
		if (bit && !(bit & (needs | may)))
			r = err_set(&e, EINVAL, "a test of type %s has no use for it",
				    types[x->type].name);
		else
			r = topo_key_set(b, topo_test_keys, x, at, at->key, at->value, &e);
		if (r < 0 && r != -ENOENT)
			topo_blame(b, at, &e);
	}
	if ((x->type == TOPO_TEST_HTTP || x->type == TOPO_TEST_NEIGH) && !(has & (NODE | FROM))) {
		struct err e = ERR_INIT;

		err_set(&e, EINVAL, "a test of type %s needs node", types[x->type].name);
		topo_blame(b, s->head, &e);
	}
	for (size_t i = 0; i < ARRAY_SIZE(limited); i++) {
		struct err e = ERR_INIT;

		if (!(needs & limited[i].bit & ~has))
			continue;
		err_set(&e, EINVAL, "a test of type %s needs %s", types[x->type].name,
			limited[i].key);
		topo_blame_pos(b, topo_pos(s->head), &e);
	}
}

static int all_hosts(struct topo_build *b, struct topo_test *x)
{
	for (uint32_t i = 0; i < b->t->n_nodes; i++)
		if (b->t->nodes[i].kind == TOPO_HOST && add_node(b, x, i, NULL) < 0)
			return -ENOMEM;
	return 0;
}

static void read_test(struct topo_build *b, const struct topo_section *s)
{
	const struct ini_entry *type = topo_entry(s, "type"), *expect = topo_entry(s, "expect");
	struct topo_test x = { .name = s->name, .at = topo_pos(s->head), .node = TOPO_NONE };
	struct topo_test *to;
	struct err e = ERR_INIT;

	x.from.node = x.from.iface = x.to.node = x.to.iface = TOPO_NONE;
	if (topo_name_check("test", s->name, &e) < 0)
		topo_blame(b, s->head, &e);
	if (!type)
		err_set(&e, EINVAL, "type is missing");
	if (!type || set_type(b, &x.type, type->value, &e) < 0) {
		topo_blame(b, type ? type : s->head, &e);
		return;
	}
	read_keys(b, s, &x);
	if (x.node == TOPO_NONE && (x.type == TOPO_TEST_HTTP || x.type == TOPO_TEST_NEIGH))
		x.node = x.from.node;
	if (x.type == TOPO_TEST_PINGALL && !x.nodes_text && all_hosts(b, &x) < 0)
		return;
	if (x.type == TOPO_TEST_PINGALL && x.n_nodes < 2)
		topo_warn(b, topo_pos(s->head), "[%s]: pingall has no two nodes: it is skipped",
			  s->head->section);
	x.expect.text = "ok";
	if (expect && parse_expect(&x, expect->value, &x.expect, &e) < 0)
		topo_blame(b, expect, &e);
	to = TOPO_ADD(b, b->t->tests, b->t->n_tests);
	if (to)
		*to = x;
}

void topo_read_tests(struct topo_build *b)
{
	for (size_t i = 0; i < b->n_sections && !b->oom; i++)
		if (str_starts(b->sections[i].head->section, "test."))
			read_test(b, &b->sections[i]);
}
