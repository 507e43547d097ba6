/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order matters. Descriptors go first, so that no working directory can lead
 * through /proc/self/fd to a directory of the host (CVE-2024-21626); the user
 * changes before the directory is entered, with that user's rights; the filter
 * comes last, so that it need not allow what the steps before it do. But without
 * no_new_privs only SYS_ADMIN may install one, so then it comes before the
 * privileges go, and has to let through what follows.
 */
#include "core/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/caps.h"
#include "core/env.h"
#include "core/init.h"
#include "core/lsm.h"
#include "core/seccomp.h"
#include "core/seccomp_profile.h"
#include "core/spec.h"
#include "core/state.h"
#include "core/step.h"
#include "core/sync.h"

void payload_detach(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
}

void payload_reset_signals(void)
{
	/* ignored signals would stay so across exec; handlers would not */
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			signal(sig, SIG_DFL);
}

void payload_from_spec(struct payload *p, const struct ct_spec *spec)
{
	p->workdir = spec->workdir;
	p->umask = spec->umask;
	p->umask_set = spec->umask_set;
	p->caps = spec->caps;
	p->ambient = spec->ambient;
	p->new_privs = spec->new_privs;
	p->unfiltered = spec->seccomp_unconfined;
	p->packet_sockets = spec->packet_sockets;
	p->filter = spec->filter;
	p->n_filter = spec->n_filter;
	p->filter_flags = spec->filter_flags;
	p->apparmor = spec->apparmor;
	p->selinux = spec->selinux;
	p->init = spec->init;
	p->notify = !spec->init;
}

int payload_from_info(struct payload *p, const struct ct_info *ct, int root_fd, struct err *e)
{
	struct seccomp_filter f = { 0 };
	int r = ct->filter ? seccomp_filter_load(root_fd, ct->id, &f, e) : 0;

	p->workdir = ct->workdir;
	p->caps = ct->caps;
	p->ambient = ct->ambient;
	p->new_privs = ct->new_privs;
	p->unfiltered = ct->seccomp_unconfined;
	p->packet_sockets = ct->packet_sockets;
	p->filter = p->loaded = f.insns;
	p->n_filter = f.n;
	p->filter_flags = f.flags;
	p->apparmor = ct->apparmor;
	p->selinux = ct->selinux;
	return r;
}

void payload_free(struct payload *p)
{
	free(take_ptr(p->loaded));
	p->filter = NULL;
}

static int security_label(void *ctx, struct err *e)
{
	struct payload *p = ctx;

	return lsm_apply(&(struct lsm_labels){ p->apparmor, p->selinux }, e);
}

static int close_descriptors(void *ctx, struct err *e)
{
	struct payload *p = ctx;

	if (p->sync != 3) {
		if (dup3(p->sync, 3, O_CLOEXEC) < 0)
			return err_sys(e, errno, "move a descriptor");
		p->sync = 3;
	}
	return close_range(4, ~0U, 0) < 0 ? err_sys(e, errno, "close_range") : 0;
}

static int become_user(void *ctx, struct err *e)
{
	struct payload *p = ctx;
	const struct caps_want want = { .mask = p->caps,
					.ambient = p->ambient,
					.uid = p->who.uid,
					.gid = p->who.gid,
					.n_groups = p->who.n_groups,
					.groups = p->who.groups };
	int r = caps_become(&want, e);

	/* lost with the change of user; and fs.suid_dumpable may open what was closed */
	if (r >= 0 && (prctl(PR_SET_PDEATHSIG, p->outlives ? 0 : SIGKILL) < 0 ||
		       prctl(PR_SET_DUMPABLE, 0) < 0))
		return err_sys(e, errno, "set the death signal");
	return r;
}

static int enter_workdir(void *ctx, struct err *e)
{
	struct payload *p = ctx;
	const char *dir = p->workdir ? p->workdir : "/";
	char cwd[PATH_MAX];

	if (dir[0] != '/')
		return err_set(e, -EINVAL, "working directory %s is not an absolute path", dir);
	if (chdir(dir) < 0)
		return err_sys(e, errno, "enter the working directory %s", dir);
	/* "(unreachable)/..." when it is outside of this root */
	if (!getcwd(cwd, sizeof(cwd)) || cwd[0] != '/')
		return err_set(e, -EPERM, "working directory %s is not in the container", dir);
	umask(p->umask_set ? p->umask : 022);
	return 0;
}

static int no_new_privileges(void *ctx, struct err *e)
{
	struct payload *p = ctx;

	if (p->new_privs)
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? err_sys(e, errno, "set no_new_privs")
							  : 0;
}

static int filter_calls(struct payload *p, struct err *e)
{
	const struct seccomp_want want = { p->caps, p->packet_sockets, p->notify };
	const struct seccomp_custom custom = { p->filter, p->n_filter, p->filter_flags, p->notify };

	if (p->filter)
		return seccomp_install_custom(&custom, &p->listener, e);
	return p->unfiltered ? 0 : seccomp_install(&want, &p->listener, e);
}

static int early_filter(void *ctx, struct err *e)
{
	struct payload *p = ctx;

	return p->new_privs ? filter_calls(p, e) : 0;
}

static int late_filter(void *ctx, struct err *e)
{
	struct payload *p = ctx;

	return p->new_privs ? 0 : filter_calls(p, e);
}

static int reaper(void *ctx, struct err *e)
{
	struct payload *p = ctx;

	return p->init ? init_start(p->tty, p->filter || !p->unfiltered, e) : 0;
}

static const struct step steps[] = {
	{ "security label", security_label },
	{ "close descriptors", close_descriptors },
	{ "early filter", early_filter },
	{ "become the user", become_user },
	{ "working directory", enter_workdir },
	{ "no new privileges", no_new_privileges },
	{ "reaper", reaper },
	{ "system call filter", late_filter },
};

/* The status and the words for a command that execve refused. */
static int refused(const char *path, int num, struct err *e)
{
	if (num == ENOENT && access(path, F_OK) == 0) {
		err_set(e, num, "%s: its interpreter or loader is not in the container", path);
		return 127;
	}
	err_sys(e, num, "%s", path);
	if (num == ENOEXEC)
		err_hint(e, "a script needs a #! line, a program this machine's architecture");
	else if (num == EPERM)
		err_hint(e, "a file with capabilities outside the container's set cannot be run");
	return num == ENOENT || num == ENOTDIR ? 127 : 126;
}

/* As execvp(3), except that a file without a magic number is no shell script. */
static int exec_in_path(const struct payload *p, const char *path_var, struct err *e)
{
	const char *name = p->argv[0];
	char path[PATH_MAX];
	int denied = 0;

	for (const char *dir = path_var; dir;
	     dir = strchr(dir, ':') ? strchr(dir, ':') + 1 : NULL) {
		int len = (int)strcspn(dir, ":");

		if (str_fmt(path, sizeof(path), "%.*s%s%s", len, dir, len ? "/" : "./", name) < 0)
			continue;
		if (access(path, F_OK) < 0) {
			/* whether it is there was not learnt */
			if (err_is_passing(-errno))
				return refused(path, errno, e);
			continue;
		}
		execve(path, p->argv, p->env->v);
		if (errno != EACCES)
			return refused(path, errno, e);
		denied = 1;
		refused(path, EACCES, e);
	}
	if (denied)
		return 126;
	err_set(e, -ENOENT, "%s: not found in PATH (%s)", name, path_var);
	return 127;
}

static int exec_command(const struct payload *p, struct err *e)
{
	const char *name = p->argv[0], *path = env_get(p->env, "PATH");

	if (!name || !*name) {
		err_set(e, -ENOENT, "the command is empty");
		return 127;
	}
	if (!strchr(name, '/'))
		return exec_in_path(p, path ? path : "/bin:/usr/bin", e);
	execve(name, p->argv, p->env->v);
	return refused(name, errno, e);
}

int payload_start(struct payload *p, struct err *e)
{
	sigset_t none;
	int r;

	p->listener = -1;
	r = steps_run(steps, ARRAY_SIZE(steps), p, e);
	if (r < 0)
		return r;
	/* a runner that died before the death signal was set left nobody to end the command */
	if (p->init)
		p->listener = pidfd_open(getpid(), 0);
	r = sync_send(p->sync, SYNC_EXEC, p->listener);
	fd_close(take_fd(&p->listener));
	if (r < 0)
		return err_sys(e, r, "tell the runner");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return exec_command(p, e);
}
