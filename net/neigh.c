/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/neigh.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "core/base/err.h"

static struct ndmsg *neigh_begin(struct nl_req *q, uint16_t type, uint16_t flags, uint32_t index,
				 const struct ip_addr *a)
{
	struct ndmsg *nd;
	char buf[IP_STRLEN];

	nd = nl_msg(q, type, flags, sizeof(*nd), "%s neighbour %s",
		    type == RTM_NEWNEIGH ? "add" : "delete", ip_str(a, buf));
	nd->ndm_family = a->family;
	nd->ndm_ifindex = (int)index;
	return nd;
}

/* ip neigh add ADDR [lladdr MAC] nud STATE dev LINK */
void neigh_add_put(struct nl_req *q, const struct neigh_info *n)
{
	struct ndmsg *nd;

	nd = neigh_begin(q, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_EXCL, n->index, &n->addr);
	nd->ndm_state = n->state;
	nl_put_ip(q, NDA_DST, &n->addr);
	if (mac_is_set(&n->mac))
		nl_put_mac(q, NDA_LLADDR, &n->mac);
}

int neigh_add(struct nl *nl, const struct neigh_info *n, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	neigh_add_put(&q, n);
	return nl_run(nl, &q, NULL, NULL, e);
}

/* Runs a deletion, for which the entry or the link being gone is success. */
static int run_del(struct nl *nl, struct nl_req *q, struct err *e)
{
	struct err own = ERR_INIT;
	int r;

	r = nl_run(nl, q, NULL, NULL, &own);
	if (r == -ENOENT || r == -ENODEV)
		return 0;
	if (r < 0 && e)
		*e = own;
	return r;
}

/* ip neigh del ADDR dev LINK */
int neigh_del(struct nl *nl, uint32_t index, const struct ip_addr *a, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	neigh_begin(&q, RTM_DELNEIGH, 0, index, a);
	nl_put_ip(&q, NDA_DST, a);
	return run_del(nl, &q, e);
}

bool neigh_parse(const struct nlmsghdr *msg, struct neigh_info *ret)
{
	const struct ndmsg *nd = nl_msg_extra(msg, sizeof(*nd));
	const struct nlattr *tb[NDA_MAX + 1];
	struct neigh_info info;

	if (msg->nlmsg_type != RTM_NEWNEIGH || !nd)
		return false;
	nl_parse(msg, sizeof(*nd), tb, NDA_MAX);
	info = (struct neigh_info){ .index = (uint32_t)nd->ndm_ifindex, .state = nd->ndm_state };
	if (!nl_attr_ip(tb[NDA_DST], nd->ndm_family, &info.addr))
		return false;
	nl_attr_mac(tb[NDA_LLADDR], &info.mac);
	*ret = info;
	return true;
}

struct list {
	uint32_t index;
	uint8_t family;
	neigh_fn *fn;
	void *ctx;
};

static int list_reply(const struct nlmsghdr *msg, void *ctx)
{
	const struct list *l = ctx;
	struct neigh_info info;

	if (!neigh_parse(msg, &info) || (l->index && info.index != l->index) ||
	    (l->family && info.addr.family != l->family))
		return 0;
	return l->fn(&info, l->ctx);
}

/*
 * ip neigh show [dev LINK]. The link is an attribute here: strict checking
 * refuses it in the header.
 */
int neigh_list(struct nl *nl, uint32_t index, uint8_t family, neigh_fn *fn, void *ctx,
	       struct err *e)
{
	struct list l = { .index = index, .family = family, .fn = fn, .ctx = ctx };
	_cleanup_nl_req_ struct nl_req q;
	struct ndmsg *nd;

	nl_req_init(&q);
	nd = nl_msg(&q, RTM_GETNEIGH, 0, sizeof(*nd), "list neighbours");
	nd->ndm_family = family;
	if (index)
		nl_put_u32(&q, NDA_IFINDEX, index);
	return nl_dump(nl, &q, list_reply, &l, e);
}

static void fdb_begin(struct nl_req *q, uint16_t type, uint16_t flags, const struct fdb_spec *s)
{
	struct ndmsg *nd;
	char buf[MAC_STRLEN];

	nd = nl_msg(q, type, flags, sizeof(*nd), "%s forwarding entry %s",
		    type == RTM_NEWNEIGH ? "add" : "delete", mac_str(&s->mac, buf));
	nd->ndm_family = AF_BRIDGE;
	nd->ndm_ifindex = (int)s->index;
	nd->ndm_flags = s->master ? NTF_MASTER : NTF_SELF;
	/* static in a bridge; as ip(8), permanent otherwise */
	nd->ndm_state = NUD_NOARP | (s->master ? NUD_REACHABLE : NUD_PERMANENT);
	nl_put_mac(q, NDA_LLADDR, &s->mac);
	if (ip_is_set(&s->dst))
		nl_put_ip(q, NDA_DST, &s->dst);
}

/*
 * bridge fdb add MAC dev PORT master static
 * bridge fdb append 00:00:00:00:00:00 dev VXLAN dst PEER
 */
int fdb_add(struct nl *nl, const struct fdb_spec *s, struct err *e)
{
	uint16_t flags = NLM_F_CREATE | (s->append ? NLM_F_APPEND : NLM_F_EXCL);
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	fdb_begin(&q, RTM_NEWNEIGH, flags, s);
	return nl_run(nl, &q, NULL, NULL, e);
}

/* bridge fdb del MAC dev PORT [master] [dst PEER] */
int fdb_del(struct nl *nl, const struct fdb_spec *s, struct err *e)
{
	_cleanup_nl_req_ struct nl_req q;

	nl_req_init(&q);
	fdb_begin(&q, RTM_DELNEIGH, 0, s);
	return run_del(nl, &q, e);
}
