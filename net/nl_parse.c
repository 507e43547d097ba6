/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading messages. Lengths inside a message are not believed: a walk ends at
 * the first attribute that would leave its container, and a getter takes a
 * value only from a payload long enough for it.
 */
#include "net/nl.h"

#include <linux/netlink.h>
#include <string.h>

#include "core/base/inet.h"

/* Not mnl_nlmsg_ok: libmnl 1.0.4 takes a length over 2^31 for a negative one, and fitting. */
const struct nlmsghdr *nl_next_msg(const void **at, size_t *len)
{
	const struct nlmsghdr *msg = *at;
	size_t step;

	if (*len < sizeof(*msg) || msg->nlmsg_len < sizeof(*msg) || msg->nlmsg_len > *len)
		return NULL;
	step = NLMSG_ALIGN((size_t)msg->nlmsg_len);
	if (step > *len)
		step = *len;
	*at = (const char *)msg + step;
	*len -= step;
	return msg;
}

const void *nl_msg_extra(const struct nlmsghdr *msg, size_t extra)
{
	return msg->nlmsg_len >= NLMSG_HDRLEN + extra ? NLMSG_DATA(msg) : NULL;
}

void nl_parse_at(const void *at, size_t len, const struct nlattr **tb, unsigned max)
{
	const char *p = at;

	memset(tb, 0, (max + 1) * sizeof(*tb));
	while (len >= NLA_HDRLEN) {
		const struct nlattr *a = (const struct nlattr *)p;
		size_t step = NLA_ALIGN((size_t)a->nla_len);

		if (!mnl_attr_ok(a, (int)len))
			break;
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
		if (step >= len)
			break;
		p += step;
		len -= step;
	}
}

void nl_parse(const struct nlmsghdr *msg, size_t extra, const struct nlattr **tb, unsigned max)
{
	size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(extra);

	nl_parse_at((const char *)msg + head, msg->nlmsg_len > head ? msg->nlmsg_len - head : 0, tb,
		    max);
}

void nl_parse_nested(const struct nlattr *nest, const struct nlattr **tb, unsigned max)
{
	nl_parse_at(nest ? mnl_attr_get_payload(nest) : NULL,
		    nest ? mnl_attr_get_payload_len(nest) : 0, tb, max);
}

/* Copies size bytes of the payload; false when absent or shorter. */
static bool attr_get(const struct nlattr *a, void *ret, size_t size)
{
	if (!a || mnl_attr_get_payload_len(a) < size)
		return false;
	memcpy(ret, mnl_attr_get_payload(a), size);
	return true;
}

uint8_t nl_attr_u8(const struct nlattr *a, uint8_t def)
{
	attr_get(a, &def, sizeof(def));
	return def;
}

uint16_t nl_attr_u16(const struct nlattr *a, uint16_t def)
{
	attr_get(a, &def, sizeof(def));
	return def;
}

uint32_t nl_attr_u32(const struct nlattr *a, uint32_t def)
{
	attr_get(a, &def, sizeof(def));
	return def;
}

const char *nl_attr_str(const struct nlattr *a, const char *def)
{
	if (!a || !memchr(mnl_attr_get_payload(a), '\0', mnl_attr_get_payload_len(a)))
		return def;
	return mnl_attr_get_payload(a);
}

bool nl_attr_ip(const struct nlattr *a, uint8_t family, struct ip_addr *ret)
{
	struct ip_addr ip = { .family = family };

	if (family != AF_INET && family != AF_INET6)
		return false;
	if (!a || mnl_attr_get_payload_len(a) != ip_len(&ip))
		return false;
	attr_get(a, ip.b, ip_len(&ip));
	*ret = ip;
	return true;
}

bool nl_attr_mac(const struct nlattr *a, struct mac_addr *ret)
{
	return a && mnl_attr_get_payload_len(a) == sizeof(ret->b) &&
	       attr_get(a, ret->b, sizeof(ret->b));
}
