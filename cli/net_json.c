/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/net_json.h"

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "net/attach.h"
#include "net/connect.h"
#include "net/driver.h"
#include "net/ipam.h"
#include "net/network.h"

/* Those that lie in the subnet, as "FIRST-LAST". */
static json_t *ranges_json(const struct ip_range *ranges, size_t n, const struct ip_prefix *subnet)
{
	json_t *all = json_array();
	char first[IP_STRLEN], last[IP_STRLEN];

	for (size_t i = 0; i < n; i++)
		if (prefix_has(subnet, &ranges[i].first))
			json_array_append_new(all,
					      json_sprintf("%s-%s", ip_str(&ranges[i].first, first),
							   ip_str(&ranges[i].last, last)));
	return all;
}

static json_t *subnets_json(struct net *net, const struct network *n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n->n_subnets; i++) {
		const struct network_subnet *s = &n->subnets[i];
		const struct ipam_pool pool = { .network = n->name, .subnet = s->subnet };
		char subnet[IP_PREFIX_STRLEN], gateway[IP_STRLEN];

		if (ip_is_set(&s->gateway))
			ip_str(&s->gateway, gateway);
		json_array_append_new(
			all, json_pack("{s:s, s:s?, s:o, s:o, s:i}", "subnet",
				       prefix_str(&s->subnet, subnet), "gateway",
				       ip_is_set(&s->gateway) ? gateway : NULL, "ranges",
				       ranges_json(n->ranges, n->n_ranges, &s->subnet), "excludes",
				       ranges_json(n->excludes, n->n_excludes, &s->subnet),
				       "leased", ipam_count(net, &pool)));
	}
	return all;
}

static json_t *labels_json(const struct strv *labels)
{
	json_t *all = json_object();

	for (size_t i = 0; i < labels->n; i++) {
		const char *eq = strchr(labels->v[i], '=');
		_cleanup_free_ char *key = NULL;

		if (!eq)
			continue;
		key = strndup(labels->v[i], (size_t)(eq - labels->v[i]));
		json_object_set_new(all, key, json_string(eq + 1));
	}
	return all;
}

static json_t *addresses_json(const struct attach_info *a)
{
	json_t *all = json_array();
	char buf[IP_PREFIX_STRLEN];

	for (size_t i = 0; i < a->n_addrs; i++)
		json_array_append_new(all, json_string(prefix_str(&a->addrs[i], buf)));
	return all;
}

/* What stands for an owner outside: a container's id, or ns:NAME. */
json_t *net_json_owner(const char *owner)
{
	if (str_starts(owner, CONNECT_NETNS))
		return json_sprintf("ns:%s", owner + strlen(CONNECT_NETNS));
	return json_string(owner);
}

static json_t *container_json(const struct attach_info *a)
{
	char mac[MAC_STRLEN];

	return json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:I, s:I}", "id", net_json_owner(a->owner),
			 "name", a->name, "ifname", a->ifname, "host_ifname", a->host_ifname, "mac",
			 mac_str(&a->mac, mac), "addresses", addresses_json(a), "rate_in",
			 (json_int_t)a->rate_in, "rate_out", (json_int_t)a->rate_out);
}

json_t *net_json_attachment(const struct attach_info *a)
{
	json_t *o = container_json(a);

	json_object_set_new(o, "network", json_string(a->network));
	return o;
}

static int add_container(const struct attach_info *a, void *ctx)
{
	if (attach_alive(a))
		json_array_append_new(ctx, container_json(a));
	return 0;
}

/* The host's name of a link ends in its place among the container's own. */
static bool comes_before(const json_t *a, const json_t *b)
{
	int r = strcmp(json_str(a, "host_ifname", ""), json_str(b, "host_ifname", ""));

	return r ? r < 0 : strcmp(json_str(a, "ifname", ""), json_str(b, "ifname", "")) < 0;
}

static int add_attachment(const struct attach_info *a, void *ctx)
{
	json_t *one = net_json_attachment(a);
	size_t at = 0;

	while (at < json_array_size(ctx) && comes_before(json_array_get(ctx, at), one))
		at++;
	json_array_insert_new(ctx, at, one);
	return 0;
}

/* What goes without saying of one's own. */
static json_t *own_only(json_t *attachments)
{
	static const char *const others[] = { "id", "name", "host_ifname", "rate_in", "rate_out" };
	json_t *one;
	size_t i;

	json_array_foreach(attachments, i, one) for (size_t k = 0; k < ARRAY_SIZE(others); k++)
		json_object_del(one, others[k]);
	return attachments;
}

/* The networks of a container, in the order in which it was given them. */
json_t *net_json_attachments(struct net *net, const char *ct_id)
{
	json_t *all = json_array();

	attach_list(net, ct_id, NULL, add_attachment, all);
	return own_only(all);
}

static int add_to_owner(const struct attach_info *a, void *ctx)
{
	json_t *of = json_object_get(ctx, a->owner);

	if (!of) {
		of = json_array();
		json_object_set_new(ctx, a->owner, of);
	}
	return add_attachment(a, of);
}

json_t *net_json_all_attachments(struct net *net)
{
	json_t *all = json_object(), *of;
	const char *owner;

	attach_list(net, NULL, NULL, add_to_owner, all);
	json_object_foreach(all, owner, of) own_only(of);
	return all;
}

/* What the definition leaves to the host, as it came out. */
static int mtu_of(struct net *net, const struct network *n)
{
	struct link_info link;

	/* without a bridge or a parent that would have it */
	if (!n->mtu && driver_of(n)->host_end && !driver_of(n)->bridged)
		return (int)driver_default_mtu(net);
	if (n->mtu || (link_get(&net->rt, n->name, &link, NULL) < 0 &&
		       (!n->parent[0] || link_get(&net->rt, n->parent, &link, NULL) < 0)))
		return (int)n->mtu;
	return (int)link.mtu;
}

static json_t *peers_json(const struct network *n)
{
	json_t *all = json_array();
	char a[IP_STRLEN];

	for (size_t i = 0; i < n->n_peers; i++)
		json_array_append_new(all, json_string(ip_str(&n->peers[i], a)));
	return all;
}

static json_t *ports_json(const struct network *n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < NETWORK_PORTS_MAX && n->ports[i][0]; i++)
		json_array_append_new(all, json_string(n->ports[i]));
	return all;
}

static const char *or_null(const char *s)
{
	return s[0] ? s : NULL;
}

/* Beside the keys that every network has: null, 0 or empty where it has none. */
static json_t *details_json(const struct network *n)
{
	char group[IP_STRLEN], mac[MAC_STRLEN];
	bool has_group = ip_is_set(&n->group);

	return json_pack("{s:s?, s:s?, s:s?, s:i, s:i, s:o, s:s?, s:o, s:b, s:b, s:b, s:b}", "mac",
			 mac_is_set(&n->mac) ? mac_str(&n->mac, mac) : NULL, "parent",
			 or_null(n->parent), "mode", or_null(n->mode), "vlan", n->vlan, "vni",
			 (int)n->vni, "peers", peers_json(n), "group",
			 has_group ? ip_str(&n->group, group) : NULL, "ports", ports_json(n), "stp",
			 n->stp, "open", n->open, "no_host", n->no_host || n->internal,
			 "dns_server", n->dns_server);
}

json_t *net_json(struct net *net, const struct network *n)
{
	json_t *containers = json_array(), *o, *details = details_json(n);

	attach_list(net, NULL, n->name, add_container, containers);
	o = json_pack("{s:s, s:s, s:s, s:o, s:i, s:b, s:b, s:b, s:b, s:o, s:o}", "name", n->name,
		      "driver", n->driver, "ifname", n->name, "subnets", subnets_json(net, n),
		      "mtu", mtu_of(net, n), "internal", n->internal, "icc", !n->no_icc,
		      "masquerade", !n->no_masquerade && !n->internal, "spoof_guard",
		      !n->no_spoof_guard, "labels", labels_json(&n->labels), "containers",
		      containers);
	json_object_update(o, details);
	json_decref(details);
	return o;
}
