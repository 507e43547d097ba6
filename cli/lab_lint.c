/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab lint: what is wrong with lab files, all at once, and what they do to the host. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_file.h"
#include "cli/out.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/base/str.h"

/* What they quote of the file may be anything, and cut within a character. */
static void clean(struct topo_problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		text_clean(p->v[i].msg, strlen(p->v[i].msg));
		if (p->v[i].hint)
			text_clean(p->v[i].hint, strlen(p->v[i].hint));
	}
}

static void print_problems(const struct app *app, const struct topo_problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct err e = ERR_INIT;

		if (p->v[i].warning && app->quiet)
			continue;
		err_set(&e, EINVAL, "%s%s", p->v[i].warning ? "warning: " : "", p->v[i].msg);
		if (p->v[i].hint)
			err_hint(&e, "%s", p->v[i].hint);
		app_print_error(app, &e);
	}
	if (p->cut)
		fprintf(stderr, "%s: there is more\n", app->prog);
}

/* Lines "node N: uplink host", "net N: uplink eth0" ...: what leaves the lab. */
static int host_effects(const struct topology *t, struct strv *ret)
{
	int r = 0;

	for (size_t i = 0; i < t->n_nodes; i++) {
		const struct topo_node *n = &t->nodes[i];

		if (n->uplink)
			r |= strv_add_take(ret,
					   str_printf("node %s: uplink %s", n->name, n->uplink));
		for (size_t k = 0; k < n->n_phys; k++)
			r |= strv_add_take(ret, str_printf("node %s: phys %s", n->name,
							   n->phys[k].left));
		for (size_t k = 0; k < n->n_mounts; k++)
			r |= strv_add_take(ret, str_printf("node %s: mount %s%s", n->name,
							   n->mounts[k].left,
							   n->mounts[k].opts ? "" : " writable"));
		for (size_t k = 0; k < n->n_publish; k++)
			r |= strv_add_take(ret, str_printf("node %s: publish %s", n->name,
							   n->publish[k].text));
	}
	for (size_t i = 0; i < t->n_nets; i++)
		if (t->nets[i].uplink)
			r |= strv_add_take(ret, str_printf("net %s: uplink %s", t->nets[i].name,
							   t->nets[i].uplink));
	return r ? -ENOMEM : 0;
}

static void print_summary(const char *file, const struct topology *t, const struct strv *effects)
{
	printf("%s: lab %s: %zu nodes, %zu links, %zu nets, %zu tests, %zu scenarios\n", file,
	       t->name, t->n_nodes, t->n_links, t->n_nets, t->n_tests, t->n_scenarios);
	for (size_t i = 0; i < effects->n; i++)
		printf("%s: host: %s\n", file, effects->v[i]);
}

static json_t *problems_json(const struct topo_problems *p)
{
	json_t *all = json_array();

	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(all, json_pack("{s:i, s:i, s:s, s:s, s:s?}", "line",
						     (int)p->v[i].line, "column", (int)p->v[i].col,
						     "level", p->v[i].warning ? "warning" : "error",
						     "message", p->v[i].msg, "hint", p->v[i].hint));
	return all;
}

static json_t *file_json(const char *file, int r, const struct topology *t,
			 const struct strv *effects, const struct topo_problems *p)
{
	json_t *o = json_pack("{s:s, s:b, s:o}", "file", file, "ok", r >= 0, "problems",
			      problems_json(p));
	json_t *host = json_array();

	for (size_t i = 0; i < effects->n; i++)
		json_array_append_new(host, json_string(effects->v[i]));
	json_object_set_new(o, "host", host);
	if (r < 0)
		return o;
	json_object_set_new(o, "name", json_string(t->name));
	json_object_set_new(o, "nodes", json_integer((json_int_t)t->n_nodes));
	json_object_set_new(o, "links", json_integer((json_int_t)t->n_links));
	json_object_set_new(o, "nets", json_integer((json_int_t)t->n_nets));
	json_object_set_new(o, "tests", json_integer((json_int_t)t->n_tests));
	json_object_set_new(o, "scenarios", json_integer((json_int_t)t->n_scenarios));
	return o;
}

static int lint(struct app *app, const char *file, json_t *all)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_(strv_free) struct strv effects = { 0 };
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	int r = lab_file_read(file, &t, &p);

	if (r >= 0 && host_effects(&t, &effects) < 0)
		r = -ENOMEM;
	clean(&p);
	if (all)
		json_array_append_new(all, file_json(file, r, &t, &effects, &p));
	else
		print_problems(app, &p);
	if (!all && r >= 0 && !app->quiet)
		print_summary(file, &t, &effects);
	return r;
}

int cmd_lab_lint(struct app *app, int argc, char **argv, struct err *e)
{
	int words = app_parse(app, NULL, argc, argv, 1, -1, e), bad = 0;
	json_t *all;

	if (words < 0)
		return words;
	all = app->json ? json_array() : NULL;
	for (int i = 0; i < words; i++)
		bad += lint(app, argv[i], all) < 0;
	if (all)
		out_json(all);
	/* the problems are printed; the status says the rest */
	return bad ? 2 : 0;
}
