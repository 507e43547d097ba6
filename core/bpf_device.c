/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program, from the last rule to the first:
 *
 *	r2 = type of the device, r3 = what is wanted, r4 = major, r5 = minor
 *	for each rule:
 *		goto next if r2, r4 or r5 is not the rule's
 *		allow:	r3 &= ~ACCESS; return 1 if nothing is wanted any more
 *		deny:	return 0 if r3 & ACCESS
 *	return 1
 *
 * Behind a rule that decides everything nothing is emitted: the verifiers of older
 * kernels refuse what cannot be reached.
 *
 * Kernel: struct bpf_cgroup_dev_ctx of linux/bpf.h (4.15), Documentation/bpf/
 * standardization/instruction-set.rst.
 */
#include "core/bpf_device.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/spec.h"

#define RULE_MAX 8 /* instructions */
#define ALL	 (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

enum { RESULT = BPF_REG_0, CTX, TYPE, WANTED, MAJOR, MINOR, SCRATCH };

struct program {
	struct bpf_insn *v;
	size_t n;
};

static void emit(struct program *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		 int32_t imm)
{
	p->v[p->n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15, .src_reg = src & 15, .off = off, .imm = imm
	};
}

static void load(struct program *p, uint8_t reg, size_t offset)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, reg, CTX, (int16_t)offset, 0);
}

static void alu(struct program *p, uint8_t op, uint8_t reg, uint32_t imm)
{
	emit(p, BPF_ALU | op | BPF_K, reg, 0, 0, (int32_t)imm);
}

static void give(struct program *p, int result)
{
	emit(p, BPF_ALU | BPF_MOV | BPF_K, RESULT, 0, 0, result);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static uint32_t access_bits(const char *access)
{
	return (strchr(access, 'm') ? BPF_DEVCG_ACC_MKNOD : 0) |
	       (strchr(access, 'r') ? BPF_DEVCG_ACC_READ : 0) |
	       (strchr(access, 'w') ? BPF_DEVCG_ACC_WRITE : 0);
}

/* Jumps over what the rule does; where to is known when that is emitted. */
static void unless(struct program *p, uint8_t reg, int64_t value)
{
	if (value >= 0)
		emit(p, BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, (int32_t)value);
}

static void decide(struct program *p, bool allow, uint32_t access)
{
	if (access == ALL) {
		give(p, allow);
		return;
	}
	if (allow) {
		alu(p, BPF_AND, WANTED, ~access & 0xffff);
		emit(p, BPF_JMP | BPF_JNE | BPF_K, WANTED, 0, 2, 0);
		give(p, 1);
		return;
	}
	emit(p, BPF_ALU | BPF_MOV | BPF_X, SCRATCH, WANTED, 0, 0);
	alu(p, BPF_AND, SCRATCH, access);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, SCRATCH, 0, 2, 0);
	give(p, 0);
}

/* False: what comes behind it is never reached. */
static bool rule(struct program *p, const struct ct_device_rule *r)
{
	uint32_t access = access_bits(r->access);
	size_t tests = p->n, act;

	if (!access)
		return true;
	if (r->type != 'a')
		unless(p, TYPE, r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	unless(p, MAJOR, r->major);
	unless(p, MINOR, r->minor);
	act = p->n;
	decide(p, r->allow, access);
	for (size_t i = tests; i < act; i++)
		p->v[i].off = (int16_t)(p->n - i - 1);
	return act > tests || access != ALL;
}

int bpf_device_assemble(const struct ct_device_rule *rules, size_t n, struct bpf_insn **ret)
{
	struct program p = { .v = calloc(RULE_MAX * (n + 1), sizeof(*p.v)) };
	bool open = true;

	if (!p.v)
		return -ENOMEM;
	load(&p, TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	emit(&p, BPF_ALU | BPF_MOV | BPF_X, WANTED, TYPE, 0, 0);
	alu(&p, BPF_RSH, WANTED, 16);
	alu(&p, BPF_AND, TYPE, 0xffff);
	load(&p, MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major));
	load(&p, MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor));
	while (open && n > 0)
		open = rule(&p, &rules[--n]);
	if (open)
		give(&p, 1);
	*ret = p.v;
	return (int)p.n;
}

static int bpf(int cmd, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static int failed(int r, const char *what, struct err *e)
{
	if (r == -EPERM)
		err_hint(e, "it needs CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN, and before "
			    "Linux 5.11 a larger limit of locked memory (ulimit -l)");
	if (r != -EINVAL && r != -ENOSYS)
		return err_sys(e, r, "%s", what);
	err_hint(e, "the kernel needs CONFIG_BPF_SYSCALL and CONFIG_CGROUP_BPF");
	return err_set(e, -ENOTSUP, "%s: %s", what, strerror(-r));
}

int bpf_device_attach(int group_fd, const struct ct_device_rule *rules, size_t n, struct err *e)
{
	static const char license[] = "GPL";
	_cleanup_free_ struct bpf_insn *insns = NULL;
	_cleanup_close_ int prog = -1;
	union bpf_attr load_attr, attach_attr;
	int count = bpf_device_assemble(rules, n, &insns), r;

	if (count < 0)
		return err_sys(e, count, "a program for devices");
	memset(&load_attr, 0, sizeof(load_attr));
	load_attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	load_attr.insns = (uint64_t)(uintptr_t)insns;
	load_attr.insn_cnt = (uint32_t)count;
	load_attr.license = (uint64_t)(uintptr_t)license;
	prog = bpf(BPF_PROG_LOAD, &load_attr);
	if (prog < 0)
		return failed(prog, "load a program for devices", e);
	memset(&attach_attr, 0, sizeof(attach_attr));
	attach_attr.target_fd = (uint32_t)group_fd;
	attach_attr.attach_bpf_fd = (uint32_t)prog;
	attach_attr.attach_type = BPF_CGROUP_DEVICE;
	attach_attr.attach_flags = BPF_F_ALLOW_MULTI;
	r = bpf(BPF_PROG_ATTACH, &attach_attr);
	return r < 0 ? failed(r, "attach a program for devices", e) : 0;
}
