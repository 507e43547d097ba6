/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_keeper - small processes that keep published ports: each port is bound
 * in the host's namespace as long as it is published, so that no service of
 * the host takes it, and answered at [::1], where NAT cannot.
 *
 * A keeper ("ct-ports" to ps) belongs to one container and ends with it, with
 * its last port, or when who asked for ports goes away before they led
 * anywhere. Many ports are spread over several keepers, which bind them side by
 * side, each within its limit of descriptors. They are noted beside the
 * container's records: ports/OWNER/.keeper.N is a note of the process,
 * .socket.N a socket to speak to it.
 *
 * The caller of everything here holds the lock.
 */
#ifndef CT_NET_PORT_KEEPER_H
#define CT_NET_PORT_KEEPER_H

#include "net/port_record.h"

/* Ports that one keeper holds at most, two descriptors each. */
#define KEEPER_PORTS 4096u
#define KEEPERS_MAX  64
unsigned port_keeper_capacity(void); /* the same, within the limit of descriptors */

/* What was asked for and does not lead anywhere yet; closing it gives it up. */
struct port_keepers {
	int fd[KEEPERS_MAX];
	size_t n;
};
void port_keepers_close(struct port_keepers *k); /* waits until the ports are free again */

/*
 * Binds every port of the record, and fills in those that the kernel chose.
 * -EADDRINUSE and *ret_at, the one that is taken; then none is held.
 */
int port_keepers_hold(struct net *net, struct port_record *rec, struct port_keepers *ret,
		      struct port_spec *ret_at, struct err *e);
/* They lead to the record's addresses, and end with that holder, whoever the record's is yet. */
int port_keepers_serve(struct port_keepers *k, const struct port_record *rec,
		       const struct proc_id *holder, struct err *e);
/* These ports of one container are let go; what is not held is passed over. */
int port_keepers_release(struct net *net, const struct port_record *rec);
/* Ends every keeper of a container and waits for it. */
void port_keepers_stop(struct net *net, const char *owner);

/* What is said over the socket: one datagram each way, of these structs and nothing else. */
enum keeper_op { KEEPER_HELLO, KEEPER_HOLD, KEEPER_SERVE, KEEPER_RELEASE };

struct keeper_request {
	uint32_t op, n; /* n: of specs */
	struct proc_id holder; /* SERVE */
	struct ip_addr to[PORT_FAMILIES]; /* SERVE */
	struct port_spec specs[]; /* HOLD, RELEASE: KEEPER_PORTS ports at most */
};

struct keeper_reply {
	int32_t result; /* -errno */
	uint32_t at; /* HOLD: which of the specs */
	uint32_t room; /* how many ports more it would hold */
	uint32_t n; /* of ports */
	uint16_t port; /* HOLD: the port that was refused */
	uint16_t ports[]; /* HOLD: of each spec, the first one */
};

/* The life of a keeper: descriptors 3 (its listening socket) and 4 (the first line). */
enum { KEEPER_LISTEN_FD = 3, KEEPER_LINE_FD = 4 };
void port_server_main(void);

#endif
