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

#include <stdbool.h>
#include <stddef.h>

struct proc_id;

int note_get(int dirfd, const char *name, char *buf, size_t size); /* length; -ENOENT */
/* Whether what note_get() failed with says that there is none, or something that is none. */
bool note_is_none(int r);
/* Only when there is none: -EEXIST. */
int note_add(int dirfd, const char *name, const char *value);
int note_set(int dirfd, const char *name, const char *value); /* replaces */
/* Only that there is one: made in one step, so that who dies leaves it or nothing. */
int note_mark(int dirfd, const char *name);
int note_del(int dirfd, const char *name); /* absent: success */

/* A process, as another command may find it again. Its pid is 0 where it means
 * nothing: noted in another pid namespace; false: no note, or none of a process. */
int note_add_proc(int dirfd, const char *name, const struct proc_id *id);
int note_set_proc(int dirfd, const char *name, const struct proc_id *id);
bool note_get_proc(int dirfd, const char *name, struct proc_id *ret);
/* It lives, or that cannot be told from here. */
bool note_proc_lives(int dirfd, const char *name);

#endif
