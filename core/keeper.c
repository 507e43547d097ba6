/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * It waits for the end of a pipe that nobody but its maker has open for writing:
 * the kernel closes that before it tells the maker's parent, so a shell finds
 * the terminal as it was. A session of its own keeps it from what is sent to the
 * maker's job, SIGKILL included, and lets it set a terminal that is no longer its
 * own without being stopped for it.
 */
#include "core/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/spawn.h"

/* All that it holds, by number. */
enum { TTY, LINE, HELD };

/* What the kernel tells is compared with what it told, so bits it does not keep do no harm. */
static bool same(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag &&
	       a->c_cflag == b->c_cflag && a->c_cc[VMIN] == b->c_cc[VMIN];
}

static _Noreturn void keep(int tty, int line, const struct termios *raw,
			   const struct termios *saved)
{
	struct termios now;
	sigset_t all;
	ssize_t n;
	char c;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	prctl(PR_SET_NAME, "ct-keeper");
	if (dup2(tty, TTY) < 0 || dup2(line, LINE) < 0 || chdir("/") < 0 ||
	    close_range(HELD, ~0U, 0) < 0)
		_exit(1);
	do {
		n = read(LINE, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 0 && tcgetattr(TTY, &now) == 0 && same(&now, raw))
		tcsetattr(TTY, TCSANOW, saved);
	_exit(0);
}

void keeper_start(struct keeper *k, int tty, const struct termios *raw, const struct termios *saved)
{
	const struct spawn how = { .cgroup_fd = -1 };
	_cleanup_close_ int its = -1, ours = -1, pidfd = -1;
	struct termios there;
	int p[2];
	pid_t pid;

	if (k->runs || tcgetattr(tty, &there) < 0 || !same(&there, raw) || pipe2(p, O_CLOEXEC) < 0)
		return;
	its = p[0];
	ours = p[1];
	pid = spawn_clone(&how, &pidfd, NULL);
	if (pid == 0) {
		close(ours);
		keep(tty, its, &there, saved);
	}
	if (pid < 0)
		return;
	*k = (struct keeper){ .runs = true, .pidfd = take_fd(&pidfd), .line = take_fd(&ours) };
}

void keeper_end(struct keeper *k)
{
	if (!k->runs)
		return;
	pidfd_send_signal(k->pidfd, SIGKILL, NULL, 0);
	spawn_wait(k->pidfd);
	close(k->line);
	close(k->pidfd);
	*k = (struct keeper){ 0 };
}
