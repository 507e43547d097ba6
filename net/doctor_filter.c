/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the packet filters of others do to the packets of networks: three
 * questions for each network and family, put to every chain that somebody
 * hooked up. A cure is an accept of exactly that network, in the place which
 * the owner of the chain leaves for it.
 */
#include "net/doctor.h"

#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/inet.h"
#include "net/foreign.h"
#include "net/route.h"

#define BRIDGE_NF "/proc/sys/net/bridge/bridge-nf-call-"
#define CURE_MAX  640

/* A question: about one network, in one family. */
struct ask {
	struct doctor *d;
	const struct network *n;
	struct foreign_packet p;
	char uplink[IF_NAMESIZE];
	struct hit {
		struct foreign_chain c;
		char table[64], chain[64];
		bool in, out; /* what comes from it, what goes to it */
	} hits[16];
	size_t n_hits;
	bool towards; /* this question is about what goes to it */
};

static const char *family_name(uint8_t nfproto)
{
	return nfproto == NFPROTO_IPV4 ? "IPv4" : nfproto == NFPROTO_IPV6 ? "IPv6" : "bridge";
}

/* As nft(8) and iptables(8) name a family. */
static const char *nft_family(uint8_t nfproto)
{
	static const char *const names[] = {
		[NFPROTO_INET] = "inet",
		[NFPROTO_IPV4] = "ip",
		[NFPROTO_BRIDGE] = "bridge",
		[NFPROTO_IPV6] = "ip6",
	};

	return nfproto < ARRAY_SIZE(names) && names[nfproto] ? names[nfproto] : "inet";
}

/* A chain drops packets of both directions and is told of once. */
static int on_drop(const struct foreign_chain *c, void *ctx)
{
	struct ask *a = ctx;
	struct hit *h = NULL;

	for (size_t i = 0; i < a->n_hits; i++)
		if (a->hits[i].c.tool == c->tool && a->hits[i].c.family == c->family &&
		    !strcmp(a->hits[i].table, c->table) && !strcmp(a->hits[i].chain, c->chain))
			h = &a->hits[i];
	if (!h && a->n_hits == ARRAY_SIZE(a->hits))
		return 0;
	if (!h) {
		h = &a->hits[a->n_hits++];
		*h = (struct hit){ .c = *c };
		snprintf(h->table, sizeof(h->table), "%s", c->table);
		snprintf(h->chain, sizeof(h->chain), "%s", c->chain);
	}
	*(a->towards ? &h->out : &h->in) = true;
	return 0;
}

/* The program that made these rules, by the name it has here. */
static const char *program_of(const struct foreign_chain *c)
{
	bool v4 = c->family == NFPROTO_IPV4;

	if (c->tool == FOREIGN_IPTABLES_NFT) {
		if (doctor_has_program(v4 ? "iptables-nft" : "ip6tables-nft"))
			return v4 ? "iptables-nft" : "ip6tables-nft";
		return NULL; /* then nft does it */
	}
	if (c->tool == FOREIGN_IPTABLES_LEGACY) {
		if (doctor_has_program(v4 ? "iptables-legacy" : "ip6tables-legacy"))
			return v4 ? "iptables-legacy" : "ip6tables-legacy";
		return v4 ? "iptables" : "ip6tables";
	}
	return NULL;
}

static const char *tool_name(enum foreign_tool t)
{
	static const char *const names[] = {
		[FOREIGN_NFT] = "nftables",
		[FOREIGN_IPTABLES_NFT] = "iptables-nft",
		[FOREIGN_IPTABLES_LEGACY] = "iptables-legacy",
		[FOREIGN_FIREWALLD] = "firewalld",
	};

	return names[t];
}

/* The links of a network in the filter: its bridge, or those of its containers. */
static const char *link_pattern(const struct ask *a, bool xtables)
{
	if (a->p.family == NFPROTO_BRIDGE || !strcmp(a->n->driver, "ptp"))
		return xtables ? "ve+" : "ve*";
	return a->n->name;
}

/* A name that such a pattern covers. */
static const char *link_example(const struct network *n, bool bridged)
{
	return bridged || !strcmp(n->driver, "ptp") ? "ve0000000000000" : n->name;
}

static void cure_xtables(const struct ask *a, const struct hit *h, char *buf, size_t size)
{
	const char *prog = program_of(&h->c), *link = link_pattern(a, true);
	const char *chain =
		h->c.docker_user && a->p.hook == NF_INET_FORWARD ? "DOCKER-USER" : h->chain;
	char table[80] = "";

	if (strcmp(h->table, "filter") != 0)
		snprintf(table, sizeof(table), "-t %s ", h->table);
	if (a->p.hook == NF_INET_FORWARD)
		snprintf(buf, size, "%s %s-I %s -i %s -j ACCEPT; %s %s-I %s -o %s -j ACCEPT", prog,
			 table, chain, link, prog, table, chain, link);
	else
		snprintf(buf, size,
			 "%s %s-I %s -i %s -p udp --dport 53 -j ACCEPT; "
			 "%s %s-I %s -i %s -p tcp --dport 53 -j ACCEPT",
			 prog, table, chain, link, prog, table, chain, link);
}

static void cure_nft(const struct ask *a, const struct hit *h, char *buf, size_t size)
{
	const char *family = nft_family(h->c.family), *link = link_pattern(a, false);
	const char *chain =
		h->c.docker_user && a->p.hook == NF_INET_FORWARD ? "DOCKER-USER" : h->chain;

	if (a->p.hook == NF_INET_FORWARD)
		snprintf(buf, size,
			 "nft 'insert rule %s %s %s iifname \"%s\" accept'; "
			 "nft 'insert rule %s %s %s oifname \"%s\" accept'",
			 family, h->table, chain, link, family, h->table, chain, link);
	else
		snprintf(buf, size,
			 "nft 'insert rule %s %s %s iifname \"%s\" meta l4proto { tcp, udp } "
			 "th dport 53 accept'",
			 family, h->table, chain, link);
}

static void cure_of(const struct ask *a, const struct hit *h, char *buf, size_t size)
{
	if (h->c.tool == FOREIGN_FIREWALLD)
		snprintf(buf, size,
			 "firewall-cmd --permanent --zone=trusted --add-interface=%s && "
			 "firewall-cmd --reload",
			 link_pattern(a, true));
	else if (program_of(&h->c))
		cure_xtables(a, h, buf, size);
	else
		cure_nft(a, h, buf, size);
}

static int uplink_seen(const struct route_info *r, void *ctx)
{
	struct ask *a = ctx;

	if (r->dst.len == 0 && r->index && !a->uplink[0] && !if_indextoname(r->index, a->uplink))
		a->uplink[0] = '\0';
	return 0;
}

static void say_hits(struct ask *a)
{
	for (size_t i = 0; i < a->n_hits; i++) {
		const struct hit *h = &a->hits[i];
		char cure[CURE_MAX];

		cure_of(a, h, cure, sizeof(cure));
		doctor_say(a->d, DOCTOR_FAIL, cure,
			   "%s table %s %s, chain %s, drops %s packets %s network %s",
			   tool_name(h->c.tool), nft_family(h->c.family), h->table, h->chain,
			   family_name(a->p.family),
			   h->in && h->out ? "to and from"
			   : h->in	   ? "from"
					   : "to",
			   a->n->name);
	}
}

/* One family of one network, in both directions. */
static int ask_forward(struct doctor *d, const struct network *n, uint8_t nfproto, struct err *e)
{
	struct ask a = { .d = d, .n = n, .p = { .family = nfproto, .hook = NF_INET_FORWARD } };
	const char *link = link_example(n, nfproto == NFPROTO_BRIDGE), *other = a.uplink;
	int r = 0;

	if (nfproto == NFPROTO_BRIDGE)
		other = link;
	else
		r = route_list(&d->net->rt, nfproto == NFPROTO_IPV4 ? AF_INET : AF_INET6,
			       uplink_seen, &a, e);
	if (r < 0)
		return r;
	a.p.in = link;
	a.p.out = other;
	r = foreign_drops(d->foreign, &a.p, on_drop, &a);
	a.p.in = other;
	a.p.out = link;
	a.towards = true;
	if (r >= 0)
		r = foreign_drops(d->foreign, &a.p, on_drop, &a);
	if (r < 0)
		return err_sys(e, r, "read the rules of others");
	say_hits(&a);
	return 0;
}

/* Does traffic of this network and family meet the chains of that family? */
static bool concerned(const struct network *n, uint8_t nfproto)
{
	uint8_t family = nfproto == NFPROTO_IPV4 ? AF_INET : AF_INET6;

	if (!doctor_forwards(n))
		return false;
	if (nfproto == NFPROTO_BRIDGE)
		return strcmp(n->driver, "ptp") != 0;
	if (!network_has_family(n, family))
		return false;
	/* bridged frames come there too */
	return !n->internal ||
	       doctor_number(family == AF_INET ? BRIDGE_NF "iptables" : BRIDGE_NF "ip6tables", 0);
}

/* The ruleset is read by the first check that wants it. */
static int read_foreign(struct doctor *d, struct err *e)
{
	return d->foreign ? 0 : foreign_read(&d->net->nft, &d->foreign, e);
}

/* No network yet: a policy that will be in the way of any. */
static int ask_any(struct doctor *d, uint8_t nfproto, struct err *e)
{
	static const struct network any = { .name = "NETWORK", .driver = "bridge" };

	return ask_forward(d, &any, nfproto, e);
}

/* A drop of others in the forward hook, which no accept of ours undoes. */
int doctor_forward(struct doctor *d, struct err *e)
{
	static const uint8_t families[] = { NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_BRIDGE };
	int r = read_foreign(d, e);

	for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
		for (size_t i = 0; i < d->n_nets && r >= 0; i++)
			if (concerned(&d->nets[i], families[f]))
				r = ask_forward(d, &d->nets[i], families[f], e);
		if (!d->n_nets && r >= 0)
			r = ask_any(d, families[f], e);
	}
	if (r >= 0 && !d->said)
		doctor_say(d, DOCTOR_OK, NULL, "no other table drops what networks forward");
	return r;
}

static int ask_input(struct doctor *d, const struct network *n, uint8_t nfproto, struct err *e)
{
	struct ask a = { .d = d,
			 .n = n,
			 .p = { .family = nfproto,
				.hook = NF_INET_LOCAL_IN,
				.in = link_example(n, false),
				.out = "",
				.proto = IPPROTO_UDP,
				.dport = 53 } };
	int r = foreign_drops(d->foreign, &a.p, on_drop, &a);

	if (r < 0)
		return err_sys(e, r, "read the rules of others");
	for (size_t i = 0; i < a.n_hits; i++) {
		char cure[CURE_MAX];

		cure_of(&a, &a.hits[i], cure, sizeof(cure));
		doctor_say(d, DOCTOR_FAIL, cure,
			   "%s table %s %s, chain %s, drops what network %s asks its DNS server "
			   "over %s",
			   tool_name(a.hits[i].c.tool), nft_family(a.hits[i].c.family),
			   a.hits[i].table, a.hits[i].chain, n->name, family_name(nfproto));
	}
	return 0;
}

/* Containers have business with the host itself only where it serves them names. */
int doctor_input(struct doctor *d, struct err *e)
{
	int r = read_foreign(d, e);

	for (size_t i = 0; i < d->n_nets && r >= 0; i++) {
		if (!d->nets[i].dns_server)
			continue;
		if (network_has_family(&d->nets[i], AF_INET))
			r = ask_input(d, &d->nets[i], NFPROTO_IPV4, e);
		if (r >= 0 && network_has_family(&d->nets[i], AF_INET6))
			r = ask_input(d, &d->nets[i], NFPROTO_IPV6, e);
	}
	if (r >= 0 && !d->said)
		doctor_say(d, DOCTOR_OK, NULL, "no other table keeps containers from a DNS server");
	return r;
}

/* On: frames between containers of one network pass the forward chains of the host, others' too. */
int doctor_bridge_nf(struct doctor *d, struct err *e)
{
	static const char *const names[] = { "iptables", "ip6tables", "arptables" };
	char on[64] = "", cure[256] = "";
	bool there = false;

	(void)e;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[64];
		long long value;
		size_t n = strlen(on), m = strlen(cure);

		snprintf(path, sizeof(path), BRIDGE_NF "%s", names[i]);
		value = doctor_number(path, -1);
		there |= value >= 0;
		if (value <= 0)
			continue;
		snprintf(on + n, sizeof(on) - n, "%s%s", n ? ", " : "", names[i]);
		snprintf(cure + m, sizeof(cure) - m, "%ssysctl -w net.bridge.bridge-nf-call-%s=0",
			 m ? "; " : "", names[i]);
	}
	/* the ports of containers are set for what it was */
	snprintf(cure + strlen(cure), sizeof(cure) - strlen(cure), "; ctnet reload");
	if (on[0])
		doctor_say(d, DOCTOR_WARN, cure,
			   "bridge-nf-call-* is on for %s: frames between containers of one "
			   "network pass the host's forward chains, which docker and kubernetes "
			   "want; networks work either way",
			   on);
	else
		doctor_say(d, DOCTOR_OK, NULL, "%s",
			   there ? "bridge-nf-call-* is off: bridged frames pass no firewall but "
				   "the bridge family's"
				 : "bridge-nf-call-* is not there: br_netfilter is not loaded");
	return 0;
}

int doctor_firewalld(struct doctor *d, struct err *e)
{
	(void)e;
	if (access("/run/firewalld", F_OK) < 0 && access("/run/firewalld.pid", F_OK) < 0)
		doctor_say(d, DOCTOR_OK, NULL, "firewalld does not run");
	else if (access("/etc/systemd/system/firewalld.service.wants/ctnet-reload.service", F_OK) ==
		 0)
		doctor_say(d, DOCTOR_OK, NULL,
			   "firewalld runs, and ctnet-reload.service follows its restarts");
	else
		doctor_say(d, DOCTOR_WARN, "systemctl enable ctnet-reload.service",
			   "firewalld runs; nothing loads our rules again should a restart flush "
			   "them");
	return 0;
}
