/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/net_json.h"

#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/json.h"
#include "net/attach.h"
#include "net/ipam.h"
#include "net/network.h"

static json_t *ranges_json(const struct network *n, const struct ip_prefix *subnet)
{
	json_t *all = json_array();
	char first[IP_STRLEN], last[IP_STRLEN];

	for (size_t i = 0; i < n->n_ranges; i++)
		if (prefix_has(subnet, &n->ranges[i].first))
			json_array_append_new(all, json_sprintf("%s-%s",
								ip_str(&n->ranges[i].first, first),
								ip_str(&n->ranges[i].last, last)));
	return all;
}

static json_t *subnets_json(struct net *net, const struct network *n)
{
	json_t *all = json_array();

	for (size_t i = 0; i < n->n_subnets; i++) {
		const struct network_subnet *s = &n->subnets[i];
		const struct ipam_pool pool = { .network = n->name, .subnet = s->subnet };
		char subnet[IP_PREFIX_STRLEN], gateway[IP_STRLEN];

		json_array_append_new(all, json_pack("{s:s, s:s, s:o, s:i}", "subnet",
						     prefix_str(&s->subnet, subnet), "gateway",
						     ip_str(&s->gateway, gateway), "ranges",
						     ranges_json(n, &s->subnet), "leased",
						     ipam_count(net, &pool)));
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

static int add_container(const struct attach_info *a, void *ctx)
{
	char mac[MAC_STRLEN];

	if (!attach_alive(a))
		return 0;
	json_array_append_new(ctx, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", a->owner,
					     "name", a->name, "ifname", a->ifname, "host_ifname",
					     a->host_ifname, "mac", mac_str(&a->mac, mac),
					     "addresses", addresses_json(a)));
	return 0;
}

/* The host's name of a link ends in its place among the container's own. */
#define BY "host_ifname"

static int add_attachment(const struct attach_info *a, void *ctx)
{
	char mac[MAC_STRLEN];

	size_t at = 0;

	while (at < json_array_size(ctx) &&
	       strcmp(json_str(json_array_get(ctx, at), BY, ""), a->host_ifname) < 0)
		at++;
	json_array_insert_new(ctx, at,
			      json_pack("{s:s, s:s, s:s, s:o, s:s}", "network", a->network,
					"ifname", a->ifname, "mac", mac_str(&a->mac, mac),
					"addresses", addresses_json(a), BY, a->host_ifname));
	return 0;
}

/* The networks of a container, in the order in which it was given them. */
json_t *net_json_attachments(struct net *net, const char *ct_id)
{
	json_t *all = json_array(), *one;
	size_t i;

	attach_list(net, ct_id, NULL, add_attachment, all);
	json_array_foreach(all, i, one) json_object_del(one, BY);
	return all;
}

/* What the definition leaves to the default route's device, as it came out. */
static int mtu_of(struct net *net, const struct network *n)
{
	struct link_info link;

	if (n->mtu || link_get(&net->rt, n->name, &link, NULL) < 0)
		return (int)n->mtu;
	return (int)link.mtu;
}

json_t *net_json(struct net *net, const struct network *n)
{
	json_t *containers = json_array();

	attach_list(net, NULL, n->name, add_container, containers);
	return json_pack("{s:s, s:s, s:s, s:o, s:i, s:b, s:b, s:b, s:b, s:o, s:o}", "name", n->name,
			 "driver", n->driver, "ifname", n->name, "subnets", subnets_json(net, n),
			 "mtu", mtu_of(net, n), "internal", n->internal, "icc", !n->no_icc,
			 "masquerade", !n->no_masquerade && !n->internal, "spoof_guard", 0,
			 "labels", labels_json(&n->labels), "containers", containers);
}
