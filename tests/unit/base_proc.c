/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/proc.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmocka.h>

static void test_boot_id(void **state)
{
	char a[37], b[37];

	assert_int_equal(boot_id(a), 0);
	assert_int_equal(boot_id(b), 0);
	assert_int_equal(strlen(a), 36);
	assert_string_equal(a, b);
}

static void test_self(void **state)
{
	struct proc_id id, other;
	_cleanup_close_ int fd = -1;

	assert_int_equal(proc_identify(getpid(), &id), 0);
	assert_int_equal(id.pid, getpid());
	assert_true(id.start > 0);
	assert_true(proc_alive(&id));
	fd = proc_open(&id);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	other = id;
	other.start++;
	assert_false(proc_alive(&other));
	assert_int_equal(proc_open(&other), -ESRCH);
}

static void test_no_such(void **state)
{
	static const pid_t pids[] = { 0, -1, INT32_MIN, INT32_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(pids); i++) {
		struct proc_id id = { .pid = pids[i], .start = 1 };

		assert_int_equal(proc_identify(pids[i], &id), -ESRCH);
		assert_false(proc_alive(&id));
		assert_true(proc_open(&id) < 0);
	}
}

/* Who is taken for dead loses what it has: without a descriptor to look with nobody is. */
static void test_not_known(void **state)
{
	const struct proc_id id = { .pid = getpid(), .start = 1 };
	struct rlimit was, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = (struct rlimit){ 0, was.rlim_max };
	assert_false(proc_alive(&id));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_true(proc_alive(&id));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
}

/* A name may look like the fields that follow it. */
static void test_odd_names(void **state)
{
	static const char *const names[] = { ") Z 1 2 3", "(((", "a b) S 9", "\n", "" };
	struct proc_id id, again;
	char old[16];

	assert_int_equal(proc_identify(getpid(), &id), 0);
	prctl(PR_GET_NAME, old);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		prctl(PR_SET_NAME, names[i]);
		assert_int_equal(proc_identify(getpid(), &again), 0);
		assert_true(again.start == id.start);
	}
	prctl(PR_SET_NAME, old);
}

/* Alive, then a zombie, then gone; the pidfd reports the end. */
static void test_child(void **state)
{
	struct proc_id id;
	int p[2], status, fd;
	pid_t pid;

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		char c;

		close(p[1]);
		_exit(read(p[0], &c, 1) == 0 ? 7 : 8);
	}
	assert_int_equal(proc_identify(pid, &id), 0);
	fd = proc_open(&id);
	assert_true(fd >= 0);
	close(p[0]);
	close(p[1]);
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 5000), 1);
	assert_false(proc_alive(&id));
	assert_int_equal(proc_identify(pid, &id), -ESRCH);
	assert_int_equal(proc_open(&id), -ESRCH);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_false(proc_alive(&id));
	close(fd);
}

static int run(const char *script)
{
	int status = -1;

	assert_int_equal(proc_run((const char *const[]){ "sh", "-c", script, NULL }, &status), 0);
	return status;
}

static void test_run(void **state)
{
	static const char *const absent[] = { "/nonexistent/helper", NULL };
	int status = 5;

	assert_int_equal(run("exit 0"), 0);
	assert_int_equal(WEXITSTATUS(run("exit 3")), 3);
	assert_int_equal(WTERMSIG(run("kill -9 $$")), SIGKILL);
	/* end of file on stdin, output to nowhere */
	assert_int_equal(run("! read -r x && echo out && echo err >&2"), 0);
	assert_int_equal(proc_run(absent, &status), -ENOENT);
	assert_int_equal(status, 5);
}

/* What we block and ignore is not the helper's. */
static void test_run_signals(void **state)
{
	sigset_t term, old;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, &old), 0);
	assert_int_equal(WTERMSIG(run("kill -TERM $$; exit 9")), SIGTERM);
	assert_int_equal(sigprocmask(SIG_SETMASK, &old, NULL), 0);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(WTERMSIG(run("kill -PIPE $$; exit 9")), SIGPIPE);
	signal(SIGPIPE, SIG_DFL);
}

struct detached {
	struct proc_id id;
	int refuse, out, fail;
};

static int on_born(const struct proc_id *id, void *ctx)
{
	struct detached *d = ctx;

	d->id = *id;
	return d->refuse;
}

static int run_detached(void *ctx)
{
	const struct detached *d = ctx;

	if (d->fail)
		return d->fail;
	dup2(d->out, 1);
	execl("/bin/sh", "sh", "-c", "echo $PPID; exec sleep 100", NULL);
	return -errno;
}

/* Nobody's child, in a session of its own, and known before it does anything. */
static void test_detach(void **state)
{
	struct detached d = { .out = -1 };
	const struct proc_detached p = { .born = on_born, .run = run_detached, .ctx = &d };
	char buf[32] = "";
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	d.out = fds[1];
	assert_int_equal(proc_detach(&p), 0);
	assert_int_not_equal(getsid(d.id.pid), getsid(0));
	assert_int_equal(waitpid(d.id.pid, NULL, WNOHANG), -1);
	close(fds[1]);
	/* it was not ours when it was asked for its parent */
	assert_true(read(fds[0], buf, sizeof(buf) - 1) > 0);
	assert_int_not_equal(strtol(buf, NULL, 10), getpid());
	kill(d.id.pid, SIGKILL);
	assert_int_equal(read(fds[0], buf, sizeof(buf)), 0);
	close(fds[0]);
}

/* It does nothing when its birth could not be written down, and what it says arrives. */
static void test_detach_refused(void **state)
{
	struct detached d = { .refuse = -ENOSPC, .out = -1 };
	const struct proc_detached p = { .born = on_born, .run = run_detached, .ctx = &d };
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	d.out = fds[1];
	assert_int_equal(proc_detach(&p), -ENOSPC);
	close(fds[1]);
	assert_int_equal(read(fds[0], &d.refuse, sizeof(d.refuse)), 0);
	close(fds[0]);
	d.refuse = 0;
	d.fail = -EXDEV;
	assert_int_equal(proc_detach(&p), -EXDEV);
}

static void test_await_end(void **state)
{
	pid_t pid = fork();
	struct proc_id id;
	_cleanup_close_ int fd = -1;

	if (pid == 0) {
		pause();
		_exit(0);
	}
	assert_int_equal(proc_identify(pid, &id), 0);
	fd = proc_open(&id);
	assert_true(fd >= 0);
	assert_false(proc_await_end(fd, 0));
	kill(pid, SIGKILL);
	assert_true(proc_await_end(fd, 10000));
	waitpid(pid, NULL, 0);
}

/* One that is blocked does not arrive. */
static void test_signal(void **state)
{
	sigset_t usr1;
	int fds[2];
	pid_t pid;
	char c;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	assert_int_equal(pipe(fds), 0);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	pid = fork();
	if (pid == 0) {
		while (read(fds[0], &c, 1) < 0)
			;
		sigprocmask(SIG_UNBLOCK, &usr1, NULL);
		pause();
		_exit(0);
	}
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	assert_true(proc_signal_arrived(pid, SIGUSR1));
	assert_true(proc_signal_await(pid, SIGUSR1, 0));
	kill(pid, SIGUSR1);
	assert_false(proc_signal_arrived(pid, SIGUSR1));
	assert_true(proc_signal_arrived(pid, SIGUSR2));
	assert_false(proc_signal_await(pid, SIGUSR1, 20));
	assert_int_equal(write(fds[1], "", 1), 1);
	assert_true(proc_signal_await(pid, SIGUSR1, 10000));
	waitpid(pid, NULL, 0);
	assert_true(proc_signal_arrived(pid, SIGUSR1));
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boot_id),	       cmocka_unit_test(test_self),
		cmocka_unit_test(test_no_such),	       cmocka_unit_test(test_odd_names),
		cmocka_unit_test(test_child),	       cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_signals),    cmocka_unit_test(test_detach),
		cmocka_unit_test(test_detach_refused), cmocka_unit_test(test_not_known),
		cmocka_unit_test(test_await_end),      cmocka_unit_test(test_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
