/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program for devices: interpreted here for many lists of rules and compared with
 * what the rules say, bit by bit; then given to the kernel, whose verifier must take it,
 * and asked by processes of a group.
 */
#include "tests/unit/cgroup_fixture.h"

#include <linux/bpf.h>

#include "core/base/cleanup.h"
#include "core/bpf_device.h"

#define MKNOD BPF_DEVCG_ACC_MKNOD
#define READ  BPF_DEVCG_ACC_READ
#define WRITE BPF_DEVCG_ACC_WRITE

static uint32_t bits_of(const char *access)
{
	return (strchr(access, 'm') ? MKNOD : 0u) | (strchr(access, 'r') ? READ : 0u) |
	       (strchr(access, 'w') ? WRITE : 0u);
}

/* What the rules say: each bit by the last one that names it. */
static bool expected(const struct ct_device_rule *rules, size_t n, char type, uint32_t major,
		     uint32_t minor, uint32_t want)
{
	for (uint32_t bit = 1; bit < 8; bit <<= 1) {
		bool allowed = true;

		for (size_t i = 0; i < n; i++)
			if ((rules[i].type == 'a' || rules[i].type == type) &&
			    (rules[i].major < 0 || rules[i].major == major) &&
			    (rules[i].minor < 0 || rules[i].minor == minor) &&
			    bits_of(rules[i].access) & bit)
				allowed = rules[i].allow;
		if (want & bit && !allowed)
			return false;
	}
	return true;
}

static uint64_t alu(uint8_t op, uint64_t a, uint64_t b)
{
	switch (op) {
	case BPF_MOV:
		return (uint32_t)b;
	case BPF_AND:
		return (uint32_t)a & (uint32_t)b;
	case BPF_RSH:
		return (uint32_t)a >> b;
	}
	fail_msg("operation %x", op);
	return 0;
}

static bool jumps(uint8_t op, uint64_t a, uint64_t b)
{
	assert_true(op == BPF_JEQ || op == BPF_JNE);
	return op == BPF_JEQ ? a == b : a != b;
}

/* The few instructions there are; the program never goes back, so it ends. */
static bool interpret(const struct bpf_insn *v, size_t n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t r[11] = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct bpf_insn *in = &v[i];
		uint64_t src =
			BPF_SRC(in->code) == BPF_X ? r[in->src_reg] : (uint64_t)(int64_t)in->imm;
		uint32_t word;

		switch (BPF_CLASS(in->code)) {
		case BPF_LDX:
			assert_in_range(in->off, 0, (int)sizeof(*ctx) - 4);
			memcpy(&word, (const char *)ctx + in->off, 4);
			r[in->dst_reg] = word;
			break;
		case BPF_ALU:
			r[in->dst_reg] = alu(BPF_OP(in->code), r[in->dst_reg], src);
			break;
		case BPF_JMP:
			if (BPF_OP(in->code) == BPF_EXIT)
				return r[0];
			assert_true(in->off >= 0 && i + 1 + (size_t)in->off < n);
			if (jumps(BPF_OP(in->code), r[in->dst_reg], src))
				i += (size_t)in->off;
			break;
		default:
			fail_msg("class %x", BPF_CLASS(in->code));
		}
	}
	fail_msg("the program has no end");
	return false;
}

static void compare(const struct ct_device_rule *rules, size_t n)
{
	static const uint32_t numbers[] = { 0, 1, 3, 5, 4095, 1048575 };
	struct bpf_insn *v = NULL;
	int count = bpf_device_assemble(rules, n, &v);

	assert_true(count > 0);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(numbers) * ARRAY_SIZE(numbers); i++)
		for (uint32_t want = 1; want < 8; want++) {
			bool block = i % 2;
			struct bpf_cgroup_dev_ctx ctx = {
				.major = numbers[i / 2 % ARRAY_SIZE(numbers)],
				.minor = numbers[i / 2 / ARRAY_SIZE(numbers)],
			};

			ctx.access_type =
				want << 16 | (block ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
			assert_int_equal(interpret(v, (size_t)count, &ctx),
					 expected(rules, n, block ? 'b' : 'c', ctx.major, ctx.minor,
						  want));
		}
	free(v);
}

static const struct ct_device_rule usual[] = {
	{ false, 'a', -1, -1, "rwm" }, { true, 'c', -1, -1, "m" },  { true, 'b', -1, -1, "m" },
	{ true, 'c', 1, 3, "rwm" },    { true, 'c', 1, 5, "r" },    { true, 'c', 5, -1, "rw" },
	{ false, 'c', 5, 1, "w" },     { true, 'b', 4095, 0, "r" }, { true, 'b', 4095, 0, "w" },
};

static void the_program_says_what_the_rules_say(void **state)
{
	static const char *const access[] = { "r", "w", "m", "rw", "rm", "wm", "rwm", "" };
	static const int64_t numbers[] = { -1, 1, 3, 1048575 };
	uint32_t seed = 1;

	compare(NULL, 0);
	for (size_t n = 1; n <= ARRAY_SIZE(usual); n++)
		compare(usual, n);
	for (int round = 0; round < 400; round++) {
		struct ct_device_rule rules[6] = { 0 };

		for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
			seed = seed * 1664525 + 1013904223;
			rules[i].allow = seed >> 31;
			rules[i].type = "abcc"[(seed >> 20) % 4];
			rules[i].major = numbers[seed >> 12 & 3];
			rules[i].minor = numbers[seed >> 14 & 3];
			snprintf(rules[i].access, 4, "%s", access[seed >> 16 & 7]);
		}
		compare(rules, 1 + (size_t)round % ARRAY_SIZE(rules));
	}
}

/* 0 or the errno with which a device opens there. */
static int opens(struct cgroup *cg, const char *path, int flags)
{
	pid_t pid = spawn_in(cg);

	if (pid == 0)
		_exit(open(path, flags | O_CLOEXEC) < 0 ? errno : 0);
	return WEXITSTATUS(status_of(pid));
}

static void create_or_skip(const char *id, const struct ct_device_rule *rules, size_t n,
			   struct cgroup *cg)
{
	struct ct_limits l = { .devices = rules, .n_devices = n };

	create(id, &l, cg);
}

/* By the list of v1 where there is one, else by the program. */
static void rules_hold_for_processes(void **state)
{
	struct cgroup cg;

	create_or_skip("devices", usual, ARRAY_SIZE(usual) - 3, &cg);
	assert_int_equal(opens(&cg, "/dev/null", O_RDWR), 0);
	assert_int_equal(opens(&cg, "/dev/zero", O_RDONLY), 0);
	assert_int_equal(opens(&cg, "/dev/zero", O_WRONLY), EPERM);
	assert_int_equal(opens(&cg, "/dev/full", O_RDONLY), EPERM);
	drop(&cg);
}

/* What v1 cannot say: one device out of a whole major number. */
static void the_program_holds_for_processes(void **state)
{
	static const struct ct_device_rule part[] = {
		{ false, 'a', -1, -1, "rwm" },
		{ true, 'c', 1, -1, "rw" },
		{ false, 'c', 1, 5, "w" },
	};
	struct cgroup cg;

	create_or_skip("program", part, ARRAY_SIZE(part), &cg);
	assert_int_equal(cg.n_tasks, 0);
	assert_int_equal(opens(&cg, "/dev/null", O_RDWR), 0);
	assert_int_equal(opens(&cg, "/dev/full", O_RDWR), 0);
	assert_int_equal(opens(&cg, "/dev/zero", O_RDONLY), 0);
	assert_int_equal(opens(&cg, "/dev/zero", O_RDWR), EPERM);
	drop(&cg);
}

static void the_kernel_takes_long_lists(void **state)
{
	struct ct_device_rule rules[300] = { { false, 'a', -1, -1, "rwm" } };
	struct cgroup cg;

	for (size_t i = 1; i < ARRAY_SIZE(rules); i++)
		rules[i] = (struct ct_device_rule){ i % 3, 'c', (int64_t)(i % 7), (int64_t)i, "r" };
	rules[1].minor = -1; /* so that it is a program */
	rules[1].major = -1;
	compare(rules, ARRAY_SIZE(rules));
	create_or_skip("long", rules, ARRAY_SIZE(rules), &cg);
	assert_int_equal(opens(&cg, "/dev/null", O_WRONLY), EPERM);
	drop(&cg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_says_what_the_rules_say),
		cmocka_unit_test(rules_hold_for_processes),
		cmocka_unit_test(the_program_holds_for_processes),
		cmocka_unit_test(the_kernel_takes_long_lists),
	};

	if (geteuid() != 0)
		return 77;
	snprintf(parent, sizeof(parent), "ctnet-test-%d", getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
