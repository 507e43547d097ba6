/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/vfs.h"

/*
 * The container may have put anything in the place of /dev/pts/ptmx before a
 * later command comes: what opens must be the multiplexer of a devpts.
 */
static int master_open(struct err *e)
{
	_cleanup_close_ int fd =
		open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return err_sys(e, errno, "open /dev/pts/ptmx");
	if (fs.f_type != DEVPTS_SUPER_MAGIC || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
		return err_set(e, -ENODEV, "the container's /dev/pts/ptmx is not one");
	return take_fd(&fd);
}

int pty_open(uint32_t uid, struct err *e)
{
	_cleanup_close_ int master = master_open(e), slave = -1;
	int locked = 0;

	if (master < 0)
		return master;
	if (ioctl(master, TIOCSPTLCK, &locked) < 0)
		return err_sys(e, errno, "unlock the pty");
	/* by the master, not by a name in /dev/pts (CVE-2025-52565) */
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return err_sys(e, errno, "open the pty's slave");
	if (uid && fchown(slave, uid, (gid_t)-1) < 0)
		return err_sys(e, errno, "give the pty to uid %u", uid);
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return err_sys(e, errno, "make the pty the controlling terminal");
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(slave, fd) < 0)
			return err_sys(e, errno, "make the pty descriptor %d", fd);
	return take_fd(&master);
}

int pty_console(struct err *e)
{
	int fd = open("/dev/console", O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return err_sys(e, errno, "make /dev/console");
	r = vfs_bind(0, "", fd, "", 0);
	fd_close(fd);
	return r < 0 ? err_sys(e, r, "bind /dev/console") : 0;
}

bool pty_wanted(enum ct_tty tty)
{
	return tty == TTY_YES || (tty == TTY_AUTO && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

/* Group ids of other pid namespaces are 0 for both calls. */
bool terminal_is_anothers(int fd)
{
	pid_t front = tcgetpgrp(fd);

	return front >= 0 && front != getpgrp();
}

int terminal_raw(struct terminal *t, int fd)
{
	struct termios raw;

	if (!t->raw) {
		if (!isatty(fd) || tcgetattr(fd, &t->saved) < 0)
			return 0;
		t->fd = fd;
	}
	raw = t->saved;
	cfmakeraw(&raw);
	if (tcsetattr(t->fd, TCSADRAIN, &raw) < 0)
		return -errno;
	t->raw = true;
	keeper_start(&t->keeper, t->fd, &raw, &t->saved);
	return 0;
}

void terminal_forget(struct terminal *t)
{
	t->raw = false;
	keeper_end(&t->keeper);
}

void terminal_restore(struct terminal *t)
{
	sigset_t block, old;

	if (!t->raw)
		return;
	/* from the background too, without being stopped for it */
	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &old);
	tcsetattr(t->fd, TCSADRAIN, &t->saved);
	sigprocmask(SIG_SETMASK, &old, NULL);
	terminal_forget(t);
}

void terminal_size_copy(int master)
{
	struct winsize ws;

	for (int fd = 0; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, &ws) == 0) {
			ioctl(master, TIOCSWINSZ, &ws);
			return;
		}
}
