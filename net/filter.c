/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/filter.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/nl.h"
#include "net/qdisc.h"

#define LO_INDEX   1
#define U32_HANDLE 0x80000800u /* 800::800, the first of the first table */
#define BPF_HANDLE 1
#define SHARE_ALL  1000000000ull

/* Loss comes before the redirect, behind which there is nothing. */
enum { PRIO_LOSS = 1, PRIO_REDIRECT };

static const struct qdisc_part redirect_part = { "traffic filter (u32, mirred)",
						 "-a cls_u32 act_mirred",
						 "CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED" };
static const struct qdisc_part loss_part = { "traffic filter (bpf)", "cls_bpf",
					     "CONFIG_NET_CLS_BPF" };

struct place {
	uint32_t index;
	enum filter_hook hook;
	unsigned prio;
	uint32_t handle; /* 0: the kernel's choice */
};

static void begin(struct nl_req *q, uint16_t type, uint16_t flags, const struct place *p)
{
	static const char *const what[] = { [PRIO_LOSS] = "loss", [PRIO_REDIRECT] = "redirect" };
	struct tcmsg *tc = nl_msg(q, type, flags, sizeof(*tc), "%s%s at link %u",
				  type == RTM_DELTFILTER ? "delete " : "", what[p->prio], p->index);

	tc->tcm_ifindex = (int)p->index;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT,
				   p->hook == FILTER_ARRIVING ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
	tc->tcm_handle = p->handle;
	tc->tcm_info = TC_H_MAKE(p->prio << 16, htons(ETH_P_ALL));
}

/* tc filter del dev LINK ingress|egress protocol all pref N; absent: success */
static int del(struct nl *nl, const struct place *p, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	begin(&q, RTM_DELTFILTER, 0, p);
	r = nl_run(nl, &q, NULL, NULL, &own);
	if (r == -ENOENT || r == -ENODEV || r == -EINVAL)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

/* ---- everything to another link ------------------------------------------------ */

static void put_redirect(struct nl_req *q, uint32_t to)
{
	struct tc_mirred mirred = { .action = TC_ACT_STOLEN,
				    .eaction = TCA_EGRESS_REDIR,
				    .ifindex = to };

	nl_nest(q, 1); /* the first and only action */
	nl_put_str(q, TCA_ACT_KIND, "mirred");
	nl_nest(q, TCA_ACT_OPTIONS);
	nl_put(q, TCA_MIRRED_PARMS, &mirred, sizeof(mirred));
	nl_nest_end(q);
	nl_nest_end(q);
}

/* match u32 0 0: one key of no bits, which all packets have */
static void put_all(struct nl_req *q)
{
	struct {
		struct tc_u32_sel sel;
		struct tc_u32_key key;
	} any = { .sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 } };

	nl_put(q, TCA_U32_SEL, &any, sizeof(any));
}

/* The older one first: every kernel that filters at all has it. */
static const struct classifier {
	const char *kind;
	uint16_t act; /* the attribute with the actions */
	void (*put)(struct nl_req *q);
	uint32_t handle;
} classifiers[FILTER_ALLS] = {
	[FILTER_U32] = { "u32", TCA_U32_ACT, put_all, U32_HANDLE },
	[FILTER_MATCHALL] = { "matchall", TCA_MATCHALL_ACT, NULL, 0 },
};

/*
 * tc filter replace dev LINK ingress protocol all pref 2 handle 800::800 \
 *	u32 match u32 0 0 action mirred egress redirect dev TO
 */
void filter_redirect_put(struct nl_req *q, enum filter_all by, uint32_t index, uint32_t to)
{
	const struct classifier *c = &classifiers[by];

	begin(q, RTM_NEWTFILTER, NLM_F_CREATE,
	      &(struct place){ index, FILTER_ARRIVING, PRIO_REDIRECT, c->handle });
	nl_put_str(q, TCA_KIND, c->kind);
	nl_nest(q, TCA_OPTIONS);
	nl_nest(q, c->act);
	put_redirect(q, to);
	nl_nest_end(q);
	if (c->put)
		c->put(q);
	nl_nest_end(q);
}

int filter_redirect_by(struct nl *nl, uint32_t index, uint32_t to, enum filter_all *ret,
		       struct err *e)
{
	int r = -EOPNOTSUPP;

	for (unsigned i = 0; i < FILTER_ALLS && r == -EOPNOTSUPP; i++) {
		_cleanup_nl_req_ struct nl_req q;

		nl_req_init(&q);
		err_clear(e);
		filter_redirect_put(&q, i, index, to);
		r = qdisc_run(nl, &q, &redirect_part, e);
		if (r >= 0 && ret)
			*ret = i;
	}
	return r;
}

int filter_redirect(struct nl *nl, uint32_t index, uint32_t to, struct err *e)
{
	return filter_redirect_by(nl, index, to, NULL, e);
}

int filter_redirect_del(struct nl *nl, uint32_t index, struct err *e)
{
	return del(nl, &(struct place){ index, FILTER_ARRIVING, PRIO_REDIRECT, 0 }, e);
}

int filter_redirect_probe(struct nl *nl, struct err *e)
{
	int r = filter_redirect(nl, LO_INDEX, LO_INDEX, e);

	filter_redirect_del(nl, LO_INDEX, NULL);
	return r;
}

/* ---- loss ------------------------------------------------------------------------ */

/*
 * tc filter replace dev LINK egress protocol all pref 1 handle 1 bpf da bytecode \
 *	'4,ld rand,jge #threshold 0 1,ret #-1 (go on),ret #2 (shot)'
 */
void filter_loss_put(struct nl_req *q, uint32_t index, enum filter_hook hook, uint32_t share)
{
	uint32_t lost = (uint32_t)(((uint64_t)share * UINT32_MAX + SHARE_ALL / 2) / SHARE_ALL);
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_RANDOM)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, lost, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, (uint32_t)TC_ACT_UNSPEC),
		BPF_STMT(BPF_RET | BPF_K, TC_ACT_SHOT),
	};

	begin(q, RTM_NEWTFILTER, NLM_F_CREATE,
	      &(struct place){ index, hook, PRIO_LOSS, BPF_HANDLE });
	nl_put_str(q, TCA_KIND, "bpf");
	nl_nest(q, TCA_OPTIONS);
	nl_put_u16(q, TCA_BPF_OPS_LEN, ARRAY_SIZE(code));
	nl_put(q, TCA_BPF_OPS, code, sizeof(code));
	/* what it returns is what happens; no action is looked up */
	nl_put_u32(q, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	nl_nest_end(q);
}

int filter_loss_del(struct nl *nl, uint32_t index, enum filter_hook hook, struct err *e)
{
	return del(nl, &(struct place){ index, hook, PRIO_LOSS, 0 }, e);
}

int filter_loss_probe(struct nl *nl, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	int r;

	nl_req_init(&q);
	filter_loss_put(&q, LO_INDEX, FILTER_LEAVING, 0);
	r = qdisc_run(nl, &q, &loss_part, e);
	filter_loss_del(nl, LO_INDEX, FILTER_LEAVING, NULL);
	return r;
}
