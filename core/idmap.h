/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idmap - ids of a user namespace as ranges of its parent's: checked, written
 * to the kernel, and laid on mounts (user_namespaces(7), mount_setattr(2)).
 */
#ifndef CT_CORE_IDMAP_H
#define CT_CORE_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/parse.h"

struct err;

/* Lines the kernel takes (since Linux 4.15). */
#define IDMAP_LINES 340

/*
 * No id twice, on either side, not too many lines, and the container's 0 has its
 * place: its file systems belong to that. -EINVAL, -E2BIG.
 */
int idmap_check(const struct id_map *maps, size_t n, struct err *e);
/* Whether an id of the container is one outside. */
bool idmap_has(const struct id_map *maps, size_t n, uint32_t inside);
/* The text of /proc/PID/uid_map, for the caller to free; NULL: no memory. */
char *idmap_text(const struct id_map *maps, size_t n);

/*
 * The owners on a detached mount become those of the user namespace: 0 on disk is
 * 0 there. -EINVAL: a file system that cannot (overlay, network file systems, an
 * old kernel).
 */
int idmap_mount(int mnt_fd, int userns_fd, bool recursive);

#endif
