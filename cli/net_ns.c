/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet ns: named network namespaces without a container, as ip-netns(8) has them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/net_target.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "net/netns.h"

enum { STATUS_CANNOT_EXECUTE = 126, STATUS_NOT_FOUND = 127 };

static int add_json(const char *name, int netns_fd, void *ctx)
{
	json_array_append_new(ctx, json_pack("{s:s, s:I}", "name", name, "inode",
					     (json_int_t)netns_inode(netns_fd)));
	return 0;
}

/* One that was made or removed; inode only of what is there. */
static void report(const struct app *app, json_t *all)
{
	if (app->json)
		out_json(json_incref(all));
	json_decref(all);
}

int cmd_ns_add(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_close_ int fd = -1;
	json_t *made;
	int r = app_parse(app, NULL, argc, argv, 1, 1, e);

	if (r >= 0)
		r = app_check_privileges(app, e);
	if (r >= 0)
		r = netns_add(argv[0], e);
	if (r < 0)
		return r == -EINVAL ? app_usage(app, r) : r; /* the name */
	made = json_array();
	fd = netns_open_name(argv[0], NULL);
	add_json(argv[0], fd, made);
	report(app, made);
	return 0;
}

struct leaving {
	struct net *net;
	const struct net_target *t;
};

static int disconnect(const struct attach_info *a, void *ctx)
{
	struct leaving *x = ctx;

	connect_del(x->net, &x->t->to, a, NULL);
	return 0;
}

/* What `ctnet connect NET ns:NAME` gave it. A host that never had networks has none. */
static void leave_networks(struct app *app, const char *name)
{
	_cleanup_net_ struct net net = NET_INIT;
	struct net_target t = NET_TARGET_INIT;
	struct leaving x = { &net, &t };
	char owner[NAME_MAX_CT + 1];

	if (connect_netns_owner(name, owner, sizeof(owner), NULL) < 0 ||
	    faccessat(AT_FDCWD, app->root, F_OK, 0) < 0 ||
	    (app->root_fd < 0 && app_open(app, SWEEP_SOME, NULL) < 0) ||
	    net_open(&net, app->root_fd, &app->net_config, NULL) < 0)
		return;
	if (net_target_open_owner(app, owner, &t, NULL) >= 0)
		attach_list(&net, owner, NULL, disconnect, &x);
	net_target_close(&t);
}

int cmd_ns_rm(struct app *app, int argc, char **argv, struct err *e)
{
	int words = app_parse(app, NULL, argc, argv, 1, -1, e);
	int r = words < 0 ? words : app_check_privileges(app, e), worst = 0;
	json_t *gone;

	if (r < 0)
		return r;
	gone = json_array();
	/* each by itself: one that is not there keeps no other */
	for (int i = 0; i < words; i++) {
		struct err one = ERR_INIT;

		leave_networks(app, argv[i]);
		r = netns_del(argv[i], &one);
		if (r >= 0) {
			json_array_append_new(gone, json_pack("{s:s}", "name", argv[i]));
			continue;
		}
		if (worst < 0) /* the caller prints the last one */
			app_print_error(app, e);
		*e = one;
		worst = r;
	}
	report(app, gone);
	return worst;
}

/* Releases the array. */
static int show_names(const struct app *app, json_t *all)
{
	const json_t *o;
	size_t i;

	if (app->json) {
		out_json(all);
		return 0;
	}
	json_array_foreach(all, i, o) puts(json_string_value(json_object_get(o, "name")));
	json_decref(all);
	return 0;
}

int cmd_ns_ls(struct app *app, int argc, char **argv, struct err *e)
{
	json_t *all;
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r < 0)
		return r;
	all = json_array();
	r = netns_list(add_json, all, e);
	if (r >= 0)
		return show_names(app, all);
	json_decref(all);
	return r;
}

int cmd_ns_exec(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_close_ int fd = -1;
	int r = app_parse(app, NULL, argc, argv, 2, -1, e);

	if (r >= 0)
		r = app_check_privileges(app, e);
	if (r >= 0)
		r = fd = netns_open_name(argv[0], e);
	if (r >= 0)
		r = netns_enter(fd, argv[0], e);
	if (r < 0)
		return r;
	execvp(argv[1], argv + 1);
	r = errno;
	err_sys(e, r, "%s", argv[1]);
	return r == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE;
}

struct match {
	ino_t inode;
	json_t *all;
};

static int add_match(const char *name, int netns_fd, void *ctx)
{
	struct match *m = ctx;

	return netns_inode(netns_fd) == m->inode ? add_json(name, netns_fd, m->all) : 0;
}

int cmd_ns_identify(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_close_ int fd = -1;
	struct match m;
	char path[64];
	uint32_t pid;
	int words = app_parse(app, NULL, argc, argv, 0, 1, e), r = words;

	if (words == 1) {
		r = parse_u32(argv[0], 1, INT32_MAX, &pid, e);
		if (r < 0)
			return app_usage(app, r);
		snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
		r = fd = netns_open_path(path, e);
		if (r == -ENOENT)
			r = err_set(e, -ESRCH, "there is no process %u", pid);
	} else if (words == 0) {
		r = fd = netns_open_self();
	}
	if (r < 0)
		return r;
	m = (struct match){ netns_inode(fd), json_array() };
	r = netns_list(add_match, &m, e);
	if (r >= 0)
		return show_names(app, m.all);
	json_decref(m.all);
	return r;
}
