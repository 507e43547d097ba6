/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec - what a container is to be: one value that the command line (later an
 * OCI bundle, a lab, CNI) fills and the runner reads. Nothing here is state.
 *
 * Zero means the default of docs/DESIGN.md section 4. Strings are borrowed and
 * live as long as the spec.
 */
#ifndef CT_CORE_SPEC_H
#define CT_CORE_SPEC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "core/base/str.h"

/*
 * A file of ours put read-only over a path of the container (hosts, resolv.conf):
 * an open one, which may go on changing, or a text. The text costs no file
 * anywhere but in the container's own memory.
 */
struct ct_file {
	const char *target;
	int fd;
	const char *text; /* instead of fd, when not NULL */
};

struct ct_mount {
	const char *source; /* NULL for tmpfs */
	const char *target; /* absolute, in the container */
	bool read_only, recursive_ro, exec, tmpfs;
	uint64_t size; /* tmpfs, bytes; 0: the kernel's default */
	uint32_t mode; /* tmpfs; 0: 01777 */
};

struct ct_rlimit {
	int resource; /* RLIMIT_* */
	struct rlimit lim;
};

/* 0 or UINT64_MAX as stated: unset. */
struct ct_limits {
	uint64_t memory; /* bytes, 0: none */
	uint32_t cpus_milli; /* thousandths of a CPU, 0: none */
	uint32_t pids; /* 0: none */
};

enum ct_tty { TTY_AUTO, TTY_YES, TTY_NO };

enum ct_netns {
	NETNS_NEW, /* its own; the hooks of core/run.h set lo up */
	NETNS_HOST,
	NETNS_FD, /* join netns_fd */
};

struct ct_spec {
	const char *id; /* 12 hex digits; the state layer gives it */
	const char *name, *hostname; /* hostname NULL: the name, else the id */
	struct strv labels; /* k=v */

	char *const *argv; /* NULL-terminated */
	struct strv env; /* K=V, on top of PATH, HOME, TERM, HOSTNAME */
	bool env_host;
	const char *workdir; /* NULL: / */
	uint32_t uid, gid;
	enum ct_tty tty;
	bool interactive;

	struct strv rootfs; /* layers, top first; empty: the host's root */
	bool read_only, rootfs_rw, host_root_all;
	const char *upper; /* --upper DIR: the writable layer is kept there */
	uint64_t upper_size; /* bytes; 0: 512 MiB */
	struct ct_mount *mounts;
	size_t n_mounts;
	struct ct_file *files;
	size_t n_files;

	enum ct_netns netns;
	int netns_fd;

	struct ct_limits limits;
	const char *cgroup_parent; /* NULL: the root */
	struct ct_rlimit *rlimits;
	size_t n_rlimits;
	int oom_score_adj;
	bool oom_score_adj_set;

	uint64_t caps; /* bounding, effective, permitted; see caps.h */
	bool privileged;
	bool seccomp_unconfined;
	bool packet_sockets; /* AF_PACKET allowed: NET_RAW or NET_ADMIN by name */
};

#endif
