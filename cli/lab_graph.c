/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab graph: a picture of a lab, in a file or running, for a program, a page or a browser. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_file.h"
#include "cli/lab_view.h"
#include "core/base/cleanup.h"
#include "net/topology_graph.h"

struct graph_args {
	enum topo_format format;
};

static const char *const formats[] = {
	[TOPO_DOT] = "dot",
	[TOPO_MERMAID] = "mermaid",
	[TOPO_SVG] = "svg",
	[TOPO_HTML] = "html",
};

static int set_format(void *member, const char *value, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(value, formats[i]))
			continue;
		*(enum topo_format *)member = (enum topo_format)i;
		return 0;
	}
	return err_set(e, EINVAL, "'%s' is not dot, mermaid, svg or html", value);
}

const struct opt lab_graph_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(struct graph_args, "format", 'f', "FORMAT", format, set_format,
		   "dot (default), mermaid, svg or html"),
	OPT_END,
};

/* ---- of a lab that runs ---- */

struct live {
	struct graph_iface *ifaces;
	const char **states;
};

static void cleanup_live(struct live *l)
{
	free(l->ifaces);
	free((void *)l->states);
}

static bool is_linklocal(const struct ip_prefix *p)
{
	return p->addr.family == AF_INET6 && p->addr.b[0] == 0xfe && (p->addr.b[1] & 0xc0) == 0x80;
}

/* Its addresses as they are, but for those that every interface has. */
static void set_addrs(const struct view_iface *x, struct topo_iface *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n_addrs; i++)
		if (!is_linklocal(&x->addrs[i]))
			x->addrs[n++] = x->addrs[i];
	/* borrowed of the view; the topology's own is of its memory */
	ret->addrs = x->addrs;
	ret->n_addrs = n;
}

static void set_iface(const struct lab_view *v, uint32_t i, struct graph_iface *ret)
{
	const struct view_iface *x = view_iface(v, i);

	if (!x)
		return;
	*ret = (struct graph_iface){
		.known = true,
		.carrier = view_has_carrier(x),
		.bytes = { x->stats.rx_bytes, x->stats.tx_bytes },
		.packets = { x->stats.rx_packets, x->stats.tx_packets },
	};
	set_addrs(x, &v->lab->topo.ifaces[i]);
}

static int set_live(const struct lab_view *v, struct live *ret)
{
	const struct topology *t = &v->lab->topo;

	ret->ifaces = calloc(t->n_ifaces + 1, sizeof(*ret->ifaces));
	ret->states = calloc(t->n_nodes + 1, sizeof(*ret->states));
	if (!ret->ifaces || !ret->states)
		return -ENOMEM;
	for (uint32_t i = 0; i < t->n_nodes; i++)
		ret->states[i] = v->nodes[i].state;
	for (uint32_t i = 0; i < t->n_ifaces; i++)
		set_iface(v, i, &ret->ifaces[i]);
	return 0;
}

static int draw_lab(struct app *app, const char *name, enum topo_format format, struct err *e)
{
	_cleanup_lab_ struct lab lab = LAB_INIT;
	_cleanup_(view_close) struct lab_view v = { 0 };
	_cleanup_(cleanup_live) struct live live = { 0 };
	int r = app_open(app, SWEEP_SOME, e);

	r = r < 0 ? r : lab_open(app, name, &lab, e);
	r = r < 0 ? r : lab_load(&lab, e);
	r = r < 0 ? r : view_open(app, &lab, &v, e);
	if (r < 0)
		return r;
	r = set_live(&v, &live);
	if (r >= 0)
		r = topology_graph_live(&lab.topo, &(struct graph_live){ live.states, live.ifaces },
					format, stdout);
	return r < 0 ? err_sys(e, r, "%s", name) : 0;
}

/* ---- of a file ---- */

static int draw_file(struct app *app, const char *path, enum topo_format format, struct err *e)
{
	_cleanup_topology_ struct topology t = { 0 };
	int r = lab_file_load(app, path, &t, e);

	if (r < 0)
		return r;
	r = topology_graph(&t, format, stdout);
	return r < 0 ? err_sys(e, r, "%s", path) : 0;
}

/* What has a dot or a slash, or is there, is a file. */
static bool is_file(const char *word)
{
	return !strcmp(word, "-") || strpbrk(word, "./") || access(word, F_OK) == 0;
}

int cmd_lab_graph(struct app *app, int argc, char **argv, struct err *e)
{
	struct graph_args args = { .format = TOPO_DOT };
	int r = app_parse(app, &args, argc, argv, 1, 1, e);

	if (r < 0)
		return r;
	return is_file(argv[0]) ? draw_file(app, argv[0], args.format, e)
				: draw_lab(app, argv[0], args.format, e);
}
