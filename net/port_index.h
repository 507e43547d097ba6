/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_index - how many publications there are of each port and protocol, so
 * that one more is decided without reading the others.
 *
 * A file of counters, mapped into memory. It is counted up before a record is
 * written and down after it is gone: a crash leaves a count too high, which
 * costs a look at the records, and never one too low. port_index_reset and
 * counting again makes it exact.
 *
 * The caller of everything here holds the lock.
 */
#ifndef CT_NET_PORT_INDEX_H
#define CT_NET_PORT_INDEX_H

#include "core/base/parse.h"
#include "net/store.h"

struct port_index {
	uint16_t *count; /* NULL: closed */
};

int port_index_open(struct net *net, struct port_index *ret);
void port_index_close(struct port_index *ix);
#define _cleanup_port_index_ __attribute__((cleanup(port_index_close)))

/* Nobody has any of these ports, on whatever address. */
bool port_index_free(const struct port_index *ix, const struct port_spec *s);
void port_index_add(struct port_index *ix, const struct port_spec *specs, size_t n);
void port_index_sub(struct port_index *ix, const struct port_spec *specs, size_t n);
void port_index_reset(struct port_index *ix);

#endif
