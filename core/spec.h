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

#include "core/base/parse.h"
#include "core/base/str.h"
#include "core/limits.h"

struct sock_filter;

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
	const char *fstype; /* NULL: a bind mount of source */
	const char *source; /* what an instance of fstype is named after; NULL: fstype */
	const char *target; /* absolute, in the container */
	/* nosuid and nodev by default, a tmpfs noexec too */
	bool read_only, exec, noexec, suid, dev;
	bool recursive_ro, not_recursive; /* of binds */
	bool idmap; /* the source's owners are those of the user namespace */
	bool copy; /* tmpfs: starts with what the image has there */
	unsigned long propagation; /* MS_SHARED, ..., with MS_REC; 0: private and recursive */
	uint64_t size; /* tmpfs, bytes; 0: the kernel's default */
	uint32_t mode; /* tmpfs; 0: 01777 */
	const char *options; /* of another fstype, as mount(8) has them behind -o; or NULL */
};

/* A device node by number; what cannot be made is bound from the host's, if that is the same. */
struct ct_device {
	const char *source; /* on the host; NULL: there is none to bind */
	const char *target;
	char type; /* 'c' or 'b' */
	uint32_t major, minor;
	uint32_t mode, uid, gid; /* of the node */
	char access[4]; /* of "rwm" */
};

struct ct_rlimit {
	int resource; /* RLIMIT_* */
	struct rlimit lim;
};

enum ct_tty { TTY_AUTO, TTY_YES, TTY_NO };

/* Namespaces but that of the network, which the hooks of core/run.h know about. */
enum ct_ns_kind {
	CT_NS_MNT,
	CT_NS_PID,
	CT_NS_UTS,
	CT_NS_IPC,
	CT_NS_CGROUP,
	CT_NS_USER,
	CT_NS_TIME,
	CT_NS_KINDS,
};

struct ct_ns {
	enum {
		CT_NS_DEFAULT, /* its own; of user and time: none */
		CT_NS_NEW,
		CT_NS_HOST,
		CT_NS_JOIN, /* fd: of that namespace, or a pidfd */
	} mode;
	int fd;
	const char *persist; /* file over which it is bound, so that it outlives its processes */
};

/* --health-cmd and its kin; argv NULL: none. Times in nanoseconds, 0: the default. */
struct ct_health {
	char *const *argv; /* "sh", "-c", TEXT, NULL */
	uint64_t interval, timeout, start_period;
	uint32_t retries;
};

enum ct_restart { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_UNLESS_STOPPED };

enum ct_netns {
	NETNS_NEW, /* its own; the hooks of core/run.h set lo up */
	NETNS_HOST,
	NETNS_FD, /* join netns_fd */
};

// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): members stand by subject
struct ct_spec {
	const char *id; /* 12 hex digits; the state layer gives it */
	const char *name, *hostname; /* hostname NULL: the name, else the id */
	struct strv labels; /* k=v */

	char *const *argv; /* NULL-terminated */
	struct strv env; /* K=V, on top of PATH, HOME, TERM, HOSTNAME */
	bool env_host;
	const char *workdir; /* NULL: / */
	uint32_t umask; /* of the command, when umask_set; else 022 */
	bool umask_set;
	uint32_t uid, gid;
	const char *user; /* "NAME[:GROUP]" of the container's own files, before uid and gid */
	struct strv groups; /* supplementary: numbers, or names of the same files */
	enum ct_tty tty;
	bool interactive;

	/* life: core/monitor.h */
	bool detach, remove; /* remove: not listed once it has ended */
	bool init; /* pid 1 is a reaper of ours that passes signals on */
	int stop_signal; /* 0: SIGTERM */
	uint64_t stop_timeout; /* nanoseconds before SIGKILL; UINT64_MAX: ten seconds */
	enum ct_restart restart;
	uint32_t restart_max; /* on failure; 0: no end */
	struct ct_health health;
	const char *pidfile;
	bool log_none;
	uint64_t log_max_size; /* bytes; 0: 1 MiB */
	uint32_t log_max_file; /* 0: 2 */

	struct strv rootfs; /* layers, top first; empty: the host's root */
	bool read_only, rootfs_rw, host_root_all;
	bool rootfs_idmap; /* its owners are those of the user namespace */
	unsigned long propagation; /* of the root: as of a mount */
	uint64_t shm_size; /* of /dev/shm, bytes; 0: 64 MiB */
	struct strv masked, ro_paths; /* NULL-terminated; instead of ours when masks_given */
	bool masks_given;
	struct ct_device *devices;
	size_t n_devices;
	struct ct_device_rule *device_rules; /* behind those that follow from devices */
	size_t n_device_rules;
	bool devices_given; /* a bundle's rules: only the usual nodes are allowed besides */
	const char *upper; /* --upper DIR: the writable layer is kept there */
	uint64_t upper_size; /* bytes; 0: 512 MiB */
	struct ct_mount *mounts;
	size_t n_mounts;
	struct ct_file *files;
	size_t n_files;

	enum ct_netns netns;
	int netns_fd;
	const char *netns_persist; /* as that of the others */
	struct ct_ns ns[CT_NS_KINDS];
	struct id_map *uid_maps, *gid_maps; /* of a new user namespace, outside: this one's ids */
	size_t n_uid_maps, n_gid_maps; /* 0: a block of the range below; both or none */
	uint32_t userns_first, userns_count; /* [userns] range; count 0: core/userns.h */
	int64_t time_monotonic, time_boottime; /* offsets of a new time namespace, nanoseconds */
	struct strv sysctls; /* K=V, of namespaces that are new */

	struct ct_limits limits;
	const char *cgroup_parent; /* NULL: the root */
	struct ct_rlimit *rlimits;
	size_t n_rlimits;
	int oom_score_adj;
	bool oom_score_adj_set;

	uint64_t caps; /* bounding, effective, permitted; see caps.h */
	uint64_t ambient; /* of caps: kept by a user who is not root, so inheritable too */
	bool privileged;
	bool seccomp_unconfined;
	bool packet_sockets; /* AF_PACKET allowed: NET_RAW or NET_ADMIN by name */
	bool new_privs; /* no_new_privs is not set; everything stays nosuid */
	const struct sock_filter *filter; /* a profile's, instead of the default one */
	uint16_t n_filter;
	uint32_t filter_flags; /* SECCOMP_FILTER_FLAG_* of it */
	const char *apparmor, *selinux; /* profile, process label; NULL: none */
};

/* The vectors; what strings are borrowed from is the caller's. Accepts { 0 }. */
void ct_spec_free(struct ct_spec *s);

#endif
