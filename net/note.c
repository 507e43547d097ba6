/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/note.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/cursor.h"
#include "core/base/proc.h"
#include "core/base/str.h"

#define PROC_LEN 72

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

int note_mark(int dirfd, const char *name)
{
	int r = note_add(dirfd, name, "1");

	return r == -EEXIST ? 0 : r;
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
	if (renameat(dirfd, tmp, dirfd, name) == 0)
		return 0;
	r = -errno;
	unlinkat(dirfd, tmp, 0);
	return r;
}

bool note_is_none(int r)
{
	return r == -ENOENT || r == -EINVAL || r == -ENAMETOOLONG;
}

int note_del(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

/* "PID START PIDNS", as in proc(5) and the inode of the pid namespace */
static int proc_text(const struct proc_id *id, char buf[PROC_LEN])
{
	return str_fmt(buf, PROC_LEN, "%d %" PRIu64 " %" PRIu64, (int)id->pid, id->start,
		       proc_namespace());
}

int note_add_proc(int dirfd, const char *name, const struct proc_id *id)
{
	char text[PROC_LEN];
	int r = proc_text(id, text);

	return r < 0 ? r : note_add(dirfd, name, text);
}

int note_set_proc(int dirfd, const char *name, const struct proc_id *id)
{
	char text[PROC_LEN];
	int r = proc_text(id, text);

	return r < 0 ? r : note_set(dirfd, name, text);
}

static bool proc_parse(const char *text, struct proc_id *ret)
{
	const char *p = text;
	uint64_t start, pidns;
	uint32_t pid;

	if (!cur_u32(&p, 1, INT32_MAX, &pid) || !cur_lit(&p, " ") ||
	    !cur_u64(&p, 0, UINT64_MAX, &start) || !cur_lit(&p, " ") ||
	    !cur_u64(&p, 0, UINT64_MAX, &pidns) || *p)
		return false;
	*ret = (struct proc_id){ .pid = pidns == proc_namespace() ? (pid_t)pid : 0,
				 .start = start };
	return true;
}

bool note_get_proc(int dirfd, const char *name, struct proc_id *ret)
{
	char text[PROC_LEN];

	return note_get(dirfd, name, text, sizeof(text)) >= 0 && proc_parse(text, ret);
}

bool note_proc_lives(int dirfd, const char *name)
{
	char text[PROC_LEN];
	struct proc_id id;
	int r = note_get(dirfd, name, text, sizeof(text));

	/* as proc_alive(): what cannot be told lives */
	if (r < 0)
		return !note_is_none(r);
	return proc_parse(text, &id) && (id.pid == 0 || proc_alive(&id));
}
