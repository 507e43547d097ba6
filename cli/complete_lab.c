/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/complete_lab.h"

#include <stdio.h>

#include "cli/app.h"
#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "net/topology.h"

typedef void offer_fn(const char *word, const char *candidate);

struct line {
	struct app *app;
	const char *lab, *word;
	offer_fn *offer;
};

/* Those that have died are offered, too: they can be ended. */
static void offer_labs(const struct line *l)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	_cleanup_close_ int labs = -1;

	if (dir_open_private(l->app->root, false, &l->app->root_fd, NULL) < 0)
		return;
	labs = dir_open_at(l->app->root_fd, "labs", false);
	if (labs >= 0)
		dir_names(labs, &names);
	for (size_t i = 0; i < names.n; i++)
		l->offer(l->word, names.v[i]);
}

/* What the lab was made of, as it was read last. */
static int load(const struct line *l, struct topology *ret)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	_cleanup_close_ int labs = -1, dir = -1;
	int r = dir_open_private(l->app->root, false, &l->app->root_fd, NULL);

	if (r < 0 || !l->lab)
		return -ENOENT;
	labs = dir_open_at(l->app->root_fd, "labs", false);
	dir = labs < 0 ? labs : dir_open_at(labs, l->lab, false);
	return dir < 0 ? dir : topology_load(dir, "lab.ini", ret, &p);
}

static void offer_nodes(const struct line *l)
{
	_cleanup_topology_ struct topology t = { 0 };

	if (load(l, &t) < 0)
		return;
	for (size_t i = 0; i < t.n_nodes; i++)
		if (t.nodes[i].kind != TOPO_SWITCH)
			l->offer(l->word, t.nodes[i].name);
}

static void offer_links(const struct line *l)
{
	_cleanup_topology_ struct topology t = { 0 };

	if (load(l, &t) < 0)
		return;
	for (size_t i = 0; i < t.n_links; i++)
		l->offer(l->word, t.links[i].name);
}

static void offer_wires(const struct line *l)
{
	_cleanup_topology_ struct topology t = { 0 };
	char name[128];

	offer_links(l);
	if (load(l, &t) < 0)
		return;
	for (size_t i = 0; i < t.n_ifaces; i++) {
		snprintf(name, sizeof(name), "%s:%s", t.nodes[t.ifaces[i].node].name,
			 t.ifaces[i].name);
		l->offer(l->word, name);
	}
}

static void offer_up_down(const struct line *l)
{
	l->offer(l->word, "up");
	l->offer(l->word, "down");
}

static void offer_start_stop(const struct line *l)
{
	l->offer(l->word, "start");
	l->offer(l->word, "stop");
}

static void offer_impairments(const struct line *l)
{
	const char *name;
	char key[32];

	l->offer(l->word, "none");
	for (int p = 0; (name = impair_name((enum topo_param)p)); p++) {
		snprintf(key, sizeof(key), "%s=", name);
		l->offer(l->word, key);
	}
}

/* By kind and by place: the last one is for all that follow. */
static const struct {
	enum cmd_words what;
	void (*places[3])(const struct line *l);
} table[] = {
	{ WORDS_LAB, { offer_labs, offer_labs, offer_labs } },
	{ WORDS_LAB_NODE, { offer_labs, offer_nodes, NULL } },
	{ WORDS_LAB_NODE_STATE, { offer_labs, offer_nodes, offer_start_stop } },
	{ WORDS_LAB_LINK_STATE, { offer_labs, offer_links, offer_up_down } },
	{ WORDS_LAB_IMPAIR, { offer_labs, offer_links, offer_impairments } },
	{ WORDS_LAB_WIRE, { offer_labs, offer_wires, NULL } },
};

bool complete_lab(struct app *app, enum cmd_words what, int place, const char *lab, offer_fn *offer,
		  const char *word)
{
	const struct line l = { app, lab, word, offer };
	int last = (int)ARRAY_SIZE(table[0].places) - 1;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (table[i].what != what)
			continue;
		if (table[i].places[place < last ? place : last])
			table[i].places[place < last ? place : last](&l);
		return true;
	}
	return false;
}
