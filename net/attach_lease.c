/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses for an attachment. Where a lease is refused because of somebody
 * who is dead, or of a link that still dies, room is made at once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/vec.h"
#include "net/addr.h"
#include "net/attach_real.h"
#include "net/driver.h"
#include "net/flows.h"
#include "net/ipam.h"
#include "net/link.h"
#include "net/network_real.h"

/* Deletes a dying link: a veth with our mark whose name is in nobody's record. */
static int drop_dying(struct net *net, const char *name)
{
	struct link_info link;
	int r = link_get(&net->rt, name, &link, NULL);

	if (r < 0)
		return r == -ENODEV ? 0 : r;
	if (strcmp(link.kind, "veth") != 0 || !str_starts(link.alias, ALIAS_PREFIX) ||
	    attach_host_taken(net, name))
		return -EPERM;
	log_trace("removing %s, whose namespace still dies", name);
	return link_del(&net->rt, name, NULL);
}

/* Takes an address from a holder that is dead, or a lease that no record explains. */
static bool evict(const struct attach_lease *l, const struct ip_addr *want)
{
	char key[ATTACH_KEY_LEN];
	struct attach_info old;

	if (ipam_holder(l->net, l->n->name, want, key, sizeof(key)) < 0)
		return true;
	if (attach_record_load(l->net, key, &old) < 0)
		return ipam_release(l->net, l->n->name, want, key, NULL) >= 0;
	return !attach_alive(&old) && attach_down_locked(l->net, &old, false, NULL) >= 0;
}

struct room {
	struct net *net;
	unsigned made;
};

static int end_dead(const struct attach_info *a, void *ctx)
{
	struct room *room = ctx;

	if (!attach_alive(a) && attach_down_locked(room->net, a, false, NULL) >= 0)
		room->made++;
	return 0;
}

/*
 * After a lease was refused: whether something could be done so that it is
 * worth another try. Deleting the host's end of a dying veth waits until it is
 * gone, so nothing is polled.
 */
static bool make_room(const struct attach_lease *l, int refusal, const struct ip_addr *want)
{
	struct room room = { .net = l->net };
	char link[16];

	switch (refusal) {
	case -EADDRINUSE:
		return evict(l, want);
	case -EAGAIN:
		return ipam_draining(l->net, l->n->name, want, link) > 0 &&
		       drop_dying(l->net, link) >= 0;
	case -ENOSPC:
		attach_list(l->net, NULL, l->n->name, end_dead, &room);
		return room.made || (ipam_any_draining(l->net, l->n->name, link) > 0 &&
				     drop_dying(l->net, link) >= 0);
	default:
		return false;
	}
}

/* What must not be leased: exclusions, and on a link of the host's what the host has there. */
struct kept {
	const struct ip_prefix *subnet;
	struct ip_range *v;
	size_t n;
};

static int keep(struct kept *k, struct ip_range range)
{
	struct ip_range *added = VEC_ADD(k->v, k->n);

	if (!added)
		return -ENOMEM;
	*added = range;
	return 0;
}

static int on_host_addr(const struct addr_info *a, void *ctx)
{
	struct kept *k = ctx;

	return prefix_has(k->subnet, &a->addr.addr)
		       ? keep(k, (struct ip_range){ a->addr.addr, a->addr.addr })
		       : 0;
}

static int kept_read(const struct attach_lease *l, struct kept *k)
{
	if (!driver_of(l->n)->without_firewall)
		return 0;
	for (size_t i = 0; i < l->n->n_excludes; i++)
		if (keep(k, l->n->excludes[i]) < 0)
			return err_sys(l->e, ENOMEM, "lease an address");
	return addr_list(&l->net->rt, 0, k->subnet->addr.family, on_host_addr, k, l->e);
}

static void kept_free(struct kept *k)
{
	free(k->v);
}

static int lease_in(const struct attach_lease *l, const struct network_subnet *s,
		    const struct ip_addr *want)
{
	_cleanup_(kept_free) struct kept kept = { .subnet = &s->subnet };
	struct ipam_pool pool = { .network = l->n->name,
				  .subnet = s->subnet,
				  .gateway = s->gateway,
				  .ranges = l->n->ranges,
				  .n_ranges = l->n->n_ranges,
				  .excludes = l->n->excludes,
				  .n_excludes = l->n->n_excludes };
	struct ip_prefix *got = &l->info->addrs[l->info->n_addrs];
	struct err own = ERR_INIT;
	int r = kept_read(l, &kept);

	if (r < 0)
		return r;
	if (kept.v) {
		pool.excludes = kept.v;
		pool.n_excludes = kept.n;
	}
	for (int i = 0; i < 8; i++) { /* each turn frees something or is the last */
		err_clear(&own);
		r = ipam_lease(l->net, &pool, want, l->key, &got->addr, &own);
		if (r >= 0 && flows_noted(l->net, &got->addr))
			flows_sweep(l->net, NULL);
		if (r >= 0) {
			got->len = driver_of(l->n)->host_routes ? (uint8_t)ip_bits(&got->addr)
								: s->subnet.len;
			l->info->n_addrs++;
			return 0;
		}
		if (!make_room(l, r, want))
			break;
	}
	if (l->e)
		*l->e = own;
	return r;
}

/* One address of a family: of the subnet that holds the wanted one, else of the first with room. */
int attach_lease(const struct attach_lease *l, uint8_t family, const struct ip_addr *want)
{
	const struct network_subnet *first = NULL;
	int r = 0;

	for (size_t i = 0; i < l->n->n_subnets; i++) {
		const struct network_subnet *s = &l->n->subnets[i];

		if (s->subnet.addr.family != family)
			continue;
		first = first ? first : s;
		if (ip_is_set(want) && !prefix_has(&s->subnet, want))
			continue;
		r = lease_in(l, s, want);
		if (r != -ENOSPC)
			return r;
	}
	/* none holds it: the first one says so */
	if (first && ip_is_set(want))
		return lease_in(l, first, want);
	return r;
}
