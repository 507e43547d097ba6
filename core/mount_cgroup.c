/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control groups as the container sees them: its own, read-only (CVE-2023-25809,
 * CVE-2022-0492), and bound from where the host has them, so that neither a
 * hierarchy it is in no group of nor anybody else's group is shown. On v2 the
 * group itself is /sys/fs/cgroup, else there is a directory for each hierarchy,
 * named as on the host.
 */
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/cgroup_tree.h"
#include "core/mount.h"
#include "core/vfs.h"

#define ATTR (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static int bind_own(const struct cg_tree *t, const char *group, int at_fd, const char *name)
{
	char path[PATH_MAX];
	int r = cg_full_path(t, group, path);

	return r < 0 ? r : vfs_bind(AT_FDCWD, path, at_fd, name, ATTR);
}

static int each_own(const struct cg_trees *trees, const char *group, int at_fd, struct err *e)
{
	for (size_t i = 0; i < trees->n; i++) {
		const char *slash = strrchr(trees->v[i].mount, '/');
		const char *name = slash ? slash + 1 : trees->v[i].mount;
		char path[PATH_MAX];
		int r;

		if (cg_full_path(&trees->v[i], group, path) < 0 || access(path, F_OK) < 0)
			continue; /* not in this one */
		if (mkdirat(at_fd, name, 0555) < 0)
			return err_sys(e, errno, "make a directory for %s", name);
		r = bind_own(&trees->v[i], group, at_fd, name);
		if (r < 0)
			return err_sys(e, r, "bind %s", path);
	}
	return 0;
}

static void cleanup_trees(struct cg_trees *t)
{
	cg_trees_free(t);
}

int mount_cgroups(const char *group, int to_fd, struct err *e)
{
	static const struct vfs_option options[] = { { "mode", "755" },
						     { "size", "64k" },
						     { NULL } };
	_cleanup_(cleanup_trees) struct cg_trees trees = { 0 };
	_cleanup_close_ int mnt = -1;
	int r = cg_trees_load(&trees, e);

	if (r < 0)
		return r;
	if (group[0] && trees.n == 1 && trees.v[0].ops == &cg_v2) {
		r = bind_own(&trees.v[0], group, to_fd, "");
		return r < 0 ? err_sys(e, r, "bind the control group") : 0;
	}
	mnt = vfs_new("tmpfs", options, ATTR & ~(uint64_t)MOUNT_ATTR_RDONLY, e);
	if (mnt < 0)
		return mnt;
	r = vfs_attach(mnt, to_fd, "");
	if (r < 0)
		return err_sys(e, r, "mount a directory for control groups");
	r = group[0] ? each_own(&trees, group, mnt, e) : 0;
	if (r >= 0)
		r = vfs_attr(mnt, MOUNT_ATTR_RDONLY, false);
	return r;
}
