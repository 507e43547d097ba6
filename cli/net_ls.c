/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet ls and inspect: networks as a table, in full, or as JSON. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_json.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "net/network.h"

/* Collects the networks named as JSON objects. One that is broken hides no other. */
static int collect(const struct app *app, struct net *net, const struct strv *names, json_t *all,
		   struct err *e)
{
	int worst = 0;

	for (size_t i = 0; i < names->n; i++) {
		_cleanup_network_ struct network n = { 0 };
		struct err one = ERR_INIT;
		int r = network_load(net, names->v[i], &n, &one);

		if (r >= 0) {
			json_array_append_new(all, net_json(net, &n));
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

static void flags_of(const json_t *o, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", json_flag(o, "internal", false) ? "internal " : "",
		 json_flag(o, "icc", true) ? "" : "no-icc ",
		 json_flag(o, "masquerade", true) || json_flag(o, "internal", false)
			 ? ""
			 : "no-masquerade ");
	if (buf[0])
		buf[strlen(buf) - 1] = 0;
}

static void print_table(const json_t *all)
{
	static const char *const heads[] = { "NAME", "DRIVER",	   "SUBNETS",
					     "MTU",  "CONTAINERS", "OPTIONS" };
	struct out_table t;
	const json_t *o;
	size_t i;

	out_table_init(&t, heads, ARRAY_SIZE(heads));
	json_array_foreach(all, i, o)
	{
		char subnets[512], mtu[16], containers[16], flags[64];
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

static void print_full(const json_t *all)
{
	const json_t *o, *s;
	size_t i, k;

	json_array_foreach(all, i, o)
	{
		char flags[64];

		printf("%s%s\n  %-12s %s\n", i ? "\n" : "", json_str(o, "name", "?"), "driver",
		       json_str(o, "driver", "?"));
		json_array_foreach(json_object_get(o, "subnets"), k, s)
			printf("  %-12s %s gateway %s, %lld leased\n", "subnet",
			       json_str(s, "subnet", "?"), json_str(s, "gateway", "?"),
			       (long long)json_int(s, "leased", 0));
		flags_of(o, flags, sizeof(flags));
		if (flags[0])
			printf("  %-12s %s\n", "options", flags);
		print_containers(json_object_get(o, "containers"));
	}
}

static int show(struct app *app, const struct strv *names, void (*print)(const json_t *),
		struct err *e)
{
	_cleanup_(strv_free) struct strv every = { 0 };
	_cleanup_net_ struct net net = NET_INIT;
	json_t *all;
	int r = app_open_net(app, &net, SWEEP_ALL, e), healed, loaded;

	if (r >= 0 && !names)
		r = network_names(&net, &every, e);
	if (r < 0)
		return r;
	all = json_array();
	/* what is broken is told of below, network by network */
	healed = network_heal(&net, e);
	loaded = collect(app, &net, names ? names : &every, all, e);
	r = loaded < 0 ? loaded : healed;
	if (r < 0 && (names || !json_array_size(all))) {
		json_decref(all);
		return r;
	}
	if (app->json) {
		out_json(all);
		return r;
	}
	print(all);
	json_decref(all);
	return r;
}

int cmd_net_ls(struct app *app, int argc, char **argv, struct err *e)
{
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	return r < 0 ? r : show(app, NULL, print_table, e);
}

int cmd_net_inspect(struct app *app, int argc, char **argv, struct err *e)
{
	int r = app_parse(app, NULL, argc, argv, 1, -1, e);
	struct strv names = { .v = argv, .n = r < 0 ? 0 : (size_t)r };

	return r < 0 ? r : show(app, &names, print_full, e);
}
