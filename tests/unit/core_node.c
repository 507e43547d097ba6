/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes of a lab: from their birth to their end. */
#include "tests/unit/core_node_fixture.h"

#include "core/caps.h"

#define MANY 50
#ifdef CT_SANITIZED /* shadows of all that it touches */
#define MOST_PSS 16384
#else
#define MOST_PSS 200 /* KiB */
#endif

static void one_node(struct nodes *ns, int logs_fd)
{
	struct node_spec s = { .name = "r1", .hostname = "router", .hosts = "10.0.0.1 r1\n" };

	strv_add(&s.env, "COLOR=red");
	up(ns, 7, &s);
	run_ok(ns, 7, "test \"$(hostname)\" = router && test \"$HOSTNAME\" = router");
	run_ok(ns, 7,
	       "test \"$COLOR\" = red && test \"$HOME\" = /root && test \"$(umask)\" = 0022");
	run_ok(ns, 7, "test \"$(cat /etc/hosts)\" = '10.0.0.1 r1'");
	run_ok(ns, 7, "echo x >/etc/mine && echo x >/var/mine && echo x >/root/mine");
	run_ok(ns, 7, "touch /run/a /tmp/b /dev/shm/c && test \"$(ls /tmp)\" = b");
	run_ok(ns, 7, "! touch /usr/x 2>/dev/null");
	run_ok(ns, 7, "echo x >/dev/null && test -c /dev/pts/ptmx && ! touch /dev/x 2>/dev/null");
	run_ok(ns, 7, "test \"$(ls /sys/class/net)\" = lo");
	run_ok(ns, 7, "test $$ != 1 && test -d /proc/1 && echo 1 >/proc/sys/net/ipv4/ip_forward");
	run_fails(ns, 7, "echo so; echo not so >&2; exit 3",
		  "node r1: command: exit status 3: not so");
	run_fails(ns, 7, "kill -9 $$", "killed by signal 9");
	run_fails(ns, 7, "nosuchcommand", "exit status 127");
	strv_free(&s.env);
}

static void a_node_from_birth_to_end(void **state)
{
	assert_int_equal(supervised(one_node, 1), 0);
	assert_int_not_equal(access("/etc/mine", F_OK), 0);
}

static void start_many(struct nodes *ns, struct node_spec *specs, char names[][8])
{
	const struct node_spec *v[MANY];
	uint32_t ids[MANY];
	struct err e = ERR_INIT;

	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "h%u", i);
		specs[i] = (struct node_spec){ .name = names[i] };
		v[i] = &specs[i];
		ids[i] = 3 * i;
	}
	check_ok(nodes_start(ns, ids, v, MANY, &e), &e, "nodes_start");
}

/* Each in its own order, all to the end of it. */
static void all_ready(struct nodes *ns)
{
	enum node_event_type seen[3 * MANY] = { 0 };

	for (unsigned ready = 0; ready < MANY;) {
		struct node_event ev = next_event(ns);
		struct err e = ERR_INIT;
		int r = 0;

		CHECK(ev.id < 3 * MANY && ev.id % 3 == 0 && ev.type == seen[ev.id] + 1);
		seen[ev.id] = ev.type;
		if (ev.type == NODE_BORN)
			r = node_wire(ns, ev.id, &e);
		else if (ev.type == NODE_WIRED)
			r = node_run(ns, ev.id, &e);
		else
			ready += ev.type == NODE_READY;
		check_ok(r, &e, "next step");
	}
}

/* What an idle one has of its own, with its share of what is common; KiB. */
static long pss_of(pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	char path[40];
	const char *at;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if (file_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0)
		return 0;
	at = strstr(text, "\nPss:");
	return at ? strtol(at + 5, NULL, 10) : 0;
}

static void memory(struct nodes *ns)
{
	struct node_info info;

	CHECK(node_info(ns, 3, &info) == 0);
	if (pss_of(info.host.pid) > MOST_PSS)
		fprintf(stderr, "%ld KiB\n", pss_of(info.host.pid));
	CHECK(pss_of(info.host.pid) <= MOST_PSS);
}

static void many_nodes(struct nodes *ns, int logs_fd)
{
	static struct node_spec specs[MANY];
	static char names[MANY][8];
	ino_t inodes[MANY];

	start_many(ns, specs, names);
	all_ready(ns);
	memory(ns);
	for (uint32_t i = 0; i < MANY; i++) {
		struct err e = ERR_INIT;
		int fd = node_netns(ns, 3 * i, &e);
		struct node_info info;
		struct stat st;

		check_ok(fd, &e, "node_netns");
		CHECK(fstat(fd, &st) == 0);
		close(fd);
		inodes[i] = st.st_ino;
		for (uint32_t k = 0; k < i; k++)
			CHECK(inodes[k] != inodes[i]);
		CHECK(node_info(ns, 3 * i, &info) == 0 && info.at == NODE_READY);
		CHECK(info.pid > 1 && info.host.pid > 1 && proc_alive(&info.host));
		CHECK(!*info.cgroup && !info.n_daemons);
	}
	CHECK(node_info(ns, 1, &(struct node_info){ 0 }) == -ENOENT);
	CHECK(node_info(ns, 100000, &(struct node_info){ 0 }) == -ENOENT);
}

static void many_by_one_worker(void **state)
{
	assert_int_equal(supervised(many_nodes, 1), 0);
}

static void many_by_several_workers(void **state)
{
	assert_int_equal(supervised(many_nodes, 4), 0);
}

/* ---- what fails ---- */

static void expect_failed(struct nodes *ns, uint32_t id, const char *says)
{
	struct node_event ev = next_event(ns);

	if (ev.type != NODE_FAILED || !strstr(ev.err.msg, says))
		fprintf(stderr, "event %d: %s\n", (int)ev.type, ev.err.msg);
	CHECK(ev.id == id && ev.type == NODE_FAILED && strstr(ev.err.msg, says));
	CHECK(node_info(ns, id, &(struct node_info){ 0 }) == -ENOENT);
}

static int refuses(void *ctx, struct err *e)
{
	return err_set(e, -EPERM, "%s", (const char *)ctx);
}

static int waits(void *ctx, struct err *e)
{
	pause();
	return err_set(e, -EINTR, "%s", (const char *)ctx);
}

static int exits(void *ctx, struct err *e)
{
	_exit(0);
}

static void run_to(struct nodes *ns, uint32_t id, const struct node_spec *s, bool run)
{
	struct err e = ERR_INIT;

	begin(ns, id, s);
	expect(ns, id, NODE_BORN);
	check_ok(node_wire(ns, id, &e), &e, "node_wire");
	if (!run)
		return;
	expect(ns, id, NODE_WIRED);
	check_ok(node_run(ns, id, &e), &e, "node_run");
}

static void failures(struct nodes *ns, int logs_fd)
{
	char why[] = "because";
	const struct node_command bad[] = { { 1, "true" }, { 4, "echo broken; false" } };
	struct node_spec born = { .name = "a", .born = refuses, .ctx = why };
	struct node_spec wired = { .name = "b", .wired = refuses, .ctx = why };
	struct node_spec exec = { .name = "c", .execs = bad, .n_execs = 2 };
	struct node_spec ready = { .name = "d",
				   .ready = "echo not yet; false",
				   .ready_wait = SECOND };
	struct node_spec hangs = { .name = "e", .ready = "sleep 60", .ready_wait = SECOND / 5 };
	struct node_spec root = { .name = "f" };
	struct node_spec gone = { .name = "g", .wired = exits };
	struct ct_mount nowhere = { .source = why, .target = "/mnt" };
	struct ct_mount read_only = { .fstype = "tmpfs", .target = "/no/such/place" };
	struct node_spec mount = { .name = "i", .mounts = &nowhere, .n_mounts = 1 };
	struct node_spec user = { .name = "h", .user = "nosuchuser", .execs = bad, .n_execs = 1 };

	begin(ns, 1, &born);
	expect_failed(ns, 1, "node a: settings: because");
	run_to(ns, 2, &wired, false);
	expect_failed(ns, 2, "node b: network: because");
	run_to(ns, 3, &exec, true);
	expect_failed(ns, 3, "node c: exec.4: exit status 1: broken");
	run_to(ns, 4, &ready, true);
	expect_failed(ns, 4, "node d: not within 1 s: ready: exit status 1: not yet");
	run_to(ns, 5, &hangs, true);
	expect_failed(ns, 5, "node e: not within 0.2 s: ready: killed by signal 9");
	strv_add(&root.rootfs, "/no/such/root");
	begin(ns, 6, &root);
	expect(ns, 6, NODE_BORN);
	expect_failed(ns, 6, "/no/such/root: No such file");
	strv_free(&root.rootfs);
	gone.born = exits;
	begin(ns, 7, &gone);
	expect_failed(ns, 7, "node g: its first process ended");
	gone.born = NULL;
	run_to(ns, 7, &gone, false);
	expect_failed(ns, 7, "node g: its first process ended");
	run_to(ns, 8, &user, true);
	expect_failed(ns, 8, "nosuchuser");
	begin(ns, 9, &mount);
	expect_failed(ns, 9, "node i: mount because: No such file");
	mount.mounts = &read_only;
	begin(ns, 9, &mount);
	expect(ns, 9, NODE_BORN);
	expect_failed(ns, 9, "mount point /no/such/place: Read-only file system");
	/* and the number is free */
	born.born = NULL;
	up(ns, 1, &born);
}

static void what_fails_says_why(void **state)
{
	assert_int_equal(supervised(failures, 2), 0);
}

static void sudden(struct nodes *ns, int logs_fd)
{
	const struct node_spec early = { .name = "a", .born = waits };
	const struct node_spec s = { .name = "b" };
	struct node_info info;
	struct node_event ev;

	begin(ns, 1, &early);
	while (node_info(ns, 1, &info) == 0 && !info.pid)
		sched_yield();
	CHECK(kill(info.pid, SIGKILL) == 0);
	expect_failed(ns, 1, "node a: its first process was killed by signal 9");
	up(ns, 2, &s);
	CHECK(node_info(ns, 2, &info) == 0 && kill(info.pid, SIGKILL) == 0);
	ev = next_event(ns);
	CHECK(ev.id == 2 && ev.type == NODE_ENDED && strstr(ev.err.msg, "killed by signal 9"));
}

static void death_at_any_time_is_told(void **state)
{
	assert_int_equal(supervised(sudden, 1), 0);
}

/* ---- ends ---- */

static void ends(struct nodes *ns, int logs_fd)
{
	const struct node_command stubborn[] = { { 1, "trap '' TERM; while :; do sleep 1; done" } };
	const struct node_spec s = { .name = "a" };
	const struct node_spec t = { .name = "b", .daemons = stubborn, .n_daemons = 1 };
	struct node_event ev;
	struct err e = ERR_INIT;

	up(ns, 1, &s);
	check_ok(node_stop(ns, 1, 60 * SECOND, &e), &e, "node_stop");
	ev = next_event(ns);
	CHECK(ev.id == 1 && ev.type == NODE_ENDED && !ev.err.num);
	up(ns, 2, &t);
	check_ok(node_stop(ns, 2, SECOND / 10, &e), &e, "node_stop");
	expect(ns, 2, NODE_ENDED);
	up(ns, 2, &t);
	node_kill(ns, 2);
	expect(ns, 2, NODE_ENDED);
	/* those that are not there */
	node_kill(ns, 2);
	check_ok(node_stop(ns, 2, SECOND, &e), &e, "node_stop");
	CHECK(node_wire(ns, 2, &e) == -ESRCH);
	/* one that is not there yet: whenever it comes, it is ended */
	begin(ns, 3, &s);
	node_kill(ns, 3);
	expect(ns, 3, NODE_ENDED);
}

static void stopped_and_killed(void **state)
{
	assert_int_equal(supervised(ends, 1), 0);
}

static void order(struct nodes *ns, int logs_fd)
{
	const struct node_spec s = { .name = "a" };
	struct err e = ERR_INIT;
	uint32_t id = 1;
	const struct node_spec *v = &s;

	begin(ns, 1, &s);
	CHECK(nodes_start(ns, &id, &v, 1, &e) == -EEXIST);
	expect(ns, 1, NODE_BORN);
	/* none of them is begun */
	CHECK(nodes_start(ns, (uint32_t[]){ 2, 65536 }, (const struct node_spec *[]){ &s, &s }, 2,
			  &e) == -E2BIG);
	CHECK(node_info(ns, 2, &(struct node_info){ 0 }) == -ENOENT);
	CHECK(node_run(ns, 1, &e) < 0 && node_exec(ns, 1, "true", &e) < 0);
	check_ok(node_wire(ns, 1, &e), &e, "node_wire");
	expect(ns, 1, NODE_WIRED);
	CHECK(node_wire(ns, 1, &e) < 0 && node_exec(ns, 1, "true", &e) < 0);
}

static void one_step_after_the_other(void **state)
{
	assert_int_equal(supervised(order, 1), 0);
}

/* ---- orphans ---- */

static void orphans(struct nodes *ns, int logs_fd)
{
	const struct node_spec s = { .name = "a" };
	struct pollfd p = { .fd = nodes_fd(ns), .events = POLLIN };
	struct node_event ev;
	struct err e = ERR_INIT;
	pid_t child;

	up(ns, 1, &s);
	/* the sleep is left behind; its end is seen to by the node */
	run_ok(ns, 1, "sleep 0.2 & echo $! >/run/pid");
	run_ok(ns, 1, "while test -d /proc/$(cat /run/pid); do sleep 0.05; done");
	/* and the supervisor's own */
	child = fork();
	if (child == 0) {
		fork();
		_exit(0);
	}
	CHECK(child > 0);
	while (kill(child, 0) == 0) {
		CHECK(poll(&p, 1, 20000) == 1);
		CHECK(nodes_next(ns, &ev, &e) == 0);
	}
}

static void orphans_are_buried(void **state)
{
	assert_int_equal(supervised(orphans, 1), 0);
}

/* ---- who commands run as ---- */

static void users(struct nodes *ns, int logs_fd)
{
	const struct node_spec s = { .name = "a", .user = "65534:65533" };
	const struct node_spec root = { .name = "b" };
	const struct node_spec few = { .name = "c", .caps = 1 };
	char want[64];

	up(ns, 1, &s);
	run_ok(ns, 1, "test \"$(id -u):$(id -g):$(id -G)\" = 65534:65533:65533");
	run_ok(ns, 1, "grep -q 'CapEff:.0*$' /proc/self/status");
	up(ns, 2, &root);
	snprintf(want, sizeof(want), "grep -qi 'CapBnd:.0*%llx$' /proc/self/status",
		 (unsigned long long)(caps_default() | 1ULL << 12));
	run_ok(ns, 2, want);
	run_ok(ns, 2, "grep -q 'NoNewPrivs:.1' /proc/self/status");
	run_ok(ns, 2, "grep -q 'Seccomp:.2' /proc/self/status");
	up(ns, 3, &few);
	run_ok(ns, 3, "grep -q 'CapBnd:.0*1$' /proc/self/status");
}

static void who_commands_run_as(void **state)
{
	assert_int_equal(supervised(users, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_node_from_birth_to_end),  cmocka_unit_test(many_by_one_worker),
		cmocka_unit_test(many_by_several_workers),   cmocka_unit_test(what_fails_says_why),
		cmocka_unit_test(death_at_any_time_is_told), cmocka_unit_test(stopped_and_killed),
		cmocka_unit_test(one_step_after_the_other),  cmocka_unit_test(orphans_are_buried),
		cmocka_unit_test(who_commands_run_as),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
