/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/target.h"

#include <signal.h>
#include <sys/pidfd.h>

#include "core/base/proc.h"
#include "core/cgroup.h"
#include "core/guard.h"
#include "core/spawn.h"

/* The runner's own /proc, never the container's. */
static bool action_is_default(pid_t pid, int sig)
{
	static const char *const held[] = { "SigBlk", "SigIgn", "SigCgt", NULL };

	return proc_signal_is_in(pid, sig, held) == 0;
}

pid_t target_command(const struct target *t)
{
	return t->reaper ? t->command : t->pid;
}

static bool stops(int sig)
{
	return sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/*
 * A stop signal is also dropped for a session leader that is not pid 1: its
 * group is orphaned (setpgid(2)).
 */
bool target_drops(const struct target *t, int sig)
{
	if (t->reaper)
		return stops(sig) && action_is_default(t->command, sig);
	return (t->is_init || stops(sig)) && action_is_default(t->pid, sig);
}

static bool does_nothing(int sig)
{
	return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH;
}

static void end(struct target *t, int sig)
{
	t->ended_by = sig;
	pidfd_send_signal(t->pidfd, SIGKILL, NULL, 0);
}

enum target_result target_signal(struct target *t, int sig)
{
	if (does_nothing(sig) || !target_drops(t, sig)) {
		pidfd_send_signal(t->pidfd, sig, NULL, 0);
		return TARGET_SENT;
	}
	if (stops(sig))
		return TARGET_SUSPEND;
	end(t, sig);
	return TARGET_ENDED;
}

/*
 * For a signal from inside: a stop is left to the kernel, which drops it, since
 * a container that could stop its runner's job would hold a terminal hostage.
 */
bool target_end(struct target *t, int sig)
{
	if (does_nothing(sig) || stops(sig) || sig == SIGSTOP || !target_drops(t, sig))
		return false;
	end(t, sig);
	return true;
}

void target_suspend(struct target *t)
{
	t->frozen = t->is_init && t->cgroup && cgroup_freeze(t->cgroup, true) >= 0;
	if (!t->frozen)
		pidfd_send_signal(t->pidfd, SIGSTOP, NULL, 0);
}

void target_resume(struct target *t)
{
	if (t->frozen)
		cgroup_freeze(t->cgroup, false);
	pidfd_send_signal(t->pidfd, SIGCONT, NULL, 0);
	t->frozen = false;
}

int target_end_fd(const struct target *t)
{
	return t->guard ? t->guard->line : t->pidfd;
}

/* The status is the signal's that was carried out, not that of the SIGKILL. */
int target_wait(struct target *t)
{
	int r = t->guard ? guard_status(t->guard) : spawn_wait(t->pidfd);

	t->ended = true;
	return t->ended_by && r == 128 + SIGKILL ? 128 + t->ended_by : r;
}

void target_kill(struct target *t)
{
	if (t->guard) {
		guard_end(t->guard);
	} else if (t->pidfd >= 0 && !t->ended) {
		pidfd_send_signal(t->pidfd, SIGKILL, NULL, 0);
		spawn_wait(t->pidfd);
	}
	t->ended = true;
}
