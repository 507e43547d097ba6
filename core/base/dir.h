/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dir - directories held by descriptor: made with their parents, opened only
 * when they are ours, removed with all they hold.
 */
#ifndef CT_BASE_DIR_H
#define CT_BASE_DIR_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

struct err;
struct strv;

/* mkdir -p below dirfd, mode for new ones; a symbolic link in the way is -ELOOP. */
int dir_make_at(int dirfd, const char *path, mode_t mode);
/*
 * Opens (creating with its parents when create) a directory that is ours: not
 * a symbolic link itself, owned by the caller's effective uid, not writable
 * by others. For the state root. *ret_fd is O_DIRECTORY | O_CLOEXEC.
 */
int dir_open_private(const char *path, bool create, int *ret_fd, struct err *e);
/* Opens a subdirectory (created with 0700 when create), never following a link. */
int dir_open_at(int dirfd, const char *name, bool create);
/*
 * readdir(3), whose NULL may also mean that it failed: then *ret_r becomes -errno,
 * and else is left as it is. Who takes a part for all forgets the rest for good.
 */
struct dirent *dir_next(DIR *d, int *ret_r);
/* Adds the names in a directory, in its order, without those that begin with a dot. */
int dir_names(int dirfd, struct strv *ret);
/*
 * Removes from a tree of ours every file whose name is one of those, down to 8 directories
 * deep; never crosses a mount or follows a link. What cannot be read or removed stays.
 */
void dir_sweep_at(int dirfd, bool (*is_one)(const char *name));
/* rm -r of a tree of ours; never crosses a mount or follows a link; absent is success. */
int dir_remove_at(int dirfd, const char *name);

#endif
