/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program:
 *
 *     architecture, or the process is killed
 *     number -> binary search tree over the intervals of equal outcome
 *     a block of argument checks for each call that has some
 *     allow, EPERM, ENOSYS, notify the runner
 *
 * A tree and not a row of comparisons, because at installation the kernel runs
 * the program once for every system call to learn which are always allowed
 * (5.11, kernel/seccomp.c: seccomp_cache_prepare): the cost of a start is the
 * number of calls times the length of the way. It can follow only loads of
 * number and architecture, comparisons with constants and returns, so nothing
 * else stands before the argument blocks.
 *
 * Numbers with the x32 bit are larger than any other and so get ENOSYS.
 * Nothing here needs more than the C library: the same code runs at build time.
 */
#include "core/seccomp_tree.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#define NR_MAX	    1024
#define RET_EPERM   (SECCOMP_RET_ERRNO | EPERM)
#define RET_ENOSYS  (SECCOMP_RET_ERRNO | ENOSYS)
#define OFF(member) ((uint32_t)offsetof(struct seccomp_data, member))

/* The low half of an argument. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the other half comes first");
#define ARG_LOW(n) (OFF(args) + 8u * (n))

/* Where a branch goes: labels that get their place after the tree. */
enum { L_ALLOW, L_EPERM, L_ENOSYS, L_NOTIFY, L_BLOCKS };
#define LABELS (L_BLOCKS + 16)
#define L_NONE 0xff

struct interval {
	uint16_t first;
	uint8_t label; /* up to the next interval */
};

struct build {
	struct sock_filter *out;
	size_t n, max;
	bool full;
	struct {
		uint8_t t, f; /* labels of a jump, L_NONE: set already */
	} to[SECCOMP_MAX_INSNS];
	size_t at[LABELS];
};

static size_t emit(struct build *b, uint16_t code, uint32_t k, uint8_t t, uint8_t f)
{
	if (b->n >= b->max || b->n >= SECCOMP_MAX_INSNS) {
		b->full = true;
		return 0;
	}
	b->out[b->n] = (struct sock_filter){ .code = code, .k = k };
	b->to[b->n].t = t;
	b->to[b->n].f = f;
	return b->n++;
}

/* The two ways of a jump; each a label, or (L_NONE) a place that follows. */
static void branch(struct build *b, size_t jump, bool taken, size_t to)
{
	size_t off = to - jump - 1;

	if (b->full)
		return;
	if (taken)
		b->out[jump].jt = (uint8_t)off;
	else
		b->out[jump].jf = (uint8_t)off;
}

/*
 * The tree over n intervals. A lone call between two intervals of one outcome
 * is told by one equality instead of two comparisons.
 */
static void tree(struct build *b, const struct interval *v, size_t n)
{
	size_t half = n / 2, jump;
	uint8_t low = half == 1 ? v[0].label : L_NONE;
	uint8_t high = n - half == 1 ? v[half].label : L_NONE;

	if (n == 3 && v[0].label == v[2].label && v[2].first == v[1].first + 1) {
		emit(b, BPF_JMP | BPF_JEQ | BPF_K, v[1].first, v[1].label, v[0].label);
		return;
	}
	jump = emit(b, BPF_JMP | BPF_JGE | BPF_K, v[half].first, high, low);
	if (low == L_NONE) {
		branch(b, jump, false, b->n);
		tree(b, v, half);
	}
	if (high == L_NONE) {
		branch(b, jump, true, b->n);
		tree(b, v + half, n - half);
	}
}

static uint8_t label_of(uint32_t verdict)
{
	if (verdict == SECCOMP_RET_ALLOW)
		return L_ALLOW;
	if (verdict == SECCOMP_RET_USER_NOTIF)
		return L_NOTIFY;
	return verdict == RET_ENOSYS ? L_ENOSYS : L_EPERM;
}

/* Argument checks of one call, those that count; falls to allow. */
static void block(struct build *b, const struct sc_check *const *v, size_t n)
{
	uint32_t loaded = UINT32_MAX;
	bool masked = false;

	for (size_t i = 0; i < n && v[i]->op != SC_ANY; i++) {
		const struct sc_check *c = v[i];
		bool last = i + 1 == n || v[i + 1]->op == SC_ANY;
		uint8_t yes = label_of(c->verdict), no = L_NONE;
		bool mask = c->op == SC_EQ && c->mask != UINT32_MAX;

		if (last)
			no = i + 1 == n ? L_ALLOW : label_of(v[i + 1]->verdict);
		if (loaded != c->arg || masked)
			emit(b, BPF_LD | BPF_W | BPF_ABS, ARG_LOW(c->arg), L_NONE, L_NONE);
		if (mask)
			emit(b, BPF_ALU | BPF_AND | BPF_K, c->mask, L_NONE, L_NONE);
		loaded = c->arg;
		masked = mask;
		if (c->op == SC_EQ)
			emit(b, BPF_JMP | BPF_JEQ | BPF_K, c->value, yes, no);
		else
			emit(b, BPF_JMP | BPF_JSET | BPF_K, c->mask, yes, no);
	}
}

/* Without a listener the kernel would answer a notified call with ENOSYS. */
static bool check_counts(const struct sc_check *c, const struct seccomp_want *want)
{
	if (c->verdict == SECCOMP_RET_USER_NOTIF && !want->listener)
		return false;
	return !(want->caps & c->unless_caps) && !(want->packet_sockets && c->unless_packet);
}

/* The checks of call nr that count here. */
static size_t checks_of(const struct sc_table *t, uint16_t nr, const struct seccomp_want *want,
			const struct sc_check **v, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_checks && n < max; i++) {
		const struct sc_check *c = &t->check[i];

		if (c->nr == nr && check_counts(c, want))
			v[n++] = c;
	}
	return n;
}

#define CHECKS_MAX 16

/* The outcome of every number; calls with argument checks get a label of their own. */
static int outcomes(const struct sc_table *t, const struct seccomp_want *want, uint8_t *label,
		    uint16_t *block_nr)
{
	const struct sc_check *v[CHECKS_MAX];
	int blocks = 0;

	memset(label, L_EPERM, t->newest + 1u);
	for (size_t i = 0; i < t->n_ranges; i++)
		if (!t->range[i].caps || t->range[i].caps & want->caps)
			memset(label + t->range[i].first, L_ALLOW,
			       t->range[i].last - t->range[i].first + 1u);
	for (size_t i = 0; i < t->n_checks; i++) {
		uint16_t nr = t->check[i].nr;
		size_t n = checks_of(t, nr, want, v, CHECKS_MAX);

		if ((i && t->check[i - 1].nr == nr) || !n || label[nr] != L_ALLOW)
			continue;
		if (v[0]->op == SC_ANY) {
			label[nr] = label_of(v[0]->verdict);
			continue;
		}
		if (L_BLOCKS + blocks == LABELS)
			return -E2BIG;
		label[nr] = (uint8_t)(L_BLOCKS + blocks);
		block_nr[blocks++] = nr;
	}
	return blocks;
}

static void patch(struct build *b)
{
	for (size_t i = 0; i < b->n && !b->full; i++) {
		if (b->to[i].t != L_NONE)
			branch(b, i, true, b->at[b->to[i].t]);
		if (b->to[i].f != L_NONE)
			branch(b, i, false, b->at[b->to[i].f]);
	}
}

static void returns(struct build *b)
{
	static const uint32_t value[] = {
		[L_ALLOW] = SECCOMP_RET_ALLOW,
		[L_EPERM] = RET_EPERM,
		[L_ENOSYS] = RET_ENOSYS,
		[L_NOTIFY] = SECCOMP_RET_USER_NOTIF,
	};

	for (size_t i = 0; i < L_BLOCKS; i++)
		b->at[i] = emit(b, BPF_RET | BPF_K, value[i], L_NONE, L_NONE);
}

/*
 * Writes the program for a container with these capabilities to out and
 * returns its length; -E2BIG when it is over max or SECCOMP_MAX_INSNS, which
 * the build has ruled out for the embedded table and every set of capabilities.
 */
int sc_build(const struct sc_table *t, const struct seccomp_want *want, struct sock_filter *out,
	     size_t max)
{
	struct build b = { .out = out, .max = max };
	const struct sc_check *v[CHECKS_MAX];
	uint16_t block_nr[LABELS - L_BLOCKS];
	struct interval intervals[NR_MAX + 1];
	uint8_t label[NR_MAX];
	size_t n = 0, arch;
	int blocks;

	if (t->newest >= NR_MAX)
		return -E2BIG;
	blocks = outcomes(t, want, label, block_nr);
	if (blocks < 0)
		return blocks;
	for (uint16_t nr = 0; nr <= t->newest; nr++)
		if (!nr || label[nr] != label[nr - 1])
			intervals[n++] = (struct interval){ nr, label[nr] };
	intervals[n++] = (struct interval){ (uint16_t)(t->newest + 1), L_ENOSYS };

	emit(&b, BPF_LD | BPF_W | BPF_ABS, OFF(arch), L_NONE, L_NONE);
	arch = emit(&b, BPF_JMP | BPF_JEQ | BPF_K, t->arch, L_NONE, L_NONE);
	branch(&b, arch, true, arch + 2);
	emit(&b, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, L_NONE, L_NONE);
	emit(&b, BPF_LD | BPF_W | BPF_ABS, OFF(nr), L_NONE, L_NONE);
	tree(&b, intervals, n);
	for (int i = 0; i < blocks; i++) {
		size_t checks = checks_of(t, block_nr[i], want, v, CHECKS_MAX);

		b.at[L_BLOCKS + i] = b.n;
		block(&b, v, checks);
	}
	returns(&b);
	patch(&b);
	return b.full ? -E2BIG : (int)b.n;
}
