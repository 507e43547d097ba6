/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/network_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"

static int too_many(const char *what, int max, struct err *e)
{
	return err_set(e, E2BIG, "a network has at most %d %s", max, what);
}

static int set_name(struct network_draft *d, const char *v, struct err *e)
{
	if (network_check_name(v, e) < 0)
		return -EINVAL;
	return str_fmt(d->n.name, sizeof(d->n.name), "%s", v);
}

static int set_driver(struct network_draft *d, const char *v, struct err *e)
{
	/* empty is not the default: it is a variable of a script that was not set */
	if (!v[0] || str_fmt(d->n.driver, sizeof(d->n.driver), "%s", v) < 0)
		return err_set(e, EINVAL, "unknown network driver \"%s\"", v);
	return 0;
}

static int set_subnet(struct network_draft *d, const char *v, struct err *e)
{
	if (d->n.n_subnets == NETWORK_SUBNETS_MAX)
		return too_many("subnets", NETWORK_SUBNETS_MAX, e);
	return parse_subnet(v, &d->n.subnets[d->n.n_subnets++].subnet, e);
}

static int set_gateway(struct network_draft *d, const char *v, struct err *e)
{
	if (d->n_gateways == NETWORK_SUBNETS_MAX)
		return too_many("gateways", NETWORK_SUBNETS_MAX, e);
	return parse_ip(v, &d->gateways[d->n_gateways++], e);
}

static int set_range(struct network_draft *d, const char *v, struct err *e)
{
	if (d->n.n_ranges == NETWORK_RANGES_MAX)
		return too_many("address ranges", NETWORK_RANGES_MAX, e);
	return parse_ip_range(v, &d->n.ranges[d->n.n_ranges++], e);
}

static int set_exclude(struct network_draft *d, const char *v, struct err *e)
{
	if (d->n.n_excludes == NETWORK_RANGES_MAX)
		return too_many("exclusions", NETWORK_RANGES_MAX, e);
	return parse_ip_range(v, &d->n.excludes[d->n.n_excludes++], e);
}

static int set_mtu(struct network_draft *d, const char *v, struct err *e)
{
	return parse_u32(v, 0, 65535, &d->n.mtu, e);
}

static int set_mac(struct network_draft *d, const char *v, struct err *e)
{
	int r = parse_mac(v, &d->n.mac, e);

	return r >= 0 && !mac_is_set(&d->n.mac)
		       ? err_set(e, EINVAL, "%s is no address of an interface", v)
		       : r;
}

static int set_internal(struct network_draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.internal, e);
}

static int set_open(struct network_draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.open, e);
}

static int set_stp(struct network_draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.stp, e);
}

static int set_inverse(const char *v, bool *ret, struct err *e)
{
	bool on;
	int r = parse_bool(v, &on, e);

	if (r >= 0)
		*ret = !on;
	return r;
}

static int set_icc(struct network_draft *d, const char *v, struct err *e)
{
	return set_inverse(v, &d->n.no_icc, e);
}

static int set_masquerade(struct network_draft *d, const char *v, struct err *e)
{
	return set_inverse(v, &d->n.no_masquerade, e);
}

static int set_label(struct network_draft *d, const char *v, struct err *e)
{
	return strv_add(&d->n.labels, v);
}

static int set_host(struct network_draft *d, const char *v, struct err *e)
{
	return set_inverse(v, &d->n.no_host, e);
}

static int set_spoof_guard(struct network_draft *d, const char *v, struct err *e)
{
	return set_inverse(v, &d->n.no_spoof_guard, e);
}

static int set_dns_server(struct network_draft *d, const char *v, struct err *e)
{
	return parse_bool(v, &d->n.dns_server, e);
}

static int set_parent(struct network_draft *d, const char *v, struct err *e)
{
	if (name_check("parent", v, NAME_MAX_IF, e) < 0)
		return -EINVAL;
	return str_fmt(d->n.parent, sizeof(d->n.parent), "%s", v);
}

static int set_mode(struct network_draft *d, const char *v, struct err *e)
{
	if (str_fmt(d->n.mode, sizeof(d->n.mode), "%s", v) < 0)
		return err_set(e, EINVAL, "unknown mode \"%s\"", v);
	return 0;
}

static int set_port(struct network_draft *d, const char *v, struct err *e)
{
	size_t n = 0;

	while (n < NETWORK_PORTS_MAX && d->n.ports[n][0])
		n++;
	if (n == NETWORK_PORTS_MAX)
		return too_many("ports", NETWORK_PORTS_MAX, e);
	if (name_check("port", v, NAME_MAX_IF, e) < 0)
		return -EINVAL;
	return str_fmt(d->n.ports[n], sizeof(d->n.ports[n]), "%s", v);
}

static int set_vlan(struct network_draft *d, const char *v, struct err *e)
{
	uint32_t vlan;
	int r = parse_u32(v, 1, 4094, &vlan, e);

	if (r >= 0)
		d->n.vlan = (uint16_t)vlan;
	return r;
}

static int set_vni(struct network_draft *d, const char *v, struct err *e)
{
	return parse_u32(v, 1, 0xffffff, &d->n.vni, e);
}

static int set_peer(struct network_draft *d, const char *v, struct err *e)
{
	if (d->n.n_peers == NETWORK_PEERS_MAX)
		return too_many("peers", NETWORK_PEERS_MAX, e);
	return parse_ip(v, &d->n.peers[d->n.n_peers++], e);
}

static int set_group(struct network_draft *d, const char *v, struct err *e)
{
	return parse_ip(v, &d->n.group, e);
}

static const struct network_key keys[] = {
	{ "name", KEY_ONE, set_name },
	{ "driver", KEY_ONE, set_driver },
	{ "subnet", KEY_LIST, set_subnet },
	{ "gateway", KEY_LIST, set_gateway },
	{ "ip-range", KEY_LIST, set_range },
	{ "exclude", KEY_LIST, set_exclude },
	{ "mtu", KEY_ONE, set_mtu },
	{ "mac", KEY_ONE, set_mac },
	{ "internal", KEY_ONE, set_internal },
	{ "open", KEY_ONE, set_open },
	{ "icc", KEY_ONE, set_icc },
	{ "masquerade", KEY_ONE, set_masquerade },
	{ "stp", KEY_ONE, set_stp },
	{ "label", KEY_WHOLE, set_label },
	{ "host", KEY_ONE, set_host },
	{ "spoof-guard", KEY_ONE, set_spoof_guard },
	{ "dns-server", KEY_ONE, set_dns_server },
	{ "parent", KEY_ONE, set_parent },
	{ "mode", KEY_ONE, set_mode },
	{ "port", KEY_LIST, set_port },
	{ "vlan", KEY_ONE, set_vlan },
	{ "vni", KEY_ONE, set_vni },
	{ "peer", KEY_LIST, set_peer },
	{ "group", KEY_ONE, set_group },
};

/* "subnet.2" is the key subnet; ini_check has seen that it may be numbered. */
const struct network_key *network_key_find(const char *name)
{
	size_t len = strcspn(name, ".");

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == len && !memcmp(keys[i].name, name, len))
			return &keys[i];
	return NULL;
}

int network_set(struct network *n, const char *key, const char *value, struct err *e)
{
	struct network_draft d = { .n = *n };
	int r = -EINVAL;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, key))
			r = keys[i].set(&d, value, e);
	if (r >= 0)
		*n = d.n;
	return r;
}
