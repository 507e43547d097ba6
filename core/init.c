/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reaper is what is left of the process that set the container up: nothing
 * is executed, so it shares its pages with runner and guard and the image needs no program
 * for it. It is not dumpable: without SYS_PTRACE the container can
 * look at none of its memory, descriptors or its file (CVE-2019-5736).
 *
 * A key that stops, typed into the terminal, stops all of the command's group, so
 * SIGCONT goes to all of it.
 *
 * All signals are blocked and taken one by one. Blocked counts as held, so the
 * kernel drops none, and the runner sends what it would otherwise carry out. A
 * stop is decided by what the command makes of it (core/target.c).
 */
#include "core/init.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/caps.h"
#include "core/seccomp.h"
#include "core/spawn.h"

#define KILL (1ULL << CAP_KILL)

/*
 * The runner's command line and environment are the host's affair. Anybody may read the
 * one of any process, and who has SYS_PTRACE the other: they are overwritten. Where
 * they lie proc(5) tells, in fields 48 to 51 of stat.
 */
static void forget_origin(void)
{
	static const char title[] = "ct-init";
	_cleanup_free_ char *stat = NULL;
	uintptr_t at[4] = { 0 };
	char *p;

	prctl(PR_SET_NAME, title);
	if (file_read_at(AT_FDCWD, "/proc/self/stat", 4096, &stat, NULL) < 0)
		return;
	p = strrchr(stat, ')'); /* of field 2 */
	for (int field = 2; p && field < 48; field++)
		p = strchr(p + 1, ' ');
	for (size_t i = 0; p && i < ARRAY_SIZE(at); i++)
		at[i] = strtoul(p, &p, 10);
	for (size_t i = 0; i < ARRAY_SIZE(at); i += 2)
		if (at[i] && at[i] < at[i + 1])
			memset((char *)at[i], 0, at[i + 1] - at[i]);
	if (at[0] && at[0] + sizeof(title) <= at[1])
		memcpy((char *)at[0], title, sizeof(title));
}

/* Ends with the command; the others' ends are nobody's business. */
static void bury(pid_t command)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == command)
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static _Noreturn void reap(pid_t command, const sigset_t *all, bool filtered)
{
	int sig;

	forget_origin();
	/* the other end of a pipe must see the command's end of it, not ours */
	if (close_range(0, ~0U, 0) < 0)
		_exit(125);
	/* less is better, but what it may not give up does no harm */
	caps_reduce(KILL, NULL);
	if (filtered)
		seccomp_install_reaper(NULL);
	for (;;) {
		sig = sigwaitinfo(all, NULL);
		if (sig == SIGCHLD)
			bury(command);
		else if (sig > 0 && (sig != SIGCONT || kill(-command, sig) < 0))
			kill(command, sig);
	}
}

/* Signals are blocked: taking the terminal from the background stops nobody. */
static int lead_group(bool tty, struct err *e)
{
	if (setpgid(0, 0) < 0)
		return err_sys(e, errno, "make a process group");
	if (tty && tcsetpgrp(0, getpid()) < 0)
		return err_sys(e, errno, "take the terminal");
	return 0;
}

int init_start(bool tty, bool filtered, struct err *e)
{
	const struct spawn plain = { .cgroup_fd = -1 };
	int pidfd = -1;
	sigset_t all;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	pid = spawn_clone(&plain, &pidfd, e);
	if (pid > 0)
		reap(pid, &all, filtered);
	return pid < 0 ? pid : lead_group(tty, e);
}
