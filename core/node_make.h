/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node_make - the supervisor's view of its nodes, and the workers that make them.
 * Private to core/node*.c.
 */
#ifndef CT_CORE_NODE_MAKE_H
#define CT_CORE_NODE_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/node.h"
#include "core/node_root.h"

#define NODES_MAX 65536

struct node {
	uint32_t id;
	const struct node_spec *spec;
	int calls_fd; /* -1: not born yet */
	pid_t worker; /* that makes it */
	enum node_event_type at; /* 0: not born yet */
	bool asked; /* to end */
	struct err *failed; /* what it said, until it is buried */
	char *cgroup; /* NULL: none */
	struct proc_id host; /* pid 0: not asked for yet */
	struct node_daemon_info *daemons;
	size_t n_daemons;
	struct node *next; /* of those whose pids have one place */
	bool placed;
};

/* What nodes_next() is to tell. */
struct nodes_told {
	uint32_t id;
	enum node_event_type type;
	struct err *err; /* owned, or NULL */
};

#define NODES_PLACES 4096 /* of pids */

struct nodes {
	struct node_template template;
	int notes_fd, notes_end; /* the supervisor's end, the nodes' */
	int patron_fd; /* borrowed; -1: nobody */
	int signals_fd, poll_fd;
	int proc_fd; /* a procfs of its pid namespace */
	int logs_fd;
	unsigned workers; /* at the same time */
	char *cgroup_parent, *cgroup_id;
	struct rlimit files; /* as they were */
	pid_t *pids; /* by id, shared: written when a node is made */
	struct node **v; /* by id */
	size_t n; /* room */
	struct node *places[NODES_PLACES];
	struct nodes_told *told; /* a ring */
	size_t told_room, told_first, told_n;
};

/*
 * Forks workers for them; returns at once. What they cannot make is told as a note.
 */
int nodes_make(struct nodes *ns, const uint32_t *ids, size_t n, struct err *e);
/* The control group of a node with limits; *ret is to be freed. */
int nodes_cgroup(const struct nodes *ns, const struct node_spec *s, char **ret, struct err *e);

/* Of that number; NULL: there is none. */
static inline struct node *node_find(const struct nodes *ns, uint32_t id)
{
	return id < ns->n ? ns->v[id] : NULL;
}

/* 0: the worker has not come to it. */
static inline pid_t node_pid(const struct nodes *ns, const struct node *n)
{
	return __atomic_load_n(&ns->pids[n->id], __ATOMIC_ACQUIRE);
}

/* node_note.c: hears one note. 1: there was one, 0: none now. */
int nodes_read_note(struct nodes *ns, struct err *e);
/* With its control group. */
void node_forget(struct nodes *ns, struct node *n);
/* What was heard and not told yet; as nodes_next(). */
int nodes_told(struct nodes *ns, struct node_event *ret);

#endif
