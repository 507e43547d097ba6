/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A volume is made detached, gets all its attributes while nobody can see it,
 * and only then goes over its target, which is resolved inside the root and held
 * by descriptor: there is nothing to exchange in between (CVE-2021-30465).
 *
 * Propagation. A clone of a shared mount is its peer, of a slave mount a slave.
 * The guard's mounts stop being peers of the host's with its first step, so what
 * is to stay one, or to become its slave, is cloned before that.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/inroot.h"
#include "core/mount.h"
#include "core/mountinfo.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/tree.h"
#include "core/vfs.h"

#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV  MOUNT_ATTR_NODEV
#define NOEXEC MOUNT_ATTR_NOEXEC
#define RDONLY MOUNT_ATTR_RDONLY

#define OPTIONS_MAX 32

/* ---- sources on the host ---- */

static int source_open(const struct ct_mount *m, struct err *e)
{
	int fd = open(m->source, O_PATH | O_CLOEXEC), r;

	if (fd >= 0)
		return fd;
	r = err_sys(e, errno, "open %s", m->source);
	if (r == -ENOENT)
		err_hint(e, "a volume's source must exist");
	return r;
}

static int source_clone(const struct ct_mount *m, int from, struct err *e)
{
	int mnt = vfs_clone(from, "", !m->not_recursive);

	if (mnt == -EINVAL)
		err_hint(e, "is it on an unbindable mount, or in another mount namespace?");
	return mnt < 0 ? err_sys(e, mnt, "bind %s", m->source) : mnt;
}

static bool wants_peer(const struct ct_mount *m)
{
	return !m->fstype && (m->propagation & (MS_SHARED | MS_SLAVE));
}

static void cleanup_mountinfo(struct mountinfo *m)
{
	mountinfo_free(m);
}

/* The mount that fd is on must be one that tells others of what is mounted below it. */
static int peer_check(const struct ct_mount *m, int fd, struct err *e)
{
	_cleanup_(cleanup_mountinfo) struct mountinfo mi = { 0 };
	bool shared = m->propagation & MS_SHARED;
	struct statx sx;
	int r = mountinfo_load(AT_FDCWD, "/proc/self/mountinfo", &mi, e);

	if (r < 0)
		return r;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &sx) < 0)
		return err_sys(e, errno, "look at %s", m->source);
	for (size_t i = 0; i < mi.n; i++) {
		const struct mount_info *on = &mi.v[i];

		if (on->id != sx.stx_mnt_id)
			continue;
		if (on->shared || (on->master && !shared))
			return 0;
		err_hint(e, "mount --make-shared %s", on->target);
		return err_set(e, EINVAL, "%s is on %s, which is not a shared%s mount", m->source,
			       on->target, shared ? "" : " or slave");
	}
	return err_set(e, EINVAL, "%s is on no mount of this namespace", m->source);
}

int mount_volumes_open(const struct ct_spec *spec, int **ret, struct err *e)
{
	for (size_t i = 0; i < spec->n_mounts; i++) {
		const struct ct_mount *m = &spec->mounts[i];
		_cleanup_close_ int from = -1;
		int r;

		if (!wants_peer(m))
			continue;
		if (!*ret) {
			*ret = malloc(spec->n_mounts * sizeof(int));
			for (size_t k = 0; *ret && k < spec->n_mounts; k++)
				(*ret)[k] = -1;
		}
		if (!*ret)
			return err_sys(e, -ENOMEM, "volumes");
		from = source_open(m, e);
		r = from < 0 ? from : peer_check(m, from, e);
		if (r >= 0)
			r = (*ret)[i] = source_clone(m, from, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- binds ---- */

/* What is said wins over what the source's mount has; nosuid and nodev unless said. */
static struct mount_attr bind_attr(const struct ct_spec *spec, const struct ct_mount *m)
{
	struct mount_attr a = { .propagation = MS_PRIVATE };
	bool trusted = spec->privileged;

	a.attr_clr = (m->exec ? NOEXEC : 0) | (m->suid ? NOSUID : 0) | (m->dev ? NODEV : 0);
	a.attr_set = (m->noexec ? NOEXEC : 0) | (m->suid || trusted ? 0 : NOSUID) |
		     (m->dev || trusted ? 0 : NODEV) | (m->recursive_ro ? RDONLY : 0);
	/* a slave is made of a peer, and so are the mounts below it */
	if (m->propagation & MS_SLAVE)
		a.propagation = MS_SLAVE;
	else if (m->propagation & MS_SHARED)
		a.propagation = m->propagation & MS_REC ? MS_SHARED : 0;
	else if (m->propagation & MS_REC && m->propagation & MS_UNBINDABLE)
		a.propagation = MS_UNBINDABLE;
	return a;
}

/* What only the volume's own mount gets, not those below it. */
static struct mount_attr top_attr(const struct ct_mount *m)
{
	struct mount_attr a = { .attr_set = m->read_only && !m->recursive_ro ? RDONLY : 0 };

	if (!(m->propagation & MS_REC))
		a.propagation = m->propagation & (MS_SHARED | MS_UNBINDABLE);
	return a;
}

static int bind_make(const struct ct_spec *spec, const struct ct_mount *m, int opened,
		     bool *ret_dir, struct err *e)
{
	_cleanup_close_ int from = opened < 0 ? source_open(m, e) : -1, mnt = -1;
	struct mount_attr all = bind_attr(spec, m), top = top_attr(m);
	struct stat st;
	int r;

	if (opened < 0 && from < 0)
		return from;
	mnt = opened >= 0 ? opened : source_clone(m, from, e);
	if (mnt < 0)
		return mnt;
	if (fstat(mnt, &st) < 0)
		return err_sys(e, errno, "look at %s", m->source);
	*ret_dir = S_ISDIR(st.st_mode);
	r = vfs_setattr(mnt, &all, true);
	if (r >= 0 && (top.attr_set || top.propagation))
		r = vfs_setattr(mnt, &top, false);
	if (r == -EPERM)
		err_hint(e, "what another user namespace mounted that way cannot be undone here");
	return r < 0 ? err_sys(e, r, "set the options of %s", m->source) : take_fd(&mnt);
}

/* ---- file systems ---- */

/* "a,b=c" into rows; text is cut up. */
static int options_cut(char *text, struct vfs_option *ret, size_t max)
{
	size_t n = 0;

	for (char *p = text, *next; p && *p; p = next) {
		char *value;

		next = strchr(p, ',');
		if (next)
			*next++ = '\0';
		value = strchr(p, '=');
		if (value)
			*value++ = '\0';
		if (n == max)
			return -E2BIG;
		if (*p)
			ret[n++] = (struct vfs_option){ p, value };
	}
	return (int)n;
}

static int fs_make(const struct ct_mount *m, struct err *e)
{
	bool tmpfs = !strcmp(m->fstype, "tmpfs");
	_cleanup_free_ char *text = strdup(m->options ? m->options : "");
	struct vfs_option options[OPTIONS_MAX + 4];
	char size[24], mode[12];
	uint64_t attr = (m->suid ? 0 : NOSUID) | (m->dev ? 0 : NODEV) |
			(m->exec && !m->noexec ? 0 : NOEXEC);
	int n = text ? options_cut(text, options, OPTIONS_MAX) : -ENOMEM;

	if (n < 0)
		return err_sys(e, n, "options of %s", m->target);
	if (tmpfs && (m->mode || !m->options || !strstr(m->options, "mode="))) {
		snprintf(mode, sizeof(mode), "%o", m->mode ? m->mode : 01777U);
		options[n++] = (struct vfs_option){ "mode", mode };
	}
	if (m->size) {
		snprintf(size, sizeof(size), "%llu", (unsigned long long)m->size);
		options[n++] = (struct vfs_option){ "size", size };
	}
	options[n++] = (struct vfs_option){ "source", m->source ? m->source : m->fstype };
	options[n] = (struct vfs_option){ NULL };
	return vfs_new(m->fstype, options, attr, e);
}

/* What the image has there, and its look, unless one is asked for. */
static int fs_fill(const struct ct_mount *m, int mnt, int to, struct err *e)
{
	_cleanup_close_ int from = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	int r;

	if (from < 0 || fstat(from, &st) < 0)
		return err_sys(e, errno, "look at %s", m->target);
	r = tree_copy(from, mnt);
	if (r >= 0 && (fchownat(mnt, "", st.st_uid, st.st_gid, AT_EMPTY_PATH) < 0 ||
		       (!m->mode && fchmodat(mnt, ".", st.st_mode & 07777, 0) < 0)))
		r = -errno;
	if (r == -ENOSPC)
		err_hint(e, "give it more with size=");
	return r < 0 ? err_sys(e, r, "copy what %s has", m->target) : 0;
}

/* ---- targets ---- */

/* Opens a volume's target; /proc is no place for one (CVE-2019-19921). */
static int target_open(const char *target, bool dir, const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int fd = inroot_make(fs->root, target, dir);
	struct statfs st;
	struct stat in, root;

	if (fd == -EROFS)
		err_hint(e, "it does not exist, and what it would be in is read-only");
	else if (fd == -EINVAL)
		err_hint(e, "a target is an absolute path without \"..\"");
	if (fd < 0)
		return err_sys(e, fd, "mount point %s", target);
	if (fstatfs(fd, &st) < 0 || fstat(fd, &in) < 0 || fstat(fs->root, &root) < 0)
		return err_sys(e, errno, "look at %s", target);
	if (st.f_type == PROC_SUPER_MAGIC)
		return err_set(e, -EINVAL, "%s: nothing can be mounted over /proc", target);
	if (in.st_ino == root.st_ino && in.st_dev == root.st_dev)
		return err_set(e, -EINVAL, "%s: nothing can be mounted over the root", target);
	return take_fd(&fd);
}

/* The kernel has ENOTDIR or EINVAL for a directory over a file, or the other way. */
static int not_attached(const struct ct_mount *m, bool dir, int to, int r, struct err *e)
{
	struct stat st;

	if (fstat(to, &st) == 0 && S_ISDIR(st.st_mode) != dir)
		return err_set(e, r, "%s is a %s, its mount point %s is not",
			       m->fstype ? m->fstype : m->source, dir ? "directory" : "file",
			       m->target);
	return err_sys(e, r, "mount %s", m->target);
}

static int volume(const struct ct_spec *spec, const struct ct_mount *m, int opened,
		  const struct rootfs *fs, struct err *e)
{
	const struct mount_attr read_only = { .attr_set = RDONLY };
	bool dir = true;
	_cleanup_close_ int mnt = m->fstype ? fs_make(m, e) : bind_make(spec, m, opened, &dir, e);
	_cleanup_close_ int to = mnt < 0 ? mnt : target_open(m->target, dir, fs, e);
	int r = to;

	if (mnt < 0 || to < 0)
		return r;
	if (m->fstype && m->copy)
		r = fs_fill(m, mnt, to, e);
	if (r >= 0 && m->fstype && m->read_only) {
		r = vfs_setattr(mnt, &read_only, false);
		if (r < 0)
			return err_sys(e, r, "make %s read-only", m->target);
	}
	if (r < 0)
		return r;
	r = vfs_attach(mnt, to, "");
	return r < 0 ? not_attached(m, dir, to, r, e) : 0;
}

static bool is_cgroups(const struct ct_mount *m)
{
	return m->fstype && (!strcmp(m->fstype, "cgroup") || !strcmp(m->fstype, "cgroup2"));
}

static int cgroups(const struct ct_mount *m, const struct rootfs *fs, struct err *e)
{
	_cleanup_close_ int to = target_open(m->target, true, fs, e);

	return to < 0 ? to : mount_cgroups(fs->cgroup, to, e);
}

int mount_volumes(const struct ct_spec *spec, const int *opened, struct rootfs *fs, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->n_mounts; i++) {
		const struct ct_mount *m = &spec->mounts[i];

		r = is_cgroups(m) ? cgroups(m, fs, e)
				  : volume(spec, m, opened ? opened[i] : -1, fs, e);
	}
	return r < 0 ? r : mount_mask_given(spec, fs, e);
}
