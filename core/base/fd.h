/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fd - files by descriptor: whole reads and writes, atomic replacement, locks,
 * and descriptors sent over a socket. Directories are in dir.h.
 *
 * Everything opened here is close-on-exec. State is always reached through a
 * directory descriptor, never through a path that somebody could exchange.
 */
#ifndef CT_BASE_FD_H
#define CT_BASE_FD_H

#include "core/base/dir.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

/* All of it or a negative errno; EINTR is retried. */
int fd_write_all(int fd, const void *buf, size_t len);
/* Up to len bytes until end of file; returns the count. */
ssize_t fd_read_all(int fd, void *buf, size_t len);

/*
 * The whole of a small file, NUL-terminated, at most max bytes (-EFBIG); works
 * on procfs and sysfs, whose files have no size. *ret_len may be NULL.
 */
int file_read_at(int dirfd, const char *path, size_t max, char **ret, size_t *ret_len);
/* Opens an existing file and writes text in one write(2): for procfs, sysfs, cgroupfs. */
int file_write_at(int dirfd, const char *path, const char *text);
/*
 * Atomic: readers see the old or the new content. Where there was none the new file has a
 * name once it is whole, else it is a temporary one beside it, and then renamed. No fsync:
 * what is under --root does not outlive a boot; durable is true for definitions under /etc,
 * which do.
 */
int file_replace_at(int dirfd, const char *name, const void *buf, size_t len, mode_t mode,
		    bool durable);
/* For dir_sweep_at(): a temporary name whose maker was killed, some seconds ago. */
bool file_is_stale_temp(const char *name);

/*
 * An exclusive flock(2) on name below dirfd, created 0600; waits. Returns the
 * descriptor that holds it; closing it (or dying) releases it.
 */
int lock_acquire_at(int dirfd, const char *name);
/* The same without waiting: -EWOULDBLOCK when another holds it. */
int lock_try_at(int dirfd, const char *name);

/*
 * "/proc/self/fd/FD/NAME", or without "/NAME" where name is NULL; -ENAMETOOLONG. For
 * processes that are young: what printf touches for the first time costs more.
 */
int fd_self_path(char *buf, size_t size, int fd, const char *name);

/*
 * One message with n (at most 16) descriptors over a unix socket. -EPIPE: who would take it
 * is gone, with or without something unread.
 */
int fd_send(int sock, const void *buf, size_t len, const int *fds, size_t n);
/*
 * Receives one such message: returns its length (0: peer closed); fds[] gets
 * up to max descriptors, close-on-exec, *ret_n their count. A truncated
 * message is -EMSGSIZE and every descriptor of it is closed.
 */
ssize_t fd_recv(int sock, void *buf, size_t len, int *fds, size_t max, size_t *ret_n);

/*
 * Closes a descriptor whose closing makes the caller wait for something that is
 * nobody's business: the kernel does it some milliseconds later, by itself.
 */
void fd_abandon(int fd);

/*
 * Closes every descriptor from this one on that is not among the n of keep, where -1 is
 * none. -errno of close_range(2).
 */
int fd_close_others(unsigned from, const int *keep, size_t n);

#endif
