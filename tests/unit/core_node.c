/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes of a lab: from their birth to their end. */
#include "tests/unit/core_node_fixture.h"

static void one_node(struct nodes *ns, int logs_fd)
{
	const struct node_spec s = { .name = "r1" };

	(void)logs_fd;
	up(ns, 7, &s);
	run_ok(ns, 7, "test \"$(hostname)\" = r1");
	run_ok(ns, 7, "echo x >/etc/mine && echo x >/var/mine && echo x >/root/mine");
	run_ok(ns, 7, "touch /run/a /tmp/b /dev/shm/c");
	run_ok(ns, 7, "! touch /usr/x 2>/dev/null");
	run_ok(ns, 7, "test \"$(ls /sys/class/net)\" = lo");
	run_ok(ns, 7, "test $$ != 1 && test -d /proc/1 && echo 1 >/proc/sys/net/ipv4/ip_forward");
	run_fails(ns, 7, "echo so; echo not so >&2; exit 3", "exit status 3: not so");
}

static void a_node_from_birth_to_end(void **state)
{
	(void)state;
	assert_int_equal(supervised(one_node, 1), 0);
	assert_int_not_equal(access("/etc/mine", F_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_from_birth_to_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
