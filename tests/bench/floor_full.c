/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor_full - what the whole of ctrun's default container costs when nothing
 * stands around it: the same mounts, cgroup, files, capabilities, filter and
 * guard as core/ makes, by code that checks only that nothing fails. What core/
 * has to hide it does not: records and groups first, then the child with all
 * its mounts, the network namespace beside them. So ctrun, whose guard builds the
 * root while its runner writes records, can come close to it; and it has none of
 * the firewall's elements that a container on a bridge has.
 *
 *     floor_full [--net BRIDGE ADDRESS GATEWAY] ROOTFS COMMAND [ARG...]
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/seccomp_tree.h"
#include "tests/bench/die.h"
#include "tests/bench/wire.h"

#include "seccomp_default.inc"

#define SAFE	 (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define CAPS	 0xa80425fbu /* docker's set */
#define LAST_CAP 40
#define STATE	 "/run/floor"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct floor {
	const char *bridge, *address, *gateway; /* NULL: no network */
	const char *rootfs;
	char **argv;
	char dir[64], cgroup[256];
	int files[3]; /* clones of hosts, resolv.conf, hostname */
	int cgroup_fd, netns;
	int line[2]; /* runner, guard: the namespace is there, the exit status */
	int sync[2]; /* runner, child: the network namespace, go; end of file at exec */
};

static int check(int r, const char *what)
{
	if (r < 0)
		die(what);
	return r;
}

/* ---- mounts: core/vfs.c, rootfs.c, mount.c, dev.c ---- */

struct option {
	const char *key, *value;
};

static int fs_new(const char *type, const struct option *o, unsigned attr)
{
	int fs = check(fsopen(type, FSOPEN_CLOEXEC), type), mnt;

	for (; o && o->key; o++)
		check(fsconfig(fs, FSCONFIG_SET_STRING, o->key, o->value, 0), o->key);
	check(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
	mnt = check(fsmount(fs, FSMOUNT_CLOEXEC, attr), type);
	close(fs);
	return mnt;
}

static void attach(int mnt, int dir, const char *path)
{
	check(move_mount(mnt, "", dir, path,
			 MOVE_MOUNT_F_EMPTY_PATH | (*path ? 0 : MOVE_MOUNT_T_EMPTY_PATH)),
	      path);
}

static int tree_clone(int from, const char *path, uint64_t attr)
{
	struct mount_attr a = { .attr_set = attr };
	int mnt = open_tree(from, path,
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*path ? 0 : AT_EMPTY_PATH));

	if (mnt >= 0 && attr)
		check(mount_setattr(mnt, "", AT_EMPTY_PATH, &a, sizeof(a)), path);
	return mnt;
}

/* What this kernel lacks cannot be masked; a clone that finds no place costs an RCU wait. */
static void bind_over(int from, const char *source, int to, const char *target, uint64_t attr)
{
	int mnt;

	if (faccessat(to, target, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	mnt = check(tree_clone(from, source, attr), source);
	attach(mnt, to, target);
	close(mnt);
}

static int place(int root, const char *path, const char *type, const struct option *o,
		 unsigned attr)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW,
				.resolve = RESOLVE_IN_ROOT };
	int dir = check((int)syscall(SYS_openat2, root, path, &how, sizeof(how)), path);
	int mnt = fs_new(type, o, attr);

	attach(mnt, dir, "");
	close(dir);
	return mnt;
}

static const struct {
	const char *name;
	unsigned major, minor;
} nodes[] = { { "null", 1, 3 },	  { "zero", 1, 5 },    { "full", 1, 7 },
	      { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 } };
static const struct {
	const char *name, *target;
} links[] = { { "ptmx", "pts/ptmx" },
	      { "fd", "/proc/self/fd" },
	      { "stdin", "/proc/self/fd/0" },
	      { "stdout", "/proc/self/fd/1" },
	      { "stderr", "/proc/self/fd/2" } };

static void make_dev(int root, int scratch)
{
	static const struct option dev_o[] = { { "mode", "0755" }, { "size", "64m" }, { 0 } };
	static const struct option shm_o[] = { { "mode", "1777" }, { "size", "64m" }, { 0 } };
	static const struct option pts_o[] = {
		{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" }, { 0 }
	};
	static const struct {
		const char *dir, *type;
		const struct option *o;
		unsigned attr;
	} below[] = { { "pts", "devpts", pts_o, SAFE & ~MOUNT_ATTR_NODEV },
		      { "shm", "tmpfs", shm_o, SAFE },
		      { "mqueue", "mqueue", NULL, SAFE } };
	int dev = place(root, "/dev", "tmpfs", dev_o, SAFE);

	for (size_t i = 0; i < COUNT(below); i++) {
		int mnt = fs_new(below[i].type, below[i].o, below[i].attr);

		check(mkdirat(dev, below[i].dir, 0755), below[i].dir);
		attach(mnt, dev, below[i].dir);
		close(mnt);
	}
	for (size_t i = 0; i < COUNT(nodes); i++) {
		char from[32];

		snprintf(from, sizeof(from), "nodes/%s", nodes[i].name);
		check(mknodat(dev, nodes[i].name, S_IFREG | 0666, 0), nodes[i].name);
		bind_over(scratch, from, dev, nodes[i].name, 0);
	}
	for (size_t i = 0; i < COUNT(links); i++)
		check(symlinkat(links[i].target, dev, links[i].name), links[i].name);
	close(dev);
}

static void make_proc(int root, int scratch)
{
	static const char *const readonly[] = { "bus", "fs", "irq", "sys", "sysrq-trigger" };
	static const struct {
		const char *name, *with;
	} masked[] = { { "acpi", "empty" },
		       { "asound", "empty" },
		       { "interrupts", "nodes/null" },
		       { "kcore", "nodes/null" },
		       { "keys", "nodes/null" },
		       { "scsi", "empty" },
		       { "timer_list", "nodes/null" } };
	int proc = place(root, "/proc", "proc", NULL, SAFE);

	for (size_t i = 0; i < COUNT(readonly); i++)
		bind_over(proc, readonly[i], proc, readonly[i], MOUNT_ATTR_RDONLY | SAFE);
	for (size_t i = 0; i < COUNT(masked); i++)
		bind_over(scratch, masked[i].with, proc, masked[i].name,
			  masked[i].with[0] == 'e' ? MOUNT_ATTR_RDONLY | SAFE : 0);
	close(proc);
}

static void make_sys(int root, int scratch)
{
	int sys = place(root, "/sys", "sysfs", NULL, SAFE | MOUNT_ATTR_RDONLY);

	bind_over(scratch, "empty", sys, "firmware", MOUNT_ATTR_RDONLY | SAFE);
	close(sys);
}

static void make_files(const struct floor *f, int root)
{
	static const char *const names[] = { "hosts", "resolv.conf", "hostname" };

	for (size_t i = 0; i < COUNT(names); i++) {
		char path[32];
		int to;

		snprintf(path, sizeof(path), "etc/%s", names[i]);
		to = check(openat(root, path, O_CREAT | O_RDONLY | O_CLOEXEC, 0644), path);
		attach(f->files[i], to, "");
		close(to);
	}
}

static int make_root(const struct floor *f, int *ret_scratch)
{
	static const struct option o[] = { { "size", "536870912" }, { "mode", "0755" }, { 0 } };
	char lower[32], upper[32], work[32];
	struct option overlay[] = {
		{ "lowerdir", lower }, { "upperdir", upper }, { "workdir", work }, { 0 }
	};
	int scratch = fs_new("tmpfs", o, MOUNT_ATTR_NOSUID), root;

	attach(scratch, AT_FDCWD, "/proc/driver"); /* goes with the old root */
	check(mkdirat(scratch, "upper", 0755), "upper");
	check(mkdirat(scratch, "work", 0700), "work");
	check(mkdirat(scratch, "nodes", 0755), "nodes");
	check(mkdirat(scratch, "empty", 0555), "empty");
	for (size_t i = 0; i < COUNT(nodes); i++) {
		char path[32];

		snprintf(path, sizeof(path), "nodes/%s", nodes[i].name);
		check(mknodat(scratch, path, S_IFCHR | 0666,
			      makedev(nodes[i].major, nodes[i].minor)),
		      path);
	}
	snprintf(lower, sizeof(lower), "/proc/self/fd/%d",
		 check(open(f->rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC), f->rootfs));
	snprintf(upper, sizeof(upper), "/proc/self/fd/%d",
		 openat(scratch, "upper", O_PATH | O_DIRECTORY | O_CLOEXEC));
	snprintf(work, sizeof(work), "/proc/self/fd/%d",
		 openat(scratch, "work", O_PATH | O_DIRECTORY | O_CLOEXEC));
	root = fs_new("overlay", overlay, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	attach(root, AT_FDCWD, "/");
	*ret_scratch = scratch;
	return root;
}

/* ---- the child: core/child.c, payload.c, caps.c, seccomp.c ---- */

static void confine(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { CAPS, CAPS, 0 }, { 0, 0, 0 } };
	struct sock_filter program[COUNT(default_program)];
	struct sock_fprog prog = { COUNT(default_program), program };

	memcpy(program, default_program, sizeof(program));
	for (unsigned cap = 0; cap <= LAST_CAP; cap++)
		if (cap > 31 || !(CAPS >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	check((int)syscall(SYS_setgroups, 0, NULL), "setgroups");
	check((int)syscall(SYS_setresgid, 0, 0, 0), "setresgid");
	check((int)syscall(SYS_setresuid, 0, 0, 0), "setresuid");
	check((int)syscall(SYS_capset, &h, d), "capset");
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	check((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog), "seccomp");
}

/* One byte with a descriptor, which may be -1. */
static void send_fd(int sock, int fd)
{
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(sizeof(int))];
	} u = { .h = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec v = { "", 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
	if (fd >= 0) {
		m.msg_control = &u;
		m.msg_controllen = sizeof(u);
	}
	check((int)sendmsg(sock, &m, MSG_NOSIGNAL), "send");
}

static int receive_fd(int sock)
{
	union {
		struct cmsghdr h;
		char space[CMSG_SPACE(sizeof(int))];
	} u = { .h = { 0 } };
	char byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = &u, .msg_controllen = sizeof(u)
	};
	int fd = -1;

	check(recvmsg(sock, &m, MSG_CMSG_CLOEXEC) == 1 ? 0 : -1, "receive");
	if (m.msg_controllen)
		memcpy(&fd, CMSG_DATA(&u.h), sizeof(fd));
	return fd;
}

static void child(const struct floor *f)
{
	int scratch, root;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	check(unshare(CLONE_NEWCGROUP), "cgroup namespace");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	root = make_root(f, &scratch);
	make_proc(root, scratch);
	make_dev(root, scratch);
	check(setns(receive_fd(f->sync[1]), CLONE_NEWNET), "network namespace");
	make_sys(root, scratch);
	make_files(f, root);
	check(sethostname("floor", 5), "hostname");
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	    umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die("pivot_root");
	receive_fd(f->sync[1]);
	dup3(f->sync[1], 3, O_CLOEXEC);
	close_range(4, ~0u, 0);
	confine();
	execvp(f->argv[0], f->argv);
	die(f->argv[0]);
}

/* ---- the runner: core/guard.c, cgroup.c, state.c, net/attach.c ---- */

static pid_t make_process(uint64_t flags, int cgroup, int *ret_pidfd)
{
	struct clone_args a = { .flags = flags | CLONE_PIDFD,
				.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
				.exit_signal = SIGCHLD };

	if (cgroup >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)cgroup;
	}
	return (pid_t)check((int)syscall(SYS_clone3, &a, sizeof(a)), "clone3");
}

/* In all namespaces of the container but its pid namespace, which it makes. */
static void guard_main(const struct floor *f)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	struct pollfd p[] = { { 0, POLLIN, 0 }, { 1, POLLIN, 0 } };
	siginfo_t end = { 0 };
	int first, status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (make_process(CLONE_NEWPID, f->cgroup_fd, &first) == 0)
		child(f);
	dup2(f->line[1], 0);
	dup2(first, 1);
	close_range(2, ~0u, 0);
	setsid();
	if (unshare(CLONE_NEWNET) < 0 ||
	    ioctl(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), SIOCSIFFLAGS, &lo) < 0 ||
	    write(0, "", 1) != 1)
		_Exit(1);
	check(poll(p, 2, -1), "poll");
	if (p[0].revents || waitid(P_PIDFD, 1, &end, WEXITED) < 0)
		_Exit(1);
	status = end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
	_Exit(write(0, &status, sizeof(status)) == sizeof(status) ? 0 : 1);
}

static void write_file(const char *path, const char *text)
{
	int fd = check(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), path);

	check((int)write(fd, text, strlen(text)), path);
	close(fd);
}

/* Written beside it, then renamed, as records are. */
static void write_record(const char *path)
{
	static const char record[] = "{\"id\": \"0123456789ab\", \"name\": \"floor\", \"status\": "
				     "\"running\", \"command\": [\"true\"], \"exit_code\": -1}";
	char tmp[128];

	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	write_file(tmp, record);
	check(rename(tmp, path), path);
}

static const char *in_dir(const struct floor *f, const char *name, char buf[128])
{
	snprintf(buf, 128, "%s/%s", f->dir, name);
	return buf;
}

static void state_make(struct floor *f)
{
	static const char *const names[] = { "hosts", "resolv.conf", "hostname" };
	char path[128];

	mkdir(STATE, 0700);
	check(mkdir(f->dir, 0700), f->dir);
	write_record(in_dir(f, "state.json", path));
	for (size_t i = 0; i < COUNT(names); i++) {
		write_file(in_dir(f, names[i], path), "127.0.0.1\tlocalhost\n");
		/* cloned here: the child's mount namespace is another */
		f->files[i] = check(tree_clone(AT_FDCWD, path, MOUNT_ATTR_RDONLY | SAFE), path);
	}
}

static void state_remove(const struct floor *f)
{
	static const char *const names[] = { "state.json", "hosts",  "resolv.conf",
					     "hostname",   "attach", "lease" };
	char path[128];

	for (size_t i = 0; i < COUNT(names); i++)
		unlink(in_dir(f, names[i], path));
	rmdir(f->dir);
}

/* CT_CGROUP_PARENT is where a test's sandbox wants the groups to be. */
static void cgroup_make(struct floor *f)
{
	const char *parent = getenv("CT_CGROUP_PARENT"), *mount = "/sys/fs/cgroup/unified";

	if (access(mount, F_OK) < 0)
		mount = "/sys/fs/cgroup";
	snprintf(f->cgroup, sizeof(f->cgroup), "%s/%s", mount, parent ? parent : "");
	mkdir(f->cgroup, 0755);
	snprintf(f->cgroup, sizeof(f->cgroup), "%s/%s/floor", mount, parent ? parent : "");
	mkdir(f->cgroup, 0755);
	snprintf(f->cgroup, sizeof(f->cgroup), "%s/%s/floor/%d", mount, parent ? parent : "",
		 getpid());
	check(mkdir(f->cgroup, 0755), f->cgroup);
	f->cgroup_fd = check(open(f->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC), f->cgroup);
}

/* Lock, lease, record, veth, then inside: the order of net/attach.c. */
static void network_make(const struct floor *f)
{
	char path[128], name[16];
	int lock = check(open(STATE "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600), "lock");

	check(flock(lock, LOCK_EX), "lock");
	check(symlink(f->address, in_dir(f, "lease", path)), path);
	write_record(in_dir(f, "attach", path));
	close(lock);
	snprintf(name, sizeof(name), "ff%d", getpid());
	wire_veth(name, f->bridge, IFLA_NET_NS_FD, f->netns);
	check(setns(f->netns, CLONE_NEWNET), "setns");
	wire_inside(f->address, 24, f->gateway, false);
}

static int run(struct floor *f)
{
	int pidfd, status;
	char byte, path[128];
	pid_t guard;

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->line), "socketpair");
	check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, f->sync), "socketpair");
	snprintf(f->dir, sizeof(f->dir), STATE "/%d", getpid());
	state_make(f);
	cgroup_make(f);
	guard = make_process(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC, -1, &pidfd);
	if (guard == 0)
		guard_main(f);
	close(f->line[1]);
	close(f->sync[1]);
	check(read(f->line[0], &byte, 1) == 1 ? 0 : -1, "guard");
	snprintf(path, sizeof(path), "/proc/%d/ns/net", guard);
	f->netns = check(open(path, O_RDONLY | O_CLOEXEC), path);
	send_fd(f->sync[0], f->netns);
	if (f->bridge)
		network_make(f);
	write_record(in_dir(f, "state.json", path));
	send_fd(f->sync[0], -1);
	check((int)read(f->sync[0], &byte, 1), "exec");
	check(read(f->line[0], &status, sizeof(status)) == sizeof(status) ? 0 : -1, "end");
	check(rmdir(f->cgroup), f->cgroup);
	state_remove(f);
	check(waitpid(guard, NULL, 0), "wait for the guard");
	return status;
}

int main(int argc, char **argv)
{
	struct floor f = { .cgroup_fd = -1 };
	int at = 1;

	if (argc > 4 && !strcmp(argv[1], "--net")) {
		f.bridge = argv[2];
		f.address = argv[3];
		f.gateway = argv[4];
		at = 5;
	}
	if (argc < at + 2) {
		fprintf(stderr,
			"usage: floor_full [--net BRIDGE ADDRESS GATEWAY] ROOTFS COMMAND...\n");
		return 2;
	}
	f.rootfs = argv[at];
	f.argv = argv + at + 1;
	return run(&f);
}
