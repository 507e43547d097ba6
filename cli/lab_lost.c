/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Labs whose directory somebody removed (rm -r /run/ctnet): nobody can ask their supervisor any
 * more, and no record leads to it. It is known by what the kernel knows of it: its name, and
 * the directory of labs that it holds, which has no link any more.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>

#include "cli/app.h"
#include "cli/lab.h"
#include "cli/lab_supervisor.h"
#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/str.h"

#define DEATH_MS 10000
#define DELETED	 " (deleted)"

static bool is_named_so(pid_t pid)
{
	_cleanup_free_ char *comm = NULL;
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	return file_read_at(AT_FDCWD, path, 64, &comm, NULL) >= 0 &&
	       !strcmp(comm, SUPERVISOR_COMM "\n");
}

/* The name of the lab of this root that it holds the removed directory of. */
static bool holds_removed(pid_t pid, const struct stat *root, const char *labs, char ret[64])
{
	char path[48], target[PATH_MAX];
	size_t len = strlen(labs);
	struct stat st;
	ssize_t n;
	char *end;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, SUPERVISOR_DIR_FD);
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_nlink || st.st_dev != root->st_dev)
		return false;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	end = target + n - strlen(DELETED);
	if (strncmp(target, labs, len) != 0 || end < target + len || strcmp(end, DELETED) != 0)
		return false;
	*end = '\0';
	return str_fmt(ret, 64, "%s", target + len) >= 0;
}

static void end_lost(pid_t pid, const struct stat *root, const char *labs)
{
	struct proc_id id;
	_cleanup_close_ int pidfd = proc_identify(pid, &id) < 0 ? -1 : proc_open(&id);
	char name[64];

	if (pidfd < 0 || !holds_removed(pid, root, labs, name))
		return;
	log_note("lab %s runs, and its files were removed: it is ended", name);
	if (pidfd_send_signal(pidfd, SIGKILL, NULL, 0) == 0)
		proc_await_end(pidfd, DEATH_MS);
}

void lab_gc_lost(struct app *app)
{
	_cleanup_free_ char *root = realpath(app->root, NULL);
	_cleanup_free_ char *labs = root ? str_printf("%s/labs/", root) : NULL;
	const struct dirent *d;
	struct stat st;
	_cleanup_closedir_ DIR *proc = opendir("/proc");

	if (!labs || fstat(app->root_fd, &st) < 0)
		return;
	while (proc && (d = readdir(proc))) {
		pid_t pid = (pid_t)strtol(d->d_name, NULL, 10);

		if (pid > 0 && is_named_so(pid))
			end_lost(pid, &st, labs);
	}
}
