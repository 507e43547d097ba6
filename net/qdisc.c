/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/qdisc.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "core/base/err.h"

/* lo is the first link of any namespace */
#define LO_INDEX 1

static struct tcmsg *begin(struct nl_req *q, uint16_t type, uint16_t flags, uint32_t index,
			   uint32_t parent)
{
	struct tcmsg *tc = nl_msg(q, type, flags, sizeof(*tc), "%s queue of link %u",
				  type == RTM_NEWQDISC ? "set" : "delete", index);

	tc->tcm_ifindex = (int)index;
	tc->tcm_parent = parent;
	return tc;
}

void qdisc_begin(struct nl_req *q, uint16_t flags, uint32_t index, uint32_t parent,
		 const char *kind)
{
	struct tcmsg *tc = begin(q, RTM_NEWQDISC, NLM_F_CREATE | flags, index, parent);

	/* there is one such place, and its handle is fixed */
	if (parent == TC_H_CLSACT)
		tc->tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
	nl_put_str(q, TCA_KIND, kind);
}

const struct qdisc_part qdisc_part_clsact = { "clsact", "sch_ingress", "CONFIG_NET_SCH_INGRESS" };

static int lacking(const struct qdisc_part *part, struct err *e)
{
	err_hint(e, "try: modprobe %s", part->module);
	return err_set(e, EOPNOTSUPP, "this kernel has no %s (%s)", part->name, part->config);
}

int qdisc_run(struct nl *nl, struct nl_req *q, const struct qdisc_part *part, struct err *e)
{
	struct err own = ERR_INIT;
	int r = nl_run(nl, q, NULL, NULL, &own);

	if (r == -ENOENT)
		return lacking(part, e);
	if (r < 0 && e)
		*e = own;
	return r;
}

/*
 * With too little said: a kind that the kernel knows refuses that for its own reasons,
 * and only one that it does not know is not there. clsact needs no more, and is made.
 */
int qdisc_probe(struct nl *nl, const struct qdisc_part *part, struct err *e)
{
	bool clsact = !strcmp(part->name, qdisc_part_clsact.name);
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	qdisc_begin(&q, NLM_F_EXCL, LO_INDEX, clsact ? TC_H_CLSACT : TC_H_ROOT, part->name);
	r = nl_run(nl, &q, NULL, NULL, &own);
	if (r == -ENOENT || r == -EOPNOTSUPP)
		return lacking(part, e);
	if (r == -EPERM && e)
		*e = own;
	return r == -EPERM ? r : 0;
}

void qdisc_clsact_put(struct nl_req *q, uint32_t index)
{
	qdisc_begin(q, NLM_F_REPLACE, index, TC_H_CLSACT, qdisc_part_clsact.name);
}

int qdisc_clsact(struct nl *nl, uint32_t index, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	qdisc_begin(&q, NLM_F_EXCL, index, TC_H_CLSACT, qdisc_part_clsact.name);
	return qdisc_run(nl, &q, &qdisc_part_clsact, e);
}

void qdisc_del_put(struct nl_req *q, uint32_t index)
{
	begin(q, RTM_DELQDISC, 0, index, TC_H_ROOT);
}

/* What a link is born with cannot be deleted, and is said to be absent: ENOENT, EINVAL. */
static int del(struct nl *nl, uint32_t index, uint32_t parent, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;
	struct err own = ERR_INIT;
	int r;

	nl_req_init(&q);
	begin(&q, RTM_DELQDISC, 0, index, parent);
	r = nl_run(nl, &q, NULL, NULL, &own);
	if (r == -ENOENT || r == -ENODEV || r == -EINVAL)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

int qdisc_del(struct nl *nl, uint32_t index, struct err *e)
{
	return del(nl, index, TC_H_ROOT, e);
}

int qdisc_clsact_del(struct nl *nl, uint32_t index, struct err *e)
{
	return del(nl, index, TC_H_CLSACT, e);
}
