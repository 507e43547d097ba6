/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/driver.h"
#include "net/network.h"

/* RFC 791 asks for 68, RFC 8200 for 1280; the bridge takes no more than the rest. */
#define MTU_MIN4 68
#define MTU_MIN6 1280
#define MTU_MAX	 65535

#define LABEL_LEN_MAX 900

#define VLAN_MAX 4094 /* IEEE 802.1Q */
#define VNI_MAX	 0xffffff /* RFC 7348 */

/* Words of ctrun --net and of /proc/sys/net/ipv4/conf, and "lo". */
static const char *const reserved[] = {
	"host", "none", "container", "ns", "phys", "lo", "all", "default",
};

int network_check_name(const char *name, struct err *e)
{
	int r = name_check("network", name, NAME_MAX_IF, e);

	for (size_t i = 0; i < ARRAY_SIZE(reserved) && r >= 0; i++)
		if (!strcmp(name, reserved[i]))
			r = err_set(e, EINVAL, "network name \"%s\" is reserved", name);
	return r;
}

static int check_subnet(const struct network_subnet *s, struct err *e)
{
	const struct ip_prefix *p = &s->subnet;
	struct ip_prefix masked = prefix_masked(p);
	char a[IP_PREFIX_STRLEN], b[IP_PREFIX_STRLEN];
	unsigned bits = ip_bits(&p->addr);

	prefix_str(p, a);
	if (!ip_eq(&masked.addr, &p->addr)) {
		err_hint(e, "use %s", prefix_str(&masked, b));
		return err_set(e, EINVAL, "subnet %s has host bits set", a);
	}
	if (p->len < 8 || ip_is_special(&p->addr))
		return err_set(e, EINVAL, "subnet %s is not for hosts of a network", a);
	if (p->len >= bits) {
		err_hint(e, "use /%u or shorter", bits - 1);
		return err_set(e, EINVAL, "subnet %s has no room for a gateway and a container", a);
	}
	return 0;
}

static int check_gateway(const struct network_subnet *s, struct err *e)
{
	struct ip_range hosts = prefix_hosts(&s->subnet);
	char a[IP_STRLEN], p[IP_PREFIX_STRLEN];

	if (!ip_is_set(&s->gateway))
		return 0;
	if (!prefix_has(&s->subnet, &s->gateway))
		return err_set(e, EINVAL, "gateway %s is not in subnet %s", ip_str(&s->gateway, a),
			       prefix_str(&s->subnet, p));
	if (ip_cmp(&s->gateway, &hosts.first) < 0 || ip_cmp(&s->gateway, &hosts.last) > 0)
		return err_set(e, EINVAL, "gateway %s is no host address of %s",
			       ip_str(&s->gateway, a), prefix_str(&s->subnet, p));
	return 0;
}

static int check_subnets(const struct network *n, struct err *e)
{
	char a[IP_PREFIX_STRLEN], b[IP_PREFIX_STRLEN];
	int r = 0;

	for (size_t i = 0; i < n->n_subnets && r >= 0; i++) {
		r = check_subnet(&n->subnets[i], e);
		if (r >= 0)
			r = check_gateway(&n->subnets[i], e);
		for (size_t k = 0; k < i && r >= 0; k++)
			if (prefix_overlaps(&n->subnets[i].subnet, &n->subnets[k].subnet))
				r = err_set(e, EINVAL, "subnets %s and %s overlap",
					    prefix_str(&n->subnets[k].subnet, a),
					    prefix_str(&n->subnets[i].subnet, b));
	}
	return r;
}

/* Ranges must lie in one of the subnets; before those are chosen, nothing is known. */
static int check_ranges(const struct network *n, const struct ip_range *ranges, size_t n_ranges,
			const char *what, struct err *e)
{
	char a[IP_STRLEN], b[IP_STRLEN];

	for (size_t i = 0; i < n_ranges; i++) {
		const struct ip_range *g = &ranges[i];
		bool in = false;

		for (size_t k = 0; k < n->n_subnets; k++)
			in |= prefix_has(&n->subnets[k].subnet, &g->first) &&
			      prefix_has(&n->subnets[k].subnet, &g->last);
		ip_str(&g->first, a);
		ip_str(&g->last, b);
		if (g->first.family != g->last.family || ip_cmp(&g->first, &g->last) > 0)
			return err_set(e, EINVAL, "%s %s-%s ends before it begins", what, a, b);
		if (in)
			continue;
		err_set(e, EINVAL, "%s %s-%s lies in no subnet of the network", what, a, b);
		if (n->n_subnets == 0)
			err_hint(e, "give the subnet too, with --subnet");
		return -EINVAL;
	}
	return 0;
}

static int check_mtu(const struct network *n, struct err *e)
{
	uint32_t min = n->ipv6 ? MTU_MIN6 : MTU_MIN4;

	for (size_t i = 0; i < n->n_subnets; i++)
		if (n->subnets[i].subnet.addr.family == AF_INET6)
			min = MTU_MIN6;
	if (!n->mtu || (n->mtu >= min && n->mtu <= MTU_MAX))
		return 0;
	if (n->mtu >= MTU_MIN4 && n->mtu < min)
		err_hint(e, "IPv6 needs %d: give --mtu %d or more", MTU_MIN6, MTU_MIN6);
	return err_set(e, ERANGE, "MTU %u is not in %u..%u", n->mtu, min, MTU_MAX);
}

/* What the file can hold: iniparser has no escape for a quote. */
static int check_label(const char *label, struct err *e)
{
	const char *eq = strchr(label, '=');

	if (!eq || eq == label)
		return err_set(e, EINVAL, "label \"%s\" is not KEY=VALUE", label);
	if (strlen(label) > LABEL_LEN_MAX)
		return err_set(e, EINVAL, "label \"%.20s...\" exceeds %d bytes", label,
			       LABEL_LEN_MAX);
	for (const char *s = label; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f || strchr("\"\\", *s))
			return err_set(e, EINVAL,
				       "label \"%s\" holds a quote, backslash or control byte",
				       label);
	return 0;
}

static int check_link_names(const struct network *n, struct err *e)
{
	int r = n->parent[0] ? name_check("parent", n->parent, NAME_MAX_IF, e) : 0;

	for (size_t i = 0; i < NETWORK_PORTS_MAX && n->ports[i][0] && r >= 0; i++) {
		r = name_check("port", n->ports[i], NAME_MAX_IF, e);
		for (size_t k = 0; k < i && r >= 0; k++)
			if (!strcmp(n->ports[i], n->ports[k]))
				r = err_set(e, EINVAL, "port %s is given twice", n->ports[i]);
	}
	return r;
}

static bool is_multicast(const struct ip_addr *a)
{
	return a->family == AF_INET ? (a->b[0] & 0xf0) == 0xe0 : a->b[0] == 0xff;
}

/* Where a VXLAN sends what it knows no place for; one socket is of one family. */
static int check_underlay(const struct network *n, struct err *e)
{
	char a[IP_STRLEN];

	if (n->n_peers && ip_is_set(&n->group)) {
		err_hint(e, "with a group the peers find each other");
		return err_set(e, EINVAL, "peers and a group exclude each other");
	}
	for (size_t i = 0; i < n->n_peers; i++) {
		if (ip_is_special(&n->peers[i]) && !ip_is_linklocal(&n->peers[i]))
			return err_set(e, EINVAL, "peer %s is no address of a host",
				       ip_str(&n->peers[i], a));
		if (n->peers[i].family != n->peers[0].family)
			return err_set(e, EINVAL, "peers are all IPv4 or all IPv6");
		for (size_t k = 0; k < i; k++)
			if (ip_eq(&n->peers[i], &n->peers[k]))
				return err_set(e, EINVAL, "peer %s is given twice",
					       ip_str(&n->peers[i], a));
	}
	if (!ip_is_set(&n->group))
		return 0;
	if (!is_multicast(&n->group))
		return err_set(e, EINVAL, "%s is no multicast group", ip_str(&n->group, a));
	if (!n->parent[0]) {
		err_hint(e, "--parent: the interface whose neighbours are the group");
		return err_set(e, EINVAL, "a group needs --parent");
	}
	return 0;
}

static int check_numbers(const struct network *n, struct err *e)
{
	if (n->vlan > VLAN_MAX)
		return err_set(e, ERANGE, "VLAN %u is not in 1..%d", n->vlan, VLAN_MAX);
	if (n->vni > VNI_MAX)
		return err_set(e, ERANGE, "VNI %u is not in 1..%d", n->vni, VNI_MAX);
	return 0;
}

int network_check(const struct network *n, struct err *e)
{
	int r = network_check_name(n->name, e);

	if (r >= 0)
		r = driver_check(n, e);
	if (r >= 0)
		r = check_subnets(n, e);
	if (r >= 0)
		r = check_ranges(n, n->ranges, n->n_ranges, "range", e);
	if (r >= 0)
		r = check_ranges(n, n->excludes, n->n_excludes, "exclusion", e);
	if (r >= 0)
		r = check_mtu(n, e);
	if (r >= 0)
		r = check_link_names(n, e);
	if (r >= 0)
		r = check_underlay(n, e);
	if (r >= 0)
		r = check_numbers(n, e);
	if (r >= 0 && mac_is_set(&n->mac) && !mac_is_unicast(&n->mac))
		r = err_set(e, EINVAL, "the MAC address of a bridge cannot be a group address");
	for (size_t i = 0; i < n->labels.n && r >= 0; i++)
		r = check_label(n->labels.v[i], e);
	return r;
}
