// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Theory of operation.
 *
 * Every interface that stands for a network is in one link group, so a packet
 * that concerns no network is known without a lookup and leaves after one
 * comparison. What a network may do is said by its elements in sets of
 * interface names, and a set can only allow: where a lookup finds nothing,
 * because the set was flushed by somebody or is being refilled by a commit at
 * this moment, the packet is dropped. (The exceptions are no_icc and its
 * like, needed only where a network is both open and without icc.)
 *
 * A forwarded packet meets, in this order: the administrator's chain; what
 * belongs to a connection; members of one network among each other (bridged
 * frames come here too where br_netfilter is on, with the bridge as both
 * interfaces, and must not be judged by connection tracking, which may have
 * seen one direction only); what connection tracking cannot place and NAT
 * therefore would let out with an inside address; networks with no way out;
 * published ports, a neighbour's on the same network included; networks open
 * to others; and everything that would enter a network all the same, such as
 * the packets of a neighbour who routes to it. What is left comes from a
 * network and goes out.
 *
 * A network without a bridge (ptp) has a routed link per member. They are one
 * network by their subnets: who comes by one of them and enters another, with a
 * source that both lead to, is a member. That a source is true is seen to in
 * prerouting; where it is not (--no-spoof-guard), other networks stay closed.
 *
 * Published ports are looked up by whoever addresses the host itself, in
 * prerouting and, for the host's own programs, in output; not for [::1], which
 * the kernel cannot translate and the container's monitor serves. An answer
 * that would not come back through the host, because both ends are on one
 * bridge or are the same container, is made to by masquerading: told by where
 * the packet leaves, since br_netfilter leaves no interface where it came from.
 *
 * Between interfaces of others, what the host did not forward before stays
 * refused (transit), except from bridge to bridge: with br_netfilter on, the
 * frames inside one bridge come here, and no expression compares the two
 * interfaces with each other.
 *
 * What is for the host itself (filter_in) is limited for networks that may
 * not reach it; those that may are the ones in the set.
 *
 * The bridge table holds the ports of containers to what they were leased. Which
 * ports those are says a link group of their own, which a port has from birth: one
 * without elements is closed, as when its container ended and somebody is left in
 * the namespace. Name, MAC and address are one key, and TCP comes first: a lookup is
 * what a frame costs. A ptp link is held to its leases unless a set excepts it.
 * Other Ethernet types than IPv4, IPv6 and ARP are dropped there: no lease
 * says who may send them, and a spanning tree is not the containers' to shape.
 * Nor may frames with a VLAN tag, one with the number 0 not either, which the
 * receiver takes for untagged: no lease says so, and br_netfilter does not show
 * them to filter_fwd (bridge-nf-filter-vlan-tagged), where no_icc is. ptp links get the same from
 * chain source.
 *
 * An accept here is final for this table only; other tables still decide.
 */
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>

#include "core/base/cleanup.h"
#include "net/link.h"
#include "net/nft_expr.h"
#include "net/ruleset.h"
#include "net/ruleset_def.h"

#define INET   RULESET_INET
#define BRIDGE RULESET_BRIDGE

/* The words of the rules below, each as the text beside it has them. */
#define TERM(...)           \
	{                   \
		__VA_ARGS__ \
	}
#define EQ(f, ...)	 TERM(.op = NFTO_EQ, .field = { f }, __VA_ARGS__)
#define NEQ(f, ...)	 TERM(.op = NFTO_NEQ, .field = { f }, __VA_ARGS__)
#define IIF_OURS	 EQ(NFTF_IIFGROUP, .number = LINK_GROUP_CTNET)
#define IIF_OTHERS	 NEQ(NFTF_IIFGROUP, .number = LINK_GROUP_CTNET)
#define OIF_OURS	 EQ(NFTF_OIFGROUP, .number = LINK_GROUP_CTNET)
#define OIF_OTHERS	 NEQ(NFTF_OIFGROUP, .number = LINK_GROUP_CTNET)
#define IPV4		 EQ(NFTF_NFPROTO, .bytes = { NFPROTO_IPV4 })
#define IPV6		 EQ(NFTF_NFPROTO, .bytes = { NFPROTO_IPV6 })
#define ETHER_TYPE(t)	 EQ(NFTF_ETHER_TYPE, .bytes = { (t) >> 8, (t)&0xff })
#define TYPE(t)		 EQ(NFTF_PROTOCOL, .bytes = { (t) >> 8, (t)&0xff })
#define L4(proto)	 EQ(NFTF_L4PROTO, .bytes = { IPPROTO_##proto })
#define SPORT(p)	 EQ(NFTF_TH_SPORT, .bytes = { (p) >> 8, (p)&0xff })
#define DPORT(p)	 EQ(NFTF_TH_DPORT, .bytes = { (p) >> 8, (p)&0xff })
#define FRAG_NEXT(proto) EQ(NFTF_FRAG_NEXTHDR, .bytes = { IPPROTO_##proto })
#define ICMP_IS(t)	 EQ(NFTF_ICMP_TYPE, .bytes = { t })
#define FOR_HOST	 EQ(NFTF_FIB_DADDR_TYPE, .number = RTN_LOCAL)
#define FOR_GATEWAY	 EQ(NFTF_FIB_DADDR_IIF_TYPE, .number = RTN_LOCAL)
#define LOOPBACK(f)	 EQ(f, .len = 1, .bytes = { 127 })
#define NOT_LO		 NEQ(NFTF_IIFNAME, .ifname = "lo")
#define NOT_LO6		 NEQ(NFTF_IP6_DADDR, .bytes = { [15] = 1 })
#define ARP_REQUEST	 EQ(NFTF_ARP_OPERATION, .bytes = { 0, ARPOP_REQUEST })
#define NO_ADDR(f)	 EQ(f, .len = 0)
#define CT_STATE(b)	 TERM(.op = NFTO_ANY, .field = { NFTF_CT_STATE }, .number = (b))
#define CT_DNAT		 TERM(.op = NFTO_ANY, .field = { NFTF_CT_STATUS }, .number = IPS_DST_NAT)
#define IN(set, ...)	 TERM(.op = NFTO_IN, .field = { __VA_ARGS__ }, .name = set)
#define NOT_IN(set, ...) TERM(.op = NFTO_NOT_IN, .field = { __VA_ARGS__ }, .name = set)
#define FROM(set, addr)	 IN(set, NFTF_IIFNAME, NFTF_ETHER_SADDR, addr)
#define OWN_MAC		 IN("port_mac", NFTF_IIFNAME, NFTF_ETHER_SADDR)
#define MAP(set, ...)	 TERM(.op = NFTO_MAP, .field = { __VA_ARGS__ }, .name = set)
#define DNAT(f)		 TERM(.op = NFTO_DNAT_ADDR, .number = NFPROTO_##f)
#define DNAT_PORT(f)	 TERM(.op = NFTO_DNAT_PORT, .number = NFPROTO_##f)
#define MASQUERADE	 TERM(.op = NFTO_MASQUERADE)
#define ACCEPT		 TERM(.op = NFTO_ACCEPT)
#define DROP		 TERM(.op = NFTO_DROP)
#define JUMP(chain)	 TERM(.op = NFTO_JUMP, .name = chain)
#define GOTO(chain)	 TERM(.op = NFTO_GOTO, .name = chain)

#define KNOWN	(NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED))
#define SERVICE NFTF_L4PROTO, NFTF_TH_DPORT

#define RULE_IF(w, t, c, x, ...)                                                           \
	{                                                                                  \
		.table = (t), .chain = c, .text = x, .terms = { __VA_ARGS__ }, .when = (w) \
	}
#define RULE(t, c, x, ...) RULE_IF(ALWAYS, t, c, x, __VA_ARGS__)

enum { DNS = 53, DHCP_SERVER = 67, DHCP_CLIENT = 68, DHCP6_SERVER = 547, TERMS_MAX = 7 };
_Static_assert(LINK_GROUP_CTNET == 4242 && LINK_GROUP_GUARDED == 4243,
	       "the texts of the rules name the groups");

/* Each rule with the text that `nft list` prints for it and a refusal is reported with. */
static const struct rule {
	enum ruleset_table table;
	enum {
		ALWAYS,
		REFUSE4 = RULESET_REFUSE4,
		REFUSE6 = RULESET_REFUSE6,
		REFUSED = REFUSE4 | REFUSE6
	} when;
	/* no pointers: what the loader need not write in at every start */
	char chain[16], text[160];
	struct nft_term terms[TERMS_MAX + 1];
} rules[] = {
	/* frames inside somebody's bridge were never the host's to forward; what is routed from one
	 * bridge to another cannot be told from them */
	RULE_IF(REFUSED, INET, "transit", "meta iifkind \"bridge\" meta oifkind \"bridge\" accept",
		EQ(NFTF_IIFKIND, .ifname = "bridge"), EQ(NFTF_OIFKIND, .ifname = "bridge"), ACCEPT),
	RULE_IF(REFUSE4, INET, "transit", "meta nfproto ipv4 drop", IPV4, DROP),
	RULE_IF(REFUSE6, INET, "transit", "meta nfproto ipv6 drop", IPV6, DROP),

	/* a port published on 127.0.0.1 stays there, even with route_localnet on */
	RULE(INET, "raw_pre", "iifname != \"lo\" ip daddr 127.0.0.0/8 drop", NOT_LO, IPV4,
	     LOOPBACK(NFTF_IP_DADDR), DROP),
	/* what comes by a bridge was seen to by the other table: no lookup for each packet */
	RULE(INET, "raw_pre",
	     "iifgroup 4242 meta iifkind != \"bridge\" iifname != @unguarded goto source", IIF_OURS,
	     NEQ(NFTF_IIFKIND, .ifname = "bridge"), NOT_IN("unguarded", NFTF_IIFNAME),
	     GOTO("source")),

	RULE(INET, "source", "icmp type redirect drop", IPV4, L4(ICMP), ICMP_IS(ICMP_REDIRECT),
	     DROP),
	RULE(INET, "source", "icmpv6 type nd-router-advert drop", IPV6, L4(ICMPV6),
	     ICMP_IS(ND_ROUTER_ADVERT), DROP),
	RULE(INET, "source", "icmpv6 type nd-redirect drop", IPV6, L4(ICMPV6), ICMP_IS(ND_REDIRECT),
	     DROP),
	RULE(INET, "source", "iifname . ip saddr @link4 accept", IPV4,
	     IN("link4", NFTF_IIFNAME, NFTF_IP_SADDR), ACCEPT),
	RULE(INET, "source", "iifname . ip6 saddr @link6 accept", IPV6,
	     IN("link6", NFTF_IIFNAME, NFTF_IP6_SADDR), ACCEPT),
	RULE(INET, "source", "ip6 saddr :: meta l4proto ipv6-icmp accept", IPV6,
	     NO_ADDR(NFTF_IP6_SADDR), L4(ICMPV6), ACCEPT),
	RULE(INET, "source", "drop", DROP),

	RULE(INET, "publish", "dnat ip to ip daddr . meta l4proto . th dport map @p4ip", IPV4,
	     MAP("p4ip", NFTF_IP_DADDR, SERVICE), DNAT_PORT(IPV4)),
	RULE(INET, "publish", "dnat ip to meta l4proto . th dport map @p4any",
	     MAP("p4any", SERVICE), DNAT_PORT(IPV4)),
	RULE(INET, "publish", "dnat ip to meta l4proto . th dport map @p4rng",
	     MAP("p4rng", SERVICE), DNAT(IPV4)),
	RULE(INET, "publish6", "dnat ip6 to ip6 daddr . meta l4proto . th dport map @p6ip", IPV6,
	     MAP("p6ip", NFTF_IP6_DADDR, SERVICE), DNAT_PORT(IPV6)),
	RULE(INET, "publish6", "dnat ip6 to meta l4proto . th dport map @p6any",
	     MAP("p6any", SERVICE), DNAT_PORT(IPV6)),
	RULE(INET, "publish6", "dnat ip6 to meta l4proto . th dport map @p6rng",
	     MAP("p6rng", SERVICE), DNAT(IPV6)),
	RULE(INET, "nat_pre", "meta nfproto ipv4 fib daddr type local jump publish", IPV4, FOR_HOST,
	     JUMP("publish")),
	RULE(INET, "nat_pre", "meta nfproto ipv6 fib daddr type local jump publish6", IPV6,
	     FOR_HOST, JUMP("publish6")),
	RULE(INET, "nat_out", "meta nfproto ipv4 fib daddr type local jump publish", IPV4, FOR_HOST,
	     JUMP("publish")),
	RULE(INET, "nat_out", "ip6 daddr != ::1 fib daddr type local jump publish6", IPV6, NOT_LO6,
	     FOR_HOST, JUMP("publish6")),

	RULE(INET, "filter_in", "iifgroup 4242 iifname != @host goto to_host", IIF_OURS,
	     NOT_IN("host", NFTF_IIFNAME), GOTO("to_host")),
	RULE(INET, "to_host", "ct state established,related accept", CT_STATE(KNOWN), ACCEPT),
	RULE(INET, "to_host", "meta l4proto icmp accept", L4(ICMP), ACCEPT),
	RULE(INET, "to_host", "meta l4proto ipv6-icmp accept", L4(ICMPV6), ACCEPT),
	/* of its own gateway: another network's name server is a way out (CVE-2024-29018) */
	RULE(INET, "to_host", "fib daddr . iif type local udp dport 53 accept", FOR_GATEWAY,
	     L4(UDP), DPORT(DNS), ACCEPT),
	RULE(INET, "to_host", "fib daddr . iif type local tcp dport 53 accept", FOR_GATEWAY,
	     L4(TCP), DPORT(DNS), ACCEPT),
	/* a routed port's gateway is an address of one link of its network only */
	RULE(INET, "to_host", "iifname @ptp udp dport 53 accept", IN("ptp", NFTF_IIFNAME), L4(UDP),
	     DPORT(DNS), ACCEPT),
	RULE(INET, "to_host", "iifname @ptp tcp dport 53 accept", IN("ptp", NFTF_IIFNAME), L4(TCP),
	     DPORT(DNS), ACCEPT),
	RULE(INET, "to_host", "udp dport 67 accept", L4(UDP), DPORT(DHCP_SERVER), ACCEPT),
	RULE(INET, "to_host", "udp dport 547 accept", L4(UDP), DPORT(DHCP6_SERVER), ACCEPT),
	RULE(INET, "to_host", "drop", DROP),

	RULE(INET, "filter_fwd", "jump user", JUMP("user")),
	RULE(INET, "filter_fwd", "iifgroup != 4242 oifgroup != 4242 goto transit", IIF_OTHERS,
	     OIF_OTHERS, GOTO("transit")),
	RULE(INET, "filter_fwd", "ct state established,related accept", CT_STATE(KNOWN), ACCEPT),
	RULE(INET, "filter_fwd", "iifname . oifname @icc accept",
	     IN("icc", NFTF_IIFNAME, NFTF_OIFNAME), ACCEPT),
	RULE(INET, "filter_fwd",
	     "iifname @ptp iifname . ip saddr @icc4 oifname . ip saddr @icc4 accept",
	     IN("ptp", NFTF_IIFNAME), IPV4, IN("icc4", NFTF_IIFNAME, NFTF_IP_SADDR),
	     IN("icc4", NFTF_OIFNAME, NFTF_IP_SADDR), ACCEPT),
	RULE(INET, "filter_fwd",
	     "iifname @ptp iifname . ip6 saddr @icc6 oifname . ip6 saddr @icc6 accept",
	     IN("ptp", NFTF_IIFNAME), IPV6, IN("icc6", NFTF_IIFNAME, NFTF_IP6_SADDR),
	     IN("icc6", NFTF_OIFNAME, NFTF_IP6_SADDR), ACCEPT),
	RULE(INET, "filter_fwd", "ct state invalid drop", CT_STATE(NF_CT_STATE_INVALID_BIT), DROP),
	RULE(INET, "filter_fwd", "iifgroup 4242 iifname != @routed drop", IIF_OURS,
	     NOT_IN("routed", NFTF_IIFNAME), DROP),
	RULE(INET, "filter_fwd", "oifgroup 4242 oifname != @routed drop", OIF_OURS,
	     NOT_IN("routed", NFTF_OIFNAME), DROP),
	RULE(INET, "filter_fwd", "ct status dnat accept", CT_DNAT, ACCEPT),
	RULE(INET, "filter_fwd", "iifname . oifname @no_icc drop",
	     IN("no_icc", NFTF_IIFNAME, NFTF_OIFNAME), DROP),
	RULE(INET, "filter_fwd", "oifname . ip saddr @no_icc4 drop", IPV4,
	     IN("no_icc4", NFTF_OIFNAME, NFTF_IP_SADDR), DROP),
	RULE(INET, "filter_fwd", "oifname . ip6 saddr @no_icc6 drop", IPV6,
	     IN("no_icc6", NFTF_OIFNAME, NFTF_IP6_SADDR), DROP),
	RULE(INET, "filter_fwd", "iifgroup 4242 oifname @open accept", IIF_OURS,
	     IN("open", NFTF_OIFNAME), ACCEPT),
	/* last and without a lookup */
	RULE(INET, "filter_fwd", "oifgroup 4242 drop", OIF_OURS, DROP),

	RULE(INET, "nat_post", "oifgroup 4242 ip saddr 127.0.0.0/8 masquerade", OIF_OURS, IPV4,
	     LOOPBACK(NFTF_IP_SADDR), MASQUERADE),
	RULE(INET, "nat_post", "oifname . ip saddr @own4 ct status dnat masquerade", IPV4,
	     IN("own4", NFTF_OIFNAME, NFTF_IP_SADDR), CT_DNAT, MASQUERADE),
	RULE(INET, "nat_post", "oifname . ip6 saddr @own6 ct status dnat masquerade", IPV6,
	     IN("own6", NFTF_OIFNAME, NFTF_IP6_SADDR), CT_DNAT, MASQUERADE),
	RULE(INET, "nat_post", "oifname . ip saddr @link4 ct status dnat masquerade", IPV4,
	     IN("link4", NFTF_OIFNAME, NFTF_IP_SADDR), CT_DNAT, MASQUERADE),
	RULE(INET, "nat_post", "oifname . ip6 saddr @link6 ct status dnat masquerade", IPV6,
	     IN("link6", NFTF_OIFNAME, NFTF_IP6_SADDR), CT_DNAT, MASQUERADE),
	RULE(INET, "nat_post", "oifgroup != 4242 ip saddr @masq4 masquerade", OIF_OTHERS, IPV4,
	     IN("masq4", NFTF_IP_SADDR), MASQUERADE),
	RULE(INET, "nat_post", "oifgroup != 4242 ip6 saddr @masq6 masquerade", OIF_OTHERS, IPV6,
	     IN("masq6", NFTF_IP6_SADDR), MASQUERADE),

	RULE(BRIDGE, "guard", "iifgroup != 4243 accept",
	     NEQ(NFTF_IIFGROUP, .number = LINK_GROUP_GUARDED), ACCEPT),
	RULE(BRIDGE, "guard", "ether type ip goto guard_ip", ETHER_TYPE(ETH_P_IP),
	     GOTO("guard_ip")),
	RULE(BRIDGE, "guard", "ether type ip6 goto guard_ip6", ETHER_TYPE(ETH_P_IPV6),
	     GOTO("guard_ip6")),
	RULE(BRIDGE, "guard", "ether type arp goto guard_arp", ETHER_TYPE(ETH_P_ARP),
	     GOTO("guard_arp")),
	RULE(BRIDGE, "guard", "drop", DROP),

	/* what most frames are; nothing below would refuse them either */
	RULE(BRIDGE, "guard_ip",
	     "meta l4proto tcp iifname . ether saddr . ip saddr @port_ip4 accept", TYPE(ETH_P_IP),
	     L4(TCP), FROM("port_ip4", NFTF_IP_SADDR), ACCEPT),
	/* nobody answers for a DHCP server or a router but the host */
	RULE(BRIDGE, "guard_ip", "meta protocol ip udp sport 67 drop", TYPE(ETH_P_IP), L4(UDP),
	     SPORT(DHCP_SERVER), DROP),
	RULE(BRIDGE, "guard_ip", "icmp type redirect drop", TYPE(ETH_P_IP), L4(ICMP),
	     ICMP_IS(ICMP_REDIRECT), DROP),
	RULE(BRIDGE, "guard_ip", "iifname . ether saddr . ip saddr @port_ip4 accept",
	     TYPE(ETH_P_IP), FROM("port_ip4", NFTF_IP_SADDR), ACCEPT),
	/* who has no address yet may ask for one */
	RULE(BRIDGE, "guard_ip",
	     "ip saddr 0.0.0.0 udp sport 68 udp dport 67 iifname . ether saddr @port_mac accept",
	     TYPE(ETH_P_IP), NO_ADDR(NFTF_IP_SADDR), L4(UDP), SPORT(DHCP_CLIENT),
	     DPORT(DHCP_SERVER), OWN_MAC, ACCEPT),
	RULE(BRIDGE, "guard_ip", "drop", DROP),

	/* a first fragment that does not reach to what the packet is hides that from the
	 * rules below (RFC 7112, RFC 7113) */
	RULE(BRIDGE, "guard_frag6", "frag nexthdr ip drop", FRAG_NEXT(HOPOPTS), DROP),
	RULE(BRIDGE, "guard_frag6", "frag nexthdr ipv6-route drop", FRAG_NEXT(ROUTING), DROP),
	RULE(BRIDGE, "guard_frag6", "frag nexthdr ipv6-frag drop", FRAG_NEXT(FRAGMENT), DROP),
	RULE(BRIDGE, "guard_frag6", "frag nexthdr ah drop", FRAG_NEXT(AH), DROP),
	RULE(BRIDGE, "guard_frag6", "frag nexthdr ipv6-opts drop", FRAG_NEXT(DSTOPTS), DROP),

	/* as above, of packets without extension headers */
	RULE(BRIDGE, "guard_ip6",
	     "ip6 nexthdr tcp iifname . ether saddr . ip6 saddr @port_ip6 accept", TYPE(ETH_P_IPV6),
	     EQ(NFTF_IP6_NEXTHDR, .bytes = { IPPROTO_TCP }), FROM("port_ip6", NFTF_IP6_SADDR),
	     ACCEPT),
	RULE(BRIDGE, "guard_ip6", "exthdr frag exists jump guard_frag6",
	     EQ(NFTF_FRAG_EXISTS, .bytes = { 1 }), JUMP("guard_frag6")),
	RULE(BRIDGE, "guard_ip6", "icmpv6 type nd-router-advert drop", TYPE(ETH_P_IPV6), L4(ICMPV6),
	     ICMP_IS(ND_ROUTER_ADVERT), DROP),
	RULE(BRIDGE, "guard_ip6", "icmpv6 type nd-redirect drop", TYPE(ETH_P_IPV6), L4(ICMPV6),
	     ICMP_IS(ND_REDIRECT), DROP),
	RULE(BRIDGE, "guard_ip6",
	     "icmpv6 type nd-neighbor-advert iifname . @th,64,128 != @port_nd6 drop",
	     TYPE(ETH_P_IPV6), L4(ICMPV6), ICMP_IS(ND_NEIGHBOR_ADVERT),
	     NOT_IN("port_nd6", NFTF_IIFNAME, NFTF_ND_TARGET), DROP),
	RULE(BRIDGE, "guard_ip6", "meta protocol ip6 udp sport 547 drop", TYPE(ETH_P_IPV6), L4(UDP),
	     SPORT(DHCP6_SERVER), DROP),
	RULE(BRIDGE, "guard_ip6", "iifname . ether saddr . ip6 saddr @port_ip6 accept",
	     TYPE(ETH_P_IPV6), FROM("port_ip6", NFTF_IP6_SADDR), ACCEPT),
	/* duplicate address detection, and multicast listeners before it is done */
	RULE(BRIDGE, "guard_ip6",
	     "ip6 saddr :: meta l4proto ipv6-icmp iifname . ether saddr @port_mac accept",
	     TYPE(ETH_P_IPV6), NO_ADDR(NFTF_IP6_SADDR), L4(ICMPV6), OWN_MAC, ACCEPT),
	RULE(BRIDGE, "guard_ip6", "drop", DROP),

	RULE(BRIDGE, "guard_arp", "iifname . ether saddr != @port_mac drop",
	     NOT_IN("port_mac", NFTF_IIFNAME, NFTF_ETHER_SADDR), DROP),
	RULE(BRIDGE, "guard_arp", "iifname . arp saddr ether != @port_mac drop", TYPE(ETH_P_ARP),
	     NOT_IN("port_mac", NFTF_IIFNAME, NFTF_ARP_SADDR_ETHER), DROP),
	RULE(BRIDGE, "guard_arp", "iifname . ether saddr . arp saddr ip @port_ip4 accept",
	     TYPE(ETH_P_ARP), FROM("port_ip4", NFTF_ARP_SADDR_IP), ACCEPT),
	/* a DHCP client asks whether its address is free (RFC 5227); nobody learns from it */
	RULE(BRIDGE, "guard_arp", "arp operation request arp saddr ip 0.0.0.0 accept",
	     TYPE(ETH_P_ARP), ARP_REQUEST, NO_ADDR(NFTF_ARP_SADDR_IP), ACCEPT),
	RULE(BRIDGE, "guard_arp", "drop", DROP),
};

void ruleset_put_rules(struct nft_batch *b, bool guard, unsigned refuse)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct rule *r = &rules[i];

		if ((r->when == ALWAYS || refuse & r->when) && (r->table != BRIDGE || guard))
			nft_rule_add(b, &ruleset_where[r->table], r->chain, r->text, r->terms);
	}
}
