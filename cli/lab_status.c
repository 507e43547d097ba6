/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab status: running labs as they are now. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab_status.h"
#include "cli/out.h"
#include "cli/text.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"

struct status_args {
	uint64_t rate; /* nanoseconds; 0: not measured */
};

static int set_rate(void *ns, const char *value, struct err *e)
{
	uint64_t *ret = ns;
	int r = value ? parse_duration(value, ret, e) : 0;

	if (!value)
		*ret = 1000000000;
	return r < 0 || *ret ? r : err_set(e, EINVAL, "a rate needs some time");
}

const struct opt lab_status_opts[] = {
	OPT_HEADING("Options"),
	OPT_ROW_FN(struct status_args, "rate", 'r', "[TIME]", rate, set_rate,
		   "measure for so long (default: 1s) what passes each link"),
	OPT_END,
};

/* ---- tables ---- */

static void print_head(const struct lab_view *v)
{
	const struct topology *t = &v->lab->topo;
	int64_t age = (int64_t)time(NULL) - v->lab->rec.created;

	printf("%s: %s, %zu nodes, %zu links, %zu nets", v->lab->rec.name, status_of(v), t->n_nodes,
	       t->n_links, t->n_nets);
	if (age >= 60)
		printf(", up %" PRId64 "h%02dm", age / 3600, (int)(age / 60 % 60));
	printf("%s%s\n", v->lab->rec.file ? ", of " : "", v->lab->rec.file ? v->lab->rec.file : "");
	for (size_t i = 0; i < v->lab->rec.unapplied.n; i++)
		printf("not applied: %s\n", v->lab->rec.unapplied.v[i]);
	putchar('\n');
}

/* Those that every interface and every lo has are left to -j. */
static bool is_usual(const char *addr)
{
	return str_starts(addr, "fe80:") || str_starts(addr, "127.") || !strcmp(addr, "::1/128");
}

static void addresses(const struct view_iface *x, char *buf, size_t size)
{
	char one[IP_PREFIX_STRLEN];
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < x->n_addrs; i++) {
		prefix_str(&x->addrs[i], one);
		if (is_usual(one) || len + strlen(one) + 2 > size)
			continue;
		len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? " " : "", one);
	}
}

static void node_rows(struct out_table *o, const struct lab_view *v, uint32_t i)
{
	const struct topo_node *n = &v->lab->topo.nodes[i];
	const struct view_node *now = &v->nodes[i];
	char pid[16] = "", addrs[256];
	const char *cells[7] = { n->name, n->kind_name, now->state, pid };

	if (now->host.pid)
		snprintf(pid, sizeof(pid), "%d", (int)now->host.pid);
	for (size_t k = 0; k < now->n_ifaces; k++) {
		const struct view_iface *x = &now->ifaces[k];

		addresses(x, addrs, sizeof(addrs));
		/* lo that has nothing but what every lo has */
		if (!strcmp(x->stats.link.name, "lo") && !n->n_lo)
			continue;
		cells[4] = x->stats.link.name;
		cells[5] = status_iface(x);
		cells[6] = addrs;
		out_table_row(o, cells);
	}
	if (!cells[4])
		out_table_row(o, cells);
}

static void print_nodes(const struct lab_view *v)
{
	static const char *const heads[] = { "NODE", "KIND",	 "STATE",    "PID",
					     "IF",   "IF STATE", "ADDRESSES" };
	struct out_table o;

	out_table_init(&o, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < v->lab->topo.n_nodes; i++)
		node_rows(&o, v, i);
	out_table_print(&o);
	for (uint32_t i = 0; i < v->lab->topo.n_nodes; i++)
		if (v->nodes[i].why)
			printf("%s: %s\n", v->lab->topo.nodes[i].name, v->nodes[i].why);
}

static void way_text(const struct view_way *w, bool rate, char *buf, size_t size)
{
	char bytes[TEXT_MAX], bps[IMPAIR_STRLEN];
	uint64_t unit = w->bps >= 10000000 ? 1000000 : 1000;

	text_size(w->bytes, bytes);
	/* three digits are as many as a second is good for */
	topo_rate_str(w->bps / unit * unit, bps);
	snprintf(buf, size, "%s%s%s", bytes, rate ? " " : "", rate ? bps : "");
}

static void link_row(struct out_table *o, const struct lab_view *v, uint32_t i, bool rate)
{
	const struct topology *t = &v->lab->topo;
	const struct topo_link *l = &t->links[i];
	_cleanup_free_ char *impair = status_impair(l->impair);
	_cleanup_free_ char *ends =
		str_printf("%s:%s %s:%s", t->nodes[t->ifaces[l->ifaces[0]].node].name,
			   t->ifaces[l->ifaces[0]].name,
			   t->nodes[t->ifaces[l->ifaces[1]].node].name,
			   t->ifaces[l->ifaces[1]].name);
	char ab[80], ba[80], dropped[24];
	const char *cells[] = { l->name, ends, status_wire(v, i), view_link_state(v, i),
				ab,	 ba,   dropped,		  impair };

	way_text(&v->links[i].ways[TOPO_AB], rate, ab, sizeof(ab));
	way_text(&v->links[i].ways[TOPO_BA], rate, ba, sizeof(ba));
	snprintf(dropped, sizeof(dropped), "%" PRIu64,
		 v->links[i].ways[TOPO_AB].dropped + v->links[i].ways[TOPO_BA].dropped);
	out_table_row(o, cells);
}

static void print_links(const struct lab_view *v, bool rate)
{
	static const char *const heads[] = { "LINK", "ENDS", "WIRE",	"STATE",
					     "A->B", "B->A", "DROPPED", "IMPAIRMENTS" };
	struct out_table o;

	if (!v->lab->topo.n_links)
		return;
	putchar('\n');
	out_table_init(&o, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < v->lab->topo.n_links; i++)
		link_row(&o, v, i, rate);
	out_table_print(&o);
}

static void daemon_row(struct out_table *o, const struct lab_view *v, uint32_t i,
		       const struct view_daemon *d)
{
	char num[16], pid[16] = "", restarts[16], status[16] = "";
	const char *cells[] = {
		v->lab->topo.nodes[i].name,	 num, d->state, pid, restarts, status,
		status_daemon_text(v, i, d->num)
	};

	snprintf(num, sizeof(num), "%" PRIu32, d->num);
	snprintf(restarts, sizeof(restarts), "%" PRIu32, d->restarts);
	if (d->pid)
		snprintf(pid, sizeof(pid), "%d", (int)d->pid);
	if (d->status >= 0)
		snprintf(status, sizeof(status), "%d", d->status);
	out_table_row(o, cells);
}

static void print_daemons(const struct lab_view *v)
{
	static const char *const heads[] = { "NODE",	 "DAEMON", "STATE",  "PID",
					     "RESTARTS", "STATUS", "COMMAND" };
	struct out_table o;
	size_t n = 0;

	out_table_init(&o, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < v->lab->topo.n_nodes; i++)
		for (size_t k = 0; k < v->nodes[i].n_daemons; k++, n++)
			daemon_row(&o, v, i, &v->nodes[i].daemons[k]);
	if (n)
		putchar('\n');
	if (n)
		out_table_print(&o);
}

/* ---- the command ---- */

static int show(struct app *app, const char *word, const struct status_args *a, json_t *all,
		struct err *e)
{
	_cleanup_lab_ struct lab lab = LAB_INIT;
	_cleanup_(view_close) struct lab_view v = { 0 };
	int r = lab_open(app, word, &lab, e);

	if (r >= 0)
		r = lab_load(&lab, e);
	if (r >= 0)
		r = view_open(app, &lab, &v, e);
	if (r >= 0 && a->rate)
		r = view_rates(&v, a->rate, e);
	if (r < 0)
		return r;
	if (app->json) {
		json_array_append_new(all, status_json(&v, a->rate));
		return 0;
	}
	print_head(&v);
	print_nodes(&v);
	print_links(&v, a->rate);
	print_daemons(&v);
	return 0;
}

/* Without a name all of them; one that goes meanwhile, or is not up yet, is none. */
static int show_all(struct app *app, const struct status_args *a, json_t *all, struct err *e)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	int r = lab_names(app, &names, e);

	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		if (i && !app->json)
			putchar('\n');
		r = show(app, names.v[i], a, all, e);
		if (r != -ENOENT && r != -ESRCH && r != -EBUSY)
			continue;
		err_clear(e);
		r = 0;
	}
	return r;
}

int cmd_lab_status(struct app *app, int argc, char **argv, struct err *e)
{
	struct status_args a = { 0 };
	int words = app_parse(app, &a, argc, argv, 0, 1, e), r = words;
	json_t *all;

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r < 0)
		return r;
	all = json_array();
	r = words ? show(app, argv[0], &a, all, e) : show_all(app, &a, all, e);
	if (r >= 0 && app->json)
		out_json(all);
	else
		json_decref(all);
	return r;
}
