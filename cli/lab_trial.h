/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_trial - tests of a lab that runs: what they need is there, they are tried, and tried
 * again while there is time. Each may be done in a process of its own.
 */
#ifndef CT_CLI_LAB_TRIAL_H
#define CT_CLI_LAB_TRIAL_H

#include "cli/lab.h"
#include "cli/lab_verdict.h"
#include "net/probe.h"

struct trial_node {
	char state[24]; /* "running", "left out" ...; "": nobody told */
	struct lab_node at; /* pid 0: it does not run */
	int netns_fd; /* 0: not opened yet */
};
struct lab_trial {
	struct app *app;
	struct lab *lab;
	const struct topology *t; /* of lab */
	struct topology whole; /* the same with what the kernel lacks */
	struct trial_node *nodes; /* by index in t */
};
#define LAB_TRIAL_INIT      \
	{                   \
		.app = NULL \
	}

/* lab: loaded. */
int trial_open(struct lab_trial *x, struct app *app, struct lab *lab, struct err *e);
/* Which nodes run; again after one was stopped or started. */
int trial_look(struct lab_trial *x, struct err *e);
void trial_close(struct lab_trial *x); /* accepts LAB_TRIAL_INIT */

/* One test, with all its tries. It never fails: what goes wrong is the verdict. */
void trial_run(struct lab_trial *x, const struct topo_test *t, struct lab_verdict *ret);
/* The same of one step of a scenario. True: it held. */
bool trial_expect(struct lab_trial *x, const struct topo_step *s, struct lab_verdict *ret);

/* All steps, up to the first that fails. */
void scenario_run(struct lab_trial *x, const struct topo_scenario *s, struct lab_verdict *ret);

/* A verdict on its way between processes. */
char *trial_encode(const struct lab_verdict *v);
bool trial_decode(const char *text, struct lab_verdict *ret);

/* ---- of its own files ---- */

/* Its network namespace, borrowed; -ESRCH: it does not run. */
int trial_netns(struct lab_trial *x, uint32_t node, struct err *e);
int trial_path(struct lab_trial *x, const struct topo_target *from, const struct topo_target *to,
	       uint8_t family, struct probe_path *ret, struct err *e);
/* Who has an address; TOPO_NONE. */
uint32_t trial_owner(const struct lab_trial *x, const struct ip_addr *a);

/*
 * One try of a type. 0 with *ret filled, also where the network said no; an error: it could
 * not be tried at all.
 */
typedef int trial_fn(struct lab_trial *x, const struct topo_test *t, struct lab_yield *ret,
		     struct err *e);
trial_fn trial_ping, trial_pingall, trial_rtt, trial_loss, trial_ttl, trial_pmtu, trial_trace;
trial_fn trial_tcp_rate, trial_udp_rate, trial_exec, trial_http, trial_route, trial_neigh;

/* lab_trial_skip.c: whether it cannot be done here, and why. */
bool trial_skip(struct lab_trial *x, const struct topo_test *t, struct lab_verdict *ret);
bool scenario_skip(const struct lab_trial *x, const struct topo_scenario *s,
		   struct lab_verdict *ret);

/*
 * lab_command.c: a command of sh in a node; what it printed, cut in the middle to 64 KiB. For
 * processes that run tests: one that is told to end meanwhile ends the command first.
 */
struct lab_said {
	int status; /* 0..255, 128 + n; -ETIMEDOUT: it was ended */
	char *text;
};
int lab_command(struct lab_trial *x, uint32_t node, const char *text, uint64_t timeout,
		struct lab_said *ret, struct err *e);

#endif
