/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a process ended that is somebody else's child: while it is a zombie, and after. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/proc_exit.h"

/* A child that waits for a byte, then ends so. */
static pid_t child(const char *how, int *ret_go, struct proc_id *ret_id, int *ret_fd)
{
	int go[2];
	pid_t pid;

	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		char c;

		if (read(go[0], &c, 1) == 1 && *how == 'k')
			raise(SIGKILL);
		_exit(7);
	}
	close(go[0]);
	*ret_go = go[1];
	assert_int_equal(proc_identify(pid, ret_id), 0);
	*ret_fd = proc_open(ret_id);
	assert_true(*ret_fd >= 0);
	return pid;
}

static void ends(const char *how, int want, bool collected)
{
	struct pollfd p = { .events = POLLIN };
	struct proc_id id;
	int go, status;
	pid_t pid = child(how, &go, &id, &p.fd);

	assert_int_equal(write(go, "x", 1), 1);
	assert_int_equal(poll(&p, 1, 10000), 1);
	if (!collected) {
		assert_int_equal(proc_exit_status(p.fd, &id), want);
		waitpid(pid, &status, 0);
	} else {
		waitpid(pid, &status, 0);
		status = proc_exit_status(p.fd, &id);
		if (status == -ENODATA) {
			print_message("skipped: before Linux 6.15 nobody else is told\n");
			skip();
		}
		assert_int_equal(status, want);
	}
	close(go);
	close(p.fd);
}

static void test_zombie(void **state)
{
	ends("exit", 7, false);
	ends("killed", 137, false);
}

static void test_collected(void **state)
{
	ends("exit", 7, true);
	ends("killed", 137, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zombie),
		cmocka_unit_test(test_collected),
	};

	return cmocka_run_group_tests_name("proc_exit", tests, NULL, NULL);
}
