/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/net_keys.h"

#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/parse.h"
#include "net/attach.h"

void run_net_free(struct run_net *n)
{
	free(take_ptr(n->network));
	free(take_ptr(n->ifname));
	strv_free(&n->aliases);
}

int net_key_ip(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;
	int r = parse_ip(value, &net->ip, e);

	return r >= 0 && net->ip.family != AF_INET
		       ? err_set(e, EINVAL, "'%s' is not IPv4: use ip6", value)
		       : r;
}

int net_key_ip6(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;
	int r = parse_ip(value, &net->ip6, e);

	return r >= 0 && net->ip6.family != AF_INET6
		       ? err_set(e, EINVAL, "'%s' is not IPv6: use ip", value)
		       : r;
}

int net_key_mac(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;
	int r = parse_mac(value, &net->mac, e);

	return r >= 0 && !mac_is_unicast(&net->mac)
		       ? err_set(e, EINVAL, "'%s' is %s", value,
				 mac_is_set(&net->mac) ? "a multicast address"
						       : "no address of an interface")
		       : r;
}

int net_key_ifname(void *n, const char *value, struct err *e)
{
	static const char *const reserved[] = { "lo", "all", "default" };
	struct run_net *net = n;
	int r = name_check("interface", value, NAME_MAX_IF, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (!strcmp(value, reserved[i]))
			return err_set(e, EINVAL, "interface name \"%s\" is reserved", value);
	free(net->ifname);
	net->ifname = strdup(value);
	return net->ifname ? 0 : -ENOMEM;
}

int net_key_alias(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;
	int r = name_check("alias", value, NAME_MAX_CT, e);

	return r < 0 ? r : strv_add(&net->aliases, value);
}

int net_key_metric(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;

	return parse_u32(value, 1, UINT32_MAX, &net->metric, e);
}

static int set_rate(const char *value, uint64_t *rate, struct err *e)
{
	int r = parse_rate(value, rate, e);

	if (r < 0 || *rate)
		return r;
	err_hint(e, "without it there is no limit");
	return err_set(e, EINVAL, "a rate of 0 lets nothing through");
}

int net_key_rate_in(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;

	return set_rate(value, &net->rate_in, e);
}

int net_key_rate_out(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;

	return set_rate(value, &net->rate_out, e);
}

int net_key_default_route(void *n, const char *value, struct err *e)
{
	struct run_net *net = n;
	bool on = true;
	int r = value ? parse_bool(value, &on, e) : 0;

	net->route = on ? ROUTE_YES : ROUTE_NO;
	return r;
}

static const struct key {
	const char *name;
	int (*set)(void *n, const char *value, struct err *e);
	bool repeats, alone; /* may be said again, without a value */
} keys[] = {
	{ "ip", net_key_ip, false, false },
	{ "ip6", net_key_ip6, false, false },
	{ "mac", net_key_mac, false, false },
	{ "ifname", net_key_ifname, false, false },
	{ "alias", net_key_alias, true, false },
	{ "metric", net_key_metric, false, false },
	{ "rate-in", net_key_rate_in, false, false },
	{ "rate-out", net_key_rate_out, false, false },
	{ "default-route", net_key_default_route, false, true },
};

static const char *key_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ARRAY_SIZE(keys) ? keys[i].name : NULL;
}

static bool is_alone(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, name))
			return keys[i].alone;
	return false;
}

static int unknown_key(const char *name, struct err *e)
{
	const char *near = str_nearest(name, key_name, NULL);

	if (near)
		err_hint(e, "did you mean %s%s?", near, is_alone(near) ? "" : "=");
	else
		err_hint(e,
			 "ip= ip6= mac= ifname= alias= metric= rate-in= rate-out= default-route");
	return err_set(e, EINVAL, "unknown key '%s'", name);
}

/* said: a bit for each key there was. */
static int apply(struct run_net *n, const char *word, unsigned *said, struct err *e)
{
	const char *eq = strchr(word, '=');
	_cleanup_free_ char *name = strndup(word, eq ? (size_t)(eq - word) : strlen(word));
	size_t i = 0;
	int r;

	if (!name)
		return -ENOMEM;
	while (i < ARRAY_SIZE(keys) && strcmp(keys[i].name, name) != 0)
		i++;
	if (i == ARRAY_SIZE(keys))
		return unknown_key(name, e);
	if (eq ? !eq[1] : !keys[i].alone)
		return err_set(e, EINVAL, "'%s' is not KEY=VALUE", word);
	if (*said & 1u << i && !keys[i].repeats)
		return err_set(e, EINVAL, "%s is given twice", name);
	*said |= 1u << i;
	r = keys[i].set(n, eq ? eq + 1 : NULL, e);
	return r < 0 ? err_wrap(e, r, "%s", name) : 0;
}

int net_keys_apply(struct run_net *n, const struct strv *words, struct err *e)
{
	unsigned said = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < words->n; i++)
		r = apply(n, words->v[i], &said, e);
	return r;
}

void net_keys_fill(const struct run_net *n, struct net_attach *a)
{
	a->network = n->network;
	a->aliases = &n->aliases;
	a->ifname = n->ifname;
	a->ip = n->ip;
	a->ip6 = n->ip6;
	a->mac = n->mac;
	a->metric = n->metric;
	a->rate_in = n->rate_in;
	a->rate_out = n->rate_out;
}
