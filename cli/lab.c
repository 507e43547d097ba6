/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/lab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/app.h"
#include "cli/lab_control.h"
#include "cli/lab_file.h"
#include "cli/lab_record.h"
#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/ns.h"

#define TEXT_MAX (16UL * 1024 * 1024)

/* ---- names ---- */

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int lab_names(struct app *app, struct strv *ret, struct err *e)
{
	_cleanup_close_ int labs = -1;
	int r;

	lab_gc(app);
	labs = lab_labs_fd(app, false);
	r = labs == -ENOENT ? 0 : labs < 0 ? labs : dir_names(labs, ret);
	if (r < 0)
		return err_sys(e, r, "list the labs");
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	return 0;
}

static const char *candidate(const void *ctx, size_t i)
{
	const struct strv *names = ctx;

	return i < names->n ? names->v[i] : NULL;
}

static int no_such_lab(struct app *app, const char *word, struct err *e)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	const char *near = NULL, *dot = strrchr(word, '.');

	/* the name of a lab has no dot */
	if (dot && !strcmp(dot, ".ini") && access(word, F_OK) < 0)
		return err_sys(e, errno, "%s", word);
	if (lab_names(app, &names, NULL) >= 0)
		near = str_nearest(word, candidate, &names);
	if (near)
		err_hint(e, "did you mean '%s'?", near);
	else
		err_hint(e, names.n ? "`ctlab ls` lists those that run" : "no lab runs");
	return err_set(e, -ENOENT, "there is no lab %s", word);
}

/* The name in a file, where word is one; -ENOENT. */
static int name_in_file(const char *word, char ret[64])
{
	_cleanup_topology_ struct topology t = { 0 };
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	int r = access(word, R_OK) < 0 ? -ENOENT : lab_file_read(word, &t, &p);

	return r < 0 ? -ENOENT : str_fmt(ret, 64, "%s", t.name);
}

static int open_dir(struct app *app, const char *name)
{
	_cleanup_close_ int labs = lab_labs_fd(app, false);

	if (labs < 0)
		return labs;
	return name_check("lab", name, NAME_MAX_CT, NULL) < 0 ? -ENOENT
							      : dir_open_at(labs, name, false);
}

int lab_find(struct app *app, const char *word, char ret_name[64], struct err *e)
{
	_cleanup_close_ int fd = open_dir(app, word);
	int r;

	if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && fd != -ELOOP)
		return err_sys(e, fd, "look for lab %s", word);
	r = fd >= 0 ? str_fmt(ret_name, 64, "%s", word) : name_in_file(word, ret_name);
	return r < 0 ? no_such_lab(app, word, e) : 0;
}

int lab_open(struct app *app, const char *word, struct lab *ret, struct err *e)
{
	_cleanup_lab_ struct lab l = LAB_INIT;
	char name[64];
	int r = lab_find(app, word, name, e);

	if (r < 0)
		return r;
	l.dir_fd = open_dir(app, name);
	r = l.dir_fd < 0 ? l.dir_fd : lab_record_load(l.dir_fd, &l.rec);
	if (r == -ENOENT)
		return no_such_lab(app, name, e);
	if (r < 0)
		return err_sys(e, r, "read the record of lab %s", name);
	if (lab_record_life(&l.rec) == LAB_DEAD) {
		err_hint(e, "ctlab up again");
		return err_set(e, -ESRCH, "lab %s has died", name);
	}
	if (!l.rec.ready)
		return err_set(e, -EBUSY, "lab %s is not up yet", name);
	*ret = l;
	l = (struct lab)LAB_INIT;
	return 0;
}

int lab_text_parse(const char *lab, const char *text, size_t len, struct topology *ret,
		   struct topo_problems *p)
{
	char file[NAME_MAX_CT + sizeof(".ini")];

	snprintf(file, sizeof(file), "%s.ini", lab);
	return topology_parse(file, text, len, ret, p);
}

int lab_load(struct lab *l, struct err *e)
{
	_cleanup_(topo_problems_free) struct topo_problems p = { 0 };
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = file_read_at(l->dir_fd, LAB_FILE, TEXT_MAX, &text, &len);

	if (r >= 0)
		r = lab_text_parse(l->rec.name, text, len, &l->topo, &p);
	if (r < 0)
		return err_set(e, r, "lab %s: %s", l->rec.name,
			       p.n ? p.v[p.n - 1].msg : "its file cannot be read");
	return fabric_lacks(&l->topo, true, &l->lacks, e);
}

void lab_close(struct lab *l)
{
	fd_close(take_fd(&l->dir_fd));
	lab_record_free(&l->rec);
	topology_free(&l->topo);
	fabric_lacks_free(&l->lacks);
	l->lacks = (struct fabric_lacks){ 0 };
}

/* ---- nodes ---- */

struct heard {
	const struct lab *l;
	struct lab_node *v;
	size_t n;
	char why[256]; /* the last one does not run */
};

static int hear_node(const json_t *o, void *ctx)
{
	struct heard *h = ctx;
	uint32_t i = topology_node(&h->l->topo, json_str(o, "node", ""));
	const char *why = json_str(o, "why", NULL);

	if (i == TOPO_NONE)
		return 0;
	str_fmt(h->why, sizeof(h->why), "%s%s%s", json_str(o, "state", ""), why ? ": " : "",
		why ? why : "");
	if (!json_object_get(o, "pid") || h->n == h->l->topo.n_nodes)
		return 0;
	h->v[h->n++] = (struct lab_node){ .node = i,
					  .host = { .pid = (pid_t)json_int(o, "pid", 0),
						    .start = (uint64_t)json_int(o, "start", 0) } };
	return 0;
}

static int ask_nodes(struct lab *l, const char *name, struct heard *h, struct err *e)
{
	h->l = l;
	h->v = calloc(l->topo.n_nodes + 1, sizeof(*h->v));
	if (!h->v)
		return err_sys(e, -ENOMEM, "nodes");
	return lab_ask(NULL, l, json_pack("{s:s, s:s*}", "do", "nodes", "node", name), -1,
		       hear_node, h, e);
}

int lab_node(struct lab *l, const char *name, struct lab_node *ret, struct err *e)
{
	struct heard h = { 0 };
	_cleanup_free_ struct lab_node *v = NULL;
	int r = ask_nodes(l, name, &h, e);

	v = h.v;
	if (r < 0)
		return r;
	if (!h.n) {
		err_hint(e, "ctlab status %s", l->rec.name);
		return err_set(e, -ESRCH, "node %s does not run: it is %s", name, h.why);
	}
	*ret = v[0];
	return 0;
}

int lab_nodes(struct lab *l, struct lab_node **ret, size_t *ret_n, struct err *e)
{
	struct heard h = { 0 };
	int r = ask_nodes(l, NULL, &h, e);

	if (r < 0) {
		free(h.v);
		return r;
	}
	*ret = h.v;
	*ret_n = h.n;
	return 0;
}

/* ---- namespaces, ports ---- */

/* Of exactly that process: opened first, then looked whether it is that one still. */
static int open_netns(const struct proc_id *id, const char *what, const char *name, struct err *e)
{
	_cleanup_close_ int pidfd = proc_open(id), fd = -1;

	if (pidfd < 0)
		return err_sys(e, pidfd, "%s %s", what, name);
	fd = ns_open_net(pidfd);
	if (fd < 0)
		return err_sys(e, fd, "open the network namespace of %s %s", what, name);
	return take_fd(&fd);
}

int lab_node_netns(const struct lab_node *n, struct err *e)
{
	return open_netns(&n->host, "a node", "", e);
}

int lab_fabric_netns(const struct lab *l, struct err *e)
{
	return open_netns(&l->rec.supervisor, "lab", l->rec.name, e);
}

struct port_wanted {
	const char *ifname;
	uint32_t port;
};

static int hear_ports(const json_t *o, void *ctx)
{
	struct port_wanted *w = ctx;

	w->port = (uint32_t)json_int(json_object_get(o, "ports"), w->ifname, FABRIC_NONE);
	return 0;
}

int lab_port(struct lab *l, uint32_t iface, uint32_t *ret, struct err *e)
{
	const struct topo_iface *x = &l->topo.ifaces[iface];
	const char *node = l->topo.nodes[x->node].name;
	struct port_wanted w = { x->name, FABRIC_NONE };
	int r = lab_ask(NULL, l, json_pack("{s:s, s:s}", "do", "ports", "node", node), -1,
			hear_ports, &w, e);

	if (r >= 0)
		*ret = w.port;
	return r;
}
