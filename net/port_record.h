/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port_record - published ports as files: ports/OWNER/ID, one for what one
 * command published, however many ports that are.
 *
 *   name web
 *   holder 4711 90210 4026531836        whose death ends it: pid, start, pid namespace
 *   to 10.88.0.2 -                      the container's addresses, v4 and v6
 *   via br0 ve0123456789ab0             the link towards it, and its bridge port
 *   tcp - 8080 8080 80                  protocol, host address, ports of the host, port inside
 *
 * A dash stands for what is not there. A record without addresses is a claim:
 * the ports are taken, but nothing leads anywhere yet.
 */
#ifndef CT_NET_PORT_RECORD_H
#define CT_NET_PORT_RECORD_H

#include "core/base/parse.h"
#include "core/base/proc.h"
#include "core/base/str.h"
#include "net/store.h"

#define PORT_DIR "ports"

enum { PORT_V4, PORT_V6, PORT_FAMILIES };

struct port_record {
	char owner[NAME_MAX_CT + 1], id[24]; /* id "": not saved yet */
	char name[NAME_MAX_CT + 1]; /* of the container, for messages */
	struct proc_id holder; /* pid 0: in a pid namespace that is not ours */
	struct ip_addr to[PORT_FAMILIES];
	char dev[NAME_MAX_IF + 1], port[NAME_MAX_IF + 1];
	struct port_spec *specs;
	size_t n;
};

void port_record_free(struct port_record *rec);
#define _cleanup_port_record_ __attribute__((cleanup(port_record_free)))

int port_record_save(struct net *net, struct port_record *rec); /* chooses the id of a new one */
int port_record_load(struct net *net, const char *owner, const char *id, struct port_record *ret);
int port_record_drop(struct net *net, const struct port_record *rec); /* absent: success */
int port_record_add(struct port_record *rec, const struct port_spec *s); /* in memory */

/*
 * It is being ended: no map follows from it any more, and whoever finds it has
 * to finish that. Its id changes.
 */
int port_record_leave(struct net *net, struct port_record *rec);
/* The same for a part of one, which gets a record of its own; the other still has it. */
int port_record_part(struct net *net, struct port_record *rec);
bool port_record_leaving(const struct port_record *rec);

/* Every record of that owner (NULL: of all), leaving ones too, oldest first; fn may drop it.
 * Stops at r < 0. */
typedef int port_record_fn(const struct port_record *rec, void *ctx);
int port_record_list(struct net *net, const char *owner, port_record_fn *fn, void *ctx);
/* Everybody who has a directory of records. */
int port_record_owners(struct net *net, struct strv *ret);
/* The directory of one, where its keeper is noted too; -ENOENT unless create. */
int port_record_dir(struct net *net, const char *owner, bool create);
bool port_record_any(struct net *net, const char *owner);
int port_record_forget(struct net *net, const char *owner); /* the directory with all in it */

/* The text of one, for whoever wrote it and for the fuzzer: -EINVAL. */
int port_record_parse(const char *text, struct port_record *rec);
/* Allocated; NULL: no memory. */
char *port_record_text(const struct port_record *rec);

/* Whose death ends all of an owner's, for a sweep that does not read every record. */
#define PORT_NOTE_HOLDER ".holder"

const char *port_proto_name(uint8_t proto);

#endif
