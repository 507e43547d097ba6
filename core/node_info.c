/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <sys/pidfd.h>

#include "core/base/cleanup.h"
#include "core/node_make.h"
#include "core/spawn.h"

/* As the host has it, whose /proc it is. */
static void identify(struct node *n, pid_t pid)
{
	_cleanup_close_ int fd = pidfd_open(pid, 0);
	pid_t host = fd < 0 ? 0 : spawn_proc_pid(fd);

	if (host <= 0 || proc_identify(host, &n->host) < 0)
		n->host = (struct proc_id){ 0 };
}

int node_info(const struct nodes *ns, uint32_t id, struct node_info *ret)
{
	struct node *n = node_find(ns, id);

	if (!n)
		return -ENOENT;
	if (!n->host.pid && n->at)
		identify(n, node_pid(ns, n));
	*ret = (struct node_info){ .at = n->at,
				   .pid = node_pid(ns, n),
				   .host = n->host,
				   .cgroup = n->cgroup ? n->cgroup : "",
				   .daemons = n->daemons,
				   .n_daemons = n->n_daemons };
	return 0;
}

int node_netns(const struct nodes *ns, uint32_t id, struct err *e)
{
	const struct node *n = node_find(ns, id);
	char path[32];
	int fd;

	if (!n || !n->at)
		return err_set(e, -ESRCH, "the node does not run");
	snprintf(path, sizeof(path), "%d/ns/net", (int)node_pid(ns, n));
	fd = openat(ns->proc_fd, path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(e, errno, "open the network namespace of node %s", n->spec->name)
		      : fd;
}
