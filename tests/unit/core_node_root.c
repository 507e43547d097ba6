/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a lab's node sees: its files, its limits; who enters it; what its end takes along. */
#include "tests/unit/core_node_fixture.h"

#include "core/run.h"

/* ---- files ---- */

static void put_file(const char *dir, const char *name, const char *text)
{
	_cleanup_free_ char *path = str_printf("%s/%s", dir, name);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && fd_write_all(fd, text, strlen(text)) == 0);
	close(fd);
}

static void whole_host(struct nodes *ns, int logs_fd)
{
	struct node_spec s = { .name = "w", .hosts = "10.0.0.1 w\n" };
	struct err e = ERR_INIT;

	strv_add(&s.rootfs, "/");
	up(ns, 1, &s);
	run_ok(ns, 1, "touch /usr/mine /etc/mine /run/mine /tmp/mine && rm /etc/passwd");
	run_ok(ns, 1, "test \"$(ls /tmp)\" = mine && test \"$(ls /run)\" = mine");
	run_ok(ns, 1, "test \"$(cat /etc/hosts)\" = '10.0.0.1 w'");
	check_ok(nodes_hosts(ns, "10.0.0.2 v\n", &e), &e, "nodes_hosts");
	run_ok(ns, 1, "test \"$(cat /etc/hosts)\" = '10.0.0.2 v' && ! echo >/etc/hosts");
	run_ok(ns, 1,
	       "test \"$(ls /sys/class/net)\" = lo && echo 1 >/proc/sys/net/ipv4/ip_forward");
	strv_free(&s.rootfs);
}

static void the_whole_host_copy_on_write(void **state)
{
	assert_int_equal(supervised(whole_host, 1), 0);
	assert_int_not_equal(access("/usr/mine", F_OK), 0);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
}

static void layers(struct nodes *ns, int logs_fd)
{
	char top[] = "/tmp/ct-layer-XXXXXX";
	struct node_spec s = { .name = "l" };

	CHECK(mkdtemp(top) && mount("tmpfs", top, "tmpfs", 0, NULL) == 0);
	put_file(top, "mine", "of the layer");
	strv_add(&s.rootfs, top);
	strv_add(&s.rootfs, "/");
	up(ns, 1, &s);
	run_ok(ns, 1, "test \"$(cat /mine)\" = 'of the layer' && echo x >/mine && touch /usr/mine");
	strv_free(&s.rootfs);
	CHECK(umount2(top, MNT_DETACH) == 0 && rmdir(top) == 0);
}

static void layers_of_its_own(void **state)
{
	assert_int_equal(supervised(layers, 1), 0);
	assert_int_not_equal(access("/usr/mine", F_OK), 0);
}

static void mounts(struct nodes *ns, int logs_fd)
{
	char dir[] = "/tmp/ct-mount-XXXXXX";
	struct ct_mount m[] = {
		{ .source = dir, .target = "/mnt" },
		{ .source = dir, .target = "/etc/given", .read_only = true },
		{ .fstype = "tmpfs", .target = "/srv", .size = 1 << 20 },
	};
	const struct node_spec s = { .name = "m", .mounts = m, .n_mounts = 3 };
	struct node_spec own = { .name = "o", .mounts = m, .n_mounts = 3 };
	_cleanup_free_ char *text = NULL;

	CHECK(mkdtemp(dir) && mount("tmpfs", dir, "tmpfs", 0, NULL) == 0);
	put_file(dir, "file", "given");
	strv_add(&own.rootfs, "/");
	up(ns, 1, &s);
	up(ns, 2, &own);
	for (uint32_t id = 1; id <= 2; id++) {
		run_ok(ns, id, "test \"$(cat /mnt/file /etc/given/file)\" = givengiven");
		run_ok(ns, id, "echo from inside >/mnt/back && ! touch /etc/given/x 2>/dev/null");
		run_ok(ns, id, "touch /srv/x && ! test -e /usr/srv/x");
	}
	text = str_printf("%s/back", dir);
	CHECK(access(text, F_OK) == 0);
	strv_free(&own.rootfs);
	CHECK(umount2(dir, MNT_DETACH) == 0 && rmdir(dir) == 0);
}

static void mounts_of_the_file(void **state)
{
	assert_int_equal(supervised(mounts, 1), 0);
}

/* Those that are made on the way: below a directory that is copied, and over one. */
static void host_mounts(struct nodes *ns, int logs_fd)
{
	const struct node_spec s = { .name = "a" };

	up(ns, 1, &s);
	run_ok(ns, 1, "test \"$(cat /var/ct-sub/file)\" = below");
	run_ok(ns, 1, "! touch /var/ct-sub/x 2>/dev/null && touch /var/x");
	run_ok(ns, 1, "test \"$(cat /root/file)\" = over && echo x >/root/file");
}

static void submounts(void **state)
{
	struct stat st;
	int status;
	pid_t pid;

	if (geteuid() || (stat("/var/ct-sub", &st) < 0 && mkdir("/var/ct-sub", 0755) < 0))
		skip();
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(GIVE_UP);
		CHECK(mount("tmpfs", "/var/ct-sub", "tmpfs", 0, NULL) == 0);
		CHECK(mount("tmpfs", "/root", "tmpfs", 0, NULL) == 0);
		put_file("/var/ct-sub", "file", "below");
		put_file("/root", "file", "over");
		_exit(supervised(host_mounts, 1));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(rmdir("/var/ct-sub"), 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == GIVE_UP)
		skip();
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* ---- limits ---- */

static void limited(struct nodes *ns, int logs_fd)
{
	const struct ct_limits l = { .pids = 20 }, more = { .pids = 40 };
	const struct node_spec s = { .name = "a", .limits = &l }, free = { .name = "b" };
	struct node_info info;
	struct node_event ev;
	struct err e = ERR_INIT;

	begin(ns, 1, &s);
	ev = next_event(ns);
	if (ev.type == NODE_FAILED && ev.err.num == -ENOTSUP) {
		fprintf(stderr, "skipped: %s\n", ev.err.msg);
		nodes_free(ns);
		_exit(GIVE_UP);
	}
	CHECK(ev.type == NODE_BORN);
	check_ok(node_wire(ns, 1, &e), &e, "node_wire");
	expect(ns, 1, NODE_WIRED);
	check_ok(node_run(ns, 1, &e), &e, "node_run");
	expect(ns, 1, NODE_READY);
	CHECK(node_info(ns, 1, &info) == 0 && strstr(info.cgroup, "/ctnet/a0b1c2d3e4f5-a"));
	CHECK(limit_of(info.cgroup) == 20);
	run_fails(ns, 1, "for i in $(seq 60); do sleep 5 & done; wait", "");
	check_ok(node_limits(ns, 1, &more, &e), &e, "node_limits");
	CHECK(limit_of(info.cgroup) == 40);
	up(ns, 2, &free);
	CHECK(node_limits(ns, 2, &more, &e) < 0 && e.hint[0]);
	/* the group goes with the node */
	node_kill(ns, 1);
	expect(ns, 1, NODE_ENDED);
	CHECK(!limit_of("ct-node-test/ctnet/a0b1c2d3e4f5-a"));
	up(ns, 1, &s);
}

static void limits_and_their_groups(void **state)
{
	int r = supervised(limited, 1);

	remove_cgroup_parent();
	if (r == GIVE_UP)
		skip();
	assert_int_equal(r, 0);
}

/* A supervisor that was killed leaves groups, which gc finds by the lab's id. */
static void leave(struct nodes *ns, int logs_fd)
{
	const struct ct_limits l = { .pids = 20 };
	const struct node_spec s = { .name = "a", .limits = &l };
	struct node_event ev;

	begin(ns, 1, &s);
	ev = next_event(ns);
	if (ev.type == NODE_FAILED && ev.err.num == -ENOTSUP)
		_exit(GIVE_UP);
	_exit(0);
}

static void groups_of_a_dead_lab(void **state)
{
	int r = supervised(leave, 1);

	if (r == GIVE_UP) {
		remove_cgroup_parent();
		skip();
	}
	assert_int_equal(r, 0);
	assert_true(limit_of("ct-node-test/ctnet/a0b1c2d3e4f5-a"));
	assert_int_equal(nodes_cgroup_gc(CGROUP_PARENT, "ffffffffffff"), 0);
	assert_true(limit_of("ct-node-test/ctnet/a0b1c2d3e4f5-a"));
	assert_int_equal(nodes_cgroup_gc(CGROUP_PARENT, "a0b1c2d3e4f5"), 0);
	assert_false(limit_of("ct-node-test/ctnet/a0b1c2d3e4f5-a"));
	remove_cgroup_parent();
}

/* ---- from outside ---- */

/* What the supervisor tells the test, and how long it stays. */
static void stay(struct nodes *ns, int logs_fd)
{
	const struct node_command d = { 1, "exec sleep 1000" };
	const struct node_spec idle = { .name = "idle", .hosts = "10.0.0.1 idle\n" };
	const struct node_spec busy = { .name = "busy", .daemons = &d, .n_daemons = 1 };
	struct node_info a, b;

	up(ns, 1, &idle);
	up(ns, 2, &busy);
	CHECK(node_info(ns, 1, &a) == 0 && node_info(ns, 2, &b) == 0);
	CHECK(write(TELL_FD, &a.host, sizeof(a.host)) == sizeof(a.host));
	CHECK(write(TELL_FD, &b.host, sizeof(b.host)) == sizeof(b.host));
	pause();
}

static int enter(const struct proc_id *id, const char *text, struct err *e)
{
	char sh[] = "sh", c[] = "-c", *copy = strdup(text);
	char *const argv[] = { sh, c, copy, NULL };
	const struct ct_exec x = { .argv = argv, .tty = TTY_NO };
	const struct node_place p = { .lab = "lab", .name = "n1", .host = *id };
	int r = node_enter(&p, &x, e);

	free(copy);
	return r;
}

static void entered(const struct proc_id *idle, const struct proc_id *busy)
{
	struct err e = ERR_INIT;

	/* twice: first its files are made */
	assert_int_equal(enter(idle, "test $(ls /tmp | wc -l) = 0 && touch /tmp/x /etc/x", &e), 0);
	assert_int_equal(enter(idle,
			       "test -e /etc/x && test \"$(cat /tmp/x /etc/hosts)\" = "
			       "'10.0.0.1 idle'",
			       &e),
			 0);
	assert_int_equal(
		enter(idle, "test \"$(hostname)\" = idle && ls /sys/class/net/lo >/tmp/o", &e), 0);
	assert_int_equal(enter(busy, "exit 7", &e), 7);
	assert_int_equal(enter(busy, "grep -q sleep /proc/[0-9]*/comm", &e), 0);
}

static void gone_soon(const struct proc_id *id)
{
	for (int i = 0; proc_alive(id) && i < 1000; i++)
		poll(NULL, 0, 10);
	assert_false(proc_alive(id));
}

static void from_outside(void **state)
{
	struct proc_id idle, busy;
	struct err e = ERR_INIT;
	int told[2], status;
	pid_t pid;

	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	pid = supervisor_with(stay, told[1]);
	close(told[1]);
	assert_int_equal(read(told[0], &idle, sizeof(idle)), sizeof(idle));
	assert_int_equal(read(told[0], &busy, sizeof(busy)), sizeof(busy));
	close(told[0]);
	assert_true(proc_alive(&idle) && proc_alive(&busy));
	entered(&idle, &busy);
	/* with the supervisor all of it dies */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	gone_soon(&idle);
	gone_soon(&busy);
	assert_int_equal(enter(&idle, "true", &e), -ESRCH);
	assert_non_null(strstr(e.msg, "node n1 of lab lab does not run"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_host_copy_on_write),
		cmocka_unit_test(layers_of_its_own),
		cmocka_unit_test(mounts_of_the_file),
		cmocka_unit_test(submounts),
		cmocka_unit_test(limits_and_their_groups),
		cmocka_unit_test(groups_of_a_dead_lab),
		cmocka_unit_test(from_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
