/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_control - how commands and the supervisor of a lab talk: a SEQPACKET socket,
 * each packet one JSON object of at most 64 KiB, descriptors beside it where that is said.
 *
 *	{"do": "link", "link": "r1-r2", "up": false}
 *	{"do": "impair", "link": "r1-r2", "set": {"loss": "1%", "delay.ab": "5ms"}, "clear": false}
 *	{"do": "node", "node": "r1", "start": false}
 *	{"do": "restart", "node": "r1", "daemon": 0}
 *	{"do": "nodes"}, {"do": "ports"}, {"do": "status"}	objects one by one;
 *						with "node": only of that one
 *	{"do": "apply", "base": "/dir", "dry": false}	and the text beside it: a descriptor that
 *				can be read from its begin; changes are told one by one, as
 *				{"change": "add-link", "text": ..., "error": ...}; dry: none is made
 *	{"do": "down"}
 *
 * Answers: any number of objects of the question's own, {"host": ...}, which asks for
 * something to be done on the host (cli/lab_host.h) and is answered by {"ok": true} or an
 * error, and at the end {"ok": true} or {"error": "...", "hint": "...", "errno": N}.
 *
 *	{"host": {"node": "exit", "pid": 7, "start": 123}}	lab_host_node
 *	{"host": {"net": "lan1", "pid": 5, "start": 122}}	lab_host_net
 *	{"host": {"end": "exit"}}				lab_host_node_end
 *	{"host": {"end-net": "lan1"}}				lab_host_net_end
 *
 * Pids are the host's.
 * The supervisor handles one question at a time, in order; a client that goes away
 * does not stop what it asked for, but for commands that do not end for a while then.
 */
#ifndef CT_CLI_LAB_CONTROL_H
#define CT_CLI_LAB_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

struct app;
struct err;
struct lab;
struct lab_record;
struct topology;

/*
 * Calls fn for each object in between; stops listening at its first r < 0. Takes
 * request. fd: beside it, or -1. What it asks back is looked up in l->topo, by name: who
 * may be asked for something has loaded it.
 */
typedef int lab_reply_fn(const json_t *o, void *ctx);
int lab_ask(struct app *app, struct lab *l, json_t *request, int fd, lab_reply_fn *fn, void *ctx,
	    struct err *e);

/* Of both sides: one packet. *ret_fd -1: none came. 1: one, 0: end of file. */
int lab_send(int sock, const json_t *o, int fd);
int lab_recv(int sock, json_t **ret, int *ret_fd);

/* The last word: of r >= 0 {"ok": true}, else the error. */
int lab_send_end(int sock, int r, const struct err *e);
/* Whether it is one; then *ret_r is 0, or the error with e set. */
bool lab_is_end(const json_t *o, int *ret_r, struct err *e);

/* The client's side of {"host": ...}: does it and answers. -EPIPE: nobody hears it. */
int lab_host_answer(struct app *app, const struct lab_record *rec, const struct topology *t,
		    const json_t *asked, int sock, struct err *e);

#define LAB_SOCKET "control"
/* Makes the supervisor's socket in its directory; connects to it. Descriptors. */
int lab_listen(int dir_fd, struct err *e);
int lab_connect(const struct lab *l, struct err *e);

#endif
