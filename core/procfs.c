/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/procfs.h"

#include <fcntl.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/vec.h"

#define STATUS_MAX 16384
#define MAPS_MAX   65536 /* 340 lines of three numbers: user_namespaces(7) */

/* The directory first: a process with that start time has had the pid ever since. */
int procfs_open(const struct proc_id *id)
{
	_cleanup_close_ int fd = -1;
	char path[32];

	if (id->pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d", (int)id->pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return proc_alive(id) ? take_fd(&fd) : -ESRCH;
}

int procfs_root(int proc_fd)
{
	int fd = openat(proc_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* ---- ids ---- */

/* The next number of the text; false at its end. */
static bool next_number(char **at, uint64_t *ret)
{
	char *end;

	*at += strspn(*at, " \t\n");
	*ret = strtoull(*at, &end, 10);
	if (end == *at)
		return false;
	*at = end;
	return true;
}

int procfs_ids(int proc_fd, const char *name, struct procfs_ids *ret)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ struct id_map *v = NULL;
	uint64_t inside, outside, count;
	char *at;
	size_t n = 0;
	int r = file_read_at(proc_fd, name, MAPS_MAX, &text, NULL);

	if (r < 0)
		return r;
	for (at = text;
	     next_number(&at, &inside) && next_number(&at, &outside) && next_number(&at, &count);) {
		struct id_map *m = VEC_ADD(v, n);

		if (!m)
			return -ENOMEM;
		*m = (struct id_map){ .inside = (uint32_t)inside,
				      .outside = (uint32_t)outside,
				      .count = (uint32_t)count };
	}
	*ret = (struct procfs_ids){ .v = take_ptr(v), .n = n };
	return 0;
}

uint32_t procfs_id_outside(const struct procfs_ids *m, uint32_t inside)
{
	for (size_t i = 0; i < m->n; i++)
		if (inside >= m->v[i].inside && inside - m->v[i].inside < m->v[i].count)
			return m->v[i].outside + (inside - m->v[i].inside);
	return m->n ? UINT32_MAX : inside;
}

uint32_t procfs_id_inside(const struct procfs_ids *m, uint32_t outside)
{
	for (size_t i = 0; i < m->n; i++)
		if (outside >= m->v[i].outside && outside - m->v[i].outside < m->v[i].count)
			return m->v[i].inside + (outside - m->v[i].outside);
	return m->n ? UINT32_MAX : outside;
}

/* ---- one process ---- */

/*
 * comm may hold spaces and parentheses of the process's own choice, so that the
 * fields are counted from the last ')'; the first of them is number 3.
 */
static int parse_stat(char *text, struct procfs_stat *ret)
{
	enum { PPID = 4, UTIME = 14, STIME, THREADS = 20, START = 22, VSIZE, RSS, N_FIELDS };
	uint64_t tick = 1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK), f[N_FIELDS] = { 0 };
	char *open = strchr(text, '('), *close = strrchr(text, ')'), *at;

	if (!open || !close || close < open || close[1] != ' ' || !close[2])
		return -EBADMSG;
	*close = '\0';
	snprintf(ret->comm, sizeof(ret->comm), "%s", open + 1);
	ret->state = close[2];
	at = close + 3;
	for (int i = PPID; i < N_FIELDS; i++) {
		char *end;

		f[i] = strtoull(at, &end, 10);
		if (end == at)
			return -EBADMSG;
		at = end;
	}
	ret->ppid = (pid_t)f[PPID];
	ret->cpu_ns = (f[UTIME] + f[STIME]) * tick;
	ret->threads = (uint32_t)f[THREADS];
	ret->start = f[START];
	ret->vsize = f[VSIZE];
	ret->rss = f[RSS] * (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

/* What stands behind "\nKEY:\t" in a status; "" when it does not. */
static char *status_value(char *status, const char *key)
{
	char *at = strstr(status, key);

	return at ? at + strlen(key) : status + strlen(status);
}

/* The second of four numbers: real, effective, saved, of the file system. */
static uint32_t effective(char *status, const char *key)
{
	char *at = status_value(status, key);
	uint64_t id = UINT32_MAX;

	return next_number(&at, &id) && next_number(&at, &id) ? (uint32_t)id : UINT32_MAX;
}

/* comm stands on the first line there, its line feeds escaped: no key of ours is faked. */
static void parse_status(char *status, struct procfs_stat *ret)
{
	char *at = status_value(status, "\nNSpid:");

	ret->uid = effective(status, "\nUid:");
	ret->gid = effective(status, "\nGid:");
	for (char *end; ret->n_pids < sizeof(ret->pids) / sizeof(ret->pids[0]); at = end) {
		at += strspn(at, "\t ");
		ret->pids[ret->n_pids] = (pid_t)strtol(at, &end, 10);
		if (end == at || *at == '\n')
			break;
		ret->n_pids++;
	}
}

int procfs_stat(int proc_fd, struct procfs_stat *ret)
{
	_cleanup_free_ char *stat = NULL, *status = NULL;
	int r = file_read_at(proc_fd, "stat", STATUS_MAX, &stat, NULL);

	if (r >= 0)
		r = file_read_at(proc_fd, "status", STATUS_MAX, &status, NULL);
	if (r < 0)
		return r;
	*ret = (struct procfs_stat){ 0 };
	parse_status(status, ret);
	return parse_stat(stat, ret);
}

uint64_t procfs_number(const char *text, const char *key)
{
	const char *at = strstr(text, key);

	return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}
