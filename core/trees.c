/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/trees.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/vec.h"
#include "core/idmap.h"
#include "core/mountinfo.h"
#include "core/ns.h"
#include "core/rootfs.h"
#include "core/spec.h"
#include "core/vfs.h"

struct message {
	uint32_t use, index;
	char path[PATH_MAX]; /* only what there is of it is sent */
};

/* ---- the runner ---- */

struct sender {
	int line, userns;
	const struct ct_spec *spec;
};

static int send_one(const struct sender *s, enum tree_use use, size_t index, const char *path,
		    int fd, struct err *e)
{
	struct message m = { .use = use, .index = (uint32_t)index };
	size_t len = strlen(path);
	int r;

	if (len >= sizeof(m.path))
		return err_sys(e, -ENAMETOOLONG, "%s", path);
	memcpy(m.path, path, len + 1);
	r = fd_send(s->line, &m, offsetof(struct message, path) + len + 1, &fd, fd >= 0);
	return r < 0 ? err_sys(e, r, "hand a mount over") : 0;
}

struct wish {
	const char *path, *what;
	bool recursive, idmap;
	bool nobody; /* shown as nobody's where no map can be laid on it */
	bool slave; /* what is mounted in it by its user stays there */
};

static int make_slave(int mnt)
{
	struct mount_attr a = { .propagation = MS_SLAVE };

	return mount_setattr(mnt, "", AT_EMPTY_PATH | AT_RECURSIVE, &a, sizeof(a)) < 0 ? -errno : 0;
}

static int clone_tree(const struct sender *s, const struct wish *w, struct err *e)
{
	_cleanup_close_ int from = open(w->path, O_PATH | O_CLOEXEC), mnt = -1;
	int r;

	if (from < 0) {
		r = err_sys(e, errno, "open %s%s", w->what, w->path);
		if (r == -ENOENT)
			err_hint(e, "it must exist");
		return r;
	}
	mnt = vfs_clone(from, "", w->recursive);
	if (mnt < 0)
		return err_sys(e, mnt, "bind %s%s", w->what, w->path);
	r = w->idmap ? idmap_mount(mnt, s->userns, w->recursive) : 0;
	if (r < 0 && !w->nobody) {
		err_hint(e, "its file system, or this kernel, cannot: without the map, its files "
			    "belong to nobody there");
		return err_sys(e, r, "lay the container's ids on %s%s", w->what, w->path);
	}
	r = w->slave ? make_slave(mnt) : 0;
	return r < 0 ? err_sys(e, r, "make %s%s a slave", w->what, w->path) : take_fd(&mnt);
}

static int send_tree(const struct sender *s, enum tree_use use, size_t index, const struct wish *w,
		     struct err *e)
{
	_cleanup_close_ int fd = clone_tree(s, w, e);

	return fd < 0 ? fd : send_one(s, use, index, w->path, fd, e);
}

static int send_layers(const struct sender *s, struct err *e)
{
	const struct ct_spec *spec = s->spec;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->rootfs.n; i++) {
		const struct wish w = { .path = spec->rootfs.v[i],
					.what = "--rootfs ",
					.recursive = spec->rootfs_rw,
					.idmap = spec->rootfs_idmap,
					.slave = true };

		r = send_tree(s, TREE_LAYER, i, &w, e);
	}
	return r;
}

static void cleanup_mountinfo(struct mountinfo *m)
{
	mountinfo_free(m);
}

/* One that cannot be cloned is left out there too. */
static int send_host(const struct sender *s, struct err *e)
{
	_cleanup_(cleanup_mountinfo) struct mountinfo mi = { 0 };
	int r = mountinfo_load(AT_FDCWD, "/proc/self/mountinfo", &mi, e);

	for (size_t i = 0; r >= 0 && i < mi.n; i++) {
		const struct wish w = { .path = mi.v[i].target,
					.what = "",
					.idmap = s->spec->rootfs_idmap,
					.nobody = true };
		_cleanup_close_ int fd = -1;

		if (strcmp(w.path, "/") && !rootfs_host_shows(&mi.v[i]))
			continue;
		fd = clone_tree(s, &w, NULL);
		if (fd >= 0)
			r = send_one(s, TREE_HOST, i, w.path, fd, e);
	}
	return r;
}

static int send_volumes(const struct sender *s, struct err *e)
{
	const struct ct_spec *spec = s->spec;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->n_mounts; i++) {
		const struct ct_mount *m = &spec->mounts[i];
		const struct wish w = { .path = m->source,
					.what = "volume ",
					.recursive = !m->not_recursive,
					.idmap = m->idmap,
					/* as the kernel has it for a less privileged namespace */
					.slave = true };

		if (!m->fstype)
			r = send_tree(s, TREE_VOLUME, i, &w, e);
	}
	return r;
}

int trees_send(int line, const struct ct_spec *spec, int userns_fd, struct err *e)
{
	const struct sender s = { line, userns_fd, spec };
	int r = 0;

	if (!ns_is_new(spec, CT_NS_MNT))
		return send_one(&s, TREE_END, 0, "", -1, e);
	r = spec->rootfs.n ? send_layers(&s, e) : send_host(&s, e);
	if (r >= 0 && spec->upper) {
		const struct wish w = { .path = spec->upper,
					.what = "--upper ",
					.idmap = spec->rootfs_idmap };

		r = send_tree(&s, TREE_UPPER, 0, &w, e);
	}
	if (r >= 0)
		r = send_volumes(&s, e);
	return r < 0 ? r : send_one(&s, TREE_END, 0, "", -1, e);
}

/* ---- the guard ---- */

static int add(struct trees *t, const struct message *m, int fd)
{
	struct tree *v = VEC_ADD(t->v, t->n);

	if (!v)
		return -ENOMEM;
	*v = (struct tree){ (enum tree_use)m->use, m->index, strdup(m->path), fd };
	return v->path ? 0 : -ENOMEM;
}

int trees_take(int line, struct trees *ret)
{
	for (;;) {
		_cleanup_close_ int fd = -1;
		struct message m;
		size_t n = 0;
		int r;
		ssize_t len = fd_recv(line, &m, sizeof(m), &fd, 1, &n);

		if (len <= (ssize_t)offsetof(struct message, path) ||
		    ((char *)&m)[len - 1] != '\0' || m.use > TREE_END)
			return -EPIPE;
		if (m.use == TREE_END)
			return 0;
		r = n == 1 ? add(ret, &m, take_fd(&fd)) : -EPIPE;
		if (r < 0)
			return r;
	}
}

int trees_root(const struct ct_spec *spec, struct trees *ret, struct err *e)
{
	const struct message m = { .use = TREE_LAYER };
	const struct wish w = { .path = spec->rootfs_rw ? spec->rootfs.v[0] : NULL,
				.what = "--rootfs ",
				.recursive = true,
				.slave = true };
	int fd, r;

	if (!w.path || !(spec->propagation & (MS_SHARED | MS_SLAVE)))
		return 0;
	fd = clone_tree(NULL, &w, e);
	r = fd < 0 ? fd : add(ret, &m, fd);
	return fd >= 0 && r < 0 ? err_sys(e, r, "the root") : r;
}

int trees_volumes(const struct trees *t, const struct ct_spec *spec, int **ret, struct err *e)
{
	*ret = malloc((spec->n_mounts + 1) * sizeof(int));
	if (!*ret)
		return err_sys(e, -ENOMEM, "volumes");
	for (size_t i = 0; i < spec->n_mounts; i++)
		(*ret)[i] = trees_find(t, TREE_VOLUME, i);
	return 0;
}

int trees_find(const struct trees *t, enum tree_use use, size_t index)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (t->v[i].use == use && t->v[i].index == index)
			return t->v[i].fd;
	return -1;
}

int trees_host_at(const struct trees *t, const char *mount_point)
{
	/* the last one covers those before it */
	for (size_t i = t ? t->n : 0; i-- > 0;)
		if (t->v[i].use == TREE_HOST && !strcmp(t->v[i].path, mount_point))
			return t->v[i].fd;
	return -1;
}

int trees_host(const struct trees *t, const char *path, const char **ret_rest)
{
	size_t best = 0;
	int fd = -1;

	for (size_t i = 0; t && i < t->n; i++) {
		const char *at = t->v[i].path;
		size_t len = strcmp(at, "/") ? strlen(at) : 0;

		if (t->v[i].use != TREE_HOST || strncmp(path, at, len) ||
		    (path[len] != '/' && path[len]) || (fd >= 0 && len < best))
			continue;
		best = len;
		fd = t->v[i].fd;
		*ret_rest = path[len] == '/' && path[len + 1] ? path + len + 1 : ".";
	}
	return fd;
}
