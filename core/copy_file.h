/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy_file - one thing that is no directory, copied to a name in a directory that
 * others may be changing. Private to core/copy.c.
 */
#ifndef CT_CORE_COPY_FILE_H
#define CT_CORE_COPY_FILE_H

#include <sys/stat.h>

struct copy_spec;

/*
 * from_fd, O_PATH, is what st says: a regular file, a symbolic link or a FIFO. It
 * takes the place of what has the name, unless that is a directory (-EISDIR) or a
 * mount of its own (-EBUSY). -errno.
 */
int copy_file(const struct copy_spec *s, int from_fd, const struct stat *st, int dir_fd,
	      const char *name);
/* Owner, mode, extended attributes and times of fd, a copy of from_fd, both open for reading. */
int copy_attributes(const struct copy_spec *s, int from_fd, const struct stat *st, int fd);

#endif
