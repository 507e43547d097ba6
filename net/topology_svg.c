/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boxes, lines and words. Colours are variables with a set for dark screens; everything
 * has its details as a title, which a browser shows under the pointer and the HTML page
 * beside the picture.
 */
#include <inttypes.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "net/topology_graph.h"
#include "net/topology_label.h"
#include "net/topology_math.h"
#include "net/topology_spot.h"

#define CURVE 44.0 /* pixels between lines that join the same two */

static const char style[] =
	"<style>\n"
	"svg{--bg:#fff;--fg:#1b1f24;--soft:#57606a;--wire:#6e7781;--red:#c0392b;"
	"--imp:#a8590a;--edge:#424a53;"
	"--host:#dceefb;--router:#ffe8c2;--switch:#e6e8eb;--nat:#ffd6d6;--net:#f6f6ee;"
	"background:var(--bg)}\n"
	"@media (prefers-color-scheme:dark){svg{--bg:#0f1318;--fg:#e6edf3;--soft:#a2abb5;"
	"--wire:#7d8590;--red:#ff8f80;--imp:#f0a862;--edge:#8b949e;--host:#17344d;--router:#4d3a14;"
	"--switch:#30363d;--nat:#5a2328;--net:#1c2128}}\n"
	"text{font-family:\"DejaVu Sans\",\"Segoe UI\",Helvetica,Arial,sans-serif;"
	"text-anchor:middle;fill:var(--fg)}\n"
	".name{font-size:12px;font-weight:600}\n"
	".small{font-size:9px;fill:var(--soft);paint-order:stroke;stroke:var(--bg);"
	"stroke-width:3px;stroke-linejoin:round}\n"
	".impair{fill:var(--imp)}\n"
	".wire{fill:none;stroke:var(--wire);stroke-width:1.4}\n"
	".hit{fill:none;stroke:transparent;stroke-width:12}\n"
	".impaired .wire{stroke:var(--imp);stroke-width:1.8}\n"
	".down .wire{stroke:var(--red);stroke-width:1.8;stroke-dasharray:2 6;"
	"stroke-linecap:round}\n"
	".cut{stroke:var(--red);stroke-width:2.5}\n"
	".shape{stroke:var(--edge);stroke-width:1.2}\n"
	".host .shape{fill:var(--host)}.router .shape{fill:var(--router)}"
	".switch .shape{fill:var(--switch)}.nat .shape{fill:var(--nat)}"
	".net .shape{fill:var(--net);stroke-dasharray:4 3}\n"
	".off .shape{fill:var(--bg);stroke-dasharray:2 3}.off .name{fill:var(--soft)}\n"
	"</style>\n";

static const char *const kinds[] = { "host", "router", "switch", "nat" };

void xml_text(FILE *f, const char *text)
{
	static const struct {
		char c;
		const char *as;
	} own[] = { { '<', "&lt;" }, { '>', "&gt;" }, { '&', "&amp;" }, { '"', "&quot;" } };

	for (; *text; text++) {
		const char *as = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			if (*text == own[i].c)
				as = own[i].as;
		if (as)
			fputs(as, f);
		else /* XML 1.0 has no other control characters */
			fputc((unsigned char)*text < ' ' && *text != '\t' ? ' ' : *text, f);
	}
}

/* ---- details ---- */

void traffic_write(FILE *f, uint64_t bytes, uint64_t packets)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double n = (double)bytes;
	size_t u = 0;

	for (; n >= 1000 && u + 1 < ARRAY_SIZE(units); u++)
		n /= 1000;
	fprintf(f, "%.*f %s in %" PRIu64 " packets", u ? 1 : 0, n, units[u], packets);
}

const char *edge_state(const struct topology *t, const struct topo_edge *e,
		       const struct graph_live *live)
{
	const uint32_t ends[] = { e->if_a, e->if_b };

	if (e->link != TOPO_NONE && t->links[e->link].down)
		return "down";
	for (size_t i = 0; live && i < ARRAY_SIZE(ends); i++)
		if (ends[i] != TOPO_NONE && live->ifaces[ends[i]].known &&
		    !live->ifaces[ends[i]].carrier)
			return "no carrier";
	return live ? "up" : "";
}

static void title_iface(FILE *f, const struct topology *t, uint32_t i,
			const struct graph_live *live)
{
	const struct topo_iface *x = &t->ifaces[i];
	char buf[IP_PREFIX_STRLEN], mac[MAC_STRLEN];

	fprintf(f, "\n%s", x->name);
	for (size_t k = 0; k < x->n_addrs; k++)
		fprintf(f, " %s", prefix_str(&x->addrs[k], buf));
	if (mac_is_set(&x->mac))
		fprintf(f, " %s", mac_str(&x->mac, mac));
	if (x->mtu)
		fprintf(f, " mtu %" PRIu32, x->mtu);
	if (!live || !live->ifaces[i].known)
		return;
	fprintf(f, "%s\n  received ", live->ifaces[i].carrier ? "" : " no carrier");
	traffic_write(f, live->ifaces[i].bytes[GRAPH_RECEIVED],
		      live->ifaces[i].packets[GRAPH_RECEIVED]);
	fprintf(f, "\n  sent ");
	traffic_write(f, live->ifaces[i].bytes[GRAPH_SENT], live->ifaces[i].packets[GRAPH_SENT]);
}

static void title_node(FILE *f, const struct topology *t, uint32_t i, const struct graph_live *live)
{
	const struct topo_node *n = &t->nodes[i];
	char buf[IP_PREFIX_STRLEN], size[IMPAIR_STRLEN];

	fprintf(f, "%s: %s", n->name, n->kind_name);
	if (live)
		fprintf(f, ", %s", live->node_state[i]);
	if (n->cpus_milli)
		fprintf(f, ", cpus %" PRIu32 ".%03" PRIu32, n->cpus_milli / 1000,
			n->cpus_milli % 1000);
	if (n->memory)
		fprintf(f, ", memory %s", topo_size_str(n->memory, size));
	for (size_t k = 0; k < n->n_lo; k++)
		fprintf(f, "\nlo %s", prefix_str(&n->lo[k], buf));
	for (size_t k = 0; k < n->n_ifaces; k++)
		title_iface(f, t, n->ifaces[k], live);
	for (size_t k = 0; k < n->n_daemons; k++) {
		fprintf(f, "\ndaemon %" PRIu32 ": ", n->daemons[k].num);
		xml_text(f, n->daemons[k].text);
	}
}

static void title_net(FILE *f, const struct topology *t, uint32_t i)
{
	const struct topo_net *n = &t->nets[i];
	char buf[IP_PREFIX_STRLEN];

	fprintf(f, "%s: net of %zu", n->name, n->n_members);
	for (size_t k = 0; k < n->n_subnets; k++)
		fprintf(f, "\n%s", prefix_str(&n->subnets[k], buf));
	if (n->gateway != TOPO_NONE)
		fprintf(f, "\ngateway %s", t->nodes[n->gateway].name);
	if (n->uplink) {
		fprintf(f, "\nuplink ");
		xml_text(f, n->uplink);
	}
}

static void title_edge(FILE *f, const struct topology *t, const struct topo_layout *l,
		       const struct topo_edge *e, const struct graph_live *live)
{
	const char *a = vertex_name(t, &l->v[e->a]), *b = vertex_name(t, &l->v[e->b]);
	const char *state = edge_state(t, e, live);

	fprintf(f, "%s: %s:%s \u2013 %s", e->link != TOPO_NONE ? t->links[e->link].name : b, a,
		t->ifaces[e->if_a].name, b);
	if (e->if_b != TOPO_NONE)
		fprintf(f, ":%s", t->ifaces[e->if_b].name);
	if (e->link != TOPO_NONE)
		fprintf(f, ", %s", t->links[e->link].stitched ? "stitched" : "direct");
	fprintf(f, "%s%s", state[0] ? ", " : "", state);
	for (unsigned d = 0; d < TOPO_DIRS; d++) {
		if (!impair_any(&e->impair[d]))
			continue;
		fprintf(f, "\n%s \u2192 %s: ", d == TOPO_AB ? a : b, d == TOPO_AB ? b : a);
		impair_write(f, &e->impair[d]);
	}
	title_iface(f, t, e->if_a, live);
	if (e->if_b != TOPO_NONE)
		title_iface(f, t, e->if_b, live);
}

/* ---- words ---- */

static void write_lines(FILE *f, const struct label *l, double x, double top)
{
	for (size_t i = 0; i < l->n; i++) {
		fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" class=\"small%s\">", x,
			top + LABEL_LINE * (double)i + 8.5, l->impair[i] ? " impair" : "");
		xml_text(f, l->line[i]);
		fputs("</text>\n", f);
	}
}

/* A line from box to box, or a curve where there are several. */
struct course {
	double ax, ay, bx, by;
	double cx, cy; /* the curve's third point */
	double len;
};

static void course_of(const struct topo_layout *l, const struct topo_edge *e, struct course *c)
{
	const struct topo_vertex *a = &l->v[e->a], *b = &l->v[e->b];
	double dx = b->x - a->x, dy = b->y - a->y, off;

	*c = (struct course){ a->x, a->y, b->x, b->y, 0, 0, topo_sqrt(dx * dx + dy * dy) };
	off = (e->parallel - (e->parallels - 1) / 2.0) * CURVE;
	if (e->a > e->b) /* each the other way round would meet its neighbour */
		off = -off;
	c->len = c->len > 1 ? c->len : 1;
	c->cx = (a->x + b->x) / 2 - dy / c->len * off;
	c->cy = (a->y + b->y) / 2 + dx / c->len * off;
}

static void course_at(const struct course *c, double t, double *x, double *y)
{
	double u = 1 - t;

	*x = u * u * c->ax + 2 * u * t * c->cx + t * t * c->bx;
	*y = u * u * c->ay + 2 * u * t * c->cy + t * t * c->by;
}

/* Beside the line at t, on either side, as far as the label is large. */
static size_t beside(const struct course *c, double t, double w, double h, struct spot *ret)
{
	double nx = -(c->by - c->ay) / c->len, ny = (c->bx - c->ax) / c->len, x, y;
	double off = ((nx < 0 ? -nx : nx) * w + (ny < 0 ? -ny : ny) * h) / 2 + 3;

	course_at(c, t, &x, &y);
	ret[0] = (struct spot){ x + nx * off, y + ny * off, w, h };
	ret[1] = (struct spot){ x - nx * off, y - ny * off, w, h };
	return 2;
}

/* How much of the line the box at its beginning covers. */
static double covered(const struct course *c, const struct topo_vertex *v)
{
	double ux = (c->bx - c->ax) / c->len, uy = (c->by - c->ay) / c->len;
	double x = ux < 0 ? -ux : ux, y = uy < 0 ? -uy : uy;
	double by_w = x > 1e-6 ? v->w / 2 / x : 1e9, by_h = y > 1e-6 ? v->h / 2 / y : 1e9;

	return (by_w < by_h ? by_w : by_h) / c->len;
}

static void write_end(FILE *f, struct spots *s, const struct label *text, const struct course *c,
		      const struct topo_vertex *v, bool backwards)
{
	double w = label_width(text), h = LABEL_LINE * (double)text->n, from = covered(c, v);
	const struct spot *at;
	struct spot of[12];
	size_t n = 0;

	if (!text->n)
		return;
	for (int i = 0; i < 6; i++) {
		double t = from + (h / 2 + 4 + 14 * i) / c->len;

		t = t > 0.5 ? 0.5 : t;
		n += beside(c, backwards ? 1 - t : t, w, h, of + n);
	}
	at = spot_best(s, of, n);
	write_lines(f, text, at->x, at->y - h / 2);
}

static void write_middle(FILE *f, struct spots *s, const struct label *text, const struct course *c)
{
	static const double ts[] = { 0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68 };
	double w = label_width(text), h = LABEL_LINE * (double)text->n;
	struct spot of[2 * ARRAY_SIZE(ts) + 1];
	const struct spot *at;
	size_t n = 0;

	if (!text->n)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(ts); i++)
		n += beside(c, ts[i], w, h, of + n);
	of[n] = (struct spot){ (c->ax + c->bx) / 2, (c->ay + c->by) / 2, w, h };
	at = spot_best(s, of, n + 1);
	write_lines(f, text, at->x, at->y - h / 2);
}

/* ---- edges ---- */

static bool is_packed(const struct topo_layout *l, const struct topo_edge *e)
{
	size_t i = (size_t)(e - l->e);

	return l->v[e->a].hang == i || l->v[e->b].hang == i;
}

static void write_course(FILE *f, const struct topo_layout *l, const struct topo_edge *e,
			 const char *class)
{
	const struct topo_vertex *a = &l->v[e->a], *b = &l->v[e->b];
	struct course c;

	fprintf(f, "<path class=\"%s\" d=\"", class);
	if (is_packed(l, e)) {
		bool a_hangs = a->hang == (uint32_t)(e - l->e);
		const struct topo_vertex *up = a_hangs ? b : a, *low = a_hangs ? a : b;

		fprintf(f, "M%.1f %.1fV%.1f", up->x, up->y, e->first);
		if (e->bus > e->first)
			fprintf(f, "H%.1fV%.1f", e->trunk, e->bus);
		fprintf(f, "H%.1fV%.1f", low->x, low->y);
	} else if (e->a == e->b) {
		double size = 46 + 16 * e->parallel;

		fprintf(f, "M%.1f %.1fc%.1f %.1f %.1f %.1f 0 0", a->x, a->y - a->h / 2, -size,
			-size, size, -size);
	} else {
		course_of(l, e, &c);
		if (e->parallels > 1)
			fprintf(f, "M%.1f %.1fQ%.1f %.1f %.1f %.1f", c.ax, c.ay, c.cx, c.cy, c.bx,
				c.by);
		else
			fprintf(f, "M%.1f %.1fL%.1f %.1f", c.ax, c.ay, c.bx, c.by);
	}
	fputs("\"/>", f);
}

/* A cut is a cross on the wire, which no label hides. */
static void write_cut(FILE *f, const struct topo_layout *l, const struct topo_edge *e,
		      struct spots *s)
{
	const struct topo_vertex *a = &l->v[e->a], *b = &l->v[e->b];
	struct course c;
	double x, y;

	course_of(l, e, &c);
	course_at(&c, 0.5, &x, &y);
	if (is_packed(l, e)) {
		x = a->hang == (uint32_t)(e - l->e) ? a->x : b->x;
		y = e->bus + 3;
	}
	spot_take(s, &(struct spot){ x, y, 14, 14 });
	fprintf(f, "<path class=\"cut\" d=\"M%.1f %.1fl8 8m0 -8l-8 8\"/>", x - 4, y - 4);
}

static void write_labels(FILE *f, const struct topology *t, const struct topo_layout *l,
			 const struct topo_edge *e, struct spots *s)
{
	struct label text;
	struct course c;

	course_of(l, e, &c);
	fprintf(f, "<g class=\"words\" data-e=\"%zu\">\n", (size_t)(e - l->e));
	if (e->a == e->b) {
		label_impair(t, l, e, &text);
		write_lines(f, &text, c.ax, c.ay - 60 - LABEL_LINE * (double)text.n);
	} else {
		label_end(t, e->if_a, &text);
		write_end(f, s, &text, &c, &l->v[e->a], false);
		label_end(t, e->if_b, &text);
		write_end(f, s, &text, &c, &l->v[e->b], true);
		label_impair(t, l, e, &text);
		write_middle(f, s, &text, &c);
	}
	fputs("</g>\n", f);
}

static void write_edge(FILE *f, const struct topology *t, const struct topo_layout *l,
		       const struct topo_edge *e, const struct graph_live *live, struct spots *s)
{
	const char *state = edge_state(t, e, live);
	bool impaired = impair_any(&e->impair[0]) || impair_any(&e->impair[1]);
	bool down = !strcmp(state, "down") || !strcmp(state, "no carrier");

	fprintf(f, "<g class=\"link%s%s\" data-e=\"%zu\" data-a=\"%s\" data-b=\"%s\"><title>",
		impaired ? " impaired" : "", down ? " down" : "", (size_t)(e - l->e),
		vertex_name(t, &l->v[e->a]), vertex_name(t, &l->v[e->b]));
	title_edge(f, t, l, e, live);
	fputs("</title>", f);
	write_course(f, l, e, "hit");
	write_course(f, l, e, "wire");
	if (down)
		write_cut(f, l, e, s);
	fputs("</g>\n", f);
}

/* ---- vertices ---- */

static void write_vertex(FILE *f, const struct topology *t, const struct topo_layout *l, size_t i,
			 const struct graph_live *live)
{
	const struct topo_vertex *v = &l->v[i];
	const char *name = vertex_name(t, v);
	bool off =
		live && v->node != TOPO_NONE && strcmp(live->node_state[v->node], "running") != 0;
	struct label text;

	fprintf(f, "<g class=\"node %s%s\" data-n=\"%s\"><title>",
		v->net != TOPO_NONE ? "net" : kinds[t->nodes[v->node].kind], off ? " off" : "",
		name);
	if (v->net != TOPO_NONE)
		title_net(f, t, v->net);
	else
		title_node(f, t, v->node, live);
	fputs("</title>", f);
	if (v->net != TOPO_NONE)
		fprintf(f,
			"<ellipse class=\"shape\" cx=\"%.1f\" cy=\"%.1f\" rx=\"%.1f\" "
			"ry=\"%.1f\"/>",
			v->x, v->y, v->w / 2, v->h / 2);
	else
		fprintf(f,
			"<rect class=\"shape\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			"height=\"%.1f\" rx=\"%d\"/>",
			v->x - v->w / 2, v->y - v->h / 2, v->w, v->h,
			t->nodes[v->node].kind == TOPO_ROUTER ? 13 : 4);
	fprintf(f, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", v->x, v->y + 4, name);
	label_vertex(t, l, i, &text);
	write_lines(f, &text, v->x, v->y + v->h / 2 + 2);
	fputs("</g>\n", f);
}

/* Boxes stand where they are, and lines; labels find a place between them. */
static void take_all(const struct topo_layout *l, struct spots *s)
{
	for (size_t i = 0; i < l->n_v; i++) {
		const struct topo_vertex *v = &l->v[i];
		const struct spot shape = { v->x, v->y, v->w, v->h };
		const struct spot text = { v->x, v->y + v->h / 2 + 2 + v->text_h / 2, v->text_w,
					   v->text_h };

		spot_take(s, &shape);
		if (v->text_h > 0)
			spot_take(s, &text);
	}
	for (size_t i = 0; i < l->n_e; i++) {
		const struct topo_vertex *a = &l->v[l->e[i].a], *b = &l->v[l->e[i].b];
		const struct spot_line line = { a->x, a->y, b->x, b->y };

		if (!is_packed(l, &l->e[i]))
			spot_line(s, &line);
	}
}

void svg_write(FILE *f, const struct topology *t, const struct topo_layout *l,
	       const struct graph_live *live)
{
	_cleanup_(spots_free) struct spots s = { 0 };

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<title>%s</title>\n%s",
		l->width, l->height, l->width, l->height, t->name, style);
	take_all(l, &s);
	for (size_t i = 0; i < l->n_e; i++)
		write_edge(f, t, l, &l->e[i], live, &s);
	for (size_t i = 0; i < l->n_v; i++)
		write_vertex(f, t, l, i, live);
	for (size_t i = 0; i < l->n_e; i++)
		if (!is_packed(l, &l->e[i]))
			write_labels(f, t, l, &l->e[i], &s);
	fputs("</svg>\n", f);
}
