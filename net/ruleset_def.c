// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The chains and sets. What the rules make of them: net/ruleset_rule.c.
 */
#include "net/ruleset_def.h"

#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>

const struct nft_where ruleset_where[RULESET_TABLES] = {
	[RULESET_INET] = { .family = NFPROTO_INET, .table = "ctnet" },
	[RULESET_BRIDGE] = { .family = NFPROTO_BRIDGE, .table = "ctnet" },
};

const struct nft_chain_spec ruleset_user = { .name = "user", .hook = -1 };

#define INET	RULESET_INET
#define BRIDGE	RULESET_BRIDGE
#define REGULAR "", -1, 0

const struct ruleset_chain ruleset_chains[RULESET_CHAINS] = {
	/* where a rule goes to comes before it */
	{ INET, { "transit", REGULAR } },
	{ INET, { "source", REGULAR } },
	{ INET, { "to_host", REGULAR } },
	{ INET, { "publish", REGULAR } },
	{ INET, { "publish6", REGULAR } },
	{ INET, { "raw_pre", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW } },
	{ INET, { "nat_pre", "nat", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST } },
	{ INET, { "nat_out", "nat", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST } },
	{ INET, { "filter_in", "filter", NF_INET_LOCAL_IN, NF_IP_PRI_FILTER } },
	{ INET, { "filter_fwd", "filter", NF_INET_FORWARD, NF_IP_PRI_FILTER } },
	{ INET, { "nat_post", "nat", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC } },
	{ BRIDGE, { "guard_arp", REGULAR } },
	{ BRIDGE, { "guard_ip", REGULAR } },
	{ BRIDGE, { "guard_frag6", REGULAR } },
	{ BRIDGE, { "guard_ip6", REGULAR } },
	{ BRIDGE, { "guard", "filter", NF_BR_PRE_ROUTING, NF_BR_PRI_FILTER_BRIDGED } },
};

#define NAMES(n) .key_type = NFT_TYPE_IFNAME, .key_len = IFNAMSIZ
#define WITH(type, len) \
	.key_type = NFT_CONCAT2(NFT_TYPE_IFNAME, NFT_TYPE_##type), .key_len = IFNAMSIZ + (len)
#define WITH_MAC(type, len)                                                            \
	.key_type = NFT_CONCAT3(NFT_TYPE_IFNAME, NFT_TYPE_ETHERADDR, NFT_TYPE_##type), \
	.key_len = IFNAMSIZ + RULESET_MAC_LEN + (len)
#define NET4 WITH(IPADDR, 4), .interval = true, .fields = { IFNAMSIZ, 4 }
#define NET6 WITH(IP6ADDR, 16), .interval = true, .fields = { IFNAMSIZ, 16 }
/* one byte of protocol and two of port, each padded to four */
#define PORT  .key_type = NFT_CONCAT2(NFT_TYPE_INET_PROTO, NFT_TYPE_INET_SERVICE), .key_len = 8
#define RANGE PORT, .interval = true, .fields = { 1, 2 }
#define IP_PORT(type, len)                                                                    \
	.key_type = NFT_CONCAT3(NFT_TYPE_##type, NFT_TYPE_INET_PROTO, NFT_TYPE_INET_SERVICE), \
	.key_len = (len) + 8
#define TO(type, len) .data_type = NFT_TYPE_##type, .data_len = (len)
#define TO_PORT(type, len) \
	.data_type = NFT_CONCAT2(NFT_TYPE_##type, NFT_TYPE_INET_SERVICE), .data_len = (len) + 4

const struct ruleset_set ruleset_sets[RULESET_SETS] = {
	[RULESET_ICC] = { INET, OF_NET, { "icc", WITH(IFNAME, IFNAMSIZ) } },
	[RULESET_NO_ICC] = { INET, OF_NET, { "no_icc", WITH(IFNAME, IFNAMSIZ) } },
	[RULESET_ROUTED] = { INET, OF_NET | OF_LINK, { "routed", NAMES() } },
	[RULESET_OPEN] = { INET, OF_NET | OF_LINK, { "open", NAMES() } },
	[RULESET_HOST] = { INET, OF_NET | OF_LINK, { "host", NAMES() } },
	[RULESET_MASQ4] = { INET,
			    OF_NET,
			    { "masq4", .key_type = NFT_TYPE_IPADDR, .key_len = 4,
			      .interval = true } },
	[RULESET_MASQ6] = { INET,
			    OF_NET,
			    { "masq6", .key_type = NFT_TYPE_IP6ADDR, .key_len = 16,
			      .interval = true } },
	/* bridges and their subnets */
	[RULESET_OWN4] = { INET, OF_NET, { "own4", NET4 } },
	[RULESET_OWN6] = { INET, OF_NET, { "own6", NET6 } },
	/* ptp links; each with the subnets of its network, and with its own addresses */
	[RULESET_PTP] = { INET, OF_LINK, { "ptp", NAMES() } },
	[RULESET_ICC4] = { INET, OF_LINK, { "icc4", NET4 } },
	[RULESET_ICC6] = { INET, OF_LINK, { "icc6", NET6 } },
	[RULESET_NO_ICC4] = { INET, OF_LINK, { "no_icc4", NET4 } },
	[RULESET_NO_ICC6] = { INET, OF_LINK, { "no_icc6", NET6 } },
	[RULESET_LINK4] = { INET, OF_LINK, { "link4", WITH(IPADDR, 4) } },
	[RULESET_LINK6] = { INET, OF_LINK, { "link6", WITH(IP6ADDR, 16) } },
	/* ptp links that may lie about their source */
	[RULESET_UNGUARDED] = { INET, OF_LINK, { "unguarded", NAMES() } },
	/* published ports: on every address, on one, and whole ranges */
	[RULESET_P4ANY] = { INET, OF_PORT, { "p4any", PORT, TO_PORT(IPADDR, 4) } },
	[RULESET_P4IP] = { INET, OF_PORT, { "p4ip", IP_PORT(IPADDR, 4), TO_PORT(IPADDR, 4) } },
	[RULESET_P4RNG] = { INET, OF_PORT, { "p4rng", RANGE, TO(IPADDR, 4) } },
	[RULESET_P6ANY] = { INET, OF_PORT, { "p6any", PORT, TO_PORT(IP6ADDR, 16) } },
	[RULESET_P6IP] = { INET, OF_PORT, { "p6ip", IP_PORT(IP6ADDR, 16), TO_PORT(IP6ADDR, 16) } },
	[RULESET_P6RNG] = { INET, OF_PORT, { "p6rng", RANGE, TO(IP6ADDR, 16) } },
	/* ports of bridges, and what they may call themselves: mostly in one lookup */
	[RULESET_PORT_MAC] = { BRIDGE, OF_LINK, { "port_mac", WITH(ETHERADDR, RULESET_MAC_LEN) } },
	[RULESET_PORT_IP4] = { BRIDGE, OF_LINK, { "port_ip4", WITH_MAC(IPADDR, 4) } },
	[RULESET_PORT_IP6] = { BRIDGE, OF_LINK, { "port_ip6", WITH_MAC(IP6ADDR, 16) } },
	[RULESET_PORT_ND6] = { BRIDGE,
			       OF_LINK,
			       { "port_nd6", WITH(INTEGER, 16), .nd_target = true } },
};

int ruleset_find_chain(enum ruleset_table table, const char *name)
{
	for (int i = 0; i < RULESET_CHAINS; i++)
		if (ruleset_chains[i].table == table && !strcmp(ruleset_chains[i].spec.name, name))
			return i;
	return -1;
}

int ruleset_find_set(enum ruleset_table table, const char *name)
{
	for (int i = 0; i < RULESET_SETS; i++)
		if (ruleset_sets[i].table == table && !strcmp(ruleset_sets[i].spec.name, name))
			return i;
	return -1;
}

void ruleset_put_frame(struct nft_batch *b, bool guard)
{
	for (int t = 0; t < RULESET_TABLES; t++)
		if (t != BRIDGE || guard)
			nft_table_add(b, &ruleset_where[t]);
	nft_chain_add(b, &ruleset_where[INET], &ruleset_user);
	for (size_t i = 0; i < RULESET_CHAINS; i++)
		if (ruleset_chains[i].table != BRIDGE || guard)
			nft_chain_add(b, &ruleset_where[ruleset_chains[i].table],
				      &ruleset_chains[i].spec);
	for (size_t i = 0; i < RULESET_SETS; i++)
		if (ruleset_sets[i].table != BRIDGE || guard)
			nft_set_add(b, &ruleset_where[ruleset_sets[i].table],
				    &ruleset_sets[i].spec);
}
