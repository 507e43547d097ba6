/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "core/base/parse.h"

#include <errno.h>
#include <string.h>

int parse_ip(const char *s, struct ip_addr *ret, struct err *e)
{
	const char *p = s;

	if (cur_ip(&p, "", ret))
		return 0;
	err_set(e, EINVAL, "\"%.80s\" is not an IP address", s);
	if (strchr(s, '/'))
		err_hint(e, "an address without prefix length is wanted here");
	else if (strchr(s, '%'))
		err_hint(e, "leave the zone (%%...) out");
	return -EINVAL;
}

/* The length that a dotted netmask stands for, -1 when it is none. */
static int netmask_len(const char *mask)
{
	struct ip_addr a;

	if (!cur_ip(&mask, "", &a) || a.family != AF_INET)
		return -1;
	for (int len = 0; len <= 32; len++) {
		struct ip_addr all = ip_from_v4(UINT32_MAX);
		struct ip_prefix p = { .addr = all, .len = (uint8_t)len };
		struct ip_addr net = prefix_network(&p);

		if (ip_eq(&net, &a))
			return len;
	}
	return -1;
}

static int prefix_err(const char *s, const struct ip_addr *a, const char *rest, struct err *e)
{
	char ip[IP_STRLEN];
	int len;

	ip_str(a, ip);
	if (!*rest)
		return err_set(e, EINVAL, "a prefix length is missing: %s/%u?", ip,
			       a->family == AF_INET ? 24U : 64U);
	err_set(e, EINVAL, "\"%.80s\" has no prefix length from 0 to %u", s, ip_bits(a));
	len = a->family == AF_INET ? netmask_len(rest + 1) : -1;
	if (len >= 0)
		err_hint(e, "use %s/%d", ip, len);
	return -EINVAL;
}

int parse_prefix(const char *s, struct ip_prefix *ret, struct err *e)
{
	struct ip_addr addr;
	const char *p = s, *rest;
	uint32_t len;

	if (!cur_ip(&p, "/", &addr))
		return err_set(e, EINVAL, "\"%.80s\" is not ADDRESS/LENGTH, as in 10.88.0.1/24", s);
	rest = p;
	if (!cur_lit(&p, "/") || !cur_u32(&p, 0, ip_bits(&addr), &len) || *p)
		return prefix_err(s, &addr, rest, e);
	*ret = (struct ip_prefix){ .addr = addr, .len = (uint8_t)len };
	return 0;
}

int parse_subnet(const char *s, struct ip_prefix *ret, struct err *e)
{
	char text[IP_PREFIX_STRLEN];
	struct ip_prefix p, net;
	int r = parse_prefix(s, &p, e);

	if (r < 0)
		return r;
	net = prefix_masked(&p);
	if (!ip_eq(&net.addr, &p.addr)) {
		err_set(e, EINVAL, "%s is an address, not a subnet: its host bits are not zero", s);
		err_hint(e, "use %s", prefix_str(&net, text));
		return -EINVAL;
	}
	*ret = p;
	return 0;
}

/* FIRST-LAST or one address. */
static bool cur_ip_range(const char **p, struct ip_range *ret)
{
	const char *s = *p;

	if (!cur_ip(&s, "-", &ret->first))
		return false;
	ret->last = ret->first;
	if (cur_lit(&s, "-") && !cur_ip(&s, "", &ret->last))
		return false;
	*p = s;
	return true;
}

int parse_ip_range(const char *s, struct ip_range *ret, struct err *e)
{
	const char *p = s;
	struct ip_prefix net;
	struct ip_range range;

	if (strchr(s, '/')) {
		int r = parse_subnet(s, &net, e);

		if (r == 0)
			*ret = (struct ip_range){ prefix_network(&net), prefix_last(&net) };
		return r;
	}
	if (!cur_ip_range(&p, &range))
		return err_set(e, EINVAL,
			       "\"%.80s\" is not a range: FIRST-LAST, a subnet or an address", s);
	if (range.first.family != range.last.family)
		return err_set(e, EINVAL, "the range \"%.100s\" mixes IPv4 and IPv6", s);
	if (ip_cmp(&range.first, &range.last) > 0)
		return err_set(e, EINVAL, "the range \"%.100s\" runs backwards", s);
	*ret = range;
	return 0;
}

int parse_mac(const char *s, struct mac_addr *ret, struct err *e)
{
	const char *p = s;
	struct mac_addr m;
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof(m.b); i++)
		ok = (i == 0 || cur_lit(&p, ":")) && cur_hex_byte(&p, &m.b[i]);
	if (!ok || *p)
		return err_set(e, EINVAL, "\"%.80s\" is not a MAC address, as in 02:42:ac:11:00:02",
			       s);
	*ret = m;
	return 0;
}

static bool cur_proto(const char **p, uint8_t *ret)
{
	static const struct {
		const char *name;
		uint8_t proto;
	} protos[] = { { "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "sctp", IPPROTO_SCTP } };

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		if (cur_lit(p, protos[i].name)) {
			*ret = protos[i].proto;
			return true;
		}
	}
	return false;
}

/* "192.0.2.1:" or "[2001:db8::1]:"; true without touching anything when there is none. */
static bool cur_host_ip(const char **p, struct ip_addr *ret)
{
	const char *s = *p, *colon = strchr(s, ':');

	if (cur_lit(&s, "[")) {
		if (!cur_ip(&s, "]", ret) || ret->family != AF_INET6 || !cur_lit(&s, "]:"))
			return false;
	} else if (colon && strchr(colon + 1, ':')) {
		if (!cur_ip(&s, ":", ret) || !cur_lit(&s, ":"))
			return false;
	}
	*p = s;
	return true;
}

static int port_spec_err(const char *s, struct err *e)
{
	const char *colon = strchr(s, ':');
	const char *second = colon ? strchr(colon + 1, ':') : NULL;

	err_set(e, EINVAL, "\"%.80s\" is not [HOSTIP:]HOSTPORT[-END]:PORT[/tcp|udp|sctp]", s);
	if (*s && !s[strspn(s, "0123456789")])
		err_hint(e, "name the host's port and the container's: %.5s:%.5s", s, s);
	else if (*s != '[' && second && strchr(second + 1, ':'))
		err_hint(e, "an IPv6 address goes into brackets: [2001:db8::1]:8080:80");
	else if (colon && strchr(colon, '-'))
		err_hint(e, "of the container's ports name only the first one");
	return -EINVAL;
}

/* Not groups, broadcast and fe80::/10 (of which interface?): nobody is reached there by NAT. */
static bool is_publishable(const struct ip_addr *a)
{
	return !ip_is_special(a) || ip_is_loopback(a) || ip_is_any(a) ||
	       (a->family == AF_INET && ip_is_linklocal(a));
}

static int port_spec_check(const char *s, const struct port_spec *ps, struct err *e)
{
	if (ip_is_set(&ps->host_ip) && !is_publishable(&ps->host_ip)) {
		err_hint(e, "name a unicast address of the host, or none for every one");
		return err_set(e, EINVAL,
			       "no port can be published on the host address of \"%.80s\"", s);
	}
	if (!ps->host_port && ps->host_end)
		return err_set(e, EINVAL,
			       "host port 0 of \"%.80s\" asks for one free port, not for a range",
			       s);
	if (ps->host_end < ps->host_port)
		return err_set(e, EINVAL, "the port range of \"%.80s\" runs backwards", s);
	if (ps->host_end - ps->host_port > UINT16_MAX - ps->port)
		return err_set(e, ERANGE,
			       "the port range of \"%.80s\" passes port 65535 of the container", s);
	return 0;
}

int parse_port_spec(const char *s, struct port_spec *ret, struct err *e)
{
	struct port_spec ps = { .proto = IPPROTO_TCP };
	const char *p = s;
	int r;

	if (!cur_host_ip(&p, &ps.host_ip) || !cur_u16(&p, 0, UINT16_MAX, &ps.host_port))
		return port_spec_err(s, e);
	ps.host_end = ps.host_port;
	if ((cur_lit(&p, "-") && !cur_u16(&p, 1, UINT16_MAX, &ps.host_end)) || !cur_lit(&p, ":") ||
	    !cur_u16(&p, 1, UINT16_MAX, &ps.port) ||
	    (cur_lit(&p, "/") && !cur_proto(&p, &ps.proto)) || *p)
		return port_spec_err(s, e);
	r = port_spec_check(s, &ps, e);
	if (r < 0)
		return r;
	*ret = ps;
	return 0;
}
