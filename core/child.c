/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything from "root file system" to "pivot" works on the container's root
 * from outside of it, through descriptors; what comes after is inside. While
 * this goes on the runner sets limits and network; "go" is where they meet.
 *
 * A procfs shows the pid namespace of who mounts it, so /proc is pid 1's own;
 * volumes come after it, since none may lie on it.
 */
#include "core/child.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/env.h"
#include "core/guard_ns.h"
#include "core/mount.h"
#include "core/ns.h"
#include "core/payload.h"
#include "core/pty.h"
#include "core/rlimit.h"
#include "core/spec.h"
#include "core/step.h"
#include "core/sync.h"
#include "core/sysctls.h"

static const char *hostname_of(const struct ct_spec *spec)
{
	return spec->hostname ? spec->hostname : spec->name ? spec->name : spec->id;
}

/* The cgroup namespace comes after joining: it shows the group it is made in as its root. */
static int join_cgroups(void *ctx, struct err *e)
{
	struct child *c = ctx;
	int r = cgroup_join(&c->cgroup, e);

	return r < 0 || !ns_is_new(c->spec, CT_NS_CGROUP)
		       ? r
		       : ns_unshare(CLONE_NEWCGROUP, "a cgroup namespace", e);
}

/* Else it lives among the caller's files, and nothing is mounted. */
static bool own_files(const struct child *c)
{
	return ns_is_new(c->spec, CT_NS_MNT);
}

static int own_mounts(void *ctx, struct err *e)
{
	struct child *c = ctx;

	umask(0);
	if (!own_files(c)) {
		c->fs.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		return c->fs.root < 0 ? err_sys(e, errno, "open the root") : 0;
	}
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
		       ? err_sys(e, errno, "make the mounts private")
		       : 0;
}

/* The last moment in which a mount here is a peer of one of the host's. */
static int shared_sources(void *ctx, struct err *e)
{
	struct child *c = ctx;
	int r;

	if (!own_files(c))
		return 0;
	/* the runner has laid id maps on what it gave */
	if (ns_has_user(c->spec))
		return trees_volumes(&c->fs.trees, c->spec, &c->volumes, e);
	r = trees_root(c->spec, &c->fs.trees, e);
	return r < 0 ? r : mount_volumes_open(c->spec, &c->volumes, e);
}

static int root_filesystem(void *ctx, struct err *e)
{
	struct child *c = ctx;

	return own_files(c) ? rootfs_build(c->spec, &c->fs, e) : 0;
}

static int devices(void *ctx, struct err *e)
{
	struct child *c = ctx;

	return own_files(c) ? mount_devices(c->spec, &c->fs, e) : 0;
}

static int process_files(void *ctx, struct err *e)
{
	struct child *c = ctx;

	return own_files(c) ? mount_proc(c->spec, &c->fs, e) : 0;
}

/* sysfs shows the network namespace it is mounted in: not before this. */
static int network(void *ctx, struct err *e)
{
	struct child *c = ctx;
	_cleanup_close_ int fd = -1;
	struct sync_msg m;
	int r;

	if (c->spec->netns != NETNS_HOST && !c->in_netns) {
		r = sync_recv(c->sync, &m, &fd);
		if (r <= 0 || m.type != SYNC_NET || fd < 0)
			return err_set(e, -EPIPE, "the runner is gone");
		r = ns_enter(fd, CLONE_NEWNET, "the network namespace", e);
		if (r < 0)
			return r;
	}
	return own_files(c) ? mount_sysfs(c->spec, &c->fs, e) : 0;
}

static int files(void *ctx, struct err *e)
{
	struct child *c = ctx;

	return own_files(c) ? mount_files(c->spec, c->trees, &c->fs, e) : 0;
}

static int propagate(const struct child *c, unsigned long flags, struct err *e)
{
	struct mount_attr a = { .propagation = flags & ~(unsigned long)MS_REC };

	return mount_setattr(c->fs.root, "", AT_EMPTY_PATH | (flags & MS_REC ? AT_RECURSIVE : 0),
			     &a, sizeof(a)) < 0
		       ? err_sys(e, errno, "set the propagation of the root")
		       : 0;
}

/* Before there are volumes, which have their own. */
static int propagation(void *ctx, struct err *e)
{
	struct child *c = ctx;
	const unsigned long flags = own_files(c) ? c->spec->propagation : 0;

	return flags && !(flags & MS_SHARED) ? propagate(c, flags, e) : 0;
}

/* A mount that is shared cannot become the root (pivot_root(2)). */
static int share(void *ctx, struct err *e)
{
	struct child *c = ctx;
	const unsigned long flags = own_files(c) ? c->spec->propagation : 0;

	return flags & MS_SHARED ? propagate(c, flags, e) : 0;
}

static int volumes(void *ctx, struct err *e)
{
	struct child *c = ctx;

	c->fs.cgroup = c->cgroup.path;
	return own_files(c) ? mount_volumes(c->spec, c->volumes, &c->fs, e) : 0;
}

static int host_name(void *ctx, struct err *e)
{
	struct child *c = ctx;
	const char *name = hostname_of(c->spec);

	/* another's is not ours to change */
	return name && ns_is_new(c->spec, CT_NS_UTS) && sethostname(name, strlen(name)) < 0
		       ? err_sys(e, errno, "set the host name %s", name)
		       : 0;
}

/* A guard that could not has said why; the kernel ends us at any moment. */
static void await_leaving(const struct child *c)
{
	char byte;

	if (read(c->left, &byte, 1) != 1)
		_exit(125);
}

static int pivot(void *ctx, struct err *e)
{
	struct child *c = ctx;

	if (!own_files(c))
		return 0;
	if (c->left < 0)
		return rootfs_pivot(&c->fs, e);
	await_leaving(c);
	return chdir("/") < 0 ? err_sys(e, errno, "enter the root") : 0;
}

/*
 * What is kept of a detached command goes through pipes. They are the user's, who
 * may open them by name, as /dev/stdout.
 */
static int standard_descriptors(void *ctx, struct err *e)
{
	struct child *c = ctx;
	struct stat st;

	for (int fd = 0; fd <= 2; fd++) {
		if (c->io[fd] < 0)
			continue;
		if (dup2(c->io[fd], fd) < 0)
			return err_sys(e, errno, "make a pipe descriptor %d", fd);
		if (c->who.uid && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
		    fchown(fd, c->who.uid, (gid_t)-1) < 0)
			return err_sys(e, errno, "give a pipe to uid %u", c->who.uid);
	}
	return 0;
}

/* The caller's terminal's; where nobody is at one, what everybody expects. */
static struct winsize terminal_size(const struct child *c)
{
	struct winsize ws = { 0 };

	for (int fd = 0; fd <= 2 && !c->spec->detach; fd++)
		if (ioctl(fd, TIOCGWINSZ, &ws) == 0)
			return ws;
	return (struct winsize){ .ws_row = 24, .ws_col = 80 };
}

/* Of the right size before the command looks at it. */
static int terminal(void *ctx, struct err *e)
{
	struct child *c = ctx;
	_cleanup_close_ int master = -1;
	struct winsize ws;
	int r;

	if (!c->tty)
		return 0;
	ws = terminal_size(c);
	master = pty_open(c->who.uid, e);
	if (master >= 0)
		ioctl(master, TIOCSWINSZ, &ws);
	r = master < 0 ? master : own_files(c) ? pty_console(e) : 0;
	if (r < 0)
		return r;
	r = sync_send(c->sync, SYNC_TTY, master);
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
	struct child *c = ctx;
	char text[16];
	int r = rlimits(c->spec, e);

	if (r < 0 || !c->spec->oom_score_adj_set)
		return r;
	snprintf(text, sizeof(text), "%d", c->spec->oom_score_adj);
	r = file_write_at(AT_FDCWD, "/proc/self/oom_score_adj", text);
	if (r == -EACCES || r == -EPERM)
		err_hint(e, "lowering it needs CAP_SYS_RESOURCE, which the runner lacks");
	return r < 0 ? err_sys(e, r, "set oom_score_adj to %s", text) : 0;
}

static int account(void *ctx, struct err *e)
{
	struct child *c = ctx;
	const struct account_want want = { c->spec->uid, c->spec->gid, c->spec->user,
					   &c->spec->groups };

	return account_find(c->fs.root, &want, &c->who, e);
}

static int environment(void *ctx, struct err *e)
{
	struct child *c = ctx;
	struct utsname u = { 0 };
	struct env_spec in = { .root_fd = c->fs.root,
			       .uid = c->who.uid,
			       .hostname = hostname_of(c->spec),
			       .tty = c->tty,
			       .caller = c->spec->env_host ? environ : NULL,
			       .given = { &c->spec->env } };
	int r;

	if (!ns_is_new(c->spec, CT_NS_UTS) && uname(&u) == 0)
		in.hostname = u.nodename;
	r = env_build(&in, &c->env);
	return r < 0 ? err_sys(e, r, "build the environment") : 0;
}

/* A volume may bring the passwd file that user and HOME are read from: not before those. */
static int early_environment(void *ctx, struct err *e)
{
	struct child *c = ctx;
	int r = c->spec->n_mounts ? 0 : account(ctx, e);

	return r < 0 || c->spec->n_mounts ? r : environment(ctx, e);
}

static int late_environment(void *ctx, struct err *e)
{
	struct child *c = ctx;
	int r = c->spec->n_mounts ? account(ctx, e) : 0;

	return r >= 0 && c->spec->n_mounts ? environment(ctx, e) : r;
}

static int sysctls_place(void *ctx, struct err *e)
{
	struct child *c = ctx;

	return sysctls_open(c->spec, &c->sysctls, e);
}

/* With "go" the links are there, which have settings of their own. */
static int sysctls(void *ctx, struct err *e)
{
	struct child *c = ctx;
	_cleanup_close_ int proc = c->sysctls;

	return sysctls_apply(c->spec, proc, e);
}

static int wait_for_go(void *ctx, struct err *e)
{
	struct child *c = ctx;
	_cleanup_close_ int fd = -1;
	struct sync_msg m;
	int r = sync_recv(c->sync, &m, &fd);

	return r <= 0 || m.type != SYNC_GO ? err_set(e, -EPIPE, "the runner is gone") : 0;
}

static const struct step prepare_steps[] = {
	{ "shared volumes", shared_sources },
	{ "mount namespace", own_mounts },
	{ "root file system", root_filesystem },
	{ "devices", devices },
};

static const struct step settle_steps[] = {
	{ "provided files", files },
	{ "environment", early_environment },
	{ "host name", host_name },
};

/* Whoever keeps its namespaces does so now: the runner waits. */
static int made(void *ctx, struct err *e)
{
	struct child *c = ctx;
	int r = ns_persists(c->spec) ? sync_send(c->sync, SYNC_MADE, -1) : 0;

	return r < 0 ? err_sys(e, r, "tell the runner") : 0;
}

static int identity(void *ctx, struct err *e)
{
	struct child *c = ctx;
	int r = guard_ns_born(c->spec, e);

	payload_detach();
	return r;
}

static const struct step steps[] = {
	{ "user namespace", identity },
	{ "cgroups", join_cgroups },
	{ "process files", process_files },
	{ "network namespace", network },
	{ "place of sysctls", sysctls_place },
	{ "namespaces", made },
	{ "propagation", propagation },
	{ "volumes", volumes },
	{ "pivot", pivot },
	{ "shared root", share },
	{ "environment", late_environment },
	{ "standard descriptors", standard_descriptors },
	{ "terminal", terminal },
	{ "limits", limits },
	{ "go", wait_for_go },
	{ "sysctls", sysctls },
};

int child_prepare(struct child *c, struct err *e)
{
	close(c->other);
	payload_reset_signals();
	c->fs.scratch = c->fs.root = c->fs.empty = c->fs.null = -1;
	c->fs.state = c->state;
	return steps_run(prepare_steps, ARRAY_SIZE(prepare_steps), c, e);
}

int child_settle(struct child *c, struct err *e)
{
	return steps_run(settle_steps, ARRAY_SIZE(settle_steps), c, e);
}

/* Volumes are opened there, and what only the host may show is cloned. */
bool child_leaves_early(const struct child *c)
{
	return own_files(c) && !c->spec->n_mounts && !ns_has_user(c->spec);
}

int child_leave(struct child *c, struct err *e)
{
	return rootfs_pivot(&c->fs, e);
}

_Noreturn void child_main(struct child *c)
{
	const struct ct_spec *spec = c->spec;
	struct payload p = { .sync = c->sync, .argv = spec->argv, .env = &c->env, .tty = c->tty };
	struct err e = ERR_INIT;
	int r;

	payload_from_spec(&p, spec);
	p.notify = p.notify && ns_is_new(spec, CT_NS_PID);
	r = steps_run(steps, ARRAY_SIZE(steps), c, &e);
	p.who = c->who;
	if (r >= 0)
		r = payload_start(&p, &e);
	sync_send_failed(p.sync, r > 0 ? r : 0, &e);
	_exit(125);
}
