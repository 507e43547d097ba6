/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From records to what the maps of the firewall hold. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/port_real.h"

static int maps_room(struct port_mapv *v, size_t more)
{
	size_t room = v->room ? v->room : 4;
	struct port_map *maps;

	if (v->n + more <= v->room)
		return 0;
	while (room < v->n + more)
		room *= 2;
	maps = realloc(v->v, room * sizeof(*maps));
	if (!maps)
		return -ENOMEM;
	v->v = maps;
	v->room = room;
	return 0;
}

/* What is published on [::1] leads nowhere by NAT: the keeper answers there. */
static bool mapped(const struct port_spec *s, const struct ip_addr *to)
{
	static const struct ip_addr lo6 = { .family = AF_INET6, .b = { [15] = 1 } };

	if (!ip_is_set(to))
		return false;
	return !ip_is_set(&s->host_ip) ||
	       (s->host_ip.family == to->family && !ip_eq(&s->host_ip, &lo6));
}

int port_maps_of(const struct port_record *rec, struct port_mapv *ret)
{
	int r = maps_room(ret, rec->n * PORT_FAMILIES);

	for (size_t i = 0; i < rec->n && r >= 0; i++) {
		const struct port_spec *s = &rec->specs[i];

		for (int f = 0; f < PORT_FAMILIES; f++) {
			struct port_map *m = &ret->v[ret->n];

			if (!mapped(s, &rec->to[f]))
				continue;
			*m = (struct port_map){ .proto = s->proto,
						.family = rec->to[f].family,
						.first = s->host_port,
						.last = s->host_end,
						.to = rec->to[f],
						.to_port = s->port };
			if (!ip_is_any(&s->host_ip)) /* else the family says it all */
				m->host_ip = s->host_ip;
			memcpy(m->owner, rec->owner, sizeof(m->owner));
			ret->n++;
		}
	}
	return r;
}

void port_mapv_free(struct port_mapv *v)
{
	free(take_ptr(v->v));
	v->n = v->room = 0;
}

static int add_record(const struct port_record *rec, void *ctx)
{
	return port_record_leaving(rec) ? 0 : port_maps_of(rec, ctx);
}

int port_maps(struct net *net, struct port_map **ret, size_t *ret_n, struct err *e)
{
	_cleanup_(port_mapv_free) struct port_mapv v = { 0 };
	int r = port_record_list(net, NULL, add_record, &v);

	if (r < 0)
		return err_sys(e, r, "read the published ports");
	*ret_n = v.n;
	*ret = take_ptr(v.v);
	return 0;
}
