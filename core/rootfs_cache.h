/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rootfs_cache - archives as root file systems: each unpacked once, into a
 * directory that says by its name of which file, as it was then.
 */
#ifndef CT_CORE_ROOTFS_CACHE_H
#define CT_CORE_ROOTFS_CACHE_H

#include <stdbool.h>

struct err;

/* Whether a word of --rootfs is an archive and not a directory: a regular file. */
bool rootfs_cache_wanted(const char *path);

/*
 * The directory with what the archive at path holds; unpacked first when it is
 * not there, while others who want it wait. dir: of the cache, made when
 * missing, ours alone. *ret: its path, for the caller to free. *ret_lock: while
 * this descriptor is open, in whatever process, nobody removes it.
 */
int rootfs_cache_get(const char *dir, const char *path, char **ret, int *ret_lock, struct err *e);

/*
 * Removes what unpackers that died have left, and what is of archives that changed
 * or are gone, unless a container has it. Waits for nobody; absent is success.
 */
void rootfs_cache_sweep(const char *dir);

#endif
