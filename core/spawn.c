/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/spawn.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/pidfd_info.h"

static void advise(int num, const struct spawn *s, struct err *e)
{
	if (num == EPERM)
		err_hint(e, "namespaces need CAP_SYS_ADMIN: run as root");
	else if (num == ENOSYS)
		err_hint(e, "clone3 is refused by a seccomp filter around this process, "
			    "or the kernel is older than 5.7");
	else if (num == EAGAIN)
		err_hint(e, "its processes are as many as --pids allows, or pids.max of a group "
			    "above; ct update --pids raises it");
	else if (num == ENOSPC || num == EUSERS)
		err_hint(e, "a limit of /proc/sys/user/max_*_namespaces is reached");
	else if (num == EINVAL && (s->flags & (CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC)))
		err_hint(e, "this kernel may lack a kind of namespace: see /proc/self/ns");
}

static int failed(int num, const struct spawn *s, struct err *e)
{
	int r = err_sys(e, num, "make a process");

	advise(num, s, e);
	return r;
}

static struct clone_args arguments(const struct spawn *s)
{
	struct clone_args a = { .flags = s->flags };

	/* a sibling is reported as the caller is (clone(2)) */
	a.exit_signal = s->flags & CLONE_PARENT ? 0 : SIGCHLD;
	if (s->ret_pid) {
		a.flags |= CLONE_PARENT_SETTID;
		a.parent_tid = (uint64_t)(uintptr_t)s->ret_pid;
	}
	if (s->cgroup_fd >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)s->cgroup_fd;
	}
	return a;
}

/* The raw call: a copy of this process, without glibc's atfork handlers. */
pid_t spawn_clone(const struct spawn *s, int *ret_pidfd, struct err *e)
{
	int pidfd = -1;
	struct clone_args a = arguments(s);
	long pid;

	if (ret_pidfd)
		a.flags |= CLONE_PIDFD;
	a.pidfd = (uint64_t)(uintptr_t)&pidfd;
	pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid < 0)
		return failed(errno, s, e);
	if (pid > 0 && ret_pidfd)
		*ret_pidfd = pidfd;
	return (pid_t)pid;
}

/*
 * To another processor than the caller's, at once: a scheduler that likes to keep
 * a family together would run it only when the caller waits. From then on it may
 * run anywhere again. Nothing depends on it.
 */
void spawn_aside(pid_t pid)
{
	cpu_set_t all, others;
	int here = sched_getcpu();

	if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(pid, sizeof(all), &all) < 0)
		return;
	others = all;
	CPU_CLR(here, &others);
	if (CPU_COUNT(&others) && sched_setaffinity(pid, sizeof(others), &others) == 0)
		sched_setaffinity(pid, sizeof(all), &all);
}

pid_t spawn_pid(int pidfd)
{
	struct pidfd_told told = { 0 };

	return pidfd_info(pidfd, &told) == 0 ? (pid_t)told.pid : spawn_proc_pid(pidfd);
}

pid_t spawn_proc_pid(int pidfd)
{
	_cleanup_free_ char *info = NULL;
	char path[40];
	const char *pid;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (file_read_at(AT_FDCWD, path, 4096, &info, NULL) < 0)
		return 0;
	pid = strstr(info, "\nPid:\t");
	return pid ? (pid_t)strtol(pid + strlen("\nPid:\t"), NULL, 10) : 0;
}

int spawn_wait(int pidfd)
{
	siginfo_t si = { 0 };

	while (waitid(P_PIDFD, (id_t)pidfd, &si, WEXITED) < 0)
		if (errno != EINTR)
			return -errno;
	return si.si_code == CLD_EXITED ? si.si_status & 0xff : 128 + si.si_status;
}
