/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procfs - a process as the host's own /proc shows it, held so that it stays the
 * same one: never the /proc of a container, which may be anything.
 */
#ifndef CT_CORE_PROCFS_H
#define CT_CORE_PROCFS_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/parse.h"
#include "core/base/proc.h"

/*
 * Its directory, O_PATH. What is opened below it is of exactly that process or
 * fails with -ESRCH or -ENOENT, however often its pid is given away. -ESRCH.
 */
int procfs_open(const struct proc_id *id);
/* Its root directory, as it sees it; O_PATH, for core/inroot.h. */
int procfs_root(int proc_fd);

/* Ids of a user namespace as the caller has them; n 0: the caller's own. */
struct procfs_ids {
	struct id_map *v;
	size_t n;
};
/* name: "uid_map" or "gid_map"; v is to be freed. */
int procfs_ids(int proc_fd, const char *name, struct procfs_ids *ret);
/* UINT32_MAX: it has none there */
uint32_t procfs_id_outside(const struct procfs_ids *m, uint32_t inside);
uint32_t procfs_id_inside(const struct procfs_ids *m, uint32_t outside);

/* proc_pid_stat(5), proc_pid_status(5): of a process or a zombie */
struct procfs_stat {
	char comm[64]; /* any bytes */
	char state; /* 'R', 'S', ... */
	pid_t ppid;
	uint64_t cpu_ns, start; /* start: clock ticks since the boot */
	uint64_t rss, vsize; /* bytes */
	uint32_t threads, uid, gid; /* uid, gid: effective, the caller's view */
	/* its pids, from the caller's pid namespace down to its own */
	pid_t pids[33];
	unsigned n_pids;
};
int procfs_stat(int proc_fd, struct procfs_stat *ret);

/* The number behind a key, "\nread_bytes:", in the text of a file; 0 where there is none. */
uint64_t procfs_number(const char *text, const char *key);

#endif
