/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor - the least a container can cost: the namespaces ctrun makes, a root
 * file system by pivot_root, /proc, exec, wait; with --net a veth pair on a
 * bridge, an address and a route besides. What ctrun needs beyond it is the
 * price of its safety, and of itself (floor_full tells the two apart).
 *
 *     floor [--net BRIDGE ADDRESS GATEWAY] ROOTFS COMMAND [ARG...]
 */
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/die.h"
#include "tests/bench/wire.h"

struct floor {
	const char *bridge, *address, *gateway; /* NULL: no network */
	const char *rootfs;
	char **argv;
	int go[2]; /* a byte when the veth is there */
};

static void child(const struct floor *f)
{
	char byte;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(f->rootfs, f->rootfs, NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(f->rootfs) < 0)
		die("root");
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die("pivot_root");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		die("proc");
	if (f->bridge) {
		if (read(f->go[0], &byte, 1) != 1)
			_Exit(125);
		wire_inside(f->address, 24, f->gateway, false);
	}
	execvp(f->argv[0], f->argv);
	die(f->argv[0]);
}

static int run(struct floor *f)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
			 CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	int status;
	pid_t pid;

	if (pipe2(f->go, O_CLOEXEC) < 0)
		die("pipe");
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		die("clone3");
	if (pid == 0)
		child(f);
	if (f->bridge) {
		char name[16];

		snprintf(name, sizeof(name), "fl%d", pid);
		wire_veth(name, f->bridge, IFLA_NET_NS_PID, pid);
		if (write(f->go[1], "", 1) != 1)
			die("go");
	}
	if (waitpid(pid, &status, 0) < 0)
		die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct floor f = { 0 };
	int at = 1;

	if (argc > 4 && !strcmp(argv[1], "--net")) {
		f.bridge = argv[2];
		f.address = argv[3];
		f.gateway = argv[4];
		at = 5;
	}
	if (argc < at + 2) {
		fprintf(stderr, "usage: floor [--net BRIDGE ADDRESS GATEWAY] ROOTFS COMMAND...\n");
		return 2;
	}
	f.rootfs = argv[at];
	f.argv = argv + at + 1;
	return run(&f);
}
