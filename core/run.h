/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run - run one container from start to end in the foreground, and enter one
 * that runs.
 *
 * The hooks are called in the order they stand here, while the guard builds the
 * root file system: `plan` before anything that outlives the runner is made,
 * `attach` when the network namespace exists; the command starts after it
 * returned. `detach` is called exactly once when prepare or attach was, after the
 * last process died.
 */
#ifndef CT_CORE_RUN_H
#define CT_CORE_RUN_H

#include "core/base/proc.h"
#include "core/spec.h"

struct ct_info;
struct err;

struct ct_hooks {
	/*
	 * Sets what the guard can begin without: id, name, hostname, netns, contents
	 * of the files, cgroup_parent; and *ret by state_create(), but for a container
	 * that is started again: it has its id.
	 */
	int (*plan)(void *ctx, struct ct_spec *spec, struct ct_info *ret, struct err *e);
	/*
	 * before the network namespace is there: what can be done without; NULL: nothing,
	 * and attach has no holder, since it makes nothing that outlives the namespace
	 */
	int (*prepare)(void *ctx, const struct proc_id *holder, struct err *e);
	/*
	 * netns_fd belongs to the caller; holder: a process that lives as long as
	 * the container's namespaces, and no longer
	 */
	int (*attach)(void *ctx, int netns_fd, const struct proc_id *holder, struct err *e);
	void (*detach)(void *ctx);
	/* what plan made, but the record; after a plan that failed too; may be NULL */
	void (*unplan)(void *ctx);
	void *ctx;
	/* netns will be NETNS_NEW, and attach takes long enough for the guard to make it */
	bool long_attach;
};

/*
 * Returns the exit status for the shell (0..255: the command's own, 128+n for
 * signal n, 126, 127) or a negative errno with e set: our own failure, 125.
 * For 126 and 127 e->msg says why. root_fd: the state root. spec has the targets
 * of its files. The record is kept up to date and is gone when this returns. While
 * it runs the calling process, which must have a single thread, is the
 * container's terminal and signal relay.
 */
int ct_run(int root_fd, struct ct_spec *spec, struct ct_info *info, const struct ct_hooks *hooks,
	   struct err *e);

/* What `ct exec` is told. */
struct ct_exec {
	char *const *argv;
	struct strv env;
	const char *workdir; /* NULL: the container's */
	bool user_set;
	uint32_t uid, gid;
	const char *user; /* as spec's; with user_set */
	enum ct_tty tty;
	bool interactive;
	uint64_t timeout; /* nanoseconds after which it is killed, 0: none */
	bool detach; /* not waited for once it has started; no terminal, nothing to read or write */
	bool privileged; /* all capabilities, no filter, and no_new_privs is left alone */
};

/* Runs a command in a running container; result as ct_run. */
int ct_exec_in(int root_fd, const struct ct_info *ct, const struct ct_exec *x, struct err *e);

#endif
