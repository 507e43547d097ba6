/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/net_ports.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "net/port_record.h"

void net_ports_add(json_t *array, const struct port_spec *s)
{
	char ip[IP_STRLEN] = "";

	if (ip_is_set(&s->host_ip))
		ip_str(&s->host_ip, ip);
	for (int i = 0; i <= s->host_end - s->host_port; i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:i, s:i, s:s}", "host_ip", ip, "host_port",
						s->host_port + i, "port", s->port + i, "protocol",
						port_proto_name(s->proto)));
}

static int add(const struct port_spec *s, void *ctx)
{
	net_ports_add(ctx, s);
	return 0;
}

json_t *net_ports_json(struct net *net, const char *ct_id)
{
	json_t *all = json_array();

	port_list(net, ct_id, add, all);
	return all;
}

const char *net_ports_text(const struct port_spec *s, char buf[NET_PORTS_STRLEN])
{
	char ip[IP_STRLEN + 4] = "", text[IP_STRLEN], end[8] = "", inner[8] = "";

	if (ip_is_set(&s->host_ip))
		snprintf(ip, sizeof(ip),
			 s->host_ip.family == AF_INET ? "%s:" : "[%s]:", ip_str(&s->host_ip, text));
	if (s->host_end > s->host_port) {
		snprintf(end, sizeof(end), "-%u", s->host_end);
		snprintf(inner, sizeof(inner), "-%u",
			 (unsigned)(s->port + (s->host_end - s->host_port)));
	}
	snprintf(buf, NET_PORTS_STRLEN, "%s%u%s->%u%s/%s", ip, s->host_port, end, s->port, inner,
		 port_proto_name(s->proto));
	return buf;
}

struct text {
	char *buf;
	size_t size, len;
};

static int join(const struct port_spec *s, void *ctx)
{
	struct text *t = ctx;
	const char *between = t->len ? ", " : "", *any = ip_is_set(&s->host_ip) ? "" : "0.0.0.0:";
	char one[NET_PORTS_STRLEN];
	size_t need = strlen(between) + strlen(any) + strlen(net_ports_text(s, one));

	if (t->len + need + sizeof(", ...") > t->size) {
		snprintf(t->buf + t->len, t->size - t->len, "%s...", between);
		return -ENOBUFS;
	}
	t->len += (size_t)snprintf(t->buf + t->len, t->size - t->len, "%s%s%s", between, any, one);
	return 0;
}

void net_ports_join(struct net *net, const char *ct_id, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };

	buf[0] = '\0';
	port_list(net, ct_id, join, &t);
}
