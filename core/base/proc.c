/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/proc.h"

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads a procfs file of one page at most into buf, NUL-terminated. */
static ssize_t read_proc(const char *path, char *buf, size_t size)
{
	_cleanup_close_ int fd = -1;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = fd_read_all(fd, buf, size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

int boot_id(char buf[37])
{
	ssize_t n = read_proc("/proc/sys/kernel/random/boot_id", buf, 37);

	if (n < 0)
		return (int)n;
	return n == 36 ? 0 : -EIO;
}

/*
 * proc(5): "pid (comm) state ppid ...". comm may hold spaces and parentheses of
 * the process's own choice, so the fields are counted from the last ')'.
 */
static int parse_stat(const char *stat, char *ret_state, uint64_t *ret_start)
{
	const char *p = strrchr(stat, ')');
	char *end;

	if (!p || p[1] != ' ' || !p[2])
		return -EIO;
	p += 2;
	*ret_state = *p;
	for (int field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -EIO;
		p++;
	}
	errno = 0;
	*ret_start = strtoull(p, &end, 10);
	return errno || end == p ? -EIO : 0;
}

int proc_identify(pid_t pid, struct proc_id *ret)
{
	char path[32], stat[1024], state;
	uint64_t start;
	ssize_t n;
	int r;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	n = read_proc(path, stat, sizeof(stat));
	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	r = parse_stat(stat, &state, &start);
	if (r < 0)
		return r;
	if (state == 'Z' || state == 'X')
		return -ESRCH;
	*ret = (struct proc_id){ .pid = pid, .start = start };
	return 0;
}

int proc_identify_self(struct proc_id *ret, struct err *e)
{
	int r = proc_identify(getpid(), ret);

	return r < 0 ? err_sys(e, r, "identify this process") : 0;
}

bool proc_alive(const struct proc_id *id)
{
	struct proc_id now;
	int r = proc_identify(id->pid, &now);

	return r == 0 ? now.start == id->start : r != -ESRCH;
}

uint64_t proc_namespace(void)
{
	struct stat st;

	/* again, where only memory was short: a note without it would be of nobody known */
	for (int i = 0; i < 3; i++) {
		if (stat("/proc/self/ns/pid", &st) == 0)
			return st.st_ino;
		if (!err_is_passing(-errno))
			break;
	}
	return 0;
}

/*
 * The pidfd is taken first and the identity read after it: were the pid handed
 * to another process in between, the start time would tell.
 */
int proc_open(const struct proc_id *id)
{
	_cleanup_close_ int fd = -1;

	if (id->pid <= 0)
		return -ESRCH;
	fd = (int)syscall(SYS_pidfd_open, id->pid, 0);
	if (fd < 0)
		return -errno;
	if (!proc_alive(id))
		return -ESRCH;
	return take_fd(&fd);
}

bool proc_await_end(int pidfd, int ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int r;

	do {
		r = poll(&p, 1, ms);
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

int proc_signal_is_in(pid_t pid, int sig, const char *const sets[])
{
	_cleanup_free_ char *status = NULL;
	char path[32], key[16];
	uint64_t all = 0;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	r = file_read_at(AT_FDCWD, path, 16384, &status, NULL);
	if (r < 0)
		return r;
	for (; *sets; sets++) {
		const char *at;

		snprintf(key, sizeof(key), "\n%s:\t", *sets);
		at = strstr(status, key);
		all |= at ? strtoull(at + strlen(key), NULL, 16) : 0;
	}
	return all >> (sig - 1) & 1;
}

/* Those of all its threads that none has taken yet. */
bool proc_signal_arrived(pid_t pid, int sig)
{
	static const char *const pending[] = { "ShdPnd", NULL };

	return proc_signal_is_in(pid, sig, pending) != 1;
}

bool proc_signal_await(pid_t pid, int sig, int ms)
{
	while (!proc_signal_arrived(pid, sig)) {
		if (ms-- <= 0)
			return false;
		poll(NULL, 0, 1);
	}
	return true;
}

/* The helper must not inherit what we block or ignore. */
static int spawn_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attr, &none);
	if (!r)
		r = posix_spawnattr_setsigdefault(attr, &all);
	if (!r)
		r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return r;
}

static int spawn_null_io(posix_spawn_file_actions_t *fa)
{
	int r = posix_spawn_file_actions_addopen(fa, 0, "/dev/null", O_RDONLY, 0);

	if (!r)
		r = posix_spawn_file_actions_addopen(fa, 1, "/dev/null", O_WRONLY, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(fa, 1, 2);
	return r;
}

/* argv[0] is looked up in PATH; -ENOENT when it is not there. */
int proc_run(const char *const argv[], int *ret_status)
{
	_cleanup_(posix_spawn_file_actions_destroy) posix_spawn_file_actions_t fa;
	_cleanup_(posix_spawnattr_destroy) posix_spawnattr_t attr;
	int r, status;
	pid_t pid;

	/* neither can fail in glibc, which makes the destructors safe */
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	r = spawn_null_io(&fa);
	if (!r)
		r = spawn_attributes(&attr);
	if (!r)
		r = posix_spawnp(&pid, argv[0], &fa, &attr, (char *const *)argv, environ);
	if (r)
		return -r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret_status = status;
	return 0;
}

/* What the caller, its child and the grandchild that stays say to each other. */
struct detach_said {
	int result; /* of what was tried, -errno */
	struct proc_id id; /* the child says who the grandchild is */
};

/* The caller's handlers go with exec; what it ignores or blocks would not. */
static void default_signals(void)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &dfl, NULL); /* refused for a few, which have it */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The one that stays: end of file on the line, in place of a word, ends it. */
static _Noreturn void detached_main(const struct proc_detached *d, int line)
{
	struct detach_said said = { 0 };
	char go;

	if (read(line, &go, 1) != 1)
		_exit(0);
	setsid();
	default_signals();
	said.result = d->run(d->ctx);
	_exit(write(line, &said, sizeof(said)) < 0 ? 126 : 127);
}

/*
 * The one between, whose end makes the other nobody's child. It knows the pid
 * as the caller does, whatever pid namespace the other is in.
 */
static _Noreturn void between_main(const struct proc_detached *d, int line)
{
	struct detach_said said = { 0 };
	pid_t pid = d->unshare && unshare(d->unshare) < 0 ? -1 : fork();

	if (pid == 0)
		detached_main(d, line);
	said.result = pid < 0 ? -errno : proc_identify(pid, &said.id);
	_exit(write(line, &said, sizeof(said)) < 0);
}

/* 1: heard, 0: nobody is there any more */
static int hear(int line, int flags, struct detach_said *ret)
{
	ssize_t n;

	do {
		n = recv(line, ret, sizeof(*ret), flags);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? 0 : n == (ssize_t)sizeof(*ret) ? 1 : -EPROTO;
}

int proc_detach(const struct proc_detached *d)
{
	_cleanup_close_ int here = -1, there = -1;
	struct detach_said said;
	int sv[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return -errno;
	here = sv[0];
	there = sv[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close(here);
		between_main(d, there);
	}
	fd_close(take_fd(&there));
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	/* it has spoken by now or never will: -EAGAIN */
	r = hear(here, MSG_DONTWAIT, &said);
	if (r <= 0)
		return r < 0 && r != -EAGAIN ? r : -ECHILD;
	r = said.result < 0 ? said.result : d->born(&said.id, d->ctx);
	if (r < 0)
		return r;
	if (send(here, "", 1, MSG_NOSIGNAL) < 0)
		return -errno;
	/* exec closes the other end */
	r = hear(here, 0, &said);
	return r > 0 ? said.result : r;
}
