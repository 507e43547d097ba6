/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userns - a container's user namespace: where its ids come from, and how the
 * kernel is told.
 *
 * Ids given by nobody are a block of [userns] range that no other container has:
 * ROOT/userns/N is a symbolic link to whom it belongs, "PID:START", made by one
 * atomic call at a place drawn by lot, so a start costs the same however many
 * there are. Who may not set ids gets those of /etc/subuid and /etc/subgid
 * (subuid(5)), through newuidmap(1) and newgidmap(1), and one's own as 0.
 */
#ifndef CT_CORE_USERNS_H
#define CT_CORE_USERNS_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/parse.h"

struct ct_spec;
struct err;

#define USERNS_BLOCK 65536U
/* [userns] range where nothing is configured: 16384 blocks. */
#define USERNS_FIRST 0x20000000U
#define USERNS_COUNT 0x40000000U

/* The ids of one container, owned. */
struct userns {
	struct id_map *uids, *gids;
	size_t n_uids, n_gids;
	int32_t block; /* leased, -1: none */
};

/* clang-format off */
#define USERNS_INIT { .block = -1 }
/* clang-format on */

/*
 * Those of spec's new user namespace: as given, else automatic. For the calling
 * process, which must live as long as the container.
 */
int userns_plan(int root_fd, const struct ct_spec *spec, struct userns *ret, struct err *e);
/* Tells the kernel, for a process that has unshared its own. */
int userns_map(const struct userns *u, pid_t pid, struct err *e);
/* Gives the lease back; accepts what has none. */
void userns_release(int root_fd, struct userns *u);
/* The sweep for leases of the dead. */
void userns_gc(int root_fd);

/*
 * The first range of a file as subuid(5) that is name's or uid's, of USERNS_BLOCK at
 * most. -ENOENT: it has none.
 */
int userns_subid(const char *text, const char *name, uint32_t uid, struct id_map *ret);
/*
 * [userns] range: FIRST-LAST or FIRST:COUNT, decimal or 0x..; at least a block,
 * without 0. -EINVAL.
 */
int userns_parse_range(const char *word, uint32_t *ret_first, uint32_t *ret_count, struct err *e);

#endif
