/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control group has them all, those in pid namespaces of their own further
 * down too. A container without one is its pid namespace; one that shares even
 * that with others is its first process.
 */
#include "core/members.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/cursor.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/cgroup.h"
#include "core/state.h"

#define COMMAND_MAX 65536
/* A process that says it has as much is off by a sixteenth at most, if it has one thread. */
#define COUNTED_BELOW (4u << 20)

void members_free(struct members *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].command);
	free(m->v);
	free(m->uids.v);
	*m = (struct members){ .n = 0 };
}

/* ---- which ones ---- */

static bool in_pid_namespace(int all, const char *pid, const struct stat *ns)
{
	char path[32];
	struct stat st;

	return str_fmt(path, sizeof(path), "%s/ns/pid", pid) >= 0 &&
	       fstatat(all, path, &st, 0) == 0 && st.st_ino == ns->st_ino &&
	       st.st_dev == ns->st_dev;
}

static void cleanup_strv(struct strv *s)
{
	strv_free(s);
}

/* Every process with the first one's pid namespace, unless that is the caller's too. */
static int pids_of_namespace(int init_fd, pid_t init, pid_t **ret, size_t *ret_n)
{
	_cleanup_(cleanup_strv) struct strv names = { 0 };
	_cleanup_close_ int all = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ pid_t *v = NULL;
	struct stat ns;
	size_t n = 0;
	int r;

	if (all < 0 || fstatat(init_fd, "ns/pid", &ns, 0) < 0)
		return -errno;
	r = in_pid_namespace(all, "self", &ns) ? 0 : dir_names(all, &names);
	v = calloc(names.n + 1, sizeof(*v));
	if (r < 0 || !v)
		return r < 0 ? r : -ENOMEM;
	for (size_t i = 0; i < names.n; i++) {
		const char *at = names.v[i];
		uint32_t pid;

		if (cur_u32(&at, 1, INT32_MAX, &pid) && !*at &&
		    in_pid_namespace(all, names.v[i], &ns))
			v[n++] = (pid_t)pid;
	}
	if (!names.n)
		v[n++] = init;
	*ret = take_ptr(v);
	*ret_n = n;
	return 0;
}

static int by_pid(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int find_pids(const struct ct_info *ct, int init_fd, pid_t **ret, size_t *ret_n)
{
	int r = ct->cgroup ? cgroup_pids(ct->cgroup, ret, ret_n) : -ENOENT;

	if (r >= 0 && *ret_n == 0) {
		free(take_ptr(*ret));
		r = -ENOENT;
	}
	if (r < 0)
		r = pids_of_namespace(init_fd, ct->init.pid, ret, ret_n);
	if (r >= 0 && *ret)
		qsort(*ret, *ret_n, sizeof(**ret), by_pid);
	return r;
}

/* ---- what they are ---- */

/* depth: how many pids the container's first process has, one for each namespace. */
static int load_one(pid_t pid, unsigned depth, bool command, struct member *ret)
{
	_cleanup_close_ int fd = -1;
	char path[32];
	int r;

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = (struct member){ .pid = pid };
	r = procfs_stat(fd, &ret->st);
	if (r < 0)
		return r;
	if (depth > 1 && depth <= ret->st.n_pids)
		ret->inside = ret->st.pids[depth - 1];
	if (command)
		file_read_at(fd, "cmdline", COMMAND_MAX, &ret->command, &ret->command_len);
	return 0;
}

/* Who has ended meanwhile is left out. */
static int load_all(const struct ct_info *ct, int init_fd, bool commands, struct members *m)
{
	_cleanup_free_ pid_t *pids = NULL;
	struct procfs_stat first;
	size_t n = 0;
	int r = procfs_stat(init_fd, &first);

	if (r >= 0)
		r = procfs_ids(init_fd, "uid_map", &m->uids);
	if (r >= 0)
		r = find_pids(ct, init_fd, &pids, &n);
	if (r < 0)
		return r;
	m->v = calloc(n + 1, sizeof(*m->v));
	if (!m->v)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (load_one(pids[i], first.n_pids, commands, &m->v[m->n]) >= 0)
			m->n++;
	return 0;
}

int members_load(const struct ct_info *ct, bool commands, struct members *ret, struct err *e)
{
	_cleanup_(members_free) struct members m = { .n = 0 };
	_cleanup_close_ int init = procfs_open(&ct->init);
	int r = init < 0 ? init : load_all(ct, init, commands, &m);

	if (r == -ESRCH || r == -ENOENT)
		return err_set(e, -ESRCH, "container %s is not running", ct->name);
	if (r < 0)
		return err_sys(e, r, "find the processes of %s", ct->name);
	*ret = m;
	m = (struct members){ .n = 0 };
	return 0;
}

/* ---- what they have ---- */

uint64_t member_memory(const struct member *m)
{
	_cleanup_free_ char *text = NULL;
	uint64_t counted;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)m->pid);
	if (m->st.rss >= COUNTED_BELOW || file_read_at(AT_FDCWD, path, 4096, &text, NULL) < 0)
		return m->st.rss;
	counted = procfs_number(text, "\nRss:") * 1024;
	return counted > m->st.rss ? counted : m->st.rss;
}
