/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inroot - paths of a container, resolved as the container would see them but
 * from outside: no link and no ".." leads out of the directory that root_fd
 * holds (openat2(2) with RESOLVE_IN_ROOT).
 */
#ifndef CT_CORE_INROOT_H
#define CT_CORE_INROOT_H

#include <stdbool.h>
#include <stddef.h>

/* open(2) below the root; path with or without a leading slash. -errno. */
int inroot_open(int root_fd, const char *path, int flags);
/* O_PATH, a directory, and not through any symbolic link: -ENOTDIR. */
int inroot_open_dir(int root_fd, const char *path);
/*
 * O_PATH; what is missing is made: directories, and an empty file at the end
 * unless dir. ".." is refused (-EINVAL); a dangling link is -ELOOP.
 */
int inroot_make(int root_fd, const char *path, bool dir);
/* A small regular file's text, at most size - 1 bytes; -ENOENT for anything else. */
int inroot_read(int root_fd, const char *path, char *buf, size_t size);

#endif
