/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ct ps: the containers that are there, and those that have exited and are kept. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/ct_filter.h"
#include "cli/ct_json.h"
#include "cli/gc.h"
#include "cli/net_json.h"
#include "cli/net_ports.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "core/state.h"
#include "net/attach.h"

#define COMMAND_MAX 40 /* columns, without --no-trunc */

struct ps_args {
	struct strv filters;
	uint32_t last; /* 0: all */
	bool latest, no_trunc, all;
};

const struct opt ps_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW(struct ps_args, "all", 'a', OPT_FLAG, NULL, all,
		"accepted: those that have exited are listed anyway"),
	OPT_ROW_FN(struct ps_args, "filter", 'f', "KEY=VALUE", filters, ct_filter_add,
		   "only those that fit: status= name= label=K[=V] network= health=\n"
		   "                                  exited= id=, repeatable"),
	OPT_ROW(struct ps_args, "last", 'n', OPT_U32, "N", last, "only the N newest"),
	OPT_ROW(struct ps_args, "latest", 'l', OPT_FLAG, NULL, latest, "only the newest"),
	OPT_ROW(struct ps_args, "no-trunc", 0, OPT_FLAG, NULL, no_trunc, "the whole command"),
	OPT_END,
};

struct collect {
	const struct ps_args *args;
	struct net *net;
	json_t *attached; /* of all, by id */
	json_t *all; /* objects of ct_json, and "text", for the table */
	bool dead;
};

/* "exited (137, out of memory)", "running (healthy)" */
static json_t *status_text(const struct ct_info *i)
{
	const char *oom = i->oom_killed ? ", out of memory" : "";

	if (!strcmp(i->status, "exited"))
		return json_sprintf("exited (%d%s)", i->exit_code, oom);
	if (i->health[0])
		return json_sprintf("%s (%s)", i->status, i->health);
	return json_string(i->status);
}

static int add(struct ct_info *i, void *ctx)
{
	struct collect *c = ctx;
	json_t *networks, *o;

	if (!strcmp(i->status, "dead")) {
		c->dead = true;
		return 0;
	}
	networks = json_incref(json_object_get(c->attached, i->id));
	if (!networks)
		networks = json_array();
	if (!ct_filter_match(&c->args->filters, i, networks)) {
		json_decref(networks);
		return 0;
	}
	o = ct_json_of(i, networks, net_ports_json(c->net, i->id));
	json_object_set_new(o, "oom_killed", json_boolean(i->oom_killed));
	json_object_set_new(o, "text", status_text(i));
	json_array_append_new(c->all, o);
	return 0;
}

static int collect(struct app *app, struct collect *c, struct err *e)
{
	json_decref(c->all);
	c->all = json_array();
	c->dead = false;
	return state_list(app->root_fd, add, c, e);
}

/* The oldest are taken away, which come first. */
static void keep_last(const struct ps_args *args, json_t *all)
{
	size_t n = args->latest ? 1 : args->last;

	while (n && json_array_size(all) > n)
		json_array_remove(all, 0);
}

/* ---- as a table ---- */

static char *join_command(const json_t *array, bool whole)
{
	char *text = strdup("");
	const json_t *word;
	size_t i;

	json_array_foreach(array, i, word)
	{
		char *longer =
			text ? str_printf("%s%s%s", text, i ? " " : "",
					  json_string_value(word) ? json_string_value(word) : "?")
			     : NULL;

		free(text);
		text = longer;
	}
	for (char *p = text; p && *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	if (text && !whole && strlen(text) > COMMAND_MAX)
		memcpy(text + COMMAND_MAX - 3, "...", 4);
	return text;
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

static void print_row(struct out_table *t, const struct collect *c, const json_t *o)
{
	_cleanup_free_ char *command =
		join_command(json_object_get(o, "command"), c->args->no_trunc);
	char pid[24] = "", networks[512], ports[256] = "";
	const char *cells[] = { json_str(o, "id", "?"),
				json_str(o, "name", "?"),
				json_str(o, "text", "?"),
				pid,
				json_str(o, "created", "?"),
				command ? command : "?",
				networks,
				ports };

	if (json_int(o, "pid", 0))
		snprintf(pid, sizeof(pid), "%lld", (long long)json_int(o, "pid", 0));
	join_networks(json_object_get(o, "networks"), networks, sizeof(networks));
	if (json_array_size(json_object_get(o, "ports")))
		net_ports_join(c->net, cells[0], ports, sizeof(ports));
	out_table_row(t, cells);
}

static void print(const struct collect *c)
{
	static const char *const heads[] = { "ID",	"NAME",	   "STATUS",   "PID",
					     "CREATED", "COMMAND", "NETWORKS", "PORTS" };
	struct out_table t;
	const json_t *o;
	size_t i;

	out_table_init(&t, heads, ARRAY_SIZE(heads));
	json_array_foreach(c->all, i, o) print_row(&t, c, o);
	out_table_print(&t);
}

static void show(const struct app *app, const struct collect *c)
{
	json_t *o;
	size_t i;

	if (app->json) {
		json_array_foreach(c->all, i, o) json_object_del(o, "text");
		out_json(json_incref(c->all));
	} else if (app->quiet) {
		json_array_foreach(c->all, i, o) puts(json_str(o, "id", "?"));
	} else {
		print(c);
	}
}

/*
 * The dead are swept only when there are any: a sweep reads every record, as the
 * list does.
 */
static int list(struct app *app, struct collect *c, struct err *e)
{
	int r = app_open_net(app, c->net, SWEEP_SOME, e);

	if (r < 0)
		return r;
	c->attached = net_json_all_attachments(c->net);
	r = collect(app, c, e);
	if (r >= 0 && c->dead) {
		gc_containers(app, SWEEP_ALL);
		attach_gc(c->net, SWEEP_ALL, NULL);
		json_decref(c->attached);
		c->attached = net_json_all_attachments(c->net);
		r = collect(app, c, e);
	}
	return r;
}

int cmd_ps(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct ps_args args = { .last = 0 };
	struct collect c = { .args = &args, .net = &net };
	int r = app_parse(app, &args, argc, argv, 0, 0, e);

	if (r >= 0)
		r = list(app, &c, e);
	if (r >= 0) {
		keep_last(&args, c.all);
		show(app, &c);
	}
	json_decref(c.attached);
	json_decref(c.all);
	strv_free(&args.filters);
	return r < 0 ? r : 0;
}
