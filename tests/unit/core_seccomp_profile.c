/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles as docker and OCI have them, compiled, and the program run here for
 * calls and arguments as the kernel would; what is refused; the cache.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/json.h"
#include "core/base/str.h"
#include "core/seccomp_profile.h"

#if defined(__x86_64__)
#define ARCH	   AUDIT_ARCH_X86_64
#define ARCH_WORD  "SCMP_ARCH_X86_64"
#define OTHER_WORD "SCMP_ARCH_X86"
#define DOCKER	   "amd64"
#elif defined(__aarch64__)
#define ARCH	   AUDIT_ARCH_AARCH64
#define ARCH_WORD  "SCMP_ARCH_AARCH64"
#define OTHER_WORD "SCMP_ARCH_ARM"
#define DOCKER	   "arm64"
#endif

#define EPERM_	(SECCOMP_RET_ERRNO | EPERM)
#define ENOSYS_ (SECCOMP_RET_ERRNO | ENOSYS)
#define ALLOW	SECCOMP_RET_ALLOW
#define BIT(c)	(1ULL << (c))

/* All of classic BPF that libseccomp writes. */
static uint32_t run(const struct seccomp_filter *f, const struct seccomp_data *d)
{
	uint32_t a = 0, x;

	for (size_t pc = 0; pc < f->n; pc++) {
		const struct sock_filter *i = &f->insns[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(i->k % 4 == 0 && i->k + 4 <= sizeof(*d));
			memcpy(&a, (const char *)d + i->k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			x = a == i->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			x = a >= i->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			x = a > i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %zu: code 0x%x", pc, i->code);
			return 0;
		}
		pc += x ? i->jt : i->jf;
	}
	fail_msg("ran off the end");
	return 0;
}

static int compile(const char *text, uint64_t caps, const char *release, struct seccomp_filter *ret,
		   struct err *e)
{
	json_error_t why;
	_cleanup_json_ json_t *o = json_loads(text, 0, &why);
	struct seccomp_host host = { caps, release };

	if (!o)
		fail_msg("%s: %s", text, why.text);
	*ret = (struct seccomp_filter){ 0 };
	return seccomp_profile_compile(o, &host, ret, e);
}

static uint32_t verdict(const char *text, uint64_t caps, long nr, uint64_t arg0, uint64_t arg1)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = ARCH, .args = { arg0, arg1 } };
	struct seccomp_filter f;
	struct err e = ERR_INIT;
	uint32_t r;

	if (compile(text, caps, "6.1.0-18-amd64", &f, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	r = run(&f, &d);
	seccomp_filter_free(&f);
	return r;
}

#define RULE(rest)                                                                                \
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":13,\"syscalls\":["             \
	"{\"names\":[\"read\",\"reboot\",\"file_setattr\"],\"action\":\"SCMP_ACT_ALLOW\"},{" rest \
	"}]}"
#define DENIED (SECCOMP_RET_ERRNO | 13)

static void actions(void **state)
{
	static const struct {
		const char *word;
		uint32_t want;
	} t[] = {
		{ "\"action\":\"SCMP_ACT_ALLOW\"", ALLOW },
		{ "\"action\":\"SCMP_ACT_ERRNO\"", EPERM_ },
		{ "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38", ENOSYS_ },
		{ "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":0", SECCOMP_RET_ERRNO },
		{ "\"action\":\"SCMP_ACT_KILL\"", SECCOMP_RET_KILL_THREAD },
		{ "\"action\":\"SCMP_ACT_KILL_THREAD\"", SECCOMP_RET_KILL_THREAD },
		{ "\"action\":\"SCMP_ACT_KILL_PROCESS\"", SECCOMP_RET_KILL_PROCESS },
		{ "\"action\":\"SCMP_ACT_TRAP\"", SECCOMP_RET_TRAP },
		{ "\"action\":\"SCMP_ACT_LOG\"", SECCOMP_RET_LOG },
		{ "\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":7", SECCOMP_RET_TRACE | 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		_cleanup_free_ char *text =
			str_printf(RULE("\"names\":[\"mkdir\",\"mkdirat\"],%s"), t[i].word);

		assert_int_equal(verdict(text, 0, SYS_mkdirat, 0, 0), t[i].want);
		assert_int_equal(verdict(text, 0, SYS_read, 0, 0), ALLOW);
		assert_int_equal(verdict(text, 0, SYS_write, 0, 0), DENIED);
	}
	assert_int_equal(verdict("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", 0, 5000, 0, 0), ALLOW);
}

static void operators(void **state)
{
	static const struct {
		const char *op;
		uint64_t value, two;
		bool at[4]; /* arg 0 is 9, 10, 11, 10 with a bit above 32 */
	} t[] = {
		{ "SCMP_CMP_NE", 10, 0, { true, false, true, true } },
		{ "SCMP_CMP_LT", 10, 0, { true, false, false, false } },
		{ "SCMP_CMP_LE", 10, 0, { true, true, false, false } },
		{ "SCMP_CMP_EQ", 10, 0, { false, true, false, false } },
		{ "SCMP_CMP_GE", 10, 0, { false, true, true, true } },
		{ "SCMP_CMP_GT", 10, 0, { false, false, true, true } },
		{ "SCMP_CMP_MASKED_EQ", 3, 2, { false, true, false, true } },
		{ "SCMP_CMP_MASKED_EQ", 0xffffffff, 10, { false, true, false, true } },
	};
	const uint64_t values[] = { 9, 10, 11, 10 | 1ULL << 32 };

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		_cleanup_free_ char *text = str_printf(
			RULE("\"name\":\"dup\",\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{"
			     "\"index\":0,\"value\":%llu,\"valueTwo\":%llu,\"op\":\"%s\"}]"),
			(unsigned long long)t[i].value, (unsigned long long)t[i].two, t[i].op);

		for (size_t k = 0; k < ARRAY_SIZE(values); k++)
			if (verdict(text, 0, SYS_dup, values[k], 0) !=
			    (t[i].at[k] ? (uint32_t)ALLOW : (uint32_t)DENIED))
				fail_msg("%s, value %zu", t[i].op, k);
	}
}

/* Two on different arguments are both needed, two on one are alternatives. */
static void several_arguments(void **state)
{
	const char *both =
		RULE("\"names\":[\"dup2\",\"dup3\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		     "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
		     "{\"index\":1,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]");
	const char *either = RULE("\"names\":[\"dup3\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
				  "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"},"
				  "{\"index\":0,\"value\":2,\"op\":\"SCMP_CMP_EQ\"}]");

	assert_int_equal(verdict(both, 0, SYS_dup3, 1, 2), ALLOW);
	assert_int_equal(verdict(both, 0, SYS_dup3, 1, 3), DENIED);
	assert_int_equal(verdict(either, 0, SYS_dup3, 1, 0), ALLOW);
	assert_int_equal(verdict(either, 0, SYS_dup3, 2, 0), ALLOW);
	assert_int_equal(verdict(either, 0, SYS_dup3, 3, 0), DENIED);
}

static void conditions(void **state)
{
	static const struct {
		const char *rest;
		uint64_t caps;
		bool counts;
	} t[] = {
		{ "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", 0, false },
		{ "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", BIT(CAP_SYS_ADMIN), true },
		{ "\"includes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", BIT(CAP_SYS_ADMIN),
		  false },
		{ "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\",\"CAP_BPF\"]}", BIT(CAP_BPF), false },
		{ "\"excludes\":{\"caps\":[\"CAP_SYS_ADMIN\"]}", BIT(CAP_BPF), true },
		{ "\"includes\":{},\"excludes\":{}", 0, true },
		{ "\"includes\":null,\"excludes\":null,\"args\":null", 0, true },
		{ "\"includes\":{\"arches\":[\"" DOCKER "\",\"s390x\"]}", 0, true },
		{ "\"includes\":{\"arches\":[\"s390x\"]}", 0, false },
		{ "\"excludes\":{\"arches\":[\"" DOCKER "\"]}", 0, false },
		{ "\"includes\":{\"minKernel\":\"4.8\"}", 0, true },
		{ "\"includes\":{\"minKernel\":\"6.1\"}", 0, true },
		{ "\"includes\":{\"minKernel\":\"6.2\"}", 0, false },
		{ "\"includes\":{\"minKernel\":\"7.0\"}", 0, false },
		{ "\"excludes\":{\"minKernel\":\"4.8\"}", 0, false },
		{ "\"excludes\":{\"minKernel\":\"6.2\"}", 0, true },
		{ "\"includes\":{\"caps\":[\"CAP_BPF\"],\"arches\":[\"" DOCKER "\"]}", 0, false },
		{ "\"includes\":{\"caps\":[\"CAP_BPF\"],\"arches\":[\"s390x\"]}", BIT(CAP_BPF),
		  false },
		{ "\"includes\":{\"minKernel\":\"6.2\",\"arches\":[\"" DOCKER "\"]}", 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		_cleanup_free_ char *text = str_printf(
			RULE("\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ALLOW\",%s"), t[i].rest);

		if (verdict(text, t[i].caps, SYS_bpf, 0, 0) !=
		    (t[i].counts ? (uint32_t)ALLOW : (uint32_t)DENIED))
			fail_msg("%s with 0x%llx", t[i].rest, (unsigned long long)t[i].caps);
	}
}

static void what_is_younger_does_not_exist(void **state)
{
	const char *old =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":["
		"\"read\",\"statx\",\"no_such_call_yet\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";
	const char *enosys = "{\"defaultAction\":\"SCMP_ACT_TRAP\",\"syscalls\":[{\"names\":["
			     "\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

	assert_int_equal(verdict(old, 0, SYS_mkdirat, 0, 0), EPERM_);
	assert_int_equal(verdict(old, 0, SYS_statx, 0, 0), ALLOW);
	assert_int_equal(verdict(old, 0, SYS_clone3, 0, 0), ENOSYS_);
	assert_int_equal(verdict(old, 0, 4000, 0, 0), ENOSYS_);
	assert_int_equal(verdict(enosys, 0, SYS_clone3, 0, 0), SECCOMP_RET_TRAP);
	/* calls that are younger than the library are known too */
	assert_int_equal(verdict(RULE("\"names\":[\"mseal\"],\"action\":\"SCMP_ACT_LOG\""), 0, 462,
				 0, 0),
			 SECCOMP_RET_LOG);
}

static void architectures(void **state)
{
	static const char *const with[] = {
		"\"architectures\":[\"" ARCH_WORD "\",\"" OTHER_WORD "\"]",
		"\"archMap\":[{\"architecture\":\"SCMP_ARCH_S390X\",\"subArchitectures\":["
		"\"SCMP_ARCH_S390\"]},{\"architecture\":\"" ARCH_WORD
		"\",\"subArchitectures\":[\"" OTHER_WORD "\"]}]",
	};
	struct seccomp_data d = { .nr = 3, .arch = AUDIT_ARCH_I386 };
	struct seccomp_filter f;

	for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
		_cleanup_free_ char *text =
			str_printf("{\"defaultAction\":\"SCMP_ACT_ERRNO\",%s,\"syscalls\":[{"
				   "\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}",
				   with[i]);

		assert_int_equal(verdict(text, 0, SYS_read, 0, 0), ALLOW);
		assert_int_equal(compile(text, 0, "6.1", &f, NULL), 0);
#if defined(__x86_64__)
		assert_int_equal(run(&f, &d), ALLOW); /* read is 3 there */
		d.arch = AUDIT_ARCH_S390X;
#endif
		d.arch = AUDIT_ARCH_S390X;
		assert_int_equal(run(&f, &d), SECCOMP_RET_KILL_PROCESS);
		d.arch = AUDIT_ARCH_I386;
		seccomp_filter_free(&f);
	}
	assert_int_equal(compile("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", 0, "6.1", &f, NULL), 0);
	assert_int_equal(run(&f, &d), SECCOMP_RET_KILL_PROCESS);
	seccomp_filter_free(&f);
}

static void flags(void **state)
{
	struct seccomp_filter f;

	assert_int_equal(compile("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
				 "\"SECCOMP_FILTER_FLAG_LOG\",\"SECCOMP_FILTER_FLAG_TSYNC\","
				 "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\"]}",
				 0, "6.1", &f, NULL),
			 0);
	assert_int_equal(f.flags, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	seccomp_filter_free(&f);
}

static void refused_by_name(void **state)
{
	static const struct {
		const char *text, *says;
	} t[] = {
		{ "{}", "defaultAction" },
		{ "{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}", "listener" },
		{ "{\"defaultAction\":\"ALLOW\"}", "'ALLOW'" },
		{ "{\"defaultAction\":3}", "defaultAction" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\"}",
		  "listenerPath" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscall\":[]}", "syscall" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}",
		  "defaultErrnoRet" },
		{ "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":65536}", "range" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"amd64\"]}",
		  "'amd64'" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"X\"]}", "'X'" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
		  "\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]}",
		  "listener" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"" ARCH_WORD
		  "\"],\"archMap\":[{\"architecture\":\"" ARCH_WORD "\"}]}",
		  "both" },
		{ RULE("\"action\":\"SCMP_ACT_LOG\""), "names" },
		{ RULE("\"names\":[\"dup\"],\"name\":\"dup\",\"action\":\"SCMP_ACT_LOG\""),
		  "names" },
		{ RULE("\"names\":[3],\"action\":\"SCMP_ACT_LOG\""), "names" },
		{ RULE("\"names\":\"dup\",\"action\":\"SCMP_ACT_LOG\""), "names" },
		{ RULE("\"names\":[\"dup\"]"), "action" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"priority\":1"),
		  "priority" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":6,"
		       "\"op\":\"SCMP_CMP_EQ\"}]"),
		  "index" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{"
		       "\"op\":\"SCMP_CMP_EQ\"}]"),
		  "index is missing" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
		       "{},{},{},{},{},{},{},{},{},{},{},{},{}]"),
		  "more than 12 args" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0,"
		       "\"op\":\"SCMP_CMP_EQ\"}]},{\"names\":[\"dup\"],"
		       "\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":0,"
		       "\"op\":\"SCMP_CMP_EQ\"}]"),
		  "dup has another action already" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0,"
		       "\"op\":\"==\"}]"),
		  "'=='" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0,"
		       "\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}]"),
		  "value" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{\"index\":0}]"),
		  "op" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"includes\":{\"caps\":["
		       "\"CAP_X\"]}"),
		  "CAP_X" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"includes\":{\"os\":1}"),
		  "os" },
		{ RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\",\"includes\":{"
		       "\"minKernel\":"
		       "\"new\"}"),
		  "minKernel" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct seccomp_filter f;
		struct err e = ERR_INIT;

		if (compile(t[i].text, 0, "6.1", &f, &e) != -EINVAL)
			fail_msg("taken: %s", t[i].text);
		if (!strstr(e.msg, t[i].says))
			fail_msg("%s: says '%s'", t[i].text, e.msg);
		assert_null(f.insns);
	}
}

/* ---- the cache ---- */

struct cache {
	char path[64], file[400];
	int root;
};

static void cache_make(struct cache *c)
{
	snprintf(c->path, sizeof(c->path), "/tmp/ct-profile-XXXXXX");
	assert_non_null(mkdtemp(c->path));
	c->root = open(c->path, O_DIRECTORY | O_CLOEXEC);
	assert_true(c->root >= 0);
}

/* The one file; its inode changes when it is written anew. */
static ino_t cache_file(struct cache *c, size_t want)
{
	_cleanup_(strv_free) struct strv names = { 0 };
	_cleanup_close_ int dir = openat(c->root, "cache/seccomp", O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	assert_true(dir >= 0 && dir_names(dir, &names) >= 0);
	assert_int_equal(names.n, want);
	snprintf(c->file, sizeof(c->file), "cache/seccomp/%s", names.n ? names.v[0] : "");
	assert_int_equal(fstatat(c->root, c->file, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	return st.st_ino;
}

static int get(struct cache *c, const char *text, uint64_t caps)
{
	struct seccomp_filter f = { 0 };
	struct seccomp_data d = { .nr = SYS_read, .arch = ARCH };
	int r = seccomp_profile_get(c->root, text, strlen(text), caps, &f, NULL);

	if (r >= 0)
		assert_int_equal(run(&f, &d), ALLOW);
	seccomp_filter_free(&f);
	return r;
}

static void compiled_once(void **state)
{
	const char *text = RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\"");
	struct cache c = { 0 };
	ino_t first, hold;
	int fd;

	cache_make(&c);
	assert_int_equal(get(&c, text, 0), 0);
	first = cache_file(&c, 1);
	assert_int_equal(get(&c, text, 0), 0);
	assert_int_equal(cache_file(&c, 1), first);
	/* damaged in its last byte: made anew; while this is open its number is not given twice */
	fd = openat(c.root, c.file, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0 && lseek(fd, -1, SEEK_END) > 0 && write(fd, "x", 1) == 1);
	assert_int_equal(get(&c, text, 0), 0);
	hold = cache_file(&c, 1);
	assert_int_not_equal(hold, first);
	close(fd);
	assert_int_equal(get(&c, text, 0), 0);
	assert_int_equal(cache_file(&c, 1), hold);
	/* cut off */
	fd = openat(c.root, c.file, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0 && ftruncate(fd, 40) == 0);
	assert_int_equal(get(&c, text, 0), 0);
	assert_int_not_equal(cache_file(&c, 1), hold);
	close(fd);
	/* other capabilities, another program */
	assert_int_equal(get(&c, text, BIT(CAP_CHOWN)), 0);
	cache_file(&c, 2);
	/* what does not compile is not kept */
	assert_true(get(&c, "{\"defaultAction\":1}", 0) < 0);
	assert_true(get(&c, "{", 0) < 0);
	cache_file(&c, 2);
	close(c.root);
	dir_remove_at(AT_FDCWD, c.path);
}

static void the_cache_does_not_grow_for_ever(void **state)
{
	struct cache c = { 0 };

	cache_make(&c);
	for (unsigned i = 0; i < 70; i++)
		assert_int_equal(
			get(&c, RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\""), i), 0);
	cache_file(&c, 6);
	close(c.root);
	dir_remove_at(AT_FDCWD, c.path);
}

/* A state root that cannot be written to costs time and nothing else. */
static void without_a_cache(void **state)
{
	struct cache c = { .root = -1 };

	assert_int_equal(get(&c, RULE("\"names\":[\"dup\"],\"action\":\"SCMP_ACT_LOG\""), 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actions),
		cmocka_unit_test(operators),
		cmocka_unit_test(several_arguments),
		cmocka_unit_test(conditions),
		cmocka_unit_test(what_is_younger_does_not_exist),
		cmocka_unit_test(architectures),
		cmocka_unit_test(flags),
		cmocka_unit_test(refused_by_name),
		cmocka_unit_test(compiled_once),
		cmocka_unit_test(the_cache_does_not_grow_for_ever),
		cmocka_unit_test(without_a_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
