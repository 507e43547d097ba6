/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run - run one container from start to end in the foreground, and enter one
 * that runs.
 *
 * The hooks are the runner's only view of the network: when the namespaces
 * exist, `attach` gets a descriptor of the new network namespace while the
 * child builds its mounts; the command starts after it returned. `detach` is
 * called exactly once when prepare or attach was, after the last process died.
 */
#ifndef CT_CORE_RUN_H
#define CT_CORE_RUN_H

#include "core/base/proc.h"
#include "core/spec.h"

struct ct_info;
struct err;
struct newnet;

struct ct_hooks {
	/* before the network namespace is there: what can be done without; may be NULL */
	int (*prepare)(void *ctx, const struct proc_id *init, struct err *e);
	/* netns_fd belongs to the caller; init: identity of the container's pid 1 */
	int (*attach)(void *ctx, int netns_fd, const struct proc_id *init, struct err *e);
	void (*detach)(void *ctx);
	void *ctx;
};

/*
 * Returns the exit status for the shell (0..255: the command's own, 128+n for
 * signal n, 126, 127) or a negative errno with e set: our own failure, 125.
 * For 126 and 127 e->msg says why. root_fd: the state root. info comes from
 * state_create(); the record is kept up to date and is gone when this returns.
 * newnet: a namespace in the making, for NETNS_NEW; NULL: it is made here.
 * While it runs the calling process, which must have a single thread, is the
 * container's terminal and signal relay.
 */
int ct_run(int root_fd, struct ct_spec *spec, struct newnet *newnet, struct ct_info *info,
	   const struct ct_hooks *hooks, struct err *e);

/* What `ct exec` is told. */
struct ct_exec {
	char *const *argv;
	struct strv env;
	const char *workdir; /* NULL: the container's */
	bool user_set;
	uint32_t uid, gid;
	enum ct_tty tty;
	bool interactive;
};

/* Runs a command in a running container; result as ct_run. */
int ct_exec_in(int root_fd, const struct ct_info *ct, const struct ct_exec *x, struct err *e);

#endif
