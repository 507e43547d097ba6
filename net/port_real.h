/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_real - what the parts of port share.
 */
#ifndef CT_NET_PORT_REAL_H
#define CT_NET_PORT_REAL_H

#include "net/port.h"
#include "net/port_record.h"

/* A growing array of maps; {0} is empty. */
struct port_mapv {
	struct port_map *v;
	size_t n, room;
};
void port_mapv_free(struct port_mapv *v);
/* Adds the maps of one record, one for each family it leads to. */
int port_maps_of(const struct port_record *rec, struct port_mapv *ret);

/* The claim against what others publish; net/port_conflict.c. rec is not yet saved. */
struct port_index;
int port_conflict_check(struct net *net, struct port_index *ix, const struct port_record *rec,
			const struct port_spec *s, struct err *e);
/* "127.0.0.1:8080/tcp", "8000-8010/udp" */
#define PORT_STRLEN (IP_STRLEN + 24)
const char *port_str(const struct port_spec *s, char buf[PORT_STRLEN]);

/*
 * Who has the port on the host; net/port_busy.c. -EADDRINUSE with the program's
 * name, or -EAGAIN: a keeper on its way out.
 */
int port_busy(const struct port_spec *s, struct err *e);

/* Settings of the links towards a container, as long as it publishes; net/port_link.c. */
int port_link_up(struct net *net, const struct port_record *rec, struct err *e);
/* A link that was deleted by hand is there again: what is published by it needs its setting. */
int port_link_again(struct net *net, const char *dev, struct err *e);
void port_link_down(struct net *net, const struct port_record *rec, bool link_stays);
/* Of those who publish nothing any more, and could not be forgotten then. Under the lock. */
void port_link_sweep(struct net *net);

/*
 * Records that are leaving, of one owner: elements, bound ports, settings,
 * records. gone: so are the addresses they lead to, and the link. net/port_end.c.
 */
struct port_recordv {
	struct port_record *v;
	size_t n;
};
void port_recordv_free(struct port_recordv *v);
int port_recordv_take(struct port_recordv *v, struct port_record *rec); /* rec is emptied */
int port_leave(struct net *net, struct port_recordv *v, bool gone, struct err *e);
/* What of an owner is dead or leaving. */
int port_sweep_owner(struct net *net, const char *owner, struct err *e);
int port_drop_empty(struct net *net, const char *owner); /* its directory, without records */
bool port_spec_eq(const struct port_spec *a, const struct port_spec *b);

#endif
