/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/node.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/node_agent.h"
#include "core/node_make.h"
#include "core/vfs.h"

/* ---- made and freed ---- */

static int raise_files(struct nodes *ns, struct err *e)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &ns->files) < 0)
		return err_sys(e, errno, "read the limit of open files");
	l = ns->files;
	l.rlim_cur = l.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &l) < 0 ? err_sys(e, errno, "raise the limit of open files")
						: 0;
}

static int channels(struct nodes *ns, struct err *e)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, errno, "make a socket pair");
	ns->notes_fd = pair[0];
	ns->notes_end = pair[1];
	if (fcntl(ns->notes_fd, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, errno, "make a socket pair");
	return 0;
}

static int watch(const struct nodes *ns, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN };

	return epoll_ctl(ns->poll_fd, EPOLL_CTL_ADD, fd, &ev);
}

static int poller(struct nodes *ns, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ns->signals_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	ns->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (ns->signals_fd < 0 || ns->poll_fd < 0 || watch(ns, ns->signals_fd) < 0 ||
	    watch(ns, ns->notes_fd) < 0)
		return err_sys(e, errno, "watch the nodes");
	return 0;
}

static int options(struct nodes *ns, const struct nodes_opts *o, struct err *e)
{
	cpu_set_t cpus;

	ns->workers = o->workers;
	if (!ns->workers)
		ns->workers = sched_getaffinity(0, sizeof(cpus), &cpus) == 0
				      ? (unsigned)CPU_COUNT(&cpus)
				      : 1;
	ns->cgroup_parent = o->cgroup_parent ? strdup(o->cgroup_parent) : NULL;
	ns->cgroup_id = o->cgroup_id ? strdup(o->cgroup_id) : NULL;
	if ((o->cgroup_parent && !ns->cgroup_parent) || (o->cgroup_id && !ns->cgroup_id))
		return err_sys(e, -ENOMEM, "nodes");
	if (o->logs_fd >= 0)
		ns->logs_fd = fcntl(o->logs_fd, F_DUPFD_CLOEXEC, 3);
	return o->logs_fd >= 0 && ns->logs_fd < 0 ? err_sys(e, errno, "logs") : 0;
}

static int procs(struct nodes *ns, struct err *e)
{
	ns->proc_fd = vfs_new("proc", NULL, 0, e);
	return ns->proc_fd < 0 ? ns->proc_fd : 0;
}

static int shared_pids(struct nodes *ns, struct err *e)
{
	void *p = mmap(NULL, NODES_MAX * sizeof(pid_t), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return err_sys(e, errno, "make a table");
	ns->pids = p;
	return 0;
}

static int set_up(struct nodes *ns, const struct nodes_opts *o, struct err *e)
{
	int r = options(ns, o, e);

	if (r >= 0)
		r = raise_files(ns, e);
	if (r >= 0)
		r = procs(ns, e);
	if (r >= 0)
		r = shared_pids(ns, e);
	if (r >= 0)
		r = channels(ns, e);
	if (r >= 0)
		r = poller(ns, e);
	return r < 0 ? r : node_template_new(&ns->template, e);
}

int nodes_new(const struct nodes_opts *o, struct nodes **ret, struct err *e)
{
	struct nodes *ns = calloc(1, sizeof(*ns));
	int r;

	if (!ns)
		return err_sys(e, -ENOMEM, "nodes");
	ns->template = (struct node_template)NODE_TEMPLATE_INIT;
	ns->notes_fd = ns->notes_end = ns->signals_fd = ns->poll_fd = -1;
	ns->proc_fd = ns->logs_fd = ns->patron_fd = -1;
	r = set_up(ns, o, e);
	if (r < 0) {
		nodes_free(ns);
		return r;
	}
	*ret = ns;
	return 0;
}

int nodes_fd(const struct nodes *ns)
{
	return ns->poll_fd;
}

void nodes_patron(struct nodes *ns, int sock)
{
	ns->patron_fd = sock;
}

static bool any(const struct nodes *ns)
{
	for (size_t i = 0; i < ns->n; i++)
		if (ns->v[i])
			return true;
	return false;
}

/* Workers are waited for too, or they would go on making. */
static void end_all(struct nodes *ns)
{
	struct pollfd p = { .fd = ns->poll_fd, .events = POLLIN };
	struct node_event ev;

	for (size_t i = 0; i < ns->n; i++)
		if (ns->v[i])
			node_kill(ns, (uint32_t)i);
	while (any(ns)) {
		int r = nodes_next(ns, &ev, NULL);

		if (r < 0)
			return;
		if (r == 0)
			poll(&p, 1, -1);
	}
}

void nodes_free(struct nodes *ns)
{
	struct node_event ev;

	if (!ns)
		return;
	end_all(ns);
	while (nodes_told(ns, &ev))
		;
	free(ns->told);
	free(ns->v);
	if (ns->pids)
		munmap(ns->pids, NODES_MAX * sizeof(pid_t));
	free(ns->cgroup_parent);
	free(ns->cgroup_id);
	node_template_free(&ns->template);
	fd_close(ns->notes_fd);
	fd_close(ns->notes_end);
	fd_close(ns->signals_fd);
	fd_close(ns->poll_fd);
	fd_close(ns->proc_fd);
	fd_close(ns->logs_fd);
	free(ns);
}

/* ---- start ---- */

static int room(struct nodes *ns, uint32_t id)
{
	size_t n = ns->n ? ns->n : 64;
	struct node **v;

	if (id < ns->n)
		return 0;
	while (n <= id)
		n *= 2;
	v = realloc(ns->v, n * sizeof(*v));
	if (!v)
		return -ENOMEM;
	memset(v + ns->n, 0, (n - ns->n) * sizeof(*v));
	ns->v = v;
	ns->n = n;
	return 0;
}

static int enlist(struct nodes *ns, uint32_t id, const struct node_spec *s, struct err *e)
{
	struct node *n;
	int r = 0;

	if (id >= NODES_MAX)
		return err_set(e, -E2BIG, "node %s: more than %d nodes", s->name, NODES_MAX);
	if (room(ns, id) < 0)
		return err_sys(e, -ENOMEM, "node %s", s->name);
	if (ns->v[id])
		return err_set(e, -EEXIST, "node %s runs", s->name);
	n = calloc(1, sizeof(*n));
	if (!n)
		return err_sys(e, -ENOMEM, "node %s", s->name);
	*n = (struct node){ .id = id, .spec = s, .calls_fd = -1 };
	ns->v[id] = n;
	if (s->hosts)
		r = node_template_hosts(&ns->template, s->hosts, e);
	if (r >= 0 && s->limits)
		r = nodes_cgroup(ns, s, &n->cgroup, e);
	if (r < 0)
		node_forget(ns, n);
	return r;
}

int nodes_start(struct nodes *ns, const uint32_t *ids, const struct node_spec *const *specs,
		size_t n, struct err *e)
{
	size_t listed = 0;
	int r = 0;

	for (; listed < n && r >= 0; listed += r >= 0)
		r = enlist(ns, ids[listed], specs[listed], e);
	if (r >= 0 && n)
		r = nodes_make(ns, ids, n, e);
	/* those that have no worker */
	for (size_t i = 0; r < 0 && i < listed; i++)
		if (!ns->v[ids[i]]->worker)
			node_forget(ns, ns->v[ids[i]]);
	return r;
}

int nodes_hosts(struct nodes *ns, const char *text, struct err *e)
{
	return node_template_hosts(&ns->template, text, e);
}
