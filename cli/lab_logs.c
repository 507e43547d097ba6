/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctlab logs: what a daemon of a node wrote, of one that is stopped too. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "cli/app.h"
#include "cli/cmd.h"
#include "cli/lab.h"
#include "cli/logs.h"
#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "core/base/proc.h"

#define NAME_SIZE 32

/* "1, 2, 5" */
static void list(const struct topo_node *n, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n->n_daemons && len + 16 < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%" PRIu32, i ? ", " : "",
					n->daemons[i].num);
}

static int find_daemon(const struct topo_node *n, const char *word, uint32_t *ret, struct err *e)
{
	char all[128];
	int r;

	if (!n->n_daemons)
		return err_set(e, ENOENT, "node %s has no daemon", n->name);
	list(n, all, sizeof(all));
	if (!word && n->n_daemons > 1) {
		err_hint(e, "name one: %s", all);
		return err_set(e, EINVAL, "node %s has %zu daemons", n->name, n->n_daemons);
	}
	if (!word) {
		*ret = n->daemons[0].num;
		return 0;
	}
	r = parse_u32(word, 0, UINT32_MAX, ret, e);
	for (size_t i = 0; r >= 0 && i < n->n_daemons; i++)
		if (n->daemons[i].num == *ret)
			return 0;
	if (r < 0)
		return r;
	err_hint(e, "it has %s", all);
	return err_set(e, ENOENT, "node %s has no daemon %s", n->name, word);
}

static const char *node_name(const void *ctx, size_t i)
{
	const struct topology *t = ctx;

	return i < t->n_nodes ? t->nodes[i].name : NULL;
}

/* Its log is that of lab.ini's node: one that left with a change has none any more. */
static int find_node(const struct lab *l, const char *name, const struct topo_node **ret,
		     struct err *e)
{
	uint32_t i = topology_node(&l->topo, name);
	const char *near;

	if (i == TOPO_NONE) {
		near = str_nearest(name, node_name, &l->topo);
		if (near)
			err_hint(e, "did you mean '%s'?", near);
		return err_set(e, ENOENT, "lab %s has no node %s", l->rec.name, name);
	}
	*ret = &l->topo.nodes[i];
	return 0;
}

static int open_log(const struct lab *l, const struct topo_node *n, uint32_t daemon,
		    struct logs_args *a, struct err *e)
{
	_cleanup_free_ char *path = str_printf("logs/%s/daemon.%" PRIu32, n->name, daemon);

	if (!path)
		return err_sys(e, -ENOMEM, "open the log");
	a->reader.dir_fd = openat(l->dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (a->reader.dir_fd < 0 && errno == ENOENT)
		return err_set(e, ENOENT, "daemon %" PRIu32 " of node %s has not been started",
			       daemon, n->name);
	if (a->reader.dir_fd < 0)
		return err_sys(e, errno, "open the log of daemon %" PRIu32 " of node %s", daemon,
			       n->name);
	/* it may be started again for as long as the lab is there */
	if (a->follow)
		a->reader.end_fd = proc_open(&l->rec.supervisor);
	return 0;
}

int cmd_lab_logs(struct app *app, int argc, char **argv, struct err *e)
{
	_cleanup_lab_ struct lab lab = LAB_INIT;
	struct logs_args a = LOGS_ARGS_INIT;
	const struct topo_node *node = NULL;
	uint32_t daemon = 0;
	int words = app_parse(app, &a, argc, argv, 2, 3, e);
	int r = words;

	if (r >= 0)
		r = app_open(app, SWEEP_SOME, e);
	if (r >= 0)
		r = lab_open(app, argv[0], &lab, e);
	if (r >= 0)
		r = lab_load(&lab, e);
	if (r >= 0)
		r = find_node(&lab, argv[1], &node, e);
	if (r >= 0)
		r = find_daemon(node, words > 2 ? argv[2] : NULL, &daemon, e);
	if (r >= 0)
		r = open_log(&lab, node, daemon, &a, e);
	if (r >= 0)
		r = logs_print(app, &a, e);
	logs_close(&a);
	return r;
}
