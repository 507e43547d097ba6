/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A node with the host's root covers what it uses on the way: its tmpfs lies on
 * /tmp until the part that is to be /tmp lies on that, the overlay on /sys until
 * sysfs does. So nothing is taken down, for which the kernel would wait, and all
 * paths are those of a tree that nobody else has been in.
 */
#include "core/node_root.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/inroot.h"
#include "core/mount.h"
#include "core/node.h"
#include "core/spec.h"
#include "core/vfs.h"

#define SAFE	     (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define SCRATCH_SIZE "size=512m,mode=0755"

/* Of an overlay, on the scratch tmpfs. */
#define NODE_UPPER ".ctnet-upper"
#define NODE_WORK  ".ctnet-work"

bool node_root_shared(const struct node_spec *s)
{
	return !s->rootfs.n;
}

static bool whole_host(const struct node_spec *s)
{
	return s->rootfs.n == 1 && !strcmp(s->rootfs.v[0], "/");
}

static int put(const char *what, const char *at, const char *fstype, unsigned long flags,
	       const char *options, struct err *e)
{
	return mount(what, at, fstype, flags, options) < 0
		       ? err_sys(e, errno, "mount %s on %s", what, at)
		       : 0;
}

/* A procfs shows /proc/sys/net of who looks; the rest of it is the node's own as well. */
int node_root_begin(const struct node_spec *s, struct err *e)
{
	if (!node_root_shared(s) && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, errno, "make the mounts private");
	return put("proc", "/proc", "proc", SAFE, NULL, e);
}

/* ---- the host's root ---- */

static int scratch(struct err *e)
{
	static const struct {
		const char *path;
		mode_t mode;
	} dirs[] = { { "/tmp/tmp", 01777 }, { "/tmp/shm", 01777 }, { "/tmp/run", 0755 } };
	int r = put("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, SCRATCH_SIZE, e);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(dirs); i++)
		if (mkdir(dirs[i].path, dirs[i].mode) < 0)
			return err_sys(e, errno, "make %s", dirs[i].path);
	return r;
}

static int overlay(const struct node_cow *c, struct err *e)
{
	char upper[48], work[48], options[PATH_MAX];
	int r = str_fmt(upper, sizeof(upper), "/tmp/" NODE_UPPER "%s", c->name);

	if (r >= 0)
		r = str_fmt(work, sizeof(work), "/tmp/" NODE_WORK "%s", c->name);
	if (r >= 0)
		r = str_fmt(options, sizeof(options), "lowerdir=%s,upperdir=%s,workdir=%s",
			    c->lower, upper, work);
	if (r >= 0 && (mkdir(upper, 0755) < 0 || mkdir(work, 0755) < 0))
		r = -errno;
	if (r < 0)
		return err_sys(e, r, "make an upper layer");
	r = put("overlay", c->dirs.n ? "/sys" : c->place, "overlay", MS_NOSUID | MS_NODEV, options,
		e);
	if (r == -ENODEV)
		err_hint(e, "modprobe overlay");
	else if (r == -EINVAL)
		err_hint(e, "an overlay cannot be the third on top of another: give the nodes a "
			    "rootfs that is none");
	return r;
}

static int copy_on_write(const struct node_template *t, struct err *e)
{
	char from[64], at[64];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < t->n_cows; i++) {
		const struct node_cow *c = &t->cows[i];

		if (!c->dirs.n && !*c->place)
			continue;
		r = overlay(c, e);
		for (size_t k = 0; r >= 0 && k < c->dirs.n; k++) {
			str_fmt(from, sizeof(from), "/sys/%s", c->dirs.v[k]);
			str_fmt(at, sizeof(at), "/%s", c->dirs.v[k]);
			r = put(from, at, NULL, MS_BIND, NULL, e);
		}
	}
	return r;
}

/* One that has no place any more is left out. */
static void submounts(const struct node_template *t)
{
	char from[48];

	for (size_t i = 0; i < t->subs.n; i++)
		if (str_fmt(from, sizeof(from), "/run/" NODE_SUBS "/%zu", i) >= 0)
			mount(from, t->subs.v[i], NULL, MS_BIND, NULL);
}

static int cover(struct err *e)
{
	static const struct {
		const char *what, *at, *fstype;
		unsigned long flags;
	} mounts[] = {
		{ "sysfs", "/sys", "sysfs", SAFE | MS_RDONLY },
		{ "/tmp/run", "/run", NULL, MS_BIND },
		{ "/tmp/shm", "/dev/shm", NULL, MS_BIND },
		{ "/tmp/tmp", "/tmp", NULL, MS_BIND },
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(mounts); i++)
		r = put(mounts[i].what, mounts[i].at, mounts[i].fstype, mounts[i].flags, NULL, e);
	return r;
}

static int build_shared(const struct node_template *t, const struct node_spec *s,
			const int *volumes, struct err *e)
{
	const struct ct_spec spec = { .mounts = s->mounts,
				      .n_mounts = s->n_mounts,
				      .masks_given = true };
	_cleanup_close_ int root = -1;
	struct rootfs fs = { .scratch = -1, .state = -1 };
	int r = scratch(e);

	if (r >= 0)
		r = copy_on_write(t, e);
	if (r < 0)
		return r;
	submounts(t);
	r = cover(e);
	if (r < 0 || !s->n_mounts)
		return r;
	root = fs.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_sys(e, errno, "open the root");
	r = mount_volumes(&spec, volumes, &fs, e);
	if (r == -EROFS && e) {
		e->hint[0] = '\0';
		err_hint(e, "its place must be there in the host's files; with rootfs = / it is "
			    "made");
	}
	return r;
}

/* First the layer is there, then the first upper directory, until the last mount covers it. */
bool node_root_pending(int root_fd)
{
	return faccessat(root_fd, "run/" NODE_LAYER, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
	       faccessat(root_fd, "tmp/" NODE_UPPER "1", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- a root of its own ---- */

static int fresh(const struct rootfs *fs, const char *dir, const char *mode, struct err *e)
{
	const struct vfs_option options[] = { { "mode", mode }, { NULL } };
	_cleanup_close_ int at = inroot_open_dir(fs->root, dir), mnt = -1;
	int r = at;

	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = mnt = vfs_new("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, NULL);
	if (r >= 0)
		r = vfs_attach(mnt, at, "");
	return r < 0 ? err_sys(e, r, "mount %s", dir) : 0;
}

static int hosts(const struct node_files *files, const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int at = files->hosts < 0 ? -1 : inroot_make(fs->root, "/etc/hosts", false);
	int r = at;

	if (files->hosts < 0)
		return 0;
	if (r >= 0)
		r = vfs_attr(files->hosts, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, false);
	if (r >= 0)
		r = vfs_attach(files->hosts, at, "");
	return r < 0 ? err_sys(e, r, "put our file over /etc/hosts") : 0;
}

static int build_own(const struct node_spec *s, const struct node_files *files, struct rootfs *fs,
		     struct err *e)
{
	static const struct strv none;
	const struct ct_spec spec = { .rootfs = whole_host(s) ? none : s->rootfs,
				      .host_root_all = true,
				      .mounts = s->mounts,
				      .n_mounts = s->n_mounts,
				      .masks_given = true };
	int r = rootfs_build(&spec, fs, e);

	if (r >= 0)
		r = mount_devices(&spec, fs, e);
	if (r >= 0)
		r = mount_proc(&spec, fs, e);
	if (r >= 0)
		r = mount_sysfs(&spec, fs, e);
	if (r >= 0 && whole_host(s))
		r = fresh(fs, "/run", "0755", e);
	if (r >= 0 && whole_host(s))
		r = fresh(fs, "/tmp", "1777", e);
	if (r >= 0)
		r = hosts(files, fs, e);
	return r < 0 ? r : mount_volumes(&spec, files->volumes, fs, e);
}

int node_root_build(const struct node_template *t, const struct node_spec *s,
		    const struct node_files *files, struct rootfs *fs, struct err *e)
{
	return node_root_shared(s) ? build_shared(t, s, files->volumes, e)
				   : build_own(s, files, fs, e);
}

int node_root_enter(const struct node_spec *s, struct rootfs *fs, struct err *e)
{
	return node_root_shared(s) ? 0 : rootfs_pivot(fs, e);
}
