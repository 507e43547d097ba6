/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a port is somebody else's already, by the records. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "net/port_index.h"
#include "net/port_real.h"

const char *port_str(const struct port_spec *s, char buf[PORT_STRLEN])
{
	char ip[IP_STRLEN + 4] = "", text[IP_STRLEN], end[8] = "";

	if (ip_is_set(&s->host_ip))
		snprintf(ip, sizeof(ip),
			 s->host_ip.family == AF_INET ? "%s:" : "[%s]:", ip_str(&s->host_ip, text));
	if (s->host_end > s->host_port)
		snprintf(end, sizeof(end), "-%u", s->host_end);
	snprintf(buf, PORT_STRLEN, "%s%u%s/%s", ip, s->host_port, end, port_proto_name(s->proto));
	return buf;
}

/*
 * Every address of the host includes each single one, in both families: the
 * bound socket that keeps it is of both. 0.0.0.0 and :: do so in their own.
 */
static bool addrs_overlap(const struct ip_addr *a, const struct ip_addr *b)
{
	if (!ip_is_set(a) || !ip_is_set(b))
		return true;
	return a->family == b->family && (ip_is_any(a) || ip_is_any(b) || ip_eq(a, b));
}

static bool overlaps(const struct port_spec *a, const struct port_spec *b)
{
	return a->proto == b->proto && a->host_port <= b->host_end && b->host_port <= a->host_end &&
	       addrs_overlap(&a->host_ip, &b->host_ip);
}

/* The first port of the overlap alone, as the message names it. */
static void overlap(const struct port_spec *a, const struct port_spec *b, struct port_spec *ret)
{
	*ret = *a;
	ret->host_port = a->host_port > b->host_port ? a->host_port : b->host_port;
	ret->host_end = ret->host_port;
}

struct search {
	const struct port_spec *s;
	struct port_spec at;
	char owner[NAME_MAX_CT + 1], name[NAME_MAX_CT + 1];
	bool found, dead;
};

static int look(const struct port_record *rec, void *ctx)
{
	struct search *f = ctx;

	for (size_t i = 0; i < rec->n && !f->found; i++) {
		if (!overlaps(f->s, &rec->specs[i]))
			continue;
		f->found = true;
		f->dead =
			port_record_leaving(rec) || (rec->holder.pid && !proc_alive(&rec->holder));
		overlap(f->s, &rec->specs[i], &f->at);
		memcpy(f->owner, rec->owner, sizeof(f->owner));
		memcpy(f->name, rec->name[0] ? rec->name : rec->owner, sizeof(f->name));
	}
	return 0;
}

static int check_own(const struct port_record *rec, const struct port_spec *s, struct err *e)
{
	char text[PORT_STRLEN];
	struct port_spec at;

	for (const struct port_spec *o = rec->specs; o < s; o++)
		if (o->host_port && overlaps(o, s)) {
			overlap(o, s, &at);
			return err_set(e, EADDRINUSE, "port %s is asked for twice",
				       port_str(&at, text));
		}
	return 0;
}

/* s is one of rec's specs; those before it are in the index already. What a dead
 * one left is ended, and does not count. */
int port_conflict_check(struct net *net, struct port_index *ix, const struct port_record *rec,
			const struct port_spec *s, struct err *e)
{
	char text[PORT_STRLEN];
	int r;

	if (port_index_free(ix, s))
		return 0;
	r = check_own(rec, s, e);
	while (r >= 0) {
		struct search f = { .s = s };

		r = port_record_list(net, NULL, look, &f);
		if (r < 0)
			return err_sys(e, r, "read the published ports");
		if (!f.found)
			return 0;
		if (!f.dead)
			return err_set(e, EADDRINUSE, "port %s is published by container %s",
				       port_str(&f.at, text), f.name);
		r = port_sweep_owner(net, f.owner, e);
	}
	return r;
}
