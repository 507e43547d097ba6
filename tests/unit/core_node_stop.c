/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What changes while a lab's node runs: stop.N, and the names that it knows. */
#include "tests/unit/core_node_fixture.h"

static void end(struct nodes *ns, uint32_t id)
{
	struct err e = ERR_INIT;

	check_ok(node_stop(ns, id, 5 * SECOND, &e), &e, "node_stop");
	expect(ns, id, NODE_ENDED);
}

static void stop_command(struct nodes *ns, uint32_t num, const char *text)
{
	struct err e = ERR_INIT;

	check_ok(node_stop_command(ns, 1, num, text, &e), &e, "node_stop_command");
}

static void stops(struct nodes *ns, int logs_fd)
{
	char dir[] = "/tmp/ct-stop-XXXXXX", log[64], said[64] = "";
	struct ct_mount m = { .source = dir, .target = "/mnt" };
	const struct node_command commands[] = { { 1, "echo one >>/mnt/log" },
						 { 3, "echo three >>/mnt/log" },
						 { 4, "echo four >>/mnt/log" } };
	const struct node_spec s = {
		.name = "r1", .mounts = &m, .n_mounts = 1, .stops = commands, .n_stops = 3
	};
	int fd;

	CHECK(mkdtemp(dir));
	snprintf(log, sizeof(log), "%s/log", dir);
	up(ns, 1, &s);
	stop_command(ns, 2, "echo two >>/mnt/log");
	stop_command(ns, 3, "echo 3 >>/mnt/log");
	stop_command(ns, 1, NULL);
	stop_command(ns, 9, NULL);
	stop_command(ns, 9, "echo nine >>/mnt/log");
	end(ns, 1);
	fd = open(log, O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && fd_read_all(fd, said, sizeof(said) - 1) > 0);
	close(fd);
	CHECK(unlink(log) == 0 && rmdir(dir) == 0);
	if (strcmp(said, "two\n3\nfour\nnine\n") != 0)
		fprintf(stderr, "%s", said);
	CHECK(!strcmp(said, "two\n3\nfour\nnine\n"));
}

static void other_commands_at_the_end(void **state)
{
	assert_int_equal(supervised(stops, 1), 0);
}

static void hosts(struct nodes *ns, int logs_fd)
{
	const struct node_spec s = { .name = "r1", .hosts = "10.0.0.1\tone\n" };
	struct err e = ERR_INIT;

	up(ns, 1, &s);
	run_ok(ns, 1, "getent hosts one | grep -q 10.0.0.1");
	check_ok(nodes_hosts(ns, "10.0.0.2\ttwo\n", &e), &e, "nodes_hosts");
	run_ok(ns, 1, "getent hosts two | grep -q 10.0.0.2");
	run_ok(ns, 1, "! getent hosts one");
	end(ns, 1);
}

static void names_of_those_that_run(void **state)
{
	assert_int_equal(supervised(hosts, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_commands_at_the_end),
		cmocka_unit_test(names_of_those_that_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
