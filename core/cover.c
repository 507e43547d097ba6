/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container's tree is reached through /proc/PID/root, from outside; only a
 * child that ends at once enters its mount namespace, since a mount is attached
 * from inside the namespace alone (do_move_mount, fs/namespace.c). What it
 * holds is two descriptors, and it executes nothing from there.
 */
#include "core/cover.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/inroot.h"
#include "core/ns.h"
#include "core/spawn.h"
#include "core/state.h"
#include "core/vfs.h"

#define TEXT_MAX (16U << 20)

#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x200
#endif

/* A file of /proc/PID of the container's first process, and no other's. */
static int open_proc(const struct cover *c, const char *name, int flags, struct err *e)
{
	_cleanup_close_ int pidfd = proc_open(&c->ct->init), fd = -1;
	char path[64];

	if (pidfd < 0)
		return err_set(e, ESRCH, "container %s does not run", c->ct->name);
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)c->ct->init.pid, name);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "open %s", path);
	if (!proc_alive(&c->ct->init))
		return err_set(e, ESRCH, "container %s ended", c->ct->name);
	return take_fd(&fd);
}

static int read_all(int fd, char **ret)
{
	char path[32];

	/* the file behind an O_PATH descriptor, opened again for reading */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return file_read_at(AT_FDCWD, path, TEXT_MAX, ret, NULL);
}

/* Whether it is a mount of a regular file that begins as ours do; -errno: not to be read. */
static int is_ours(const struct cover *c, int file, char **ret_text)
{
	struct statx sx;
	int r;

	if (statx(file, "", AT_EMPTY_PATH, STATX_TYPE, &sx) < 0)
		return -errno;
	if (!S_ISREG(sx.stx_mode) || !(sx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return 0;
	r = read_all(file, ret_text);
	return r < 0 ? r : !strncmp(*ret_text, c->head, strlen(c->head));
}

/* O_PATH of the file, when it is ours, and its text. */
static int open_ours(const struct cover *c, char **ret_text, struct err *e)
{
	_cleanup_close_ int root = open_proc(c, "root", O_PATH | O_DIRECTORY, e), file = -1;
	_cleanup_free_ char *text = NULL;
	int r;

	if (root < 0)
		return root;
	r = file = inroot_open(root, c->path, O_PATH | O_NOFOLLOW);
	if (r >= 0)
		r = is_ours(c, file, &text);
	if (err_is_passing(r))
		return err_sys(e, r, "read %s of %s", c->path, c->ct->name);
	if (r <= 0)
		return err_set(e, ENOTSUP, "%s of %s is a file of its own", c->path, c->ct->name);
	*ret_text = take_ptr(text);
	return take_fd(&file);
}

int cover_read(const struct cover *c, char **ret, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int file = open_ours(c, &text, e);

	/* with a file there is a text, which the analyser does not see */
	if (file < 0 || !text)
		return file < 0 ? file : -ENOTSUP;
	*ret = strdup(text + strlen(c->head));
	return *ret ? 0 : -ENOMEM;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

struct exchange {
	const char *path;
	int root, mntns, fds; /* of the container; and /proc/self/fd, which it may not have */
	int target, tree; /* what goes, what comes */
};

/* In the child, as what follows. */
static int detach_target(const struct exchange *x)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", x->target);
	return fchdir(x->fds) < 0 || umount2(name, MNT_DETACH) < 0 ? -errno : 0;
}

/*
 * What was there goes. A mount over it would do for the eye, but when the file of a
 * network is removed the kernel takes away what is mounted on it (detach_mounts,
 * fs/namespace.c). Since Linux 6.5 the new one comes below it first, so that one of
 * them is there at each moment. 0, or the errno as the exit status.
 */
static int exchange_inside(const struct exchange *x)
{
	int r = ns_enter(x->mntns, CLONE_NEWNS, "the mount namespace", NULL);
	bool below;

	if (r < 0)
		return -r;
	below = move_mount(x->tree, "", x->target, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH |
				   MOVE_MOUNT_BENEATH) == 0;
	r = detach_target(x);
	if (r >= 0 && !below) {
		_cleanup_close_ int place = inroot_open(x->root, x->path, O_PATH | O_NOFOLLOW);

		r = place < 0 ? place : vfs_attach(x->tree, place, "");
	}
	return r < 0 ? -r : 0;
}

/* A read-only clone of the file, detached. */
static int clone_file(int fd)
{
	_cleanup_close_ int tree = vfs_clone(fd, "", false);
	int r = tree < 0 ? tree
			 : vfs_attr(tree,
				    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					    MOUNT_ATTR_NOEXEC,
				    false);

	return r < 0 ? r : take_fd(&tree);
}

static int exchange(const struct exchange *x, struct err *e)
{
	_cleanup_close_ int pidfd = -1;
	const struct spawn plain = { .cgroup_fd = -1 };
	int r = spawn_clone(&plain, &pidfd, e);

	if (r == 0)
		_exit(exchange_inside(x));
	return r > 0 ? spawn_wait(pidfd) : r;
}

int cover_file(const struct cover *c, int fd, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int target = open_ours(c, &text, e), mntns = -1, root = -1, fds = -1,
			    tree = -1;
	int r = target;

	if (r < 0 || same_file(target, fd))
		return r < 0 ? r : 0;
	mntns = open_proc(c, "ns/mnt", O_RDONLY, e);
	root = mntns < 0 ? mntns : open_proc(c, "root", O_PATH | O_DIRECTORY, e);
	if (root < 0)
		return root;
	tree = clone_file(fd);
	if (tree < 0)
		return err_sys(e, tree, "clone the file for %s", c->path);
	fds = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = fds < 0 ? -errno
		    : exchange(&(struct exchange){ c->path, root, mntns, fds, target, tree }, e);
	return r ? err_sys(e, r, "put %s into %s", c->path, c->ct->name) : 0;
}
