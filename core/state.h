/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state - the containers as files: ROOT/containers/ID, the record, in JSON, and
 * ROOT/names/NAME, a symbolic link to the id, whose atomic creation makes
 * names unique without a lock; ROOT/files/ID/ where one has files of its own.
 *
 * A record counts only while boot id, pid and start time match a living process,
 * or when it is that of a detached container that has ended in this boot; the
 * rest is rubbish that state_gc removes.
 */
#ifndef CT_CORE_STATE_H
#define CT_CORE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/proc.h"
#include "core/base/str.h"

struct ct_spec;
struct err;

#define CT_ID_LEN 12

/* A container as recorded. */
struct ct_info {
	char id[CT_ID_LEN + 1], name[NAME_MAX_CT + 1];
	char status[16]; /* "created", "running", "paused", "restarting", "exited" */
	struct proc_id runner, init; /* init.pid 0 until it exists */
	/* of one that its runner has made: what all its writes say of boot and namespace */
	char boot[37];
	uint64_t pidns;
	int exit_code; /* -1 while it runs */
	int64_t created; /* seconds since the epoch */
	char **command; /* NULL-terminated, owned */
	struct strv labels;
	/* what `ct exec` must repeat */
	uint64_t caps;
	uint32_t uid, gid;
	uint64_t ambient;
	char *user; /* as spec's; looked up again by who enters */
	struct strv groups;
	bool privileged, seccomp_unconfined, packet_sockets, new_privs;
	bool filter; /* a profile's is kept beside the record: seccomp_filter_load() */
	char *apparmor, *selinux;
	struct strv env; /* as spec.env: what comes on top of PATH, HOME, ... */
	char *workdir;
	char *cgroup; /* path below each hierarchy: "ctnet/ID" */
	/* life */
	bool detached, auto_remove;
	bool stopping; /* somebody asked for its end: no restart */
	int stop_signal; /* as spec's */
	uint64_t stop_timeout;
	uint32_t restarts;
	char health[12]; /* "starting", "healthy", "unhealthy"; "": not looked at */
	/* the exit record */
	int64_t started, finished; /* nanoseconds since the epoch, 0: not yet */
	bool oom_killed;
	uint64_t memory_peak, cpu_ns; /* 0: not known */
	char *error; /* why there was no end of its own, or NULL */
	char *config; /* JSON, of core/spec_json.h: what was asked for */
};

void ct_info_free(struct ct_info *i);

/*
 * Reserves an id and the name (NULL: the id); fills
 * spec->id and spec->name, which are borrowed from *ret: it must stay where it
 * is. -EEXIST names the holder of the name; when that one is dead, state_gc()
 * and a second try succeed. The record is written as "created" by the calling
 * process, which is the runner.
 */
int state_create(int root_fd, struct ct_spec *spec, struct ct_info *ret, struct err *e);
/*
 * By its runner. What others change, name, stopping and config, stays as they
 * wrote it, in the record: *i does not learn of it.
 */
int state_save(int root_fd, const struct ct_info *i, struct err *e);
/*
 * For a container that somebody else runs, or that others may change: fn changes
 * the record as it is now (not id and name), under its lock, and it is written
 * when fn returns 0 or more. Returns what fn does; -ENOENT: it is gone.
 */
int state_change(int root_fd, const char *id, int (*fn)(struct ct_info *i, void *ctx), void *ctx,
		 struct err *e);
/* A new name, for the record and for who looks it up; -EEXIST as state_create,
 * -ENOENT: it is gone, -EINVAL: no name, or its own. */
int state_rename(int root_fd, const char *id, const char *name, struct err *e);
/*
 * Removes record, name and files; accepts what is half there or gone. Negative errno:
 * nothing was removed, since the records could not be looked at.
 */
int state_remove(int root_fd, const char *id);
/* The same for one whose name is known: nothing is read. */
void state_forget(int root_fd, const struct ct_info *i);

/* By name, id, or unambiguous prefix of an id. -ENOENT with a suggestion. */
int state_find(int root_fd, const char *word, struct ct_info *ret, struct err *e);
/* 0, or why no command can begin in it: -ESRCH it does not run, -EBUSY it is paused. */
int state_ready(const struct ct_info *i, struct err *e);
/* Calls fn for every record, sorted by creation; dead ones have status "dead". */
typedef int state_fn(struct ct_info *i, void *ctx);
int state_list(int root_fd, state_fn *fn, void *ctx, struct err *e);

/*
 * A directory for files of the container's own, made when missing. -ENOENT: no
 * such container.
 */
int state_dir(int root_fd, const char *id);

/*
 * Removes records and cgroups of containers whose runner is dead, after calling
 * dead(id) for each; max looked at, 0: all. The record of a detached one stays,
 * as that of one that has exited with 137, unless it is to remove itself.
 */
int state_gc(int root_fd, unsigned max, void (*dead)(const char *id, void *ctx), void *ctx);

#endif
