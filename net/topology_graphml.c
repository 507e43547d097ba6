/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GraphML (http://graphml.graphdrawing.org) as the Internet Topology Zoo writes
 * it: <key id for attr.name> names what <data key> of a node or an edge holds.
 * Nodes become routers, edges links; where both ends have coordinates the delay
 * is that of light in fibre, two thirds of c along the great circle.
 */
#include <errno.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "core/base/str.h"
#include "net/topology_build.h"
#include "net/topology_math.h"

#define NODES_MAX	20000
#define EARTH_RADIUS_KM 6371.0088 /* the mean one */
#define FIBRE_KM_PER_MS 199.86163867 /* 2/3 of 299792.458 km/s */
#define TEXT_MAX	256

enum attr { ATTR_NONE, ATTR_LABEL, ATTR_LATITUDE, ATTR_LONGITUDE, ATTR_SPEED };

static const struct {
	const char *name;
	enum attr attr;
	bool of_edge;
} attrs[] = {
	{ "label", ATTR_LABEL, false },
	{ "Latitude", ATTR_LATITUDE, false },
	{ "Longitude", ATTR_LONGITUDE, false },
	{ "LinkSpeedRaw", ATTR_SPEED, true },
};

struct gnode {
	char *id, *name;
	double lat, lon;
	bool has_lat, has_lon;
};

struct gedge {
	char *from, *to;
	double speed;
};

struct reader {
	XML_Parser xml;
	struct gnode *nodes;
	struct gedge *edges;
	size_t n_nodes, n_edges;
	struct strv keys; /* "d32" ... */
	enum attr key_attr[64];
	bool key_of_edge[64];
	bool in_node, in_edge;
	enum attr data;
	char text[TEXT_MAX];
	size_t text_len;
	int failed; /* -errno */
	const char *why;
};

static void reader_free(struct reader *r)
{
	for (size_t i = 0; i < r->n_nodes; i++) {
		free(r->nodes[i].id);
		free(r->nodes[i].name);
	}
	for (size_t i = 0; i < r->n_edges; i++) {
		free(r->edges[i].from);
		free(r->edges[i].to);
	}
	free(r->nodes);
	free(r->edges);
	strv_free(&r->keys);
	if (r->xml)
		XML_ParserFree(r->xml);
}

static void fail(struct reader *r, int num, const char *why)
{
	if (!r->failed) {
		r->failed = -num;
		r->why = why;
	}
	XML_StopParser(r->xml, XML_FALSE);
}

static const char *attribute(const char **atts, const char *name)
{
	for (; atts[0]; atts += 2)
		if (!strcmp(atts[0], name))
			return atts[1];
	return NULL;
}

/* Doubles at powers of two. */
static void *grow(struct reader *r, void *array, size_t *n, size_t size)
{
	void **v = array;

	if (!(*n & (*n + 1))) {
		void *p = reallocarray(*v, 2 * (*n + 1), size);

		if (!p) {
			fail(r, ENOMEM, "out of memory");
			return NULL;
		}
		*v = p;
	}
	memset((char *)*v + *n * size, 0, size);
	return (char *)*v + (*n)++ * size;
}

static void start_key(struct reader *r, const char **atts)
{
	const char *id = attribute(atts, "id"), *name = attribute(atts, "attr.name");
	const char *of = attribute(atts, "for");
	bool edge = of && !strcmp(of, "edge");

	if (!id || !name || r->keys.n >= ARRAY_SIZE(r->key_attr))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++) {
		if (strcmp(name, attrs[i].name) || edge != attrs[i].of_edge)
			continue;
		r->key_attr[r->keys.n] = attrs[i].attr;
		r->key_of_edge[r->keys.n] = edge;
		if (strv_add(&r->keys, id) < 0)
			fail(r, ENOMEM, "out of memory");
		return;
	}
}

static void start_node(struct reader *r, const char **atts)
{
	const char *id = attribute(atts, "id");
	struct gnode *n;

	if (!id || r->n_nodes >= NODES_MAX) {
		fail(r, EINVAL, id ? "more than 20000 nodes" : "a node without id");
		return;
	}
	n = grow(r, &r->nodes, &r->n_nodes, sizeof(*n));
	if (!n)
		return;
	n->id = strdup(id);
	if (!n->id)
		fail(r, ENOMEM, "out of memory");
	r->in_node = true;
}

static void start_edge(struct reader *r, const char **atts)
{
	const char *from = attribute(atts, "source"), *to = attribute(atts, "target");
	struct gedge *x;

	if (!from || !to) {
		fail(r, EINVAL, "an edge without source or target");
		return;
	}
	x = grow(r, &r->edges, &r->n_edges, sizeof(*x));
	if (!x)
		return;
	x->from = strdup(from);
	x->to = strdup(to);
	if (!x->from || !x->to)
		fail(r, ENOMEM, "out of memory");
	r->in_edge = true;
}

static void start_data(struct reader *r, const char **atts)
{
	const char *key = attribute(atts, "key");

	r->data = ATTR_NONE;
	r->text_len = 0;
	for (size_t i = 0; key && i < r->keys.n; i++)
		if (!strcmp(key, r->keys.v[i]) && r->key_of_edge[i] == r->in_edge)
			r->data = r->key_attr[i];
}

static void XMLCALL on_start(void *ctx, const char *name, const char **atts)
{
	struct reader *r = ctx;

	if (!strcmp(name, "key"))
		start_key(r, atts);
	else if (!strcmp(name, "node"))
		start_node(r, atts);
	else if (!strcmp(name, "edge"))
		start_edge(r, atts);
	else if (!strcmp(name, "data") && (r->in_node || r->in_edge))
		start_data(r, atts);
}

/* strtod(3) knows the locale, but nobody here calls setlocale(3). */
static bool to_double(const char *text, double low, double high, double *ret)
{
	char *end;
	double v = strtod(text, &end);

	if (end == text || *end || !(v >= low && v <= high))
		return false;
	*ret = v;
	return true;
}

static void end_data(struct reader *r)
{
	struct gnode *n = r->in_node && r->n_nodes ? &r->nodes[r->n_nodes - 1] : NULL;
	struct gedge *x = r->in_edge && r->n_edges ? &r->edges[r->n_edges - 1] : NULL;

	r->text[r->text_len] = '\0';
	if (n && r->data == ATTR_LABEL && !n->name)
		n->name = strdup(r->text);
	else if (n && r->data == ATTR_LATITUDE)
		n->has_lat = to_double(r->text, -90, 90, &n->lat);
	else if (n && r->data == ATTR_LONGITUDE)
		n->has_lon = to_double(r->text, -180, 180, &n->lon);
	else if (x && r->data == ATTR_SPEED)
		to_double(r->text, 1000, 1e13, &x->speed);
	r->data = ATTR_NONE;
}

static void XMLCALL on_end(void *ctx, const char *name)
{
	struct reader *r = ctx;

	if (!strcmp(name, "data"))
		end_data(r);
	else if (!strcmp(name, "node"))
		r->in_node = false;
	else if (!strcmp(name, "edge"))
		r->in_edge = false;
}

static void XMLCALL on_text(void *ctx, const char *s, int len)
{
	struct reader *r = ctx;

	if (!r->data)
		return;
	for (int i = 0; i < len && r->text_len + 1 < sizeof(r->text); i++)
		r->text[r->text_len++] = s[i];
}

/* No entities of its own: no file needs them, and they can grow without bound. */
static void XMLCALL on_entity(void *ctx, const char *name, int is_param, const char *value,
			      int value_len, const char *base, const char *system_id,
			      const char *public_id, const char *notation)
{
	fail(ctx, EINVAL, "declares an entity");
}

static int read_xml(struct reader *r, const char *file, const char *text, size_t len, struct err *e)
{
	enum XML_Status st;

	r->xml = XML_ParserCreate(NULL);
	if (!r->xml)
		return err_sys(e, ENOMEM, "%s", file);
	XML_SetUserData(r->xml, r);
	XML_SetElementHandler(r->xml, on_start, on_end);
	XML_SetCharacterDataHandler(r->xml, on_text);
	XML_SetEntityDeclHandler(r->xml, on_entity);
	st = XML_Parse(r->xml, text, (int)len, 1);
	if (st == XML_STATUS_OK && !r->failed)
		return 0;
	return err_set(e, r->failed ? -r->failed : EINVAL, "%s:%lu:%lu: %s", file,
		       XML_GetCurrentLineNumber(r->xml), XML_GetCurrentColumnNumber(r->xml) + 1,
		       r->failed ? r->why : XML_ErrorString(XML_GetErrorCode(r->xml)));
}

/* ---- as a lab ---- */

/* Lower case, digits, hyphens; "" when nothing is left. */
static void plain_name(const char *label, char *buf, size_t size)
{
	size_t n = 0;

	for (; *label && n + 1 < size; label++) {
		char c = *label;

		if (c >= 'A' && c <= 'Z')
			c |= 0x20;
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buf[n++] = c;
		else if (n && buf[n - 1] != '-')
			buf[n++] = '-';
	}
	while (n && buf[n - 1] == '-')
		n--;
	buf[n] = '\0';
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct sorted {
	char *key;
	size_t i;
};

static const struct sorted *lookup(const struct sorted *v, size_t n, const char *key)
{
	const struct sorted wanted = { .key = (char *)key };

	return bsearch(&wanted, v, n, sizeof(*v), by_text);
}

static int name_node(struct gnode *n)
{
	char buf[40], id[20];

	plain_name(n->name ? n->name : "", buf, sizeof(buf));
	plain_name(n->id, id, sizeof(id));
	free(n->name);
	n->name = str_printf("%s%s", buf[0] ? buf : "n", buf[0] ? "" : id);
	return n->name ? 0 : -ENOMEM;
}

/* What is there twice gets its place in the file behind it. */
static int part_names(struct reader *r, const struct sorted *v)
{
	size_t first = 0;

	for (size_t i = 1; i <= r->n_nodes; i++) {
		if (i < r->n_nodes && !strcmp(v[i].key, v[first].key))
			continue;
		/* the names in v are kept until all of their kind are replaced */
		for (size_t k = first + 1; k < i; k++) {
			char *name = str_printf("%s-%zu", v[first].key, v[k].i + 1);

			if (!name)
				return -ENOMEM;
			free(r->nodes[v[k].i].name);
			r->nodes[v[k].i].name = name;
		}
		first = i;
	}
	return 0;
}

static int name_nodes(struct reader *r)
{
	_cleanup_free_ struct sorted *v = calloc(r->n_nodes + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_nodes; i++) {
		if (name_node(&r->nodes[i]) < 0)
			return -ENOMEM;
		v[i] = (struct sorted){ r->nodes[i].name, i };
	}
	qsort(v, r->n_nodes, sizeof(*v), by_text);
	return part_names(r, v);
}

static double radians(double degrees)
{
	return degrees * (TOPO_PI / 180);
}

/* The haversine formula: exact enough for small distances, too. */
static double distance_km(const struct gnode *a, const struct gnode *b)
{
	double dlat = topo_sin(radians(b->lat - a->lat) / 2),
	       dlon = topo_sin(radians(b->lon - a->lon) / 2);
	double h =
		dlat * dlat + topo_cos(radians(a->lat)) * topo_cos(radians(b->lat)) * dlon * dlon;

	return 2 * EARTH_RADIUS_KM * topo_asin(h < 1 ? topo_sqrt(h) : 1);
}

static void write_edge(FILE *f, const struct reader *r, const struct gedge *x, size_t a, size_t b,
		       unsigned *ports, size_t number)
{
	const struct gnode *na = &r->nodes[a], *nb = &r->nodes[b];
	char rate[IMPAIR_STRLEN];

	fprintf(f, "l%-5zu = %s:eth%u %s:eth%u", number, na->name, ports[a]++, nb->name,
		ports[b]++);
	if (na->has_lat && na->has_lon && nb->has_lat && nb->has_lon) {
		double us = distance_km(na, nb) / FIBRE_KM_PER_MS * 1000;

		if (us >= 1)
			fprintf(f, " delay=%.0fus", us);
	}
	if (x->speed > 0)
		fprintf(f, " rate=%s", topo_rate_str((uint64_t)x->speed, rate));
	fputc('\n', f);
}

static int write_edges(FILE *f, const struct reader *r, const char *file, struct err *e)
{
	_cleanup_free_ struct sorted *ids = calloc(r->n_nodes + 1, sizeof(*ids));
	_cleanup_free_ unsigned *ports = calloc(r->n_nodes + 1, sizeof(*ports));

	if (!ids || !ports)
		return err_sys(e, ENOMEM, "%s", file);
	for (size_t i = 0; i < r->n_nodes; i++)
		ids[i] = (struct sorted){ r->nodes[i].id, i };
	if (r->n_nodes)
		qsort(ids, r->n_nodes, sizeof(*ids), by_text);
	fprintf(f, "\n[links]\n");
	for (size_t i = 0; i < r->n_edges; i++) {
		const struct gedge *x = &r->edges[i];
		const struct sorted *a = lookup(ids, r->n_nodes, x->from);
		const struct sorted *b = lookup(ids, r->n_nodes, x->to);

		if (!a || !b)
			return err_set(e, EINVAL,
				       "%s: an edge leads to node %s, which is not there", file,
				       a ? x->to : x->from);
		if (a->i == b->i)
			fprintf(f, "# left out: an edge from %s to itself\n", r->nodes[a->i].name);
		else
			write_edge(f, r, x, a->i, b->i, ports, i + 1);
	}
	return 0;
}

static void write_head(FILE *f, const char *file, const char *name)
{
	const char *base = strrchr(file, '/');
	char buf[NAME_MAX_CT + 1];

	plain_name(name ? name : base ? base + 1 : file, buf, sizeof(buf));
	if (!name && strrchr(buf, '-'))
		*strrchr(buf, '-') = '\0'; /* of .graphml */
	fprintf(f,
		"# made by ctlab import\n[lab]\nname = %s\nipv4-pool = 10.0.0.0/12\n"
		"ipv6-pool = fd00::/48\nunsupported = warn\n",
		buf[0] ? buf : "lab");
}

int topology_from_graphml(const char *file, const char *text, size_t len, const char *name, FILE *f,
			  struct err *e)
{
	_cleanup_(reader_free) struct reader r = { 0 };
	int err = read_xml(&r, file, text, len, e);

	if (err < 0)
		return err;
	if (!r.n_nodes)
		return err_set(e, EINVAL, "%s: there is no node in it", file);
	if (name_nodes(&r) < 0)
		return err_sys(e, ENOMEM, "%s", file);
	write_head(f, file, name);
	for (size_t i = 0; i < r.n_nodes; i++)
		fprintf(f, "\n[node.%s]\nkind = router\n", r.nodes[i].name);
	return r.n_edges ? write_edges(f, &r, file, e) : 0;
}
