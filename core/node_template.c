/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mount namespace that nodes are copies of:
 *
 *	/	the host's, read-only; so are the file systems mounted below it, but
 *		those of the kernel, and what is on /run, /tmp, /dev, /proc, /sys
 *	/dev	the usual nodes, a devpts for all
 *	/run	a tmpfs: the layer above the host's files, and what was mounted below
 *		a directory that is copied on write. Every node covers it.
 *
 * A copy costs as much as there are mounts, so there are no others.
 */
#include "core/node_root.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/vec.h"
#include "core/dev.h"
#include "core/mountinfo.h"
#include "core/ns.h"
#include "core/vfs.h"

#define SAFE	  (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define READ_ONLY (SAFE | MOUNT_ATTR_RDONLY)

/* Copied on write by every node, and new in every node. */
static const char *const copied[] = { "/etc", "/var", "/root" };
static const char *const covered[] = { "/run", "/tmp", "/dev", "/proc", "/sys" };

/* What is made on the way. */
struct making {
	struct node_template *t;
	int root, store; /* mounts: of the root, of what is on /run */
	struct mountinfo mounts;
};

static void cleanup_making(struct making *m)
{
	fd_close(m->root);
	fd_close(m->store);
	mountinfo_free(&m->mounts);
}

/* The one of them that path is, or lies below; NULL: none. */
static const char *above(const char *const dirs[], size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(dirs[i]);

		if (!strncmp(path, dirs[i], len) && (path[len] == '/' || !path[len]))
			return dirs[i];
	}
	return NULL;
}

static int places_check(struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(covered); i++) {
		struct stat st;

		if (lstat(covered[i], &st) < 0 && errno != ENOENT)
			return err_sys(e, errno, "look at %s of the host", covered[i]);
		if (lstat(covered[i], &st) < 0 || !S_ISDIR(st.st_mode))
			return err_set(e, -ENOTDIR, "%s of the host is no directory", covered[i]);
	}
	return 0;
}

static int root_make(struct making *m, struct err *e)
{
	int r = m->root = vfs_clone(AT_FDCWD, "/", false);

	if (r >= 0)
		r = vfs_attr(m->root, READ_ONLY, false);
	if (r >= 0)
		r = vfs_attach(m->root, AT_FDCWD, "/");
	return r < 0 ? err_sys(e, r, "bind the host's root") : 0;
}

static int store_make(struct making *m, struct err *e)
{
	static const struct vfs_option options[] = { { "mode", "0755" },
						     { "size", "64m" },
						     { NULL } };
	int r = m->store = vfs_new("tmpfs", options, SAFE, e);

	if (r < 0)
		return r;
	r = vfs_attach(m->store, m->root, "run");
	if (r >= 0 &&
	    (mkdirat(m->store, NODE_LAYER, 0755) < 0 || mkdirat(m->store, NODE_SUBS, 0755) < 0))
		r = -errno;
	if (r >= 0) {
		m->t->layer_fd = openat(m->store, NODE_LAYER, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = m->t->layer_fd < 0 ? -errno : 0;
	}
	return r < 0 ? err_sys(e, r, "make the layer of all nodes") : 0;
}

static int cow_add(struct node_template *t, const char *place, struct node_cow **ret)
{
	struct node_cow *c = VEC_ADD(t->cows, t->n_cows);

	if (!c)
		return -ENOMEM;
	c->place = strdup(place);
	c->name = str_printf("%zu", t->n_cows);
	/* what the layer has of it, and the host's */
	c->lower = *place ? str_printf("/run/" NODE_LAYER "%s:%s", place, place)
			  : strdup("/run/" NODE_LAYER ":/");
	*ret = c;
	return c->place && c->name && c->lower ? 0 : -ENOMEM;
}

static bool mounted(const struct making *m, const char *path)
{
	for (size_t i = 0; i < m->mounts.n; i++)
		if (!strcmp(m->mounts.v[i].target, path) && rootfs_host_shows(&m->mounts.v[i]))
			return true;
	return false;
}

/* A directory of the layer has the look of the host's: where layers merge the topmost decides. */
static int layer_dir(const struct node_template *t, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || mkdirat(t->layer_fd, path + 1, st.st_mode & 07777) < 0)
		return -errno;
	return fchownat(t->layer_fd, path + 1, st.st_uid, st.st_gid, 0) < 0 ? -errno : 0;
}

/* One overlay for what is on the root file system, one for each that is mounted. */
static int copies_plan(const struct making *m, struct err *e)
{
	struct node_cow *c;
	int r = cow_add(m->t, "", &c);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(copied); i++) {
		struct stat st;

		if (stat(copied[i], &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		r = layer_dir(m->t, copied[i]);
		if (r >= 0 && mounted(m, copied[i]))
			r = cow_add(m->t, copied[i], &c);
		else if (r >= 0)
			r = strv_add(&m->t->cows[0].dirs, copied[i] + 1);
	}
	return r < 0 ? err_sys(e, r, "plan what is copied on write") : 0;
}

/* Where a mount of the host's goes: its place, or where every node takes it from. */
static int submount(const struct making *m, const char *target)
{
	const char *cow = above(copied, ARRAY_SIZE(copied), target);
	_cleanup_close_ int mnt = vfs_clone(AT_FDCWD, target, false);
	char name[48];
	int r = mnt < 0 ? mnt : vfs_attr(mnt, READ_ONLY, false);

	if (r < 0)
		return r;
	if (!cow || !strcmp(cow, target))
		return vfs_attach(mnt, m->root, target + 1);
	r = str_fmt(name, sizeof(name), NODE_SUBS "/%zu", m->t->subs.n);
	if (r >= 0 && mkdirat(m->store, name, 0755) < 0)
		r = -errno;
	if (r >= 0)
		r = vfs_attach(mnt, m->store, name);
	return r < 0 ? r : strv_add(&m->t->subs, target);
}

/* What cannot be shown is left out, as with core/rootfs_host.c. */
static void submounts(const struct making *m)
{
	for (size_t i = 0; i < m->mounts.n; i++) {
		const struct mount_info *on = &m->mounts.v[i];

		if (!above(covered, ARRAY_SIZE(covered), on->target) && rootfs_host_shows(on))
			submount(m, on->target);
	}
}

/* The nodes lie in /dev itself: nobody in a node can write there. */
static int devices(const struct making *m, struct err *e)
{
	static const struct vfs_option dev_options[] = { { "mode", "0755" },
							 { "size", "64k" },
							 { NULL } };
	static const struct vfs_option pts_options[] = {
		{ "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" }, { NULL }
	};
	_cleanup_close_ int dev =
		vfs_new("tmpfs", dev_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, e);
	_cleanup_close_ int pts = -1;
	int r = dev < 0 ? dev : vfs_attach(dev, m->root, "dev");

	if (dev < 0)
		return dev;
	if (r >= 0 && (mkdirat(dev, "pts", 0755) < 0 || mkdirat(dev, "shm", 0755) < 0))
		r = -errno;
	if (r < 0)
		return err_sys(e, r, "make /dev");
	r = dev_nodes(dev, e);
	if (r >= 0)
		r = dev_links(dev, e);
	if (r >= 0)
		r = pts = vfs_new("devpts", pts_options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, e);
	if (r < 0)
		return r;
	r = vfs_attach(pts, dev, "pts");
	if (r >= 0)
		r = vfs_attr(dev, MOUNT_ATTR_RDONLY, false);
	return r < 0 ? err_sys(e, r, "make /dev") : 0;
}

/* In the new namespace, whose mounts are still those of the supervisor's. */
static int make(struct node_template *t, struct err *e)
{
	_cleanup_(cleanup_making) struct making m = { .t = t, .root = -1, .store = -1 };
	struct rootfs fs = { .scratch = -1, .state = -1 };
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, errno, "make the mounts private");
	r = mountinfo_load(AT_FDCWD, "/proc/self/mountinfo", &m.mounts, e);
	if (r >= 0)
		r = root_make(&m, e);
	if (r >= 0)
		r = store_make(&m, e);
	if (r >= 0)
		r = copies_plan(&m, e);
	if (r < 0)
		return r;
	submounts(&m);
	r = devices(&m, e);
	fs.root = m.root;
	return r < 0 ? r : rootfs_pivot(&fs, e);
}

/* Here and back again: the caller's working directory too. */
static int make_and_return(struct node_template *t, struct err *e)
{
	_cleanup_close_ int cwd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = ns_unshare(CLONE_NEWNS, "a mount namespace", e), back;

	if (r < 0)
		return r;
	t->ns_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	r = t->ns_fd < 0 ? err_sys(e, errno, "open /proc/self/ns/mnt") : make(t, e);
	back = ns_enter(t->host_fd, CLONE_NEWNS, "the supervisor's mount namespace", e);
	if (back >= 0 && cwd >= 0 && fchdir(cwd) < 0)
		back = err_sys(e, errno, "enter the working directory again");
	return r < 0 ? r : back;
}

int node_template_new(struct node_template *t, struct err *e)
{
	int r = places_check(e);

	if (r < 0)
		return r;
	t->host_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (t->host_fd < 0)
		return err_sys(e, errno, "open /proc/self/ns/mnt");
	r = make_and_return(t, e);
	return err_wrap(e, r, "what all nodes share");
}

void node_template_free(struct node_template *t)
{
	for (size_t i = 0; i < t->n_cows; i++) {
		struct node_cow *c = &t->cows[i];

		free(c->lower);
		free(c->name);
		free(c->place);
		strv_free(&c->dirs);
	}
	free(t->cows);
	strv_free(&t->subs);
	free(t->hosts);
	fd_close(t->host_fd);
	fd_close(t->ns_fd);
	fd_close(t->layer_fd);
	*t = (struct node_template)NODE_TEMPLATE_INIT;
}

int node_template_hosts_clone(void)
{
	return vfs_clone(AT_FDCWD, "/run/" NODE_LAYER "/etc/hosts", false);
}

/*
 * Written in place: a running node's overlay shows the same file, unless it has
 * made its own of it.
 */
int node_template_hosts(struct node_template *t, const char *text, struct err *e)
{
	_cleanup_close_ int fd = -1;
	char *copy;
	int r;

	if (t->hosts && !strcmp(t->hosts, text))
		return 0;
	copy = strdup(text);
	if (!copy)
		return err_sys(e, -ENOMEM, "/etc/hosts");
	free(t->hosts);
	t->hosts = copy;
	fd = openat(t->layer_fd, "etc/hosts", O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	r = fd < 0 ? -errno : fchmod(fd, 0644) < 0 ? -errno : fd_write_all(fd, text, strlen(text));
	return r < 0 ? err_sys(e, r, "write /etc/hosts of the nodes") : 0;
}
