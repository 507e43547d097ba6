/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet ls and inspect: networks as a table, in full, or as JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_filter.h"
#include "cli/net_json.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "net/network.h"

static void add_one(struct net *net, const struct network *n, const struct strv *filters,
		    json_t *all)
{
	json_t *o = net_json(net, n);

	if (net_filter_match(filters, n, json_array_size(json_object_get(o, "containers"))))
		json_array_append_new(all, o);
	else
		json_decref(o);
}

/* Collects the networks named as JSON objects. One that is broken hides no other. */
static int collect(const struct app *app, struct net *net, const struct strv *names,
		   const struct strv *filters, json_t *all, struct err *e)
{
	int worst = 0;

	for (size_t i = 0; i < names->n; i++) {
		_cleanup_network_ struct network n = { 0 };
		struct err one = ERR_INIT;
		int r = network_load(net, names->v[i], &n, &one);

		if (r >= 0) {
			add_one(net, &n, filters, all);
			continue;
		}
		if (worst < 0) /* the caller prints the last one */
			app_print_error(app, e);
		*e = one;
		worst = r;
	}
	return worst;
}

/* "a, b" of the member `key` of every object in the array. */
static void join_members(const json_t *array, const char *key, char *buf, size_t size)
{
	const json_t *o;
	size_t i, len = 0;

	buf[0] = 0;
	json_array_foreach(array, i, o)
	{
		snprintf(buf + len, size - len, "%s%s", i ? "," : "", json_str(o, key, "?"));
		len = strlen(buf);
	}
}

/* "internal open no-icc ...": what differs from the plain network. */
static void flags_of(const json_t *o, char *buf, size_t size)
{
	bool internal = json_flag(o, "internal", false);
	const struct {
		const char *word;
		bool on;
	} flags[] = {
		{ "internal", internal },
		{ "open", json_flag(o, "open", false) },
		{ "no-icc", !json_flag(o, "icc", true) },
		{ "no-host", json_flag(o, "no_host", false) && !internal },
		{ "no-masquerade", !json_flag(o, "masquerade", true) && !internal },
		{ "no-spoof-guard", !json_flag(o, "spoof_guard", true) },
		{ "stp", json_flag(o, "stp", false) },
		{ "dns-server", json_flag(o, "dns_server", false) },
	};
	size_t len = 0;

	buf[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (!flags[i].on)
			continue;
		snprintf(buf + len, size - len, "%s%s", len ? " " : "", flags[i].word);
		len = strlen(buf);
	}
}

static void print_table(json_t *all)
{
	static const char *const heads[] = { "NAME", "DRIVER",	   "SUBNETS",
					     "MTU",  "CONTAINERS", "OPTIONS" };
	struct out_table t;
	const json_t *o;
	size_t i;

	out_table_init(&t, heads, ARRAY_SIZE(heads));
	json_array_foreach(all, i, o)
	{
		char subnets[512], mtu[16], containers[16], flags[128];
		const char *cells[] = { json_str(o, "name", "?"),
					json_str(o, "driver", "?"),
					subnets,
					mtu,
					containers,
					flags };
		long long m = json_int(o, "mtu", 0);

		join_members(json_object_get(o, "subnets"), "subnet", subnets, sizeof(subnets));
		snprintf(mtu, sizeof(mtu), m ? "%lld" : "auto", m);
		snprintf(containers, sizeof(containers), "%zu",
			 json_array_size(json_object_get(o, "containers")));
		flags_of(o, flags, sizeof(flags));
		out_table_row(&t, cells);
	}
	out_table_print(&t);
}

static void print_containers(const json_t *containers)
{
	const json_t *c, *a;
	size_t i, k;

	json_array_foreach(containers, i, c)
	{
		printf("  %-12s %s %s (%s) %s", i ? "" : "containers", json_str(c, "name", "?"),
		       json_str(c, "ifname", "?"), json_str(c, "host_ifname", "?"),
		       json_str(c, "mac", "?"));
		json_array_foreach(json_object_get(c, "addresses"), k, a)
			printf(" %s", json_string_value(a));
		putchar('\n');
	}
}

static void print_subnets(const json_t *subnets)
{
	const json_t *s, *range;
	size_t i, k;

	json_array_foreach(subnets, i, s)
	{
		printf("  %-12s %s gateway %s, %lld leased", "subnet", json_str(s, "subnet", "?"),
		       json_str(s, "gateway", "-"), (long long)json_int(s, "leased", 0));
		json_array_foreach(json_object_get(s, "ranges"), k, range)
			printf(", of %s", json_string_value(range));
		json_array_foreach(json_object_get(s, "excludes"), k, range)
			printf(", not %s", json_string_value(range));
		putchar('\n');
	}
}

/* One of the keys that some drivers have; a list in one line. */
static void print_detail(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key), *item;
	size_t i;

	if (json_is_string(v))
		printf("  %-12s %s\n", key, json_string_value(v));
	else if (json_is_integer(v) && json_integer_value(v))
		printf("  %-12s %lld\n", key, (long long)json_integer_value(v));
	if (!json_array_size(v))
		return;
	printf("  %-12s", key);
	json_array_foreach(v, i, item) printf(" %s", json_string_value(item));
	putchar('\n');
}

static void print_full(json_t *all)
{
	static const char *const details[] = { "mode", "parent", "ports", "vlan",
					       "vni",  "peers",	 "group", "mtu" };
	const char *key;
	json_t *o, *value;
	size_t i;

	json_array_foreach(all, i, o)
	{
		char flags[128];

		printf("%s%s\n  %-12s %s\n", i ? "\n" : "", json_str(o, "name", "?"), "driver",
		       json_str(o, "driver", "?"));
		print_subnets(json_object_get(o, "subnets"));
		for (size_t k = 0; k < ARRAY_SIZE(details); k++)
			print_detail(o, details[k]);
		flags_of(o, flags, sizeof(flags));
		if (flags[0])
			printf("  %-12s %s\n", "options", flags);
		json_object_foreach(json_object_get(o, "labels"), key, value)
			printf("  %-12s %s=%s\n", "label", key, json_string_value(value));
		print_containers(json_object_get(o, "containers"));
	}
}

static void print_names(json_t *all)
{
	const json_t *o;
	size_t i;

	json_array_foreach(all, i, o) puts(json_str(o, "name", "?"));
}

/* What is shown, and how. */
struct view {
	const struct strv *names; /* NULL: every network */
	struct strv filters;
	void (*print)(json_t *all);
};

static int show(struct app *app, const struct view *v, struct err *e)
{
	_cleanup_(strv_free) struct strv every = { 0 };
	_cleanup_net_ struct net net = NET_INIT;
	json_t *all;
	int r = app_open_net(app, &net, SWEEP_ALL, e), healed, loaded;

	if (r >= 0 && !v->names)
		r = network_names(&net, &every, e);
	if (r < 0)
		return r;
	all = json_array();
	/* what is broken is told of below, network by network */
	healed = network_heal(&net, e);
	loaded = collect(app, &net, v->names ? v->names : &every, &v->filters, all, e);
	r = loaded < 0 ? loaded : healed;
	if (r < 0 && (v->names || !json_array_size(all))) {
		json_decref(all);
		return r;
	}
	if (app->json) {
		out_json(all);
		return r;
	}
	v->print(all);
	json_decref(all);
	return r;
}

const struct opt net_ls_opts[] = {
	OPT_HEADING("Options"),
	{ .name = "filter",
	  .letter = 'f',
	  .type = OPT_FN,
	  .arg = "KEY=VALUE",
	  .offset = offsetof(struct view, filters),
	  .help = "only networks that fit: name= driver= label=K[=V] subnet= dangling=\n"
		  "                                  internal=, repeatable",
	  .set = net_filter_add },
	OPT_END,
};

int cmd_net_ls(struct app *app, int argc, char **argv, struct err *e)
{
	struct view v = { .print = print_table };
	int r = app_parse(app, &v, argc, argv, 0, 0, e);

	if (app->quiet)
		v.print = print_names;
	if (r >= 0)
		r = show(app, &v, e);
	strv_free(&v.filters);
	return r;
}

int cmd_net_inspect(struct app *app, int argc, char **argv, struct err *e)
{
	int r = app_parse(app, NULL, argc, argv, 1, -1, e);
	struct strv names = { .v = argv, .n = r < 0 ? 0 : (size_t)r };
	const struct view v = { .names = &names, .print = print_full };

	return r < 0 ? r : show(app, &v, e);
}
