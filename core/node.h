/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node - the nodes of a lab as processes: each a first process with pid, mount,
 * uts, ipc, net and cgroup namespaces of its own, a root, commands and daemons.
 *
 * They are children of the lab's supervisor, which is pid 1 of a pid namespace of
 * its own: with it they die. A node's first process is a fork of the supervisor
 * and keeps its memory (shared until written): what the supervisor knew at its
 * birth it knows too, so nothing is handed over. It runs the node's commands, keeps
 * its daemons running, writes their logs and buries orphans. What it is told goes
 * through node_* below, what it did comes back as events.
 *
 *	node_start	->	NODE_BORN	namespaces are there, born() ran: links may
 *						be put into its network namespace
 *	node_wire	->	NODE_WIRED	wired() ran
 *	node_run	->	NODE_READY	commands ran, daemons started, ready
 *
 * The root is built between BORN and WIRED, while nobody waits for it. A node that
 * ends before READY without having been asked to is FAILED, any other ENDED: each
 * is the last that is heard of it, it is buried then and its number is free.
 *
 * A node is no security boundary: docker's capabilities with NET_ADMIN and NET_RAW,
 * /proc/sys/net writable, the rest of the kernel's interface as ctrun has it where
 * that costs nothing.
 */
#ifndef CT_CORE_NODE_H
#define CT_CORE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/proc.h"
#include "core/limits.h"
#include "core/spec.h"

/* A command of a node, run by sh -c; num as in exec.3. */
struct node_command {
	uint32_t num;
	const char *text;
};

/* Borrowed by node_start until the node ends. */
struct node_spec {
	const char *name, *hostname; /* hostname NULL: the name */
	/*
	 * Layers of a root, copy-on-write. Empty: the host's root, shared and
	 * read-only, with /etc, /var and /root copy-on-write, own /run, /tmp, /dev/shm.
	 * "/": the whole of the host's copy-on-write.
	 */
	struct strv rootfs;
	struct ct_mount *mounts;
	size_t n_mounts;
	struct strv env;
	const char *user; /* of commands and daemons; NULL: root */
	uint64_t caps; /* 0: the default above */
	const struct ct_limits *limits; /* NULL: none, and no control group */
	/* text of /etc/hosts, one for all: they see the latest; NULL: that of the root */
	const char *hosts;
	const struct node_command *execs, *daemons, *stops;
	size_t n_execs, n_daemons, n_stops;
	const char *ready; /* polled until it succeeds; NULL */
	uint64_t ready_wait; /* nanoseconds; 0: 30 s */
	/*
	 * Called in the node's first process, in its network namespace, with a /proc of
	 * the node's and the host's other files to be read at most: before any link is
	 * there, and when all are. Of the supervisor's descriptors there are only 0 to 2.
	 */
	int (*born)(void *ctx, struct err *e);
	int (*wired)(void *ctx, struct err *e);
	void *ctx;
};

/* All of one supervisor. */
struct nodes;

struct nodes_opts {
	int logs_fd; /* directory: NODE/daemon.N/log.1 ... appear below it when there are daemons */
	const char *cgroup_parent; /* NULL: the top; groups are at PARENT/ctnet/CGROUP_ID-NODE */
	const char *cgroup_id; /* of the lab */
	unsigned workers; /* processes that make nodes at the same time; 0: one a cpu */
};

/*
 * The caller is pid 1 of the lab's pid namespace, with a mount namespace that is its
 * own, in which /proc is still the host's, and single-threaded. Prepares once what all
 * nodes share: a mount namespace from which each node's is copied. From then on SIGCHLD
 * is blocked, and the limit of descriptors is as high as it may be. Children that the
 * caller has besides are waited for by it before it calls nodes_next().
 */
int nodes_new(const struct nodes_opts *o, struct nodes **ret, struct err *e);
void nodes_free(struct nodes *ns); /* kills what is left and waits; accepts NULL */

/*
 * Makes nodes, returns when all are on their way: ids[i] is the caller's number of
 * specs[i], below 65536, free or ended. Spread over the workers, which go on with it
 * while the caller does other things; what fails there comes as NODE_FAILED. On
 * failure those that began go on: the caller's rollback is nodes_free or node_kill.
 */
int nodes_start(struct nodes *ns, const uint32_t *ids, const struct node_spec *const *specs,
		size_t n, struct err *e);
int node_wire(struct nodes *ns, uint32_t id, struct err *e);
int node_run(struct nodes *ns, uint32_t id, struct err *e);

/* Another text of /etc/hosts, for those that run too. */
int nodes_hosts(struct nodes *ns, const char *text, struct err *e);

/*
 * A socket to who has asked for what is done now, -1: nobody. When it has hung up, a command
 * of node_exec() has PATRON_NS more to end by itself.
 */
#define PATRON_NS 5000000000LL
void nodes_patron(struct nodes *ns, int sock);

/* Of a READY node. A command to its end; -EREMOTEIO: it failed, e says how, with its last line. */
int node_exec(struct nodes *ns, uint32_t id, const char *text, struct err *e);
/* A daemon started (or replaced), text NULL: ended and forgotten; restart: ended and started. */
int node_daemon(struct nodes *ns, uint32_t id, uint32_t num, const char *text, struct err *e);
int node_restart(struct nodes *ns, uint32_t id, uint32_t num, struct err *e); /* num 0: all */
/* stop.N as it is from now on; text NULL: there is none. */
int node_stop_command(struct nodes *ns, uint32_t id, uint32_t num, const char *text, struct err *e);
int node_limits(struct nodes *ns, uint32_t id, const struct ct_limits *l, struct err *e);
/*
 * Its end: stop.N in order, SIGTERM to all, SIGKILL after grace (nanoseconds).
 * NODE_ENDED follows. kill: at once. Both accept nodes that are not there.
 */
int node_stop(struct nodes *ns, uint32_t id, uint64_t grace, struct err *e);
void node_kill(struct nodes *ns, uint32_t id);

enum node_event_type { NODE_BORN = 1, NODE_WIRED, NODE_READY, NODE_FAILED, NODE_ENDED };
struct node_event {
	uint32_t id;
	enum node_event_type type;
	struct err err; /* of FAILED, and of an unexpected ENDED; names the node */
};
/* Readable (epoll) when there are events; also buries the supervisor's orphans. */
int nodes_fd(const struct nodes *ns);
/* 1: an event, 0: none now, -errno. To be called until it returns 0. */
int nodes_next(struct nodes *ns, struct node_event *ret, struct err *e);

enum node_daemon_state { DAEMON_WAITING, DAEMON_RUNNING, DAEMON_ENDED, DAEMON_BACKOFF };
struct node_daemon_info {
	uint32_t num;
	enum node_daemon_state state;
	pid_t pid; /* in the node */
	uint32_t restarts;
	int status; /* of its last end: 0..255, 128 + n; -1: none yet */
};
struct node_info {
	enum node_event_type at; /* the last of BORN, WIRED, READY; 0: not yet born */
	pid_t pid; /* of the first process, in the supervisor's pid namespace */
	struct proc_id host; /* the same as the host sees it */
	const char *cgroup; /* of core/cgroup.h; "": none */
	const struct node_daemon_info *daemons;
	size_t n_daemons;
};
/* -ENOENT: no such node runs. */
int node_info(const struct nodes *ns, uint32_t id, struct node_info *ret);
/* Its network namespace, to be closed. */
int node_netns(const struct nodes *ns, uint32_t id, struct err *e);

/*
 * From any process of the host: a command in a node, as ct_exec_in (core/run.h)
 * does it for containers; x->user_set false: the node's user.
 */
struct ct_exec;
struct node_place {
	const char *lab, *name;
	struct proc_id host; /* node_info.host */
	uint64_t caps;
	const char *user;
	const struct strv *env;
	const char *cgroup; /* "": none */
};
int node_enter(const struct node_place *p, const struct ct_exec *x, struct err *e);

/* Control groups of a lab that is gone: PARENT/ctnet/CGROUP_ID-*. */
int nodes_cgroup_gc(const char *cgroup_parent, const char *cgroup_id);

#endif
