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

#endif
