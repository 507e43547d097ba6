// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What fails here are resources: descriptors, memory, space, limits. What is refused
 * for good by how a call is made (EINVAL, EFAULT, EBADF) is no fault but a bug.
 */
#include "tests/faults/call.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "core/base/cleanup.h"

static const struct call calls[] = {
	/* files */
	{ "open", EMFILE, '0', false },
	{ "openat", EMFILE, '1', false },
	{ "openat2", EMFILE, '1', false },
	{ "creat", EMFILE, '0', false },
	{ "close", EIO, 'f', true },
	{ "close_range", ENOMEM, 0, false },
	{ "read", EIO, 'f', false },
	{ "readv", EIO, 'f', false },
	{ "pread64", EIO, 'f', false },
	{ "write", ENOSPC, 'f', false },
	{ "writev", ENOSPC, 'f', false },
	{ "pwrite64", ENOSPC, 'f', false },
	{ "sendfile", EIO, 'f', false },
	{ "copy_file_range", ENOSPC, 'f', false },
	{ "splice", ENOMEM, 'f', false },
	{ "lseek", EIO, 'f', false },
	{ "ftruncate", ENOSPC, 'f', false },
	{ "fallocate", ENOSPC, 'f', false },
	{ "fsync", EIO, 'f', false },
	{ "fdatasync", EIO, 'f', false },
	{ "flock", ENOLCK, 'f', false },
	{ "fcntl", EIO, 'f', false },
	{ "ioctl", EIO, 'f', false },
	{ "dup", EMFILE, 'f', false },
	{ "dup2", EMFILE, 'f', false },
	{ "dup3", EMFILE, 'f', false },
	{ "pipe", EMFILE, 0, false },
	{ "pipe2", EMFILE, 0, false },
	{ "stat", ENOMEM, '0', false },
	{ "lstat", ENOMEM, '0', false },
	{ "fstat", ENOMEM, 'f', false },
	{ "newfstatat", ENOMEM, '1', false },
	{ "statx", ENOMEM, '1', false },
	{ "statfs", ENOMEM, '0', false },
	{ "fstatfs", ENOMEM, 'f', false },
	{ "access", ENOMEM, '0', false },
	{ "faccessat", ENOMEM, '1', false },
	{ "faccessat2", ENOMEM, '1', false },
	{ "readlink", ENOMEM, '0', false },
	{ "readlinkat", ENOMEM, '1', false },
	{ "getdents64", EIO, 'f', false },
	{ "getcwd", ENOMEM, 0, false },
	{ "chdir", ENOMEM, '0', false },
	{ "fchdir", EIO, 'f', false },
	{ "mkdir", ENOSPC, '0', false },
	{ "mkdirat", ENOSPC, '1', false },
	{ "mknod", ENOSPC, '0', false },
	{ "mknodat", ENOSPC, '1', false },
	{ "symlink", ENOSPC, '1', false },
	{ "symlinkat", ENOSPC, '2', false },
	{ "link", ENOSPC, '1', false },
	{ "linkat", ENOSPC, '3', false },
	{ "unlink", EIO, '0', false },
	{ "unlinkat", EIO, '1', false },
	{ "rmdir", EIO, '0', false },
	{ "rename", ENOSPC, '0', false },
	{ "renameat", ENOSPC, '1', false },
	{ "renameat2", ENOSPC, '1', false },
	{ "chmod", EIO, '0', false },
	{ "fchmod", EIO, 'f', false },
	{ "fchmodat", EIO, '1', false },
	{ "chown", EIO, '0', false },
	{ "lchown", EIO, '0', false },
	{ "fchown", EIO, 'f', false },
	{ "fchownat", EIO, '1', false },
	{ "utimensat", EIO, '1', false },
	{ "getxattr", EIO, '0', false },
	{ "fgetxattr", EIO, 'f', false },
	{ "lgetxattr", EIO, '0', false },
	{ "listxattr", EIO, '0', false },
	{ "flistxattr", EIO, 'f', false },
	{ "setxattr", ENOSPC, '0', false },
	{ "fsetxattr", ENOSPC, 'f', false },
	{ "memfd_create", EMFILE, '0', false },
	{ "inotify_init1", EMFILE, 0, false },
	{ "inotify_add_watch", ENOSPC, '1', false },
	/* mounts */
	{ "mount", ENOMEM, '1', false },
	{ "umount2", EBUSY, '0', false },
	{ "pivot_root", EBUSY, '0', false },
	{ "chroot", ENOMEM, '0', false },
	{ "open_tree", EMFILE, '1', false },
	{ "move_mount", ENOMEM, '3', false },
	{ "mount_setattr", ENOMEM, '1', false },
	{ "fsopen", EMFILE, '0', false },
	{ "fsconfig", ENOMEM, '2', false },
	{ "fsmount", EMFILE, 0, false },
	{ "fspick", EMFILE, '1', false },
	{ "statmount", ENOMEM, 0, false },
	{ "listmount", ENOMEM, 0, false },
	/* sockets */
	{ "socket", EMFILE, 0, false },
	{ "socketpair", EMFILE, 0, false },
	{ "bind", ENOMEM, 'f', false },
	{ "connect", EAGAIN, 'f', false },
	{ "listen", ENOMEM, 'f', false },
	{ "accept", EMFILE, 'f', false },
	{ "accept4", EMFILE, 'f', false },
	{ "sendto", ENOBUFS, 'f', false },
	{ "sendmsg", ENOBUFS, 'f', false },
	{ "sendmmsg", ENOBUFS, 'f', false },
	{ "recvfrom", ENOBUFS, 'f', false },
	{ "recvmsg", ENOBUFS, 'f', false },
	{ "recvmmsg", ENOBUFS, 'f', false },
	{ "getsockname", ENOBUFS, 'f', false },
	{ "getpeername", ENOBUFS, 'f', false },
	{ "getsockopt", ENOMEM, 'f', false },
	{ "setsockopt", ENOMEM, 'f', false },
	{ "shutdown", ENOTCONN, 'f', false },
	/* waiting */
	{ "poll", EINTR, 0, false },
	{ "ppoll", EINTR, 0, false },
	{ "select", EINTR, 0, false },
	{ "pselect6", EINTR, 0, false },
	{ "epoll_create1", EMFILE, 0, false },
	{ "epoll_ctl", ENOMEM, 'f', false },
	{ "epoll_wait", EINTR, 'f', false },
	{ "epoll_pwait", EINTR, 'f', false },
	{ "eventfd2", EMFILE, 0, false },
	{ "signalfd4", EMFILE, 0, false },
	{ "timerfd_create", EMFILE, 0, false },
	{ "timerfd_settime", ENOMEM, 'f', false },
	{ "wait4", EINTR, 0, false },
	{ "waitid", EINTR, 0, false },
	{ "nanosleep", EINTR, 0, false },
	{ "clock_nanosleep", EINTR, 0, false },
	{ "rt_sigtimedwait", EINTR, 0, false },
	{ "rt_sigsuspend", EINTR, 0, false },
	{ "pause", EINTR, 0, false },
	/* processes */
	{ "clone", EAGAIN, 0, false },
	{ "clone3", EAGAIN, 0, false },
	{ "fork", EAGAIN, 0, false },
	{ "vfork", EAGAIN, 0, false },
	{ "unshare", ENOSPC, 0, false },
	{ "setns", ENOMEM, 'f', false },
	{ "execve", ENOMEM, '0', false },
	{ "execveat", ENOMEM, '1', false },
	{ "pidfd_open", EMFILE, 0, false },
	{ "pidfd_getfd", EMFILE, 'f', false },
	{ "pidfd_send_signal", EPERM, 'f', false },
	{ "kill", EPERM, 0, false },
	{ "tgkill", EPERM, 0, false },
	{ "prctl", EPERM, 0, false },
	{ "seccomp", ENOMEM, 0, false },
	{ "bpf", EPERM, 0, false },
	{ "capget", EPERM, 0, false },
	{ "capset", EPERM, 0, false },
	{ "setuid", EAGAIN, 0, false },
	{ "setgid", EPERM, 0, false },
	{ "setresuid", EAGAIN, 0, false },
	{ "setresgid", EPERM, 0, false },
	{ "setgroups", ENOMEM, 0, false },
	{ "getgroups", EIO, 0, false },
	{ "setsid", EPERM, 0, false },
	{ "setpgid", EPERM, 0, false },
	{ "setrlimit", EPERM, 0, false },
	{ "prlimit64", EPERM, 0, false },
	{ "setpriority", EPERM, 0, false },
	{ "sched_setscheduler", EPERM, 0, false },
	{ "sched_setaffinity", EPERM, 0, false },
	{ "sched_getaffinity", ENOMEM, 0, false },
	{ "sethostname", EPERM, 0, false },
	{ "setdomainname", EPERM, 0, false },
	{ "keyctl", EDQUOT, 0, false },
	{ "getrandom", EIO, 0, false },
	{ "personality", EPERM, 0, false },
	/* memory */
	{ "mmap", ENOMEM, 0, false },
	{ "mremap", ENOMEM, 0, false },
	{ "mprotect", ENOMEM, 0, false },
	{ "madvise", ENOMEM, 0, false },
	{ "munmap", ENOMEM, 0, true },
	/* the C library takes the result for the new break; see what nth makes of it */
	{ "brk", ENOMEM, 0, true },
	/* these cannot fail */
	{ "alarm", 0, 0, false },
	{ "arch_prctl", 0, 0, false },
	{ "clock_getres", 0, 0, false },
	{ "clock_gettime", 0, 0, false },
	{ "exit", 0, 0, false },
	{ "exit_group", 0, 0, false },
	{ "futex", 0, 0, false },
	{ "getcpu", 0, 0, false },
	{ "getegid", 0, 0, false },
	{ "geteuid", 0, 0, false },
	{ "getgid", 0, 0, false },
	{ "getpgid", 0, 0, false },
	{ "getpgrp", 0, 0, false },
	{ "getpid", 0, 0, false },
	{ "getppid", 0, 0, false },
	{ "getpriority", 0, 0, false },
	{ "getresgid", 0, 0, false },
	{ "getresuid", 0, 0, false },
	{ "getrlimit", 0, 0, false },
	{ "getsid", 0, 0, false },
	{ "gettid", 0, 0, false },
	{ "gettimeofday", 0, 0, false },
	{ "getuid", 0, 0, false },
	{ "restart_syscall", 0, 0, false },
	{ "rseq", 0, 0, false },
	{ "rt_sigaction", 0, 0, false },
	{ "rt_sigpending", 0, 0, false },
	{ "rt_sigprocmask", 0, 0, false },
	{ "rt_sigreturn", 0, 0, false },
	{ "sched_yield", 0, 0, false },
	{ "set_robust_list", 0, 0, false },
	{ "set_tid_address", 0, 0, false },
	{ "sigaltstack", 0, 0, false },
	{ "setitimer", 0, 0, false },
	{ "sync", 0, 0, false },
	{ "sysinfo", 0, 0, false },
	{ "time", 0, 0, false },
	{ "times", 0, 0, false },
	{ "umask", 0, 0, false },
	{ "uname", 0, 0, false },
};

/* Looked up by name only once: a run passes here a thousand times. */
const struct call *call_of(int nr)
{
	static const struct call none = { "?", EIO, 0, false };
	static const struct call *known[1024];
	static struct call others[ARRAY_SIZE(known)];
	char *name;

	if (nr < 0 || (size_t)nr >= ARRAY_SIZE(known))
		return &none;
	if (known[nr])
		return known[nr];
	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	others[nr] = (struct call){ .name = name ? name : "?", .num = EIO };
	known[nr] = &others[nr];
	for (size_t i = 0; name && i < ARRAY_SIZE(calls); i++)
		if (!strcmp(calls[i].name, name))
			known[nr] = &calls[i];
	return known[nr];
}

int call_number(const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr < 0 ? -1 : nr;
}

int call_errno(const char *word)
{
	for (int num = 1; num < 200; num++) {
		const char *name = strerrorname_np(num);

		if (name && !strcmp(name, word))
			return num;
	}
	return (int)strtol(word, NULL, 10);
}

int call_plausible(const struct call *c, const uint64_t args[6])
{
	/* the index of a link: that there is none is the only way not to have it */
	if (!strcmp(c->name, "ioctl") && args[1] == SIOCGIFINDEX)
		return 0;
	if (!strcmp(c->name, "prctl") && args[0] == PR_SET_NAME)
		return 0;
	if (strcmp(c->name, "fcntl"))
		return c->num;
	switch (args[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return EMFILE;
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return ENOLCK;
	case F_GETFD:
	case F_GETFL:
	case F_SETFD:
		return 0;
	default:
		return c->num;
	}
}
