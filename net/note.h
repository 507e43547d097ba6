/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * note - a short value kept as the target of a symbolic link.
 *
 * Reading one is a single readlinkat and replacing one a symlinkat and a
 * renameat, so a value that every start looks at costs microseconds and is
 * never seen half-written.
 */
#ifndef CT_NET_NOTE_H
#define CT_NET_NOTE_H

#include <stddef.h>

int note_get(int dirfd, const char *name, char *buf, size_t size); /* length; -ENOENT */
/* Only when there is none: -EEXIST. */
int note_add(int dirfd, const char *name, const char *value);
int note_set(int dirfd, const char *name, const char *value); /* replaces */
int note_del(int dirfd, const char *name); /* absent: success */

#endif
