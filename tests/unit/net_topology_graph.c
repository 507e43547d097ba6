/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pictures: nothing stands over anything else, every line ends where it should. */
#include "net_topology_fixture.h"

#include <stdio.h>

#include "net/topology_graph.h"
#include "net/topology_layout.h"
#include "net/topology_math.h"
#include "net/topology_spot.h"

#define LAB(name) "[lab]\nname=" name "\nipv4-pool=10.0.0.0/8\n"

static char *drawn(const struct topology *t, const struct graph_live *live, enum topo_format format)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(topology_graph_live(t, live, format, f), 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

static double size(double a, double b)
{
	return a > b ? a : b;
}

/* The box of a vertex with the words below it. */
static struct spot box(const struct topo_vertex *v)
{
	double h = v->h + (v->text_h > 0 ? v->text_h + 2 : 0);

	return (struct spot){ v->x, v->y + (h - v->h) / 2, size(v->w, v->text_w), h };
}

static void assert_tidy(const struct topo_layout *l)
{
	for (size_t i = 0; i < l->n_v; i++) {
		struct spot a = box(&l->v[i]);

		assert_true(a.x - a.w / 2 > 0 && a.x + a.w / 2 < l->width);
		assert_true(a.y - a.h / 2 > 0 && a.y + a.h / 2 < l->height);
		for (size_t k = i + 1; k < l->n_v; k++) {
			struct spot b = box(&l->v[k]);
			double dx = a.x - b.x, dy = a.y - b.y;

			assert_true((dx < 0 ? -dx : dx) >= (a.w + b.w) / 2 - 1 ||
				    (dy < 0 ? -dy : dy) >= (a.h + b.h) / 2 - 1);
		}
	}
}

/* Small and large, trees, rings, meshes, several that are not joined, one node, none. */
static void test_no_overlap(void **state)
{
	static const char *const labs[] = {
		LAB("none"),
		LAB("one") "[node.a]\n",
		LAB("two") "[links]\nl=a:x b:x rate=1mbit\n[node.a]\n[node.b]\n",
		LAB("apart") "[node.a]\n[node.b]\n[node.c]\n[node.d]\n",
		LAB("tree") "[gen.t]\ntype=tree\ndepth=2\nfanout=8\n",
		LAB("deep") "[gen.t]\ntype=tree\ndepth=6\nfanout=2\n",
		LAB("line") "[gen.t]\ntype=line\nn=40\n",
		LAB("star") "[gen.t]\ntype=star\nn=300\n",
		LAB("ring") "[gen.t]\ntype=ring\nn=40\ndelay=3ms\n",
		LAB("grid") "[gen.t]\ntype=grid\nw=7\nh=7\n",
		LAB("torus") "[gen.t]\ntype=torus\nw=5\nh=5\nhosts-per-switch=2\n",
		LAB("random") "[gen.t]\ntype=random\nn=60\n",
		LAB("full") "[gen.t]\ntype=full\nn=8\n",
		LAB("forest") "[gen.a]\ntype=tree\ndepth=2\nfanout=4\nprefix=a\n[gen.b]\n"
			      "type=ring\n"
			      "n=12\nprefix=b\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(labs); i++) {
		_cleanup_topology_ struct topology t = { 0 };
		_cleanup_(layout_free) struct topo_layout l = { 0 };

		lab(labs[i], &t);
		assert_int_equal(layout_make(&t, &l), 0);
		assert_int_equal(l.n_v, t.n_nodes + t.n_nets);
		assert_tidy(&l);
	}
}

/* Of a tree everything hangs on its middle, leaves below what they are joined with. */
static void test_hanging(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_(layout_free) struct topo_layout l = { 0 };
	size_t roots = 0;

	(void)state;
	lab(LAB("tree") "[gen.t]\ntype=tree\ndepth=2\nfanout=7\n", &t);
	assert_int_equal(layout_make(&t, &l), 0);
	for (size_t i = 0; i < l.n_v; i++) {
		const struct topo_vertex *v = &l.v[i];
		const struct topo_edge *e;

		if (v->hang == TOPO_NONE) {
			assert_string_equal(t.nodes[v->node].name, "s1");
			roots++;
			continue;
		}
		e = &l.e[v->hang];
		assert_true(e->a == i || e->b == i);
		assert_true(v->y > l.v[e->a == i ? e->b : e->a].y);
		assert_true(e->first <= e->bus && e->bus < v->y);
	}
	assert_int_equal(roots, 1);
}

static void test_parallel(void **state)
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_free_ char *svg = NULL;
	_cleanup_(layout_free) struct topo_layout l = { 0 };

	(void)state;
	lab(LAB("p") "[node.a]\n[node.b]\n[links]\nl1=a:x b:x\nl2=b:y a:y\nl3=a:z b:z\n", &t);
	assert_int_equal(layout_make(&t, &l), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(l.e[i].parallel, i);
		assert_int_equal(l.e[i].parallels, 3);
	}
	svg = drawn(&t, NULL, TOPO_SVG);
	assert_non_null(strstr(svg, "Q"));
}

/* What the file's author wrote is text, not markup; what runs shows how it is. */
static void test_live(void **state)
{
	static const char *const states[] = { "running", "stopped" };
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_free_ char *still = NULL, *svg = NULL, *html = NULL, *dot = NULL;
	struct graph_iface ifaces[4] = { [2] = { .known = true,
						 .carrier = true,
						 .bytes = { 1234567, 10 },
						 .packets = { 1000, 1 } },
					 [3] = { .known = true, .carrier = false } };
	const struct graph_live live = { states, ifaces };

	(void)state;
	lab(LAB("l") "[node.a]\ndaemon.1=echo '<b>&\"' >x\n[node.b]\n"
		     "[links]\ncut=a:x b:x\nup=a:y b:y\n",
	    &t);
	assert_int_equal(t.n_ifaces, 4);
	still = drawn(&t, NULL, TOPO_HTML);
	assert_null(strstr(still, "running"));
	assert_null(strstr(still, "class=\"cut\""));
	assert_null(strstr(still, "<b>"));
	assert_non_null(strstr(still, "&lt;b&gt;&amp;&quot;' &gt;x"));
	t.links[0].down = true;
	svg = drawn(&t, &live, TOPO_SVG);
	assert_non_null(
		strstr(svg, "<g class=\"node host off\" data-n=\"b\"><title>b: host, stopped"));
	assert_non_null(strstr(svg, "cut: a:x \u2013 b:x, stitched, down"));
	assert_non_null(strstr(svg, "up: a:y \u2013 b:y, stitched, no carrier"));
	assert_non_null(strstr(svg, "received 1.2 MB in 1000 packets"));
	html = drawn(&t, &live, TOPO_HTML);
	assert_non_null(strstr(html, "<td class=\"bad\">stopped</td>"));
	assert_non_null(strstr(html, "\u2192 10 B in 1 packets"));
	/* one that is loaded from elsewhere would be an address */
	assert_null(strstr(html, "src="));
	assert_null(strstr(html, "href="));
	assert_null(strstr(html, "@import"));
	dot = drawn(&t, &live, TOPO_DOT);
	assert_non_null(strstr(dot, "style=dotted"));
	assert_non_null(strstr(dot, "style=dashed, fillcolor"));
}

static void test_spots(void **state)
{
	_cleanup_(spots_free) struct spots s = { 0 };
	const struct spot here = { 0, 0, 20, 20 };
	const struct spot of[] = { { 2, 2, 20, 20 }, { 30, 0, 10, 10 }, { 60, 0, 14, 14 } };
	const struct spot_line line = { 30, -50, 30, 50 };

	(void)state;
	assert_ptr_equal(spot_best(&s, &here, 1), &here);
	/* the first is taken, a line goes through the second */
	spot_line(&s, &line);
	assert_ptr_equal(spot_best(&s, of, 3), &of[2]);
	/* now all have something; the line is the smallest evil */
	assert_ptr_equal(spot_best(&s, of, 3), &of[1]);
}

static void test_sqrt(void **state)
{
	static const double roots[] = {
		1e-6, 0.1, 0.5, 1, 1.4142135623730951, 2, 3, 1000, 12345.678
	};

	(void)state;
	assert_true(topo_sqrt(0) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		double off = topo_sqrt(roots[i] * roots[i]) / roots[i] - 1;

		assert_true(off < 1e-12 && off > -1e-12);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_overlap), cmocka_unit_test(test_hanging),
		cmocka_unit_test(test_parallel),   cmocka_unit_test(test_live),
		cmocka_unit_test(test_spots),	   cmocka_unit_test(test_sqrt),
	};

	return cmocka_run_group_tests_name("net/topology_graph", tests, NULL, NULL);
}
