/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Daemons of a lab's node: kept running, logged, changed. */
#include "tests/unit/core_node_fixture.h"

static bool info_of(struct nodes *ns, uint32_t num, struct node_daemon_info *ret)
{
	struct node_info info;

	CHECK(node_info(ns, 1, &info) == 0);
	for (size_t i = 0; i < info.n_daemons; i++)
		if (info.daemons[i].num == num) {
			*ret = info.daemons[i];
			return true;
		}
	return false;
}

/* Until it has been started so often again. */
static struct node_daemon_info restarted(struct nodes *ns, uint32_t num, uint32_t times)
{
	struct pollfd p = { .fd = nodes_fd(ns), .events = POLLIN };
	struct node_event ev;
	struct err e = ERR_INIT;

	for (;;) {
		struct node_daemon_info d;

		if (info_of(ns, num, &d) && d.restarts >= times && d.state == DAEMON_RUNNING)
			return d;
		CHECK(poll(&p, 1, 20000) == 1);
		CHECK(nodes_next(ns, &ev, &e) == 0);
	}
}

/* Whether the log of a daemon has a line that ends so; it is waited for. */
static void logged(int logs_fd, const char *file, const char *line)
{
	_cleanup_free_ char *want = str_printf("%s\n", line);

	for (int i = 0; i < 2000; i++) {
		_cleanup_free_ char *text = NULL;

		if (file_read_at(logs_fd, file, 1 << 20, &text, NULL) >= 0 && strstr(text, want))
			return;
		poll(NULL, 0, 10);
	}
	fprintf(stderr, "%s has no %s\n", file, line);
	CHECK(false);
}

static void kept(struct nodes *ns, int logs_fd)
{
	const struct node_command d[] = {
		{ 1, "echo begun; echo faults >&2; exec sleep 1000" },
		{ 5, "echo once; exit 3" },
	};
	const struct node_spec s = { .name = "r1", .daemons = d, .n_daemons = 2 };
	struct node_daemon_info one, five;

	up(ns, 1, &s);
	one = restarted(ns, 1, 0);
	CHECK(one.pid > 1 && one.status == -1);
	five = restarted(ns, 5, 2);
	CHECK(five.status == 3 && five.restarts >= 2);
	logged(logs_fd, "r1/daemon.1/log.1", "stdout F begun");
	logged(logs_fd, "r1/daemon.1/log.1", "stderr F faults");
	logged(logs_fd, "r1/daemon.5/log.1", "stdout F once");
	/* one that somebody killed */
	run_ok(ns, 1, "pkill -9 -x sleep || killall -9 sleep");
	one = restarted(ns, 1, 1);
	CHECK(one.status == 137);
}

static void kept_running_and_logged(void **state)
{
	assert_int_equal(supervised(kept, 1), 0);
}

static void put(struct nodes *ns, uint32_t num, const char *text)
{
	struct err e = ERR_INIT;

	check_ok(node_daemon(ns, 1, num, text, &e), &e, text ? text : "forgotten");
}

static void changed(struct nodes *ns, int logs_fd)
{
	const struct node_command d[] = { { 1, "exec sleep 1000" }, { 2, "exec sleep 1001" } };
	const struct node_spec s = { .name = "r1", .daemons = d, .n_daemons = 2 };
	struct node_daemon_info two_now;
	struct err e = ERR_INIT;
	pid_t one, two;

	up(ns, 1, &s);
	one = restarted(ns, 1, 0).pid;
	two = restarted(ns, 2, 0).pid;
	check_ok(node_restart(ns, 1, 1, &e), &e, "node_restart");
	CHECK(restarted(ns, 1, 1).pid != one);
	CHECK(restarted(ns, 2, 0).pid == two);
	check_ok(node_restart(ns, 1, 0, &e), &e, "node_restart");
	CHECK(restarted(ns, 2, 1).pid != two);
	CHECK(node_restart(ns, 1, 9, &e) == -ENOENT && strstr(e.msg, "daemon.9"));
	put(ns, 2, NULL);
	CHECK(!info_of(ns, 2, &two_now));
	put(ns, 2, NULL);
	put(ns, 1, "echo other; exec sleep 1002");
	put(ns, 7, "echo new; exec sleep 1003");
	logged(logs_fd, "r1/daemon.1/log.1", "stdout F other");
	logged(logs_fd, "r1/daemon.7/log.1", "stdout F new");
	run_ok(ns, 1,
	       "test \"$(cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '^100[0-9]$')\" = 2");
}

static void changed_while_the_node_runs(void **state)
{
	assert_int_equal(supervised(changed, 1), 0);
}

/* It minds no SIGTERM: SIGKILL comes behind it, and the next begins. */
static void stubborn(struct nodes *ns, int logs_fd)
{
	const struct node_command d[] = { { 1,
					    "trap '' TERM; echo so; while :; do sleep 1; done" } };
	const struct node_spec s = { .name = "r1", .daemons = d, .n_daemons = 1 };

	up(ns, 1, &s);
	logged(logs_fd, "r1/daemon.1/log.1", "stdout F so");
	put(ns, 1, "exec sleep 1000");
	CHECK(restarted(ns, 1, 0).status == 137);
}

static void one_that_minds_no_sigterm(void **state)
{
	assert_int_equal(supervised(stubborn, 1), 0);
}

/* What a daemon leaves open must not keep its log from ending. */
static void children(struct nodes *ns, int logs_fd)
{
	const struct node_command d[] = { { 1, "sleep 1000 & echo there; exit 0" } };
	const struct node_spec s = { .name = "r1", .daemons = d, .n_daemons = 1 };

	up(ns, 1, &s);
	restarted(ns, 1, 2);
	logged(logs_fd, "r1/daemon.1/log.1", "stdout F there");
}

static void one_that_leaves_children(void **state)
{
	assert_int_equal(supervised(children, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_running_and_logged),
		cmocka_unit_test(changed_while_the_node_runs),
		cmocka_unit_test(one_that_minds_no_sigterm),
		cmocka_unit_test(one_that_leaves_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
