/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A topology as a picture: DOT and Mermaid leave the places to others, SVG has
 * them from topology_layout, and the HTML page is that SVG with a table of
 * nodes; it refers to nothing outside.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
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

static void dot_vertex(FILE *f, const struct topology *t, const struct topo_vertex *v)
{
	char buf[IP_PREFIX_STRLEN];

	if (v->net != TOPO_NONE) {
		fprintf(f, "  \"net:%s\" [shape=oval, style=dashed, label=\"%s",
			t->nets[v->net].name, t->nets[v->net].name);
		subnets(f, &t->nets[v->net], "\\n");
	} else {
		const struct topo_node *n = &t->nodes[v->node];

		fprintf(f, "  \"%s\" [shape=%s, style=filled, fillcolor=\"%s\", label=\"%s",
			n->name, shapes[n->kind], colours[n->kind], n->name);
		for (size_t i = 0; i < n->n_lo; i++)
			fprintf(f, "\\n%s", prefix_str(&n->lo[i], buf));
	}
	fprintf(f, "\"];\n");
}

static void dot_edge(FILE *f, const struct topology *t, const struct topo_layout *l,
		     const struct topo_edge *e)
{
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
	fprintf(f, "];\n");
}

static void write_dot(FILE *f, const struct topology *t, const struct topo_layout *l)
{
	fprintf(f,
		"graph \"%s\" {\n  node [fontname=\"sans-serif\", fontsize=11];\n"
		"  edge [fontname=\"sans-serif\", fontsize=8];\n",
		t->name);
	for (size_t i = 0; i < l->n_v; i++)
		dot_vertex(f, t, &l->v[i]);
	for (size_t i = 0; i < l->n_e; i++)
		dot_edge(f, t, l, &l->e[i]);
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

static void mermaid_edge(FILE *f, const struct topology *t, const struct topo_edge *e)
{
	fprintf(f, "  v%u ---|\"%s", e->a, end_name(t, e->if_a));
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

static void write_mermaid(FILE *f, const struct topology *t, const struct topo_layout *l)
{
	fprintf(f, "graph LR\n");
	for (size_t i = 0; i < l->n_v; i++)
		mermaid_vertex(f, t, &l->v[i], i);
	for (size_t i = 0; i < l->n_e; i++)
		mermaid_edge(f, t, &l->e[i]);
}

/* ---- SVG ---- */

static void svg_line(FILE *f, double x, double y, const char *cls, const char *text)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n", x, y, cls, text);
}

static void svg_end(FILE *f, const struct topology *t, uint32_t iface, double x, double y)
{
	const struct topo_iface *i = iface == TOPO_NONE ? NULL : &t->ifaces[iface];
	char buf[IP_PREFIX_STRLEN];

	if (!i)
		return;
	svg_line(f, x, y, "if", i->name);
	for (size_t k = 0; k < i->n_addrs; k++)
		svg_line(f, x, y + 10 * (double)(k + 1), "if", prefix_str(&i->addrs[k], buf));
}

static void svg_edge(FILE *f, const struct topology *t, const struct topo_layout *l,
		     const struct topo_edge *e)
{
	const struct topo_vertex *a = &l->v[e->a], *b = &l->v[e->b];
	bool impaired = any(e->impair);
	bool down = e->link != TOPO_NONE && t->links[e->link].down;

	fprintf(f,
		"<g class=\"link\"><line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" "
		"class=\"%s\"/><title>%s",
		a->x, a->y, b->x, b->y,
		down	   ? "down"
		: impaired ? "impaired"
			   : "wire",
		e->link != TOPO_NONE ? t->links[e->link].name : t->nets[b->net].name);
	if (impaired) {
		fprintf(f, ": ");
		write_impair(f, e->impair, ", ");
	}
	fprintf(f, "</title>\n");
	svg_end(f, t, e->if_a, a->x + (b->x - a->x) * 0.25, a->y + (b->y - a->y) * 0.25);
	svg_end(f, t, e->if_b, b->x + (a->x - b->x) * 0.25, b->y + (a->y - b->y) * 0.25);
	if (impaired) {
		fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"impair\">", (a->x + b->x) / 2,
			(a->y + b->y) / 2);
		write_impair(f, e->impair, " / ");
		fprintf(f, "</text>\n");
	}
	fprintf(f, "</g>\n");
}

static void svg_vertex(FILE *f, const struct topology *t, const struct topo_vertex *v)
{
	const char *name = v->net != TOPO_NONE ? t->nets[v->net].name : t->nodes[v->node].name;
	double half = 20 + 3.5 * (double)strlen(name);
	char buf[IP_PREFIX_STRLEN];

	fprintf(f, "<g class=\"node\"><title>%s</title>\n", name);
	if (v->net != TOPO_NONE)
		fprintf(f,
			"<ellipse cx=\"%.1f\" cy=\"%.1f\" rx=\"%.1f\" ry=\"18\" class=\"net\"/>\n",
			v->x, v->y, half + 8);
	else
		fprintf(f,
			"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"32\" rx=\"%d\" "
			"fill=\"%s\" class=\"box\"/>\n",
			v->x - half, v->y - 16, 2 * half,
			t->nodes[v->node].kind == TOPO_ROUTER ? 16 : 4,
			colours[t->nodes[v->node].kind]);
	svg_line(f, v->x, v->y + 4, "name", name);
	if (v->net != TOPO_NONE) {
		for (size_t i = 0; i < t->nets[v->net].n_subnets; i++)
			svg_line(f, v->x, v->y + 30 + 10 * (double)i, "if",
				 prefix_str(&t->nets[v->net].subnets[i], buf));
	} else {
		for (size_t i = 0; i < t->nodes[v->node].n_lo; i++)
			svg_line(f, v->x, v->y + 28 + 10 * (double)i, "if",
				 prefix_str(&t->nodes[v->node].lo[i], buf));
	}
	fprintf(f, "</g>\n");
}

static void write_svg(FILE *f, const struct topology *t, const struct topo_layout *l)
{
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<title>%s</title>\n<style>\n"
		"text { font-family: sans-serif; text-anchor: middle;"
		" paint-order: stroke;"
		" stroke: #fff; stroke-width: 3px; }\n"
		".name { font-size: 13px; font-weight: bold; }\n"
		".if { font-size: 9px; fill: #444; }\n"
		".impair { font-size: 10px; fill: #c0392b; }\n"
		".wire { stroke: #555; stroke-width: 1.5; }\n"
		".impaired { stroke: #c0392b; stroke-width: 2; }\n"
		".down { stroke: #999; stroke-width: 2; stroke-dasharray: 6 5; }\n"
		".box { stroke: #333; } .net { fill: #f6f6ee; stroke: #777;"
		" stroke-dasharray: 4 3; }\n"
		"</style>\n",
		l->width, l->height, l->width, l->height, t->name);
	for (size_t i = 0; i < l->n_e; i++)
		svg_edge(f, t, l, &l->e[i]);
	for (size_t i = 0; i < l->n_v; i++)
		svg_vertex(f, t, &l->v[i]);
	fprintf(f, "</svg>\n");
}

/* ---- HTML ---- */

static void html_node(FILE *f, const struct topology *t, const struct topo_node *n)
{
	char buf[IP_PREFIX_STRLEN], mac[MAC_STRLEN];

	fprintf(f, "<tr><td>%s</td><td>%s</td><td>", n->name, n->kind_name);
	for (size_t i = 0; i < n->n_lo; i++)
		fprintf(f, "lo %s<br>", prefix_str(&n->lo[i], buf));
	for (size_t i = 0; i < n->n_ifaces; i++) {
		const struct topo_iface *x = &t->ifaces[n->ifaces[i]];

		fprintf(f, "%s", x->name);
		write_addrs(f, x, " ");
		if (mac_is_set(&x->mac))
			fprintf(f, " <small>%s</small>", mac_str(&x->mac, mac));
		fprintf(f, "<br>");
	}
	fprintf(f, "</td></tr>\n");
}

static void write_html(FILE *f, const struct topology *t, const struct topo_layout *l)
{
	fprintf(f,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<title>%s</title>\n<style>\nbody { font-family: sans-serif; margin: 1em; }\n"
		"svg { max-width: 100%%; height: auto; border: 1px solid #ddd; }\n"
		"table { border-collapse: collapse; margin-top: 1em; }\n"
		"td, th { border: 1px solid #ccc; padding: 4px 8px; text-align: left;"
		" vertical-align: top; }\n</style>\n</head>\n<body>\n<h1>%s</h1>\n",
		t->name, t->name);
	write_svg(f, t, l);
	fprintf(f, "<table>\n<tr><th>node</th><th>kind</th><th>interfaces</th></tr>\n");
	for (size_t i = 0; i < t->n_nodes; i++)
		html_node(f, t, &t->nodes[i]);
	fprintf(f, "</table>\n</body>\n</html>\n");
}

int topology_graph(const struct topology *t, enum topo_format format, FILE *f)
{
	static void (*const writers[])(FILE * f, const struct topology *t,
				       const struct topo_layout *l) = {
		[TOPO_DOT] = write_dot,
		[TOPO_MERMAID] = write_mermaid,
		[TOPO_SVG] = write_svg,
		[TOPO_HTML] = write_html,
	};
	_cleanup_(layout_free) struct topo_layout l = { 0 };
	int r = layout_make(t, &l);

	if (r < 0)
		return r;
	writers[format](f, t, &l);
	return 0;
}
