/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive - a tar archive, plain or compressed by gzip, bzip2, xz or zstd, unpacked
 * with libarchive.
 */
#ifndef CT_CORE_ARCHIVE_H
#define CT_CORE_ARCHIVE_H

struct err;

/*
 * Into the directory of dir_fd, by a process of its own that is shut in there and
 * dies with the caller. Owners, modes and times are kept, extended attributes are
 * not; device nodes are left out. Nothing of the archive is trusted: an absolute
 * path, ".." or a path through a symbolic link is an error (-EINVAL), as is
 * whatever is cut short. -ENOSPC, -ENOTSUP (a libarchive without those filters).
 * What was unpacked before an error stays.
 */
int archive_unpack(int archive_fd, int dir_fd, struct err *e);

#endif
