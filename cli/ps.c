/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct ps: the containers that are there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_json.h"
#include "cli/net_ports.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/state.h"

struct collect {
	struct net *net;
	json_t *all;
};

static int add(struct ct_info *i, void *ctx)
{
	const struct collect *c = ctx;

	json_array_append_new(c->all, ct_json(c->net, i));
	return 0;
}

static void join_command(const json_t *array, char *buf, size_t size)
{
	const json_t *word;
	size_t i, len = 0;

	buf[0] = 0;
	json_array_foreach(array, i, word)
	{
		snprintf(buf + len, size - len, "%s%s", i ? " " : "", json_string_value(word));
		len = strlen(buf);
	}
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (len > 40)
		memcpy(buf + 37, "...", 4);
}

/* "bridge0 10.88.0.2/24,fd00::2/64" */
static void join_networks(const json_t *networks, char *buf, size_t size)
{
	const json_t *n, *a;
	size_t i, k, len = 0;

	buf[0] = 0;
	json_array_foreach(networks, i, n)
	{
		snprintf(buf + len, size - len, "%s%s", i ? " " : "", json_str(n, "network", "?"));
		len = strlen(buf);
		json_array_foreach(json_object_get(n, "addresses"), k, a)
		{
			snprintf(buf + len, size - len, "%s%s", k ? "," : " ",
				 json_string_value(a));
			len = strlen(buf);
		}
	}
}

static void print(struct net *net, const json_t *all)
{
	static const char *const heads[] = { "ID",	"NAME",	   "STATUS",   "PID",
					     "CREATED", "COMMAND", "NETWORKS", "PORTS" };
	struct out_table t;
	const json_t *o;
	size_t i;

	out_table_init(&t, heads, ARRAY_SIZE(heads));
	json_array_foreach(all, i, o)
	{
		char pid[24], command[512], networks[512], ports[256];
		const char *cells[] = { json_str(o, "id", "?"),
					json_str(o, "name", "?"),
					json_str(o, "status", "?"),
					pid,
					json_str(o, "created", "?"),
					command,
					networks,
					ports };

		snprintf(pid, sizeof(pid), "%lld", (long long)json_int(o, "pid", 0));
		join_command(json_object_get(o, "command"), command, sizeof(command));
		join_networks(json_object_get(o, "networks"), networks, sizeof(networks));
		net_ports_join(net, json_str(o, "id", "?"), ports, sizeof(ports));
		out_table_row(&t, cells);
	}
	out_table_print(&t);
}

static void print_ids(const json_t *all)
{
	const json_t *o;
	size_t i;

	json_array_foreach(all, i, o) puts(json_str(o, "id", "?"));
}

int cmd_ps(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct collect c = { .net = &net };
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r >= 0)
		r = app_open_net(app, &net, SWEEP_ALL, e);
	if (r < 0)
		return r;
	c.all = json_array();
	r = state_list(app->root_fd, add, &c, e);
	if (r >= 0 && app->json) {
		out_json(c.all);
		return 0;
	}
	if (r >= 0 && app->quiet)
		print_ids(c.all);
	else if (r >= 0)
		print(&net, c.all);
	json_decref(c.all);
	return r < 0 ? r : 0;
}
