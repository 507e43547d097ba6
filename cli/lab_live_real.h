/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_live_real - what the files that build and change a live lab share.
 */
#ifndef CT_CLI_LAB_LIVE_REAL_H
#define CT_CLI_LAB_LIVE_REAL_H

#include "cli/lab_live.h"

/* lab_build.c: what core/node is told of a node. */
int live_plan_new(const struct lab_live *l, uint32_t node, struct live_plan **ret, struct err *e);
const struct node_spec *live_plan_spec(const struct live_plan *p);
void live_limits(const struct topo_node *n, struct ct_limits *ret);
void live_plan_free(struct live_plan *p);
int live_topo_new(struct topology *t, struct live_topo **ret);
struct topology *live_topo_of(struct live_topo *t);
struct live_topo *live_topo_get(struct live_topo *t); /* holds it, too */
void live_topo_put(struct live_topo *t); /* lets go */
/* Texts that live as long as it does, for l->hosts and l->base; taken. */
void live_topo_texts(struct live_topo *t, char *hosts, char *base);

/* lab_wire.c: the other end of a link's interface. */
uint32_t live_peer(const struct lab_live *l, uint32_t iface);
/* Interfaces of a node that was born, or has been; nothing is flushed. */
void live_put_node(struct lab_live *l, uint32_t node);
void live_put_net(struct lab_live *l, uint32_t net);
void live_put_switch(struct lab_live *l, uint32_t node);
void live_put_link(struct lab_live *l, uint32_t link);
void live_put_member(struct lab_live *l, uint32_t iface);
/* What is left of the wires of a node that has gone. */
int live_node_gone(struct lab_live *l, uint32_t node, struct err *e);

/* lab_order.c */
int live_order_new(struct lab_live *l);
void live_order_free(struct lab_live *l);
/* Nodes of which only this one was waited for; *ret is borrowed. */
size_t live_order_ready(struct lab_live *l, uint32_t node, const uint32_t **ret);

/* lab_host_ask.c: the client is asked, one thing after another. */
int live_ask(struct lab_live *l, uint32_t node, uint32_t net);
int live_ask_next(struct lab_live *l, struct err *e);
/* With the line readable: 1 and what was answered, 0: nothing. */
int live_ask_hear(struct lab_live *l, uint32_t *ret_node, uint32_t *ret_net, struct err *e);

uint32_t live_id_take(struct live_ids *ids);
void live_id_give(struct live_ids *ids, uint32_t id);

#endif
