/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/str.h"

/* The value, NUL-terminated; -ENAMETOOLONG when buf is too small for it. */
int note_get(int dirfd, const char *name, char *buf, size_t size)
{
	ssize_t n = readlinkat(dirfd, name, buf, size);

	if (n < 0)
		return -errno;
	if ((size_t)n >= size)
		return -ENAMETOOLONG;
	buf[n] = '\0';
	return (int)n;
}

int note_add(int dirfd, const char *name, const char *value)
{
	return symlinkat(value, dirfd, name) < 0 ? -errno : 0;
}

/* The caller holds a lock over the directory: the temporary name is fixed. */
int note_set(int dirfd, const char *name, const char *value)
{
	char tmp[128];
	int r = str_fmt(tmp, sizeof(tmp), ".%s", name);

	if (r < 0)
		return r;
	r = note_add(dirfd, tmp, value);
	if (r == -EEXIST) { /* somebody died between the two steps below */
		unlinkat(dirfd, tmp, 0);
		r = note_add(dirfd, tmp, value);
	}
	if (r < 0)
		return r;
	return renameat(dirfd, tmp, dirfd, name) < 0 ? -errno : 0;
}

int note_del(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}
