/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreign - the packet filters of others: nftables tables that are not ours,
 * iptables-nft among them, and the tables of iptables-legacy.
 *
 * An accept in our table is final for that table only; a drop anywhere else
 * wins. So a packet is led, in thought, through the chains that others hooked
 * up, as the first packet of a connection. A rule whose conditions concern more
 * than is known of the packet (addresses, marks, sets) is passed over: what is
 * told is what the plain rules and the policies say.
 *
 * Only reads, and of iptables-legacy only tables that are in use: asking for
 * another one would create it.
 */
#ifndef CT_NET_FOREIGN_H
#define CT_NET_FOREIGN_H

#include <netinet/in.h> /* before the kernel's, which define the same */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/netfilter.h>

struct err;
struct nl;

struct foreign_packet {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_BRIDGE */
	uint8_t hook; /* NF_INET_FORWARD, NF_INET_LOCAL_IN; the same numbers in a bridge */
	const char *in, *out; /* interface names; "": not known */
	uint8_t proto; /* IPPROTO_*; 0: not known */
	uint16_t dport;
};

enum foreign_tool { FOREIGN_NFT, FOREIGN_IPTABLES_NFT, FOREIGN_IPTABLES_LEGACY, FOREIGN_FIREWALLD };

/* A chain that drops it. */
struct foreign_chain {
	enum foreign_tool tool; /* whose rules these are */
	uint8_t family; /* of the table: NFPROTO_INET, NFPROTO_IPV4, ... */
	const char *table, *chain;
	bool docker_user; /* the table has docker's chain for the administrator's rules */
};

struct foreign;
int foreign_read(struct nl *nft, struct foreign **ret, struct err *e);
void foreign_free(struct foreign *f); /* accepts NULL */
static inline void cleanup_foreign(struct foreign **f)
{
	foreign_free(*f);
}
#define _cleanup_foreign_ __attribute__((cleanup(cleanup_foreign)))

/* Calls fn for each base chain that drops the packet; stops at the first r < 0. */
typedef int foreign_fn(const struct foreign_chain *c, void *ctx);
int foreign_drops(const struct foreign *f, const struct foreign_packet *p, foreign_fn *fn,
		  void *ctx);

/* For the foreign_*.c. */

enum foreign_match { FOREIGN_NO, FOREIGN_YES, FOREIGN_UNKNOWN };

/* "tcp", "udp" and "comment" of xtables, in either variant of iptables. */
enum foreign_match foreign_xt_match(const char *name, const void *data, size_t len,
				    const struct foreign_packet *p);
/* What the target of a rule does: NF_DROP, or XT_CONTINUE when the packet goes on. */
uint32_t foreign_xt_target(const char *name);

/* nftables */
struct foreign_nft;
int foreign_nft_read(struct nl *nft, struct foreign_nft **ret, struct err *e);
void foreign_nft_free(struct foreign_nft *f);
int foreign_nft_drops(const struct foreign_nft *f, const struct foreign_packet *p, foreign_fn *fn,
		      void *ctx);

/* One table of iptables-legacy, as the kernel gives it. */
struct foreign_xt {
	uint8_t family; /* NFPROTO_IPV4, NFPROTO_IPV6 */
	char table[32];
	uint32_t valid_hooks, hook_entry[NF_INET_NUMHOOKS], underflow[NF_INET_NUMHOOKS];
	uint32_t size;
	uint8_t *entries; /* struct ipt_entry, struct ip6t_entry */
};
/* Appends the tables in use of that family to the array, which foreign_free releases. */
int foreign_xt_read(uint8_t family, struct foreign_xt **v, size_t *n, struct err *e);
/* NF_ACCEPT or NF_DROP; -EINVAL when the entries are not what they should be. */
int foreign_xt_verdict(const struct foreign_xt *t, const struct foreign_packet *p);
/* Whether it has a chain of that name. */
bool foreign_xt_has(const struct foreign_xt *t, const char *chain);

#endif
