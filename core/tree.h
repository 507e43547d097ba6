/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree - a directory's contents once more, elsewhere.
 */
#ifndef CT_CORE_TREE_H
#define CT_CORE_TREE_H

/*
 * Directories, files, symbolic links and FIFOs below from_fd, with mode and owner,
 * into the empty directory of to_fd, which nobody else can see; both may be
 * O_PATH. Nothing of it is trusted: no link is followed, no other mount
 * entered, nothing but a regular file is read; devices and sockets are left
 * out, and names of one file become files of their own. -errno; deeper than
 * 100 directories is -ELOOP.
 */
int tree_copy(int from_fd, int to_fd);

#endif
