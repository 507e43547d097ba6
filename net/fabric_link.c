/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The links of a fabric as messages. One a wire makes both its ends, each where it
 * belongs; its alias, which the kernel ignores in a creation, goes behind.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/fabric_real.h"

#define ALIAS_LEN  256 /* IFALIASZ */
#define MTU_KERNEL 1500

/*
 * The shortest times that 802.1D allows together (2 * (delay - 1) >= age >= 2 * (hello + 1)):
 * a lab's switches agree within 8 s, not 30.
 */
#define STP_FORWARD_DELAY 400
#define STP_MAX_AGE	  600
#define STP_HELLO	  100

/* Of our ends: no node has it, and it is the same each time. */
static struct mac_addr own_mac(uint8_t kind, uint32_t id)
{
	return (struct mac_addr){ { 0xfe, 0xc7, kind, (uint8_t)(id >> 16), (uint8_t)(id >> 8),
				    (uint8_t)id } };
}

static void put_alias(struct nl_req *q, uint32_t index, const char *alias)
{
	/* found by its index; the name is for errors */
	link_set_put(q, index, alias, &(struct link_change){ .alias = alias });
}

static struct link_spec bridge_spec(const struct fabric_bridge *b, char name[16])
{
	struct link_spec s = { .kind = &link_bridge,
			       .name = name,
			       .label = b->name,
			       .index = BRIDGE_INDEX + b->id,
			       .mtu = b->mtu,
			       .mac = mac_is_set(&b->mac) ? b->mac : own_mac('b', b->id),
			       .up = ON,
			       .bridge = { .stp = b->stp ? ON : OFF, .mcast_snooping = OFF } };

	if (b->stp) {
		s.bridge.forward_delay = STP_FORWARD_DELAY;
		s.bridge.hello = STP_HELLO;
		s.bridge.max_age = STP_MAX_AGE;
	}
	fabric_bridge_name(b->id, name);
	return s;
}

static void put_bridge(struct fabric *f, struct nl_req *q, const struct fabric_bridge *b)
{
	char name[16], alias[ALIAS_LEN];
	struct link_spec s = bridge_spec(b, name);

	snprintf(alias, sizeof(alias), "%s.%s", f->lab, b->name);
	link_add_put(q, &s);
	put_alias(q, s.index, alias);
}

int fabric_bridge_set(struct fabric *f, const struct fabric_bridge *b, struct err *e)
{
	char name[16];
	struct link_spec s = bridge_spec(b, name);
	int r = link_set_kind(&f->nl, s.index, &s, e);

	if (r >= 0)
		r = link_set(&f->nl, s.index, name,
			     &(struct link_change){ .mtu = b->mtu ? b->mtu : MTU_KERNEL }, e);
	return r;
}

static void put_port(struct fabric *f, struct nl_req *q, const struct fabric_port *p)
{
	const struct fabric_end *end = &p->end;
	const struct fabric_slot *slot = &f->slots[p->id];
	char name[16], label[ALIAS_LEN], alias[ALIAS_LEN];
	struct link_spec s = { .kind = &link_veth,
			       .name = name,
			       .label = label,
			       .index = PORT_INDEX + p->id,
			       .mtu = p->mtu ? p->mtu : end->mtu,
			       .mac = own_mac('p', p->id),
			       .queues = 1,
			       .up = slot->down ? OFF : ON,
			       .veth = { .peer = end->ifname,
					 .peer_mac = end->mac,
					 .peer_mtu = end->mtu,
					 .peer_gso_segs = slot->single ? 1 : 0,
					 .peer_netns = end->netns_fd,
					 .peer_netns_pid = end->netns_fd <= 0 ? end->pid : 0 } };

	if (p->bridge != FABRIC_NONE)
		s.master = BRIDGE_INDEX + p->bridge;
	fabric_port_name(p->id, name);
	snprintf(label, sizeof(label), "%s:%s", end->node, end->ifname);
	snprintf(alias, sizeof(alias), "%s.%s.%s", f->lab, end->node, end->ifname);
	link_add_put(q, &s);
	put_alias(q, s.index, alias);
}

/* The second end learns of its bridge in a message of its own: a creation has one master. */
static void put_trunk(const struct fabric *f, struct nl_req *q, const struct fabric_trunk *t)
{
	char a[16], b[16];
	struct link_spec s = { .kind = &link_veth,
			       .name = a,
			       .index = PORT_INDEX + t->port[0],
			       .mtu = t->mtu,
			       .mac = own_mac('p', t->port[0]),
			       .queues = 1,
			       .master = BRIDGE_INDEX + t->bridge[0],
			       .up = f->slots[t->port[0]].down ? OFF : ON,
			       .veth = { .peer = b,
					 .peer_mac = own_mac('p', t->port[1]),
					 .peer_mtu = t->mtu,
					 .peer_index = PORT_INDEX + t->port[1] } };

	fabric_port_name(t->port[0], a);
	fabric_port_name(t->port[1], b);
	link_add_put(q, &s);
	link_set_put(q, PORT_INDEX + t->port[1], NULL,
		     &(struct link_change){ .master = BRIDGE_INDEX + t->bridge[1],
					    .up = f->slots[t->port[1]].down ? OFF : ON });
}

static void put_direct(struct nl_req *q, const struct fabric_direct *d)
{
	const struct fabric_end *a = &d->end[0], *b = &d->end[1];
	char label[ALIAS_LEN];
	struct link_spec s = { .kind = &link_veth,
			       .name = a->ifname,
			       .label = label,
			       .mtu = a->mtu,
			       .mac = a->mac,
			       .queues = 1,
			       .netns_fd = a->netns_fd,
			       .netns_pid = a->netns_fd <= 0 ? a->pid : 0,
			       .veth = { .peer = b->ifname,
					 .peer_mac = b->mac,
					 .peer_mtu = b->mtu,
					 .peer_netns = b->netns_fd,
					 .peer_netns_pid = b->netns_fd <= 0 ? b->pid : 0 } };

	snprintf(label, sizeof(label), "%s:%s %s:%s", a->node, a->ifname, b->node, b->ifname);
	link_add_put(q, &s);
}

void fabric_links_put(struct fabric *f, struct nl_req *q)
{
	for (size_t i = 0; i < f->n_bridges; i++)
		put_bridge(f, q, &f->bridges[i]);
	for (size_t i = 0; i < f->n_trunks; i++)
		put_trunk(f, q, &f->trunks[i]);
	for (size_t i = 0; i < f->n_ports; i++)
		put_port(f, q, &f->ports[i]);
	for (size_t i = 0; i < f->n_directs; i++)
		put_direct(q, &f->directs[i]);
}
