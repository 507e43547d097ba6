/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/run_archives.h"

#include <errno.h>
#include <string.h>

#include "cli/app.h"
#include "cli/run_args.h"
#include "core/base/cleanup.h"
#include "core/base/vec.h"
#include "core/rootfs_cache.h"

/* The state root of the machine is in memory, and a root file system is large. */
#define DEFAULT_CACHE "/var/cache/ctnet/rootfs"

static char *cache_dir(const struct app *app)
{
	return strcmp(app->root, DEFAULT_ROOT) ? str_printf("%s/cache/rootfs", app->root)
					       : strdup(DEFAULT_CACHE);
}

static int open_one(const char *dir, struct run_args *a, size_t layer, struct err *e)
{
	char *unpacked;
	int fd, *lock, r = rootfs_cache_get(dir, a->spec.rootfs.v[layer], &unpacked, &fd, e);

	if (r < 0)
		return r;
	free(a->spec.rootfs.v[layer]);
	a->spec.rootfs.v[layer] = unpacked;
	lock = VEC_ADD(a->archives, a->n_archives);
	if (!lock) {
		fd_close(fd);
		return err_sys(e, -ENOMEM, "archives");
	}
	*lock = fd;
	return 0;
}

int run_archives_open(const struct app *app, struct run_args *a, struct err *e)
{
	_cleanup_free_ char *dir = NULL;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->spec.rootfs.n; i++) {
		if (!rootfs_cache_wanted(a->spec.rootfs.v[i]))
			continue;
		if (a->spec.rootfs_rw)
			return err_set(e, EINVAL, "--rootfs-rw: %s is not a directory",
				       a->spec.rootfs.v[i]);
		if (!dir)
			dir = cache_dir(app);
		r = dir ? open_one(dir, a, i, e) : -ENOMEM;
	}
	return r;
}

void run_archives_free(struct run_args *a)
{
	for (size_t i = 0; i < a->n_archives; i++)
		fd_close(a->archives[i]);
	free(a->archives);
	a->archives = NULL;
	a->n_archives = 0;
}

void run_archives_gc(const struct app *app)
{
	_cleanup_free_ char *dir = cache_dir(app);

	if (dir)
		rootfs_cache_sweep(dir);
}
