/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/nl.h"
#include "net/qdisc.h"

#define INGRESS TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define PRIO	1

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

static const struct classifier {
	const char *kind;
	uint16_t act; /* the attribute with the actions */
	void (*put)(struct nl_req *q);
} classifiers[] = {
	/* the older one first: every kernel that filters at all has it */
	{ "u32", TCA_U32_ACT, put_all },
	{ "matchall", TCA_MATCHALL_ACT, NULL },
};

/*
 * tc filter add dev LINK ingress protocol all pref 1 u32 match u32 0 0 \
 *	action mirred egress redirect dev TO
 */
static int redirect_by(struct nl *nl, const struct classifier *c, uint32_t index, uint32_t to,
		       struct err *e)
{
	static const struct qdisc_part part = { "traffic filter (u32, mirred)",
						"-a cls_u32 act_mirred",
						"CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED" };
	_cleanup_nl_req_ struct nl_req q;
	struct tcmsg *tc;

	nl_req_init(&q);
	tc = nl_msg(&q, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, sizeof(*tc),
		    "redirect what arrives on link %u", index);
	tc->tcm_ifindex = (int)index;
	tc->tcm_parent = INGRESS;
	tc->tcm_info = TC_H_MAKE(PRIO << 16, htons(ETH_P_ALL));
	nl_put_str(&q, TCA_KIND, c->kind);
	nl_nest(&q, TCA_OPTIONS);
	nl_nest(&q, c->act);
	put_redirect(&q, to);
	nl_nest_end(&q);
	if (c->put)
		c->put(&q);
	nl_nest_end(&q);
	return qdisc_run(nl, &q, &part, e);
}

int filter_redirect(struct nl *nl, uint32_t index, uint32_t to, struct err *e)
{
	int r = -EOPNOTSUPP;

	for (size_t i = 0; i < ARRAY_SIZE(classifiers) && r == -EOPNOTSUPP; i++) {
		err_clear(e);
		r = redirect_by(nl, &classifiers[i], index, to, e);
	}
	return r;
}
