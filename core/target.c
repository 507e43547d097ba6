/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/target.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/pidfd.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/cgroup.h"
#include "core/guard.h"
#include "core/spawn.h"

/* A "SigCgt:\t0000000000000000" line of /proc/PID/status (proc(5)). */
static uint64_t mask_read(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? strtoull(line + strlen(key), NULL, 16) : 0;
}

/* The runner's own /proc, never the container's. */
static bool action_is_default(pid_t pid, int sig)
{
	_cleanup_free_ char *status = NULL;
	char path[32];
	uint64_t held;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (file_read_at(AT_FDCWD, path, 16384, &status, NULL) < 0)
		return false;
	held = mask_read(status, "\nSigBlk:\t") | mask_read(status, "\nSigIgn:\t") |
	       mask_read(status, "\nSigCgt:\t");
	return !(held & (1ULL << (sig - 1)));
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
