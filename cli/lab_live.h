/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_live - a lab as its supervisor has it: the topology that runs, what of it stands,
 * and the numbers its objects have with core/node and net/fabric. The same verbs build
 * it at first and change it later.
 *
 * A verb for an object says that it is wanted, or takes it away; live_settle() makes what
 * is wanted, all at once, and returns when it stands:
 *
 *	start	processes and namespaces of the new nodes	-> born
 *	wires	of those that are born, in batches		-> host, or wiring
 *	host	the client does the host's part of a node	-> wiring
 *	wiring	addresses, routes, rules, by the node itself	-> wired
 *	run	commands, daemons, ready, in the order of `after`, once all are
 *		wired; a node that has none of these does not wait
 *
 * Everything is found by its index in the topology; live_adopt() puts a new one in the
 * place of the old: objects of the same name keep their numbers.
 */
#ifndef CT_CLI_LAB_LIVE_H
#define CT_CLI_LAB_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/node.h"
#include "net/fabric.h"
#include "net/topology.h"

enum live_state {
	LIVE_ABSENT, /* stopped, or never begun */
	LIVE_LEFT_OUT, /* of a lab built in part */
	LIVE_SWITCH, /* a bridge stands for it */
	LIVE_STARTING,
	LIVE_BORN,
	LIVE_WIRING,
	LIVE_WIRED,
	LIVE_RUNNING, /* its commands run */
	LIVE_READY,
	LIVE_STOPPING,
	LIVE_FAILED, /* its first process died by itself */
};
/* "running" of READY, "stopped", "left out", "starting" ... */
const char *live_state_name(enum live_state s);

struct live_plan; /* what core/node was told of a node, and the topology it is of */
struct live_topo; /* a topology and how many plans look into it */

struct live_node {
	uint32_t id; /* with core/node; of a switch its bridge; FABRIC_NONE */
	enum live_state state;
	struct live_plan *plan;
	uint32_t missing; /* interfaces that are yet to be put */
	uint32_t waits; /* nodes it comes after */
	bool host; /* has a part of the host */
	bool broken; /* a change of it failed: it is not what the topology says */
	char *why; /* of FAILED */
};
struct live_iface {
	uint32_t port; /* of the fabric; FABRIC_NONE: a direct wire, or none yet */
	uint32_t mate; /* of a switch's in a net: the port at the net's side; FABRIC_NONE */
	bool there, broken;
};
struct live_link {
	bool wanted, stitched, broken;
};
struct live_net {
	uint32_t bridge; /* FABRIC_NONE: it does not stand */
	bool broken;
};

/* Numbers that are given out, dense; those given back come first. */
struct live_ids {
	uint32_t next;
	uint32_t *free;
	size_t n_free;
};

struct live_host; /* what is to be asked of the client */
struct live_order; /* who comes after whom, of what is being settled */

struct lab_live {
	struct live_topo *topo;
	struct topology *t; /* in topo */
	const char *base; /* directory that sources of mounts are relative to */
	const char *hosts; /* text of /etc/hosts; NULL */
	struct nodes *nodes;
	struct fabric *fabric;
	const struct inside_fresh *fresh; /* of nodes that start now; NULL: not known */
	struct proc_id self; /* as the host sees it */

	struct live_node *node;
	struct live_iface *iface;
	struct live_link *link;
	struct live_net *net;

	struct live_ids node_ids, port_ids, bridge_ids;
	uint32_t *by_id; /* node ids to indices; TOPO_NONE */
	size_t n_by_id;

	/* of what is being settled */
	uint32_t *starting, *born; /* nodes */
	size_t n_starting, n_born;
	uint32_t pending, unwired; /* how many are not READY, not WIRED */
	bool all_or_nothing; /* who fails ends, and with it all: nothing need be undone */
	uint32_t stopping; /* how many are */
	struct live_order *order;
	struct live_host *asks;
	size_t n_asks, asked; /* all of them, and how many were answered */
	bool waiting; /* for an answer */
	int line; /* to the client that is to be asked; -1: none */
	int64_t left; /* when it had hung up, monotonic; 0: it has not */
	void (*progress)(const struct lab_live *l, void *ctx);
	void *ctx;
	/* NULL, or called once when all that start are wired and no command has run yet */
	void (*before_run)(void *ctx);
	void *before_run_ctx;
};

/* base, hosts and fresh are set by the caller. t is taken over on success. */
int live_open(struct lab_live *l, struct topology *t, const struct nodes_opts *o, struct err *e);
/* Kills what runs; for a supervisor that fails before it stands. */
void live_close(struct lab_live *l);

/*
 * A new topology of the same lab is what runs from now on: nothing of it is made or
 * removed here. Objects that are not in it must be gone. t is taken over on success.
 */
int live_adopt(struct lab_live *l, struct topology *t, struct err *e);

/* All of a lab; only: names of nodes, NULL: every one. */
int live_add_all(struct lab_live *l, const struct strv *only, struct err *e);
/* Wanted: by index; a node comes with its wires (those to nodes that run, or are wanted). */
int live_add_net(struct lab_live *l, uint32_t net, struct err *e);
int live_add_node(struct lab_live *l, uint32_t node, struct err *e);
/* Between nodes that run: they stand after the next live_settle(). */
void live_add_link(struct lab_live *l, uint32_t link);
void live_add_member(struct lab_live *l, uint32_t iface);
/*
 * Makes what is wanted. On failure what was begun of nodes is gone again. line: a
 * socket to who is asked for the host's part (cli/lab_control.h), -1: nobody, and a
 * node that has one is an error.
 */
int live_settle(struct lab_live *l, int line, struct err *e);

/* Gone when they return; of what is not there: success. */
int live_del_node(struct lab_live *l, uint32_t node, uint64_t grace, struct err *e);
int live_del_nodes(struct lab_live *l, const uint32_t *nodes, size_t n, uint64_t grace,
		   struct err *e);
int live_del_link(struct lab_live *l, uint32_t link, struct err *e);
int live_del_member(struct lab_live *l, uint32_t iface, struct err *e);
int live_del_net(struct lab_live *l, uint32_t net, struct err *e);

/* What the topology says of it now, put into force: after it was changed there. */
int live_impair_link(struct lab_live *l, uint32_t link, struct err *e);
int live_impair_member(struct lab_live *l, uint32_t iface, struct err *e);
int live_carrier(struct lab_live *l, uint32_t link, struct err *e);
int live_set_net(struct lab_live *l, uint32_t net, struct err *e); /* stp, mtu of the bridge */
int live_set_switch(struct lab_live *l, uint32_t node, struct err *e);

/* Events that came by themselves: call it when nodes_fd() is readable. */
int live_events(struct lab_live *l, struct err *e);

/* Whether node N may be talked to; -ESRCH with a hint. */
int live_running(const struct lab_live *l, uint32_t node, struct err *e);
/* The host's part of a node ended by the client, where it has one; the uplink of a net. */
int live_host_end(struct lab_live *l, uint32_t node, int line, struct err *e);
int live_host_net_end(struct lab_live *l, uint32_t net, int line, struct err *e);

#endif
