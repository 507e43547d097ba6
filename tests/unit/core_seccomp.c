/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emitted program is interpreted for every system call number and compared
 * with what the text of the list says, read here by other code than the one
 * that compiled it; then it is installed for real.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/err.h"
#include "core/caps.h"
#include "core/seccomp.h"
#include "core/seccomp_tree.h"

#define NRS	   601
#define RET_EPERM  (SECCOMP_RET_ERRNO | EPERM)
#define RET_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)
#define BIT(c)	   (1ULL << (c))

#if defined(__x86_64__)
#define ARCH	  AUDIT_ARCH_X86_64
#define ARCH_NAME "x86_64"
#elif defined(__aarch64__)
#define ARCH	  AUDIT_ARCH_AARCH64
#define ARCH_NAME "aarch64"
#elif defined(__riscv)
#define ARCH	  AUDIT_ARCH_RISCV64
#define ARCH_NAME "riscv64"
#else
#define ARCH	  AUDIT_ARCH_PPC64LE
#define ARCH_NAME "ppc64le"
#endif

/* ---- classic BPF as the kernel checks and runs it for seccomp ---- */

static uint32_t run(const struct sock_filter *v, size_t n, const struct seccomp_data *d,
		    unsigned *steps)
{
	uint32_t a = 0;

	*steps = 0;
	for (size_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &v[pc];

		++*steps;
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(i->k % 4 == 0 && i->k + 4 <= sizeof(*d));
			memcpy(&a, (const char *)d + i->k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu: code 0x%x", pc, i->code);
		}
	}
	fail_msg("ran off the end");
	return 0;
}

struct program {
	struct sock_filter v[SECCOMP_MAX_INSNS];
	size_t n;
};

static void build(struct program *p, uint64_t caps, bool packet)
{
	const struct seccomp_want want = { caps, packet, true };
	int n = seccomp_program(&want, p->v, SECCOMP_MAX_INSNS);

	assert_in_range(n, 10, SECCOMP_MAX_INSNS);
	p->n = (size_t)n;
	for (size_t i = 0; i < p->n; i++)
		if (BPF_CLASS(p->v[i].code) == BPF_JMP)
			assert_true(i + 1 + p->v[i].jt < p->n && i + 1 + p->v[i].jf < p->n);
}

static uint32_t verdict(const struct program *p, long nr, uint64_t arg0, uint64_t arg1)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = ARCH, .args = { arg0, arg1 } };
	unsigned steps;

	return run(p->v, p->n, &d, &steps);
}

/* ---- the list, read anew ---- */

struct listed {
	bool always;
	uint64_t caps;
};

static struct listed list[NRS];
static int newest = -1;
static int (*resolve)(uint32_t arch, const char *name);

static int number_of(char *word)
{
	char *eq = strchr(word, '=');
	int nr;

	if (eq)
		*eq = '\0';
	nr = resolve(ARCH, word);
	return nr == -1 && eq ? (int)strtol(eq + 1, NULL, 10) : nr;
}

static void read_line(char *line, char *section)
{
	uint64_t cap = 0;
	char *w;

	line[strcspn(line, "#\n")] = '\0';
	if (line[0] == '[') {
		snprintf(section, 64, "%.*s", (int)strcspn(line + 1, "]"), line + 1);
		return;
	}
	if (strncmp(section, "CAP_", 4) == 0)
		assert_int_equal(caps_parse(section, &cap, NULL), 0);
	else if (strcmp(section, "always") != 0 && strcmp(section, "arch " ARCH_NAME) != 0 &&
		 strcmp(section, "newest") != 0)
		return;
	while ((w = strsep(&line, " \t"))) {
		int nr = *w ? number_of(w) : -1;

		if (nr < 0)
			continue;
		assert_true(nr < NRS);
		if (strcmp(section, "newest") == 0)
			newest = nr;
		else if (cap)
			list[nr].caps |= cap;
		else
			list[nr].always = true;
	}
}

static int read_list(void **state)
{
	char path[4096], line[1024], section[64] = "";
	void *lib = dlopen("libseccomp.so.2", RTLD_NOW);
	FILE *f;

	if (!lib)
		return 0;
	*(void **)&resolve = dlsym(lib, "seccomp_syscall_resolve_name_arch");
	snprintf(path, sizeof(path), "%s/core/seccomp_default.list", CT_SOURCE);
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(resolve);
	while (fgets(line, sizeof(line), f))
		read_line(line, section);
	fclose(f);
	assert_true(newest > 440);
	return 0;
}

static uint32_t expected(long nr, uint64_t caps)
{
	if (nr > newest)
		return RET_ENOSYS;
	if (nr == SYS_clone3 && !(caps & BIT(CAP_SYS_ADMIN)))
		return RET_ENOSYS;
	return list[nr].always || list[nr].caps & caps ? SECCOMP_RET_ALLOW : RET_EPERM;
}

/* ---- tests ---- */

static void every_number_is_as_listed(void **state)
{
	const uint64_t sets[] = {
		caps_default(),
		0,
		UINT64_MAX,
		BIT(CAP_SYS_ADMIN),
		BIT(CAP_BPF),
		BIT(CAP_PERFMON) | BIT(CAP_SYS_NICE),
		BIT(CAP_SYSLOG) | BIT(CAP_SYS_TIME) | BIT(CAP_SYS_CHROOT),
		caps_default() | BIT(CAP_SYS_PTRACE) | BIT(CAP_NET_ADMIN),
		BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_BOOT),
		BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_PACCT) | BIT(CAP_SYS_TTY_CONFIG),
	};
	struct program p;

	if (!resolve)
		skip();
	for (size_t s = 0; s < 2 * sizeof(sets) / sizeof(*sets); s++) {
		build(&p, sets[s / 2], s % 2);
		for (long nr = 0; nr < NRS; nr++) {
			uint32_t got = verdict(&p, nr, 0, 0), want = expected(nr, sets[s / 2]);

			if (got != want)
				fail_msg("set 0x%llx: call %ld gives 0x%x, not 0x%x",
					 (unsigned long long)sets[s / 2], nr, got, want);
		}
	}
}

static void signals_to_pid_1_are_notified(void **state)
{
	static const long calls[] = { SYS_kill, SYS_tkill, SYS_tgkill };
	const struct seccomp_want deaf = { caps_default(), false, false };
	struct program p;

	build(&p, caps_default(), false);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		assert_int_equal(verdict(&p, calls[i], 1, 9), SECCOMP_RET_USER_NOTIF);
		assert_int_equal(verdict(&p, calls[i], 2, 9), SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&p, calls[i], (uint64_t)-1, 9), SECCOMP_RET_ALLOW);
	}
	p.n = (size_t)seccomp_program(&deaf, p.v, SECCOMP_MAX_INSNS);
	assert_int_equal(verdict(&p, SYS_kill, 1, 9), SECCOMP_RET_ALLOW);
}

/* The one embedded and the one made at run time come from one builder. */
static void the_default_is_precompiled(void **state)
{
	struct program a, b;

	build(&a, caps_default(), false);
	build(&b, caps_default() | BIT(CAP_NET_ADMIN), false); /* changes no call */
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.v, b.v, a.n * sizeof(a.v[0]));
	assert_int_equal(seccomp_program(&(struct seccomp_want){ caps_default(), false, true }, a.v,
					 a.n - 1),
			 -E2BIG);
	assert_int_equal(seccomp_program(&(struct seccomp_want){ caps_default(), true, true }, a.v,
					 20),
			 -E2BIG);
	print_message("          %zu instructions\n", a.n);
}

static void a_way_through_the_tree_is_short(void **state)
{
	struct program p;
	unsigned most = 0;

	build(&p, caps_default(), false);
	for (int nr = 0; nr < NRS; nr++) {
		struct seccomp_data d = { .nr = nr, .arch = ARCH, .args = { 1, 1 } };
		unsigned steps;

		run(p.v, p.n, &d, &steps);
		if (steps > most)
			most = steps;
	}
	print_message("          at most %u steps\n", most);
	assert_in_range(most, 5, 20);
}

static void foreign_architectures_and_odd_numbers(void **state)
{
	struct program p;
	struct seccomp_data d = { .nr = 0, .arch = AUDIT_ARCH_I386 };
	unsigned steps;

	build(&p, UINT64_MAX, true);
	assert_int_equal(run(p.v, p.n, &d, &steps), SECCOMP_RET_KILL_PROCESS);
	d.arch = ARCH ^ 1;
	assert_int_equal(run(p.v, p.n, &d, &steps), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(verdict(&p, 0x40000000, 0, 0), RET_ENOSYS); /* x32 */
	assert_int_equal(verdict(&p, 0x40000000 + SYS_openat, 0, 0), RET_ENOSYS);
	assert_int_equal(verdict(&p, -1, 0, 0), RET_ENOSYS);
	assert_int_equal(verdict(&p, 65536 + SYS_read, 0, 0), RET_ENOSYS);
}

static void arguments_count_in_their_low_half(void **state)
{
	static const uint64_t highs[] = { 0, 1ULL << 32, 0xffffffffULL << 32 };
	static const uint64_t namespaces[] = { CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
					       CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
					       CLONE_NEWNET };
	struct program p, admin, packet;

	build(&p, caps_default(), false);
	build(&admin, caps_default() | BIT(CAP_SYS_ADMIN), false);
	build(&packet, caps_default(), true);
	for (size_t i = 0; i < sizeof(highs) / sizeof(*highs); i++) {
		uint64_t h = highs[i];

		for (size_t k = 0; k < sizeof(namespaces) / sizeof(*namespaces); k++) {
			uint64_t flags = h | namespaces[k] | SIGCHLD;

			assert_int_equal(verdict(&p, SYS_clone, flags, 0), RET_EPERM);
			assert_int_equal(verdict(&admin, SYS_clone, flags, 0), SECCOMP_RET_ALLOW);
		}
		assert_int_equal(verdict(&p, SYS_clone, h | CLONE_VM | CLONE_THREAD | CLONE_IO, 0),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&p, SYS_socket, h | AF_PACKET, SOCK_RAW), RET_EPERM);
		assert_int_equal(verdict(&p, SYS_socket, h | AF_INET, SOCK_PACKET), RET_EPERM);
		assert_int_equal(verdict(&p, SYS_socket, AF_INET, h | SOCK_PACKET | SOCK_CLOEXEC),
				 RET_EPERM);
		assert_int_equal(verdict(&packet, SYS_socket, h | AF_PACKET, SOCK_RAW),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&packet, SYS_socket, AF_INET, h | SOCK_PACKET),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&packet, SYS_socket, h | AF_VSOCK, 1), RET_EPERM);
		assert_int_equal(verdict(&p, SYS_socket, h | AF_VSOCK, 1), RET_EPERM);
		assert_int_equal(verdict(&p, SYS_socket, h | AF_INET6, SOCK_RAW),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&p, SYS_ioctl, 0, h | TIOCSTI), RET_EPERM);
		assert_int_equal(verdict(&admin, SYS_ioctl, 0, h | TIOCLINUX), RET_EPERM);
		assert_int_equal(verdict(&p, SYS_ioctl, TIOCSTI, h | TIOCGWINSZ),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&p, SYS_personality, h | 0xffffffff, 0),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&p, SYS_personality, h | 0x20008, 0), SECCOMP_RET_ALLOW);
		assert_int_equal(verdict(&p, SYS_personality, h | READ_IMPLIES_EXEC, 0), RET_EPERM);
		assert_int_equal(verdict(&p, SYS_personality, h | ADDR_NO_RANDOMIZE, 0), RET_EPERM);
	}
}

/* ---- installed ---- */

#define STEP(n, ok)               \
	do {                      \
		if (!(ok))        \
			return n; \
	} while (0)

/* Without a listener, as nobody here would answer. */
static int install(uint64_t caps, bool packet, struct err *e)
{
	const struct seccomp_want want = { caps, packet, false };
	int none, r = seccomp_install(&want, &none, e);

	return r == 0 && none != -1 ? -EINVAL : r;
}

static int fails_with(long r, int num)
{
	return r == -1 && errno == num;
}

static int under_the_filter(void)
{
	struct err e = ERR_INIT;
	int status, fds[2];
	pid_t pid;

	STEP(1, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	STEP(2, install(caps_default(), false, &e) == 0);
	STEP(3, fails_with(mount("x", "/nowhere", "tmpfs", 0, NULL), EPERM));
	STEP(4, fails_with(syscall(SYS_keyctl, 0, 0), EPERM));
	STEP(5, fails_with(syscall(SYS_bpf, 0, NULL, 0), EPERM));
	STEP(6, fails_with(socket(AF_PACKET, SOCK_RAW, 0), EPERM));
	STEP(7, fails_with(socket(AF_INET, SOCK_PACKET, htons(ETH_P_ALL)), EPERM));
	STEP(8, fails_with(socket(AF_VSOCK, SOCK_STREAM, 0), EPERM));
	STEP(9, fails_with(syscall(SYS_ioctl, 0, TIOCSTI, "x"), EPERM));
	STEP(10, fails_with(syscall(SYS_ioctl, 0, (1ULL << 32) | TIOCSTI, "x"), EPERM));
	STEP(11, fails_with(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM));
	STEP(12, fails_with(syscall(SYS_clone3, NULL, 0), ENOSYS));
	STEP(13, fails_with(unshare(CLONE_NEWUSER), EPERM));
	STEP(14, fails_with(syscall(SYS_io_uring_setup, 1, NULL), EPERM));
	STEP(15, fails_with(syscall(600), ENOSYS));
	STEP(16, fails_with(setns(0, 0), EPERM));
	STEP(17, pipe(fds) == 0 && personality(0xffffffff) >= 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execl("/bin/sh", "sh", "-c", "x=$(ls -d /); echo got $x", NULL);
		_exit(99);
	}
	STEP(18, pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
	{
		char buf[16] = "";

		STEP(19, read(fds[0], buf, sizeof(buf) - 1) == 6 && !strcmp(buf, "got /\n"));
	}
	return 0;
}

/* One listener in a chain; a second filter goes without, as kill proves. */
static int nested(void)
{
	const struct seccomp_want want = { caps_default(), false, true };
	int first, second;

	STEP(1, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	STEP(2, seccomp_install(&want, &first, NULL) == 0 && first >= 0);
	STEP(3, seccomp_install(&want, &second, NULL) == 0 && second == -1);
	STEP(4, kill(getpid(), 0) == 0);
	close(first);
	STEP(5, fails_with(kill(1, 0), ENOSYS));
	return 0;
}

static int with_capabilities(void)
{
	STEP(1, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	STEP(2, install(BIT(CAP_SYS_ADMIN), true, NULL) == 0);
	STEP(3, !fails_with(syscall(SYS_clone3, NULL, 0), ENOSYS));
	STEP(4, !fails_with(mount("x", "/nowhere", "tmpfs", 0, NULL), EPERM) || geteuid() != 0);
	/* the kernel may refuse it to this user, but for another reason than the type */
	STEP(5, !fails_with(socket(AF_PACKET, -1, 0), EPERM) || geteuid() != 0);
	STEP(6, fails_with(syscall(SYS_reboot, 0, 0, 0, NULL), EPERM));
	return 0;
}

static int without_no_new_privs(void)
{
	struct err e = ERR_INIT;

	STEP(1, caps_become(&(struct caps_want){ .uid = 1234, .gid = 1234 }, NULL) == 0 ||
			geteuid() != 0);
	STEP(2, install(caps_default(), false, &e) == -EACCES);
	STEP(3, strstr(e.msg, "install the system call filter"));
	return 0;
}

static void in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		fail_msg("step %d failed", WEXITSTATUS(status));
}

static void the_kernel_takes_and_keeps_it(void **state)
{
	in_child(under_the_filter);
	in_child(nested);
	in_child(with_capabilities);
	in_child(without_no_new_privs);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double best_of(uint64_t caps, bool packet, double *build_us)
{
	double best = 1e9, begin = now_us();
	struct program p;

	for (int i = 0; i < 100; i++)
		build(&p, caps, packet);
	*build_us = (now_us() - begin) / 100;
	for (int i = 0; i < 20; i++) {
		double start = now_us(), t;

		if (install(caps, packet, NULL) < 0)
			return 0;
		t = now_us() - start;
		best = t < best ? t : best;
	}
	return best;
}

static int timed(void)
{
	double made, t;

	STEP(1, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	t = best_of(caps_default(), false, &made);
	printf("          precompiled: %.0f us\n", t);
	t = best_of(caps_default(), true, &made);
	printf("          made at run time in %.1f us: %.0f us\n", made, t);
	fflush(stdout);
	return t > 5000; /* no benchmark, but a row of comparisons would show */
}

static void installation_is_quick(void **state)
{
	in_child(timed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_as_listed),
		cmocka_unit_test(the_default_is_precompiled),
		cmocka_unit_test(signals_to_pid_1_are_notified),
		cmocka_unit_test(a_way_through_the_tree_is_short),
		cmocka_unit_test(foreign_architectures_and_odd_numbers),
		cmocka_unit_test(arguments_count_in_their_low_half),
		cmocka_unit_test(the_kernel_takes_and_keeps_it),
		cmocka_unit_test(installation_is_quick),
	};

	return cmocka_run_group_tests(tests, read_list, NULL);
}
