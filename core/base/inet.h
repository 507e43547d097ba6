/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inet - values of the Internet: an address of either family, a prefix, a
 * range, a MAC address, and the arithmetic on them. No strings are parsed
 * here (that is parse.h) and nothing is looked up.
 */
#ifndef CT_BASE_INET_H
#define CT_BASE_INET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ip_addr {
	uint8_t family; /* AF_INET, AF_INET6; 0: unset */
	uint8_t b[16]; /* network byte order, 4 or 16 bytes; the rest zero */
};

/* An address with its prefix length: 10.88.0.1/24 keeps its host bits. */
struct ip_prefix {
	struct ip_addr addr;
	uint8_t len;
};

struct ip_range {
	struct ip_addr first, last; /* both inclusive, one family */
};

struct mac_addr {
	uint8_t b[6];
};

#define IP_STRLEN	 INET6_ADDRSTRLEN
#define IP_PREFIX_STRLEN (INET6_ADDRSTRLEN + 4)
#define MAC_STRLEN	 18

static inline bool ip_is_set(const struct ip_addr *a)
{
	return a->family != 0;
}

static inline size_t ip_len(const struct ip_addr *a)
{
	return a->family == AF_INET ? 4 : 16;
}

static inline unsigned ip_bits(const struct ip_addr *a)
{
	return a->family == AF_INET ? 32 : 128;
}

struct ip_addr ip_from_v4(uint32_t host_order);

/* Order within a family; v4 sorts before v6. */
int ip_cmp(const struct ip_addr *a, const struct ip_addr *b);
bool ip_eq(const struct ip_addr *a, const struct ip_addr *b);

/* a + n; false (and *ret untouched) when the family's space is left. */
bool ip_add(const struct ip_addr *a, uint64_t n, struct ip_addr *ret);
/* b - a, UINT64_MAX when larger; a <= b, one family. */
uint64_t ip_sub(const struct ip_addr *b, const struct ip_addr *a);

/* loopback, multicast, unspecified, link-local: nothing a container may be given */
bool ip_is_special(const struct ip_addr *a);
bool ip_is_linklocal(const struct ip_addr *a);
bool ip_is_loopback(const struct ip_addr *a);
bool ip_is_any(const struct ip_addr *a); /* 0.0.0.0, ::; not an unset one */

struct ip_addr prefix_network(const struct ip_prefix *p); /* host bits zero */
struct ip_addr prefix_last(const struct ip_prefix *p); /* host bits one */
struct ip_prefix prefix_masked(const struct ip_prefix *p); /* the subnet itself */
bool prefix_has(const struct ip_prefix *p, const struct ip_addr *a);
bool prefix_overlaps(const struct ip_prefix *a, const struct ip_prefix *b);
/*
 * The addresses that hosts may have: without network and broadcast address in
 * IPv4 up to /30, without the subnet-router anycast address in IPv6 up to
 * /126; all of them in /31, /32, /127, /128 (RFC 3021, RFC 6164).
 */
struct ip_range prefix_hosts(const struct ip_prefix *p);

/* All return buf. */
const char *ip_str(const struct ip_addr *a, char buf[IP_STRLEN]);
const char *prefix_str(const struct ip_prefix *p, char buf[IP_PREFIX_STRLEN]);
const char *mac_str(const struct mac_addr *m, char buf[MAC_STRLEN]);

bool mac_is_set(const struct mac_addr *m);
bool mac_is_unicast(const struct mac_addr *m);
/* The EUI-64 link-local address of a MAC (RFC 4291 appendix A). */
struct ip_addr ip_eui64(const struct mac_addr *m);

#endif
