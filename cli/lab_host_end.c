/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of a lab is on the host, ended: by the records that attachments and lent interfaces
 * have themselves, whose owners name the lab. So it is the same for a lab that is taken
 * down, one that failed half-way and one that was killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/lab_host_real.h"
#include "cli/lab_record.h"
#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/dir.h"
#include "core/base/log.h"
#include "core/base/vec.h"
#include "net/attach.h"
#include "net/link.h"
#include "net/netns.h"
#include "net/network.h"
#include "net/phys.h"

/* ---- what there is ---- */

struct lab_lent {
	struct one {
		struct phys_info info;
		int netns_fd; /* where it is; -1: where the kernel has put it */
	} * v;
	size_t n;
	const char *owner; /* or the beginning of it */
};

static bool has_lent(const struct lab_lent *l, const struct phys_info *p)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].info.name, p->name))
			return true;
	return false;
}

static int on_lent(const struct phys_info *p, void *ctx)
{
	struct lab_lent *l = ctx;
	struct one *x;
	char path[32];

	if (!str_starts(p->owner, l->owner) || has_lent(l, p))
		return 0;
	x = VEC_ADD(l->v, l->n);
	if (!x)
		return -ENOMEM;
	x->info = *p;
	x->netns_fd = -1;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)p->holder.pid);
	if (p->holder.pid)
		x->netns_fd = netns_open_path(path, NULL);
	if (x->netns_fd >= 0 && !proc_alive(&p->holder)) {
		fd_close(x->netns_fd);
		x->netns_fd = -1;
	}
	return 0;
}

static void lent_free(struct lab_lent *l)
{
	for (size_t i = 0; i < l->n; i++)
		fd_close(l->v[i].netns_fd);
	free(l->v);
}

/* All are tried; the first error counts. */
static int lent_back(struct net *net, const struct lab_lent *l, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < l->n; i++) {
		int k = phys_return(net, &l->v[i].info, l->v[i].netns_fd, r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	return r;
}

struct attached {
	const char *owner; /* or the beginning of it */
	struct attach_info *v;
	size_t n;
};

static int on_attached(const struct attach_info *a, void *ctx)
{
	struct attached *all = ctx;
	struct attach_info *x;

	if (!str_starts(a->owner, all->owner))
		return 0;
	x = VEC_ADD(all->v, all->n);
	if (!x)
		return -ENOMEM;
	*x = *a;
	return 0;
}

#define GONE_STEP_US 2000
#define GONE_US	     5000000

/*
 * A link whose namespace has died goes by itself, but a moment later, and down leaves none. One
 * that somebody keeps (a process that entered the namespace from outside) is deleted.
 */
static int wait_gone(struct net *net, const struct attach_info *a, struct err *e)
{
	for (unsigned us = 0; us < GONE_US; us += GONE_STEP_US) {
		if (!a->host_ifname[0] || !net_link_index(net, a->host_ifname))
			return 0;
		usleep(GONE_STEP_US);
	}
	return link_del(&net->rt, a->host_ifname, e);
}

/* Published ports end with the attachment that they lead to. */
static int end_attached(struct net *net, const char *owner, struct err *e)
{
	struct attached all = { .owner = owner };
	int r = attach_list(net, NULL, NULL, on_attached, &all);

	if (r < 0)
		err_sys(e, r, "read the attachments");
	for (size_t i = 0; i < all.n; i++) {
		int k = attach_down(net, &all.v[i], !attach_alive(&all.v[i]), r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	for (size_t i = 0; i < all.n; i++) {
		int k = wait_gone(net, &all.v[i], r < 0 ? NULL : e);

		r = r < 0 ? r : k;
	}
	free(all.v);
	return r;
}

static int end_lent(struct net *net, const char *owner, struct err *e)
{
	struct lab_lent l = { .owner = owner };
	int r = phys_list(net, on_lent, &l);

	if (r < 0)
		err_sys(e, r, "read the lent interfaces");
	else
		r = lent_back(net, &l, e);
	lent_free(&l);
	return r;
}

static int end_owner(struct net *net, const char *owner, struct err *e)
{
	int r = end_lent(net, owner, e);
	int k = end_attached(net, owner, r < 0 ? NULL : e);

	return r < 0 ? r : k;
}

/* ---- a node, a lab ---- */

/* A lab that never asked for anything has no mark: nothing is opened for it. */
static bool is_marked(struct app *app, const struct lab_record *rec, const char *file)
{
	_cleanup_close_ int labs = lab_labs_fd(app, false), dir = -1;
	struct stat st;

	dir = labs < 0 ? labs : dir_open_at(labs, rec->name, false);
	return dir >= 0 && fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int end_one(struct app *app, const struct lab_record *rec, const char *what,
		   const char *name, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	char owner[LAB_OWNER_LEN];
	int r;

	if (!is_marked(app, rec, LAB_HOST_FILE))
		return 0;
	lab_host_owner(rec, what, name, owner);
	r = net_open(&net, app->root_fd, &app->net_config, e);
	if (r >= 0)
		r = end_owner(&net, owner, e);
	return r < 0 ? err_wrap(e, r, "the host's part of %s %s", what, name) : 0;
}

int lab_host_node_end(struct app *app, const struct lab_record *rec, const char *node,
		      struct err *e)
{
	return end_one(app, rec, "node", node, e);
}

int lab_host_net_end(struct app *app, const struct lab_record *rec, const char *net, struct err *e)
{
	return end_one(app, rec, "net", net, e);
}

static int end_network(struct net *net, const struct lab_record *rec, struct err *e)
{
	char name[NAME_MAX_IF + 1];

	lab_host_network(rec, name);
	return network_defined(net, name) ? network_remove(net, name, true, e) : 0;
}

int lab_host_end(struct app *app, const struct lab_record *rec, struct err *e)
{
	_cleanup_net_ struct net net = NET_INIT;
	char prefix[LAB_OWNER_LEN];
	int r;

	if (!is_marked(app, rec, LAB_HOST_FILE))
		return 0;
	lab_host_prefix(rec, prefix);
	r = net_open(&net, app->root_fd, &app->net_config, e);
	if (r >= 0)
		r = end_owner(&net, prefix, e);
	crash_point("lab host", "ended");
	if (r >= 0)
		r = end_network(&net, rec, e);
	crash_point("lab host", "network removed");
	return r < 0 ? err_wrap(e, r, "the host's part of lab %s", rec->name) : 0;
}

/* ---- lent interfaces outlive the processes ---- */

void lab_host_keep(struct app *app, const struct lab_record *rec, struct lab_lent **l)
{
	_cleanup_net_ struct net net = NET_INIT;
	char prefix[LAB_OWNER_LEN];

	if (!is_marked(app, rec, LAB_LENT_FILE) ||
	    net_open(&net, app->root_fd, &app->net_config, NULL) < 0)
		return;
	if (!*l)
		*l = calloc(1, sizeof(**l));
	if (!*l)
		return;
	lab_host_prefix(rec, prefix);
	(*l)->owner = prefix;
	phys_list(&net, on_lent, *l);
	(*l)->owner = NULL;
}

void lab_host_let(struct lab_lent *l)
{
	if (!l)
		return;
	lent_free(l);
	free(l);
}

void lab_host_back(struct app *app, struct lab_lent *l)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct err e = ERR_INIT;

	if (!l)
		return;
	if (net_open(&net, app->root_fd, &app->net_config, &e) < 0 || lent_back(&net, l, &e) < 0)
		log_note("%s", e.msg);
	lab_host_let(l);
}

/* ---- networks of labs that are no more ---- */

/* Of this root, and no directory of a lab with that id is there. */
static bool is_stray(struct app *app, struct net *net, const char *name)
{
	_cleanup_(lab_record_free) struct lab_record rec = { 0 };
	_cleanup_close_ int labs = lab_labs_fd(app, false), dir = -1;
	_cleanup_network_ struct network n = { 0 };
	_cleanup_free_ char *root = realpath(app->root, NULL);
	const char *lab = NULL, *of_root = NULL;
	int r;

	if (network_load(net, name, &n, NULL) < 0 || !root)
		return false;
	for (size_t i = 0; i < n.labels.n; i++) {
		if (str_starts(n.labels.v[i], LAB_LABEL))
			lab = n.labels.v[i] + strlen(LAB_LABEL);
		if (str_starts(n.labels.v[i], LAB_LABEL_ROOT))
			of_root = n.labels.v[i] + strlen(LAB_LABEL_ROOT);
	}
	if (!lab || !of_root || strcmp(of_root, root) != 0 ||
	    name_check("lab", lab, NAME_MAX_CT, NULL) < 0)
		return false;
	dir = labs < 0 ? labs : dir_open_at(labs, lab, false);
	r = dir < 0 ? dir : lab_record_load(dir, &rec);
	/* one that cannot be read may be its */
	return r < 0 ? r == -ENOENT : strcmp(rec.id, name + strlen(LAB_NETWORK_PREFIX)) != 0;
}

/* "lab", 12 hex digits, ".conf" */
static bool may_be_ours(const char *file)
{
	const char *id = file + strlen(LAB_NETWORK_PREFIX);

	return str_starts(file, LAB_NETWORK_PREFIX) && strspn(id, "0123456789abcdef") == 12 &&
	       !strcmp(id + 12, ".conf");
}

static void remove_stray(struct app *app, struct net *net, const char *file)
{
	char name[NAME_MAX_IF + 1], group[NAME_MAX_IF + 2];

	snprintf(name, sizeof(name), "%.15s", file);
	snprintf(group, sizeof(group), "%s-", name + strlen(LAB_NETWORK_PREFIX));
	if (lab_record_has(app, group)) /* as most are: before anything is opened */
		return;
	if (net->state_fd < 0 && net_open(net, app->root_fd, &app->net_config, NULL) < 0)
		return;
	/* not by force: whoever joined it by hand keeps it */
	if (is_stray(app, net, name))
		network_remove(net, name, false, NULL);
}

void lab_host_gc(struct app *app)
{
	_cleanup_(strv_free) struct strv files = { 0 };
	_cleanup_net_ struct net net = NET_INIT;
	_cleanup_close_ int dir = -1;

	dir = open(app->net_config.defs_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || dir_names(dir, &files) < 0)
		return;
	for (size_t i = 0; i < files.n; i++)
		if (may_be_ours(files.v[i]))
			remove_stray(app, &net, files.v[i]);
}
