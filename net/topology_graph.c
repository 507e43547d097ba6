/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A topology as a picture: DOT and Mermaid leave the places to others, SVG
 * (topology_svg.c) has them from topology_layout, and the HTML page
 * (topology_html.c) is that SVG with tables.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_graph.h"
#include "net/topology_layout.h"

/* Names have no byte that any of these formats would take for its own; impairments have '%'. */

static const char *const shapes[] = { "box", "ellipse", "box3d", "diamond" };
static const char *const colours[] = { "#dceefb", "#ffe8c2", "#e4e4e4", "#ffd6d6" };

static const char *end_name(const struct topology *t, uint32_t iface)
{
	return iface == TOPO_NONE ? "" : t->ifaces[iface].name;
}

/* The addresses of an interface, one a line. */
static void write_addrs(FILE *f, const struct topo_iface *x, const char *before)
{
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < x->n_addrs; i++)
		fprintf(f, "%s%s", before, prefix_str(&x->addrs[i], buf));
}

/* Both directions at once where they are the same. */
static void write_impair(FILE *f, const struct topo_impair dirs[TOPO_DIRS], const char *newline)
{
	const char *between = "";

	if (impair_same(&dirs[0], &dirs[1])) {
		impair_write(f, &dirs[0]);
		return;
	}
	for (unsigned d = 0; d < TOPO_DIRS; d++) {
		if (!impair_any(&dirs[d]))
			continue;
		fprintf(f, "%s%s: ", between, d == TOPO_AB ? "ab" : "ba");
		impair_write(f, &dirs[d]);
		between = newline;
	}
}

static bool any(const struct topo_impair dirs[TOPO_DIRS])
{
	return impair_any(&dirs[0]) || impair_any(&dirs[1]);
}

static void subnets(FILE *f, const struct topo_net *n, const char *before)
{
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < n->n_subnets; i++)
		fprintf(f, "%s%s", before, prefix_str(&n->subnets[i], buf));
}

/* ---- DOT (https://graphviz.org/doc/info/lang.html) ---- */

/* A node of a running lab that does not run itself. */
static bool is_off(const struct topo_vertex *v, const struct graph_live *live)
{
	return live && v->node != TOPO_NONE && strcmp(live->node_state[v->node], "running") != 0;
}

static void dot_vertex(FILE *f, const struct topology *t, const struct topo_vertex *v,
		       const struct graph_live *live)
{
	char buf[IP_PREFIX_STRLEN];

	if (v->net != TOPO_NONE) {
		fprintf(f, "  \"net:%s\" [shape=oval, style=dashed, label=\"%s",
			t->nets[v->net].name, t->nets[v->net].name);
		subnets(f, &t->nets[v->net], "\\n");
	} else {
		const struct topo_node *n = &t->nodes[v->node];

		fprintf(f, "  \"%s\" [shape=%s, style=%s, fillcolor=\"%s\", label=\"%s", n->name,
			shapes[n->kind], is_off(v, live) ? "dashed" : "filled", colours[n->kind],
			n->name);
		for (size_t i = 0; i < n->n_lo; i++)
			fprintf(f, "\\n%s", prefix_str(&n->lo[i], buf));
	}
	fprintf(f, "\"];\n");
}

static void dot_edge(FILE *f, const struct topology *t, const struct topo_layout *l,
		     const struct topo_edge *e, const struct graph_live *live)
{
	const char *state = edge_state(t, e, live);
	const struct topo_vertex *b = &l->v[e->b];

	fprintf(f, "  \"%s\" -- \"%s%s\" [taillabel=\"%s", t->nodes[l->v[e->a].node].name,
		b->net == TOPO_NONE ? "" : "net:",
		b->net == TOPO_NONE ? t->nodes[b->node].name : t->nets[b->net].name,
		end_name(t, e->if_a));
	write_addrs(f, &t->ifaces[e->if_a], "\\n");
	fprintf(f, "\"");
	if (e->if_b != TOPO_NONE) {
		fprintf(f, ", headlabel=\"%s", end_name(t, e->if_b));
		write_addrs(f, &t->ifaces[e->if_b], "\\n");
		fprintf(f, "\"");
	}
	if (any(e->impair)) {
		fprintf(f, ", label=\"");
		write_impair(f, e->impair, "\\n");
		fprintf(f, "\", color=\"#c0392b\"");
	}
	if (state[0] && strcmp(state, "up") != 0)
		fprintf(f, ", style=dotted");
	fprintf(f, "];\n");
}

static void write_dot(FILE *f, const struct topology *t, const struct topo_layout *l,
		      const struct graph_live *live)
{
	fprintf(f,
		"graph \"%s\" {\n  node [fontname=\"sans-serif\", fontsize=11];\n"
		"  edge [fontname=\"sans-serif\", fontsize=8];\n",
		t->name);
	for (size_t i = 0; i < l->n_v; i++)
		dot_vertex(f, t, &l->v[i], live);
	for (size_t i = 0; i < l->n_e; i++)
		dot_edge(f, t, l, &l->e[i], live);
	fprintf(f, "}\n");
}

/* ---- Mermaid (https://mermaid.js.org/syntax/flowchart.html) ---- */

static void mermaid_vertex(FILE *f, const struct topology *t, const struct topo_vertex *v, size_t i)
{
	static const char *const open[] = { "[", "(", "[[", "{{" };
	static const char *const shut[] = { "]", ")", "]]", "}}" };
	char buf[IP_PREFIX_STRLEN];

	if (v->net != TOPO_NONE) {
		fprintf(f, "  v%zu([\"%s", i, t->nets[v->net].name);
		subnets(f, &t->nets[v->net], "<br/>");
		fprintf(f, "\"])\n");
		return;
	}
	fprintf(f, "  v%zu%s\"%s", i, open[t->nodes[v->node].kind], t->nodes[v->node].name);
	for (size_t k = 0; k < t->nodes[v->node].n_lo; k++)
		fprintf(f, "<br/>%s", prefix_str(&t->nodes[v->node].lo[k], buf));
	fprintf(f, "\"%s\n", shut[t->nodes[v->node].kind]);
}

static void mermaid_edge(FILE *f, const struct topology *t, const struct topo_edge *e,
			 const struct graph_live *live)
{
	const char *state = edge_state(t, e, live);

	fprintf(f, "  v%u %s|\"%s", e->a, state[0] && strcmp(state, "up") != 0 ? "-.-" : "---",
		end_name(t, e->if_a));
	write_addrs(f, &t->ifaces[e->if_a], " ");
	if (e->if_b != TOPO_NONE) {
		fprintf(f, "<br/>%s", end_name(t, e->if_b));
		write_addrs(f, &t->ifaces[e->if_b], " ");
	}
	if (any(e->impair)) {
		fprintf(f, "<br/>");
		write_impair(f, e->impair, "<br/>");
	}
	fprintf(f, "\"| v%u\n", e->b);
}

static void write_mermaid(FILE *f, const struct topology *t, const struct topo_layout *l,
			  const struct graph_live *live)
{
	fprintf(f, "graph LR\n");
	for (size_t i = 0; i < l->n_v; i++)
		mermaid_vertex(f, t, &l->v[i], i);
	for (size_t i = 0; i < l->n_e; i++)
		mermaid_edge(f, t, &l->e[i], live);
}

int topology_graph_live(const struct topology *t, const struct graph_live *live,
			enum topo_format format, FILE *f)
{
	static void (*const writers[])(FILE * f, const struct topology *t,
				       const struct topo_layout *l,
				       const struct graph_live *live) = {
		[TOPO_DOT] = write_dot,
		[TOPO_MERMAID] = write_mermaid,
		[TOPO_SVG] = svg_write,
		[TOPO_HTML] = html_write,
	};
	_cleanup_(layout_free) struct topo_layout l = { 0 };
	int r = layout_make(t, &l);

	if (r < 0)
		return r;
	writers[format](f, t, &l, live);
	return 0;
}

int topology_graph(const struct topology *t, enum topo_format format, FILE *f)
{
	return topology_graph_live(t, NULL, format, f);
}
