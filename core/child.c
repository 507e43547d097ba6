/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything from "root file system" to "pivot" works on the container's root
 * from outside of it, through descriptors; what comes after is inside. While
 * this goes on the runner sets limits and network; "go" is where they meet.
 */
#include "core/child.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/env.h"
#include "core/mount.h"
#include "core/ns.h"
#include "core/payload.h"
#include "core/pty.h"
#include "core/rlimit.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/step.h"
#include "core/sync.h"

struct start {
	const struct child *in;
	const struct ct_spec *spec;
	struct rootfs fs;
	struct strv env;
};

static const char *hostname_of(const struct ct_spec *spec)
{
	return spec->hostname ? spec->hostname : spec->name ? spec->name : spec->id;
}

/* The cgroup namespace comes after joining: it shows the group it is made in as its root. */
static int join_cgroups(void *ctx, struct err *e)
{
	struct start *s = ctx;
	int r = cgroup_join(s->in->cgroup, e);

	return r < 0 ? r : ns_unshare(CLONE_NEWCGROUP, "a cgroup namespace", e);
}

static int own_mounts(void *ctx, struct err *e)
{
	umask(0);
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
		       ? err_sys(e, errno, "make the mounts private")
		       : 0;
}

static int root_filesystem(void *ctx, struct err *e)
{
	struct start *s = ctx;

	return rootfs_build(s->spec, &s->fs, e);
}

static int system_mounts(void *ctx, struct err *e)
{
	struct start *s = ctx;

	return mount_system(s->spec, &s->fs, e);
}

/* sysfs shows the network namespace it is mounted in: not before this. */
static int network(void *ctx, struct err *e)
{
	struct start *s = ctx;
	_cleanup_close_ int fd = -1;
	struct sync_msg m;
	int r;

	if (s->spec->netns != NETNS_HOST) {
		r = sync_recv(s->in->sync, &m, &fd);
		if (r <= 0 || m.type != SYNC_NET || fd < 0)
			return err_set(e, -EPIPE, "the runner is gone");
		r = ns_enter(fd, CLONE_NEWNET, "the network namespace", e);
		if (r < 0)
			return r;
	}
	return mount_sysfs(s->spec, &s->fs, e);
}

static int files(void *ctx, struct err *e)
{
	struct start *s = ctx;

	return mount_files(s->spec, s->in->files, &s->fs, e);
}

static int volumes(void *ctx, struct err *e)
{
	struct start *s = ctx;

	return mount_volumes(s->spec, &s->fs, e);
}

static int host_name(void *ctx, struct err *e)
{
	struct start *s = ctx;
	const char *name = hostname_of(s->spec);

	return name && sethostname(name, strlen(name)) < 0
		       ? err_sys(e, errno, "set the host name %s", name)
		       : 0;
}

static int pivot(void *ctx, struct err *e)
{
	struct start *s = ctx;

	return rootfs_pivot(&s->fs, e);
}

static int terminal(void *ctx, struct err *e)
{
	struct start *s = ctx;
	_cleanup_close_ int master = -1;
	int r;

	if (!s->in->tty)
		return 0;
	master = pty_open(s->spec->uid, e);
	r = master < 0 ? master : pty_console(e);
	if (r < 0)
		return r;
	r = sync_send(s->in->sync, SYNC_TTY, master);
	return r < 0 ? err_sys(e, r, "hand the pty over") : 0;
}

static int rlimits(const struct ct_spec *spec, struct err *e)
{
	for (size_t i = 0; i < spec->n_rlimits; i++) {
		const struct ct_rlimit *l = &spec->rlimits[i];

		if (setrlimit((__rlimit_resource_t)l->resource, &l->lim) == 0)
			continue;
		err_sys(e, errno, "set the limit %s", rlimit_name(l->resource));
		if (errno == EPERM)
			err_hint(e, "raising a hard limit needs CAP_SYS_RESOURCE, which the "
				    "runner lacks");
		return -errno;
	}
	return 0;
}

/* The container's /proc, mounted by us a moment ago: nobody has been there yet. */
static int limits(void *ctx, struct err *e)
{
	struct start *s = ctx;
	char text[16];
	int r = rlimits(s->spec, e);

	if (r < 0 || !s->spec->oom_score_adj_set)
		return r;
	snprintf(text, sizeof(text), "%d", s->spec->oom_score_adj);
	r = file_write_at(AT_FDCWD, "/proc/self/oom_score_adj", text);
	if (r == -EACCES || r == -EPERM)
		err_hint(e, "lowering it needs CAP_SYS_RESOURCE, which the runner lacks");
	return r < 0 ? err_sys(e, r, "set oom_score_adj to %s", text) : 0;
}

static int environment(void *ctx, struct err *e)
{
	struct start *s = ctx;
	struct env_spec in = { .root_fd = s->fs.root,
			       .uid = s->spec->uid,
			       .hostname = hostname_of(s->spec),
			       .tty = s->in->tty,
			       .caller = s->spec->env_host ? environ : NULL,
			       .given = { &s->spec->env } };
	int r = env_build(&in, &s->env);

	return r < 0 ? err_sys(e, r, "build the environment") : 0;
}

static int wait_for_go(void *ctx, struct err *e)
{
	struct start *s = ctx;
	_cleanup_close_ int fd = -1;
	struct sync_msg m;
	int r = sync_recv(s->in->sync, &m, &fd);

	return r <= 0 || m.type != SYNC_GO ? err_set(e, -EPIPE, "the runner is gone") : 0;
}

static const struct step steps[] = {
	{ "cgroups", join_cgroups },
	{ "mount namespace", own_mounts },
	{ "root file system", root_filesystem },
	{ "system mounts", system_mounts },
	{ "network namespace", network },
	{ "provided files", files },
	{ "volumes", volumes },
	{ "host name", host_name },
	{ "pivot", pivot },
	{ "terminal", terminal },
	{ "limits", limits },
	{ "environment", environment },
	{ "go", wait_for_go },
};

_Noreturn void child_main(const struct child *in)
{
	const struct ct_spec *spec = in->spec;
	struct start s = { .in = in, .spec = spec, .fs = { -1, -1, in->state } };
	struct payload p = { .sync = in->sync,
			     .argv = spec->argv,
			     .env = &s.env,
			     .workdir = spec->workdir,
			     .uid = spec->uid,
			     .gid = spec->gid,
			     .caps = spec->caps,
			     .privileged = spec->privileged,
			     .seccomp_unconfined = spec->seccomp_unconfined,
			     .packet_sockets = spec->packet_sockets,
			     .notify = true };
	struct err e = ERR_INIT;
	int r;

	close(in->other);
	payload_detach();
	r = steps_run(steps, ARRAY_SIZE(steps), &s, &e);
	if (r >= 0)
		r = payload_start(&p, &e);
	sync_send_failed(p.sync, r > 0 ? r : 0, &e);
	_exit(125);
}
