/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/inet.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/*
 * Arithmetic is done on one 128-bit integer for both families; the family
 * decides where it ends.
 */
typedef unsigned __int128 u128;

static u128 ip_value(const struct ip_addr *a)
{
	u128 v = 0;

	for (size_t i = 0; i < ip_len(a); i++)
		v = v << 8 | a->b[i];
	return v;
}

static struct ip_addr ip_make(uint8_t family, u128 v)
{
	struct ip_addr a = { .family = family };

	for (size_t i = ip_len(&a); i-- > 0; v >>= 8)
		a.b[i] = (uint8_t)v;
	return a;
}

/* The bits below a prefix of len bits. */
static u128 host_mask(const struct ip_addr *a, unsigned len)
{
	unsigned host = len < ip_bits(a) ? ip_bits(a) - len : 0;

	return host == 128 ? ~(u128)0 : ((u128)1 << host) - 1;
}

struct ip_addr ip_from_v4(uint32_t host_order)
{
	return ip_make(AF_INET, host_order);
}

int ip_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, sizeof(a->b));
}

bool ip_eq(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_cmp(a, b) == 0;
}

bool ip_add(const struct ip_addr *a, uint64_t n, struct ip_addr *ret)
{
	u128 v = ip_value(a), top = host_mask(a, 0);

	if (n > top - v)
		return false;
	*ret = ip_make(a->family, v + n);
	return true;
}

uint64_t ip_sub(const struct ip_addr *b, const struct ip_addr *a)
{
	u128 d = ip_value(b) - ip_value(a);

	return d > UINT64_MAX ? UINT64_MAX : (uint64_t)d;
}

bool ip_is_linklocal(const struct ip_addr *a)
{
	if (a->family == AF_INET)
		return a->b[0] == 169 && a->b[1] == 254;
	return a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

bool ip_is_any(const struct ip_addr *a)
{
	const struct ip_addr any = { .family = a->family };

	return ip_is_set(a) && ip_eq(a, &any);
}

bool ip_is_loopback(const struct ip_addr *a)
{
	return a->family == AF_INET ? a->b[0] == 127 : ip_value(a) == 1;
}

/*
 * 0.0.0.0/8, 224.0.0.0/4 and the limited broadcast; ::, ff00::/8 and the mapped
 * ::ffff:0:0/96 (RFC 6890). 240.0.0.0/4 is not refused: the kernel routes it.
 */
bool ip_is_special(const struct ip_addr *a)
{
	u128 v = ip_value(a);

	if (ip_is_loopback(a) || ip_is_linklocal(a))
		return true;
	if (a->family == AF_INET)
		return a->b[0] == 0 || (a->b[0] & 0xf0) == 0xe0 || v == UINT32_MAX;
	return v == 0 || a->b[0] == 0xff || v >> 32 == 0xffff;
}

struct ip_addr prefix_network(const struct ip_prefix *p)
{
	return ip_make(p->addr.family, ip_value(&p->addr) & ~host_mask(&p->addr, p->len));
}

struct ip_addr prefix_last(const struct ip_prefix *p)
{
	return ip_make(p->addr.family, ip_value(&p->addr) | host_mask(&p->addr, p->len));
}

struct ip_prefix prefix_masked(const struct ip_prefix *p)
{
	return (struct ip_prefix){ .addr = prefix_network(p), .len = p->len };
}

bool prefix_has(const struct ip_prefix *p, const struct ip_addr *a)
{
	if (p->addr.family != a->family)
		return false;
	return !((ip_value(&p->addr) ^ ip_value(a)) & ~host_mask(a, p->len));
}

bool prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b)
{
	return a->len <= b->len ? prefix_has(a, &b->addr) : prefix_has(b, &a->addr);
}

struct ip_range prefix_hosts(const struct ip_prefix *p)
{
	struct ip_range r = { prefix_network(p), prefix_last(p) };
	bool v4 = p->addr.family == AF_INET;

	if (p->len + 2U > ip_bits(&p->addr))
		return r;
	r.first = ip_make(p->addr.family, ip_value(&r.first) + 1);
	if (v4)
		r.last = ip_make(p->addr.family, ip_value(&r.last) - 1);
	return r;
}

/* An unset address is written as "-". */
const char *ip_str(const struct ip_addr *a, char buf[IP_STRLEN])
{
	if (!ip_is_set(a) || !inet_ntop(a->family, a->b, buf, IP_STRLEN))
		snprintf(buf, IP_STRLEN, "-");
	return buf;
}

const char *prefix_str(const struct ip_prefix *p, char buf[IP_PREFIX_STRLEN])
{
	char ip[IP_STRLEN];

	snprintf(buf, IP_PREFIX_STRLEN, "%s/%u", ip_str(&p->addr, ip), p->len);
	return buf;
}

const char *mac_str(const struct mac_addr *m, char buf[MAC_STRLEN])
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", m->b[0], m->b[1], m->b[2],
		 m->b[3], m->b[4], m->b[5]);
	return buf;
}

bool mac_is_set(const struct mac_addr *m)
{
	static const struct mac_addr zero;

	return memcmp(m, &zero, sizeof(zero)) != 0;
}

bool mac_is_unicast(const struct mac_addr *m)
{
	return mac_is_set(m) && !(m->b[0] & 1);
}

struct ip_addr ip_eui64(const struct mac_addr *m)
{
	return (struct ip_addr){
		.family = AF_INET6,
		.b = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, m->b[0] ^ 2, m->b[1], m->b[2], 0xff, 0xfe,
		       m->b[3], m->b[4], m->b[5] },
	};
}
