/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnet ns: named network namespaces without a container, as ip-netns(8) has them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "core/base/cleanup.h"
#include "core/base/parse.h"
#include "net/netns.h"

enum { STATUS_CANNOT_EXECUTE = 126, STATUS_NOT_FOUND = 127 };

int cmd_ns_add(struct app *app, int argc, char **argv, struct err *e)
{
	int r = app_parse(app, NULL, argc, argv, 1, 1, e);

	if (r >= 0)
		r = app_check_privileges(app, e);
	if (r >= 0)
		r = netns_add(argv[0], e);
	return r == -EINVAL ? app_usage(app, r) : r; /* the name */
}

int cmd_ns_rm(struct app *app, int argc, char **argv, struct err *e)
{
	int words = app_parse(app, NULL, argc, argv, 1, -1, e);
	int r = words < 0 ? words : app_check_privileges(app, e);

	for (int i = 0; r >= 0 && i < words; i++)
		r = netns_del(argv[i], e);
	return r;
}

static int add_json(const char *name, int netns_fd, void *ctx)
{
	json_array_append_new(ctx, json_pack("{s:s, s:I}", "name", name, "inode",
					     (json_int_t)netns_inode(netns_fd)));
	return 0;
}

int cmd_ns_ls(struct app *app, int argc, char **argv, struct err *e)
{
	json_t *all, *o;
	size_t i;
	int r = app_parse(app, NULL, argc, argv, 0, 0, e);

	if (r < 0)
		return r;
	all = json_array();
	r = netns_list(add_json, all, e);
	if (r >= 0 && app->json) {
		out_json(all);
		return 0;
	}
	if (r >= 0)
		json_array_foreach(all, i, o) puts(json_string_value(json_object_get(o, "name")));
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

static int print_match(const char *name, int netns_fd, void *ctx)
{
	if (netns_inode(netns_fd) == *(ino_t *)ctx)
		puts(name);
	return 0;
}

int cmd_ns_identify(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_close_ int fd = -1;
	ino_t inode;
	char path[64];
	uint32_t pid;
	int words = app_parse(app, NULL, argc, argv, 0, 1, e), r = words;

	if (words == 1) {
		r = parse_u32(argv[0], 1, INT32_MAX, &pid, e);
		if (r < 0)
			return app_usage(app, r);
		snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
		r = fd = netns_open_path(path, e);
	} else if (words == 0) {
		r = fd = netns_open_self();
	}
	if (r < 0)
		return r;
	inode = netns_inode(fd);
	return netns_list(print_match, &inode, e);
}
