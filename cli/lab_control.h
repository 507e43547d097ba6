/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_control - how commands and the supervisor of a lab talk: a SEQPACKET socket,
 * each packet one JSON object of at most 64 KiB, descriptors beside it where that is said.
 *
 *	{"do": "link", "link": "r1-r2", "up": false}
 *	{"do": "impair", "link": "r1-r2", "set": {"loss": "1%", "delay.ab": "5ms"}, "clear": false}
 *	{"do": "node", "node": "r1", "start": false}
 *	{"do": "restart", "node": "r1", "daemon": 0}
 *	{"do": "nodes"}, {"do": "ports"}, {"do": "status"}	objects one by one
 *	{"do": "apply", "text": fd beside it}	changes are told one by one
 *	{"do": "down"}
 *
 * Answers: any number of objects of the question's own, {"host": ...} (cli/lab_host.h),
 * which is answered by {"ok": true} or an error, and at the end {"ok": true} or
 * {"error": "...", "hint": "...", "errno": N}.
 * The supervisor handles one question at a time, in order; a client that goes away
 * does not stop what it asked for.
 */
#ifndef CT_CLI_LAB_CONTROL_H
#define CT_CLI_LAB_CONTROL_H

#include <jansson.h>

struct app;
struct err;
struct lab;

/*
 * Calls fn for each object in between; stops listening at its first r < 0. Takes
 * request. fd: beside it, or -1.
 */
typedef int lab_reply_fn(const json_t *o, void *ctx);
int lab_ask(struct app *app, struct lab *l, json_t *request, int fd, lab_reply_fn *fn, void *ctx,
	    struct err *e);

/* Of both sides: one packet. *ret_fd -1: none came. 0: end of file. */
int lab_send(int sock, const json_t *o, int fd);
int lab_recv(int sock, json_t **ret, int *ret_fd);

#endif
