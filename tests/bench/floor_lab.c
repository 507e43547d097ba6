/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor_lab - the least a lab can cost: a supervisor in pid, mount and network
 * namespaces of its own, bridges, and for each host a process with pid, mount,
 * uts, ipc, net and cgroup namespaces, a veth pair to its bridge, an address and a
 * route. No root to speak of, no names, no errors told. Then all of it taken down by
 * the death of the supervisor. IPv6 is kept quiet: a thousand hosts of a LAN that each
 * tell all others of their link-local address would cost more than everything else.
 *
 *     floor_lab SWITCHES HOSTS WORKERS	-> "UP DOWN", milliseconds
 *
 * So many hosts on each switch; more than one switch are joined by another. Made by so
 * many processes at the same time.
 */
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/if_link.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/die.h"
#include "tests/bench/wire.h"

/* Links in one send: as many as fit into a batch; the index of the first bridge. */
enum { CHUNK = 32, FIRST = 10, WORKERS = 64 };

/* Seen by all processes: nobody inherits a descriptor for each host. */
struct shared {
	_Atomic uint32_t wired[WORKERS]; /* hosts of each with a number below have their link */
	_Atomic uint32_t done;
};

struct lab {
	uint32_t switches, hosts, workers;
	struct shared *shared;
	int ready[2]; /* a byte: it is up */
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void wait_while(_Atomic uint32_t *word, uint32_t value)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static pid_t born(uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		die("clone3");
	return pid;
}

static void host(const struct lab *l, uint32_t num, _Atomic uint32_t *wired)
{
	struct shared *s = l->shared;
	char address[32];
	uint32_t below;

	while ((below = *wired) <= num)
		wait_while(wired, below);
	snprintf(address, sizeof(address), "10.0.%u.%u", (num + 1) >> 8, (num + 1) & 0xff);
	wire_inside(address, 8, "10.255.255.254", true);
	if (++s->done == l->switches * l->hosts)
		wake(&s->done);
	for (;;)
		pause();
}

/* What is born here from now on, the bridges' side of everything, has no IPv6. */
static void quiet(void)
{
	int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return; /* a kernel without */
	if (write(fd, "1", 1) != 1)
		die("disable_ipv6");
	close(fd);
}

/* An empty root: what is mounted would be copied for each host. */
static void empty_root(void)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/tmp", "tmpfs", 0, NULL) < 0 || chdir("/tmp") < 0 ||
	    syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die("root");
}

static void bridges(const struct lab *l, struct wire_batch *b)
{
	bool many = l->switches > 1;
	char name[16];

	for (uint32_t i = 0; i < l->switches + many; i++) {
		snprintf(name, sizeof(name), "b%u", i);
		wire_bridge_put(b, name, FIRST + i);
		if (i % CHUNK == CHUNK - 1)
			wire_send(b);
	}
	wire_send(b);
	for (uint32_t i = 0; many && i < l->switches; i++) {
		wire_trunk_put(b, 0x800000 + i, FIRST + i, FIRST + l->switches);
		if (i % CHUNK == CHUNK - 1)
			wire_send(b);
	}
	wire_send(b);
}

/* Hosts worker, worker + workers, ... of all. */
static void hosts(const struct lab *l, uint32_t worker)
{
	const uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC |
			       CLONE_NEWNET | CLONE_NEWCGROUP;
	uint32_t n = l->switches * l->hosts, put = 0;
	_Atomic uint32_t *wired = &l->shared->wired[worker];
	struct wire_batch b;

	b.fd = 0;
	b.len = 0;
	for (uint32_t i = worker; i < n; i += l->workers) {
		pid_t pid = born(flags);

		if (pid == 0)
			host(l, i, wired);
		wire_port_put(&b, i, FIRST + i / l->hosts, pid);
		if (++put % CHUNK && i + l->workers < n)
			continue;
		wire_send(&b);
		*wired = i + 1;
		wake(wired);
	}
}

/* Of its pid namespace the first: all end with it. */
static void supervisor(const struct lab *l)
{
	struct wire_batch b;
	uint32_t done;

	quiet();
	empty_root();
	b.fd = 0;
	b.len = 0;
	bridges(l, &b);
	for (uint32_t i = 1; i < l->workers; i++)
		if (born(0) == 0) {
			hosts(l, i);
			for (;;)
				pause();
		}
	hosts(l, 0);
	while ((done = l->shared->done) < l->switches * l->hosts)
		wait_while(&l->shared->done, done);
	if (write(l->ready[1], "", 1) != 1)
		die("ready");
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct lab l = { 0 };
	double start, up;
	char byte;
	pid_t pid;

	if (argc != 4) {
		fprintf(stderr, "usage: floor_lab SWITCHES HOSTS WORKERS\n");
		return 2;
	}
	l.switches = (uint32_t)strtoul(argv[1], NULL, 10);
	l.hosts = (uint32_t)strtoul(argv[2], NULL, 10);
	l.workers = (uint32_t)strtoul(argv[3], NULL, 10);
	if (l.workers < 1 || l.workers > WORKERS)
		return 2;
	start = now();
	l.shared = mmap(NULL, sizeof(*l.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (l.shared == MAP_FAILED || pipe2(l.ready, O_CLOEXEC) < 0)
		die("floor_lab");
	pid = born(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		supervisor(&l);
	}
	close(l.ready[1]);
	if (read(l.ready[0], &byte, 1) != 1) {
		fprintf(stderr, "floor_lab: it did not come up\n");
		return 125;
	}
	up = now();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("%.2f %.2f\n", up - start, now() - up);
	return 0;
}
