/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab_change - a running lab brought to another topology, in the supervisor.
 *
 *	down	what goes, in the old topology; the first failure ends the change here
 *	adopt	the new topology is the lab's
 *	host	parts of the host of nodes that go on
 *	add	what comes: live_settle(); all of it or, of nodes, none
 *	place	what differs in place: before any command of a new node runs
 *	last	commands and daemons of nodes that go on
 *
 * From "host" on everything is tried, whatever failed before. What failed is remembered
 * in the live lab: either its description is that of before, or it is broken, which the
 * next difference tells and the next change makes anew. So the topology always describes
 * what stands.
 */
#ifndef CT_CLI_LAB_CHANGE_H
#define CT_CLI_LAB_CHANGE_H

#include "cli/lab_live.h"
#include "net/topology_diff.h"

struct lab_change {
	const struct topo_diff *diff; /* from what runs to the new one */
	int line; /* to who asks, for the host's part */
	char *hosts, *base; /* of the new topology; taken */
	int (*adopting)(void *ctx, struct err *e); /* before it is adopted */
	/* One is done; e: it failed, and is not the first that did, of which the change tells. */
	void (*tell)(const struct topo_change *x, const struct err *e, void *ctx);
	void *ctx;
};

/* What of the running lab is not as its topology says, for topology_diff(); *ret borrows v. */
struct lab_standing {
	uint8_t *v; /* free it */
	struct topo_standing s;
};
int lab_standing(const struct lab_live *l, struct lab_standing *ret);

/* t is taken when it is adopted. On failure e names the first step that failed. */
int lab_change(struct lab_live *l, struct topology *t, const struct lab_change *s, struct err *e);

/* ---- of its own files ---- */

/* What becomes of a node that goes on. */
struct changing_node {
	bool inside; /* its network is to be changed */
	bool host_ended, host_asked, limited;
	uint32_t *fresh; /* interfaces that it did not have */
	size_t n_fresh;
};
struct changing {
	struct lab_live *l;
	const struct lab_change *s;
	struct live_topo *was;
	const struct topology *o; /* in was */
	struct changing_node *nodes; /* by new node */
	bool placed, added;
	int r; /* the first failure, with first */
	struct err first;
};

enum change_stage { CHANGE_NEVER, CHANGE_HOST, CHANGE_ADD, CHANGE_PLACE, CHANGE_LAST };
typedef int change_fn(struct changing *c, const struct topo_change *x, struct err *e);
struct change_step {
	change_fn *down;
	enum change_stage stage; /* of fn */
	change_fn *fn;
	/* It failed or was not tried: the topology that runs says what stands. */
	void (*failed)(struct changing *c, const struct topo_change *x);
};
#define CHANGE_GRACE_NS 2000000000ULL
/* What of the host a node has that is to end. */
int change_host_end(struct changing *c, uint32_t node, struct err *e);
extern const struct change_step change_steps[TOPO_CHANGES]; /* lab_change_steps.c */

#endif
