/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "core/base/err.h"
#include "net/ipam.h"

#define SUBNET_LEN4 24
#define SUBNET_LEN6 64

static const struct ip_prefix *overlapping(const struct ip_prefix *p, const struct ip_prefix *used,
					   size_t n_used)
{
	for (size_t i = 0; i < n_used; i++)
		if (prefix_overlaps(p, &used[i]))
			return &used[i];
	return NULL;
}

/* Walks one pool in steps of a subnet, over what is used in one leap. */
static int choose_in(const struct ip_prefix *pool, const struct ip_prefix *used, size_t n_used,
		     struct ip_prefix *ret)
{
	uint8_t len = pool->addr.family == AF_INET ? SUBNET_LEN4 : SUBNET_LEN6;
	struct ip_prefix p = prefix_masked(pool);
	const struct ip_prefix *hit;

	if (p.len < len)
		p.len = len;
	while ((hit = overlapping(&p, used, n_used))) {
		struct ip_addr last = prefix_last(p.len < hit->len ? &p : hit);

		if (!ip_add(&last, 1, &p.addr) || !prefix_has(pool, &p.addr))
			return -ENOSPC;
	}
	*ret = p;
	return 0;
}

/* Pools in the order given, subnets from the lowest. */
int ipam_choose_subnet(const struct ip_prefix *pools, size_t n_pools, const struct ip_prefix *used,
		       size_t n_used, struct ip_prefix *ret, struct err *e)
{
	for (size_t i = 0; i < n_pools; i++)
		if (choose_in(&pools[i], used, n_used, ret) == 0)
			return 0;
	err_set(e, ENOSPC, "no free subnet is left in the address pools");
	err_hint(e, "add a pool to [ipam] pools in ctnet.conf, or give one with --subnet");
	return -ENOSPC;
}

/* fd, 40 random bits, subnet 0 (RFC 4193 section 3.2). */
int ipam_choose_ula(const struct ip_prefix *used, size_t n_used, struct ip_prefix *ret,
		    struct err *e)
{
	for (int i = 0; i < 16; i++) {
		struct ip_prefix p = { .addr = { .family = AF_INET6, .b = { 0xfd } },
				       .len = SUBNET_LEN6 };

		if (getrandom(&p.addr.b[1], 5, 0) != 5)
			return err_sys(e, errno, "random numbers for an IPv6 subnet");
		if (!overlapping(&p, used, n_used)) {
			*ret = p;
			return 0;
		}
	}
	return err_set(e, ENOSPC, "the host's routes leave no room for an IPv6 subnet (fd00::/8)");
}
