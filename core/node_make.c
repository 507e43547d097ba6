/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A worker is a fork of the supervisor with hardly a descriptor: what it has, each
 * node would copy. It moves to the template's mount namespace and clones; the nodes
 * are its siblings, so that the supervisor is their parent and learns of their end.
 * Network namespaces take turns in a good part of their making, and so much more
 * than one worker for each processor is of no use.
 */
#include "core/node_make.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/node_agent.h"
#include "core/ns.h"
#include "core/spawn.h"
#include "core/vfs.h"

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET)
/* A fork costs as much as some nodes. */
#define WORTH_A_WORKER 8

struct worker {
	struct nodes *ns;
	const uint32_t *ids;
	size_t n, first, stride;
	bool in_template;
};

int nodes_cgroup(const struct nodes *ns, const struct node_spec *s, char **ret, struct err *e)
{
	char id[128], path[256];
	int r = str_fmt(id, sizeof(id), "%s-%s", ns->cgroup_id ? ns->cgroup_id : "node", s->name);

	if (r >= 0)
		r = cgroup_path(ns->cgroup_parent, id, path, sizeof(path), e);
	if (r < 0)
		return err_wrap(e, r, "node %s", s->name);
	*ret = strdup(path);
	return *ret ? 0 : err_sys(e, -ENOMEM, "node %s", s->name);
}

/* Limits are called by the options of ctrun; here they are keys. */
static void call_by_keys(struct err *e)
{
	static const char cpuset[] = "--cpuset-cpus";
	size_t skip = !strncmp(e->msg, cpuset, strlen(cpuset)) ? strlen(cpuset) : 2;
	char msg[sizeof(e->msg)];

	if (!str_starts(e->msg, "--"))
		return;
	snprintf(msg, sizeof(msg), "%s%.400s", skip > 2 ? "cpuset" : "", e->msg + skip);
	memcpy(e->msg, msg, sizeof(msg));
}

/* All but those that are needed, and 0 to 2. */
static void close_others(const struct nodes *ns)
{
	int keep[] = { ns->notes_end, ns->logs_fd, ns->template.host_fd, ns->template.ns_fd };

	fd_close_others(STDERR_FILENO + 1, keep, ARRAY_SIZE(keep));
}

static int move_to(struct worker *w, bool template, struct err *e)
{
	const struct node_template *t = &w->ns->template;
	int r = 0;

	if (w->in_template != template)
		r = ns_enter(template ? t->ns_fd : t->host_fd, CLONE_NEWNS, "a mount namespace", e);
	if (r >= 0)
		w->in_template = template;
	return r;
}

/* Clones of what a node's mounts bind, from the host's files, which it may not have itself. */
static int volumes(const struct node_spec *s, int **ret, struct err *e)
{
	int *v = malloc(s->n_mounts * sizeof(int));

	if (!v)
		return err_sys(e, -ENOMEM, "mounts");
	for (size_t i = 0; i < s->n_mounts; i++)
		v[i] = -1;
	*ret = v;
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct ct_mount *m = &s->mounts[i];

		if (m->fstype)
			continue;
		v[i] = open_tree(AT_FDCWD, m->source,
				 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
					 (m->not_recursive ? 0 : AT_RECURSIVE));
		if (v[i] < 0)
			return err_sys(e, errno, "mount %s", m->source);
	}
	return 0;
}

static int hosts(struct worker *w, int *ret, struct err *e)
{
	int r = move_to(w, true, e);

	if (r < 0)
		return r;
	*ret = node_template_hosts_clone();
	return *ret < 0 ? err_sys(e, *ret, "bind /etc/hosts") : 0;
}

static void cleanup_birth(struct node_birth *b)
{
	cgroup_close(&b->cgroup);
	for (size_t i = 0; b->files.volumes && i < b->spec->n_mounts; i++)
		fd_close(b->files.volumes[i]);
	free(b->files.volumes);
	fd_close(b->files.hosts);
}

static int make(struct worker *w, struct node_birth *b, struct err *e)
{
	const struct node_spec *s = b->spec;
	struct spawn how = { .flags = NAMESPACES | CLONE_PARENT, .ret_pid = &w->ns->pids[b->id] };
	int r = 0;
	pid_t pid;

	if (s->limits || s->n_mounts)
		r = move_to(w, false, e);
	if (r >= 0 && s->limits) {
		const char *id = strrchr(w->ns->v[b->id]->cgroup, '/') + 1;

		r = cgroup_create(w->ns->cgroup_parent, id, s->limits, &b->cgroup, e);
		if (r < 0)
			call_by_keys(e);
	}
	if (r >= 0 && s->n_mounts)
		r = volumes(s, &b->files.volumes, e);
	if (r >= 0 && s->hosts && !node_root_shared(s))
		r = hosts(w, &b->files.hosts, e);
	if (r >= 0)
		r = move_to(w, node_root_shared(s), e);
	if (r < 0)
		return r;
	how.cgroup_fd = b->cgroup.v2_fd;
	if (!s->limits)
		how.flags |= CLONE_NEWCGROUP;
	pid = spawn_clone(&how, NULL, e);
	if (pid == 0)
		agent_main(b);
	return pid < 0 ? pid : 0;
}

static void make_or_tell(struct worker *w, uint32_t id)
{
	const struct nodes *ns = w->ns;
	_cleanup_(cleanup_birth) struct node_birth b = { .id = id,
							 .spec = ns->v[id]->spec,
							 .template = &ns->template,
							 .notes_fd = ns->notes_end,
							 .logs_fd = ns->logs_fd,
							 .files = { .hosts = -1 },
							 .cgroup = CGROUP_INIT };
	struct node_note n = { .id = id, .type = NODE_FAILED };
	int r = make(w, &b, &n.err);

	if (r >= 0)
		return;
	err_wrap(&n.err, r, "node %s", b.spec->name);
	/* who dies is heard of, and what it was to make */
	if (fd_send(ns->notes_end, &n, sizeof(n), NULL, 0) < 0)
		_exit(1);
}

static _Noreturn void work(struct worker *w)
{
	sigset_t set;

	close_others(w->ns);
	setrlimit(RLIMIT_NOFILE, &w->ns->files);
	umask(0);
	/* nobody who asks for files comes too early; SIGCHLD is blocked by nodes_new() */
	sigemptyset(&set);
	sigaddset(&set, NODE_FILES_SIGNAL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (size_t i = w->first; i < w->n; i += w->stride)
		make_or_tell(w, w->ids[i]);
	_exit(0);
}

int nodes_make(struct nodes *ns, const uint32_t *ids, size_t n, struct err *e)
{
	size_t most = (n + WORTH_A_WORKER - 1) / WORTH_A_WORKER;
	size_t stride = ns->workers < most ? ns->workers : most;
	const struct spawn how = { .cgroup_fd = -1 };

	for (size_t k = 0; k < stride; k++) {
		struct worker w = { ns, ids, n, k, stride, false };
		pid_t pid = spawn_clone(&how, NULL, e);

		if (pid == 0)
			work(&w);
		if (pid < 0)
			return pid;
		for (size_t i = k; i < n; i += stride)
			ns->v[ids[i]]->worker = pid;
	}
	return 0;
}
