/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/vfs.h"

#define FDS	   "/proc/self/fd/"
#define FD_PATH	   28 /* FDS "2147483647" */
#define OPTION_MAX 256 /* what fsconfig(2) takes as one string */

/* The layers' names in one string, without the first skip bytes of each; false: no room. */
static bool join(const struct overlay *o, const char each[][FD_PATH], size_t skip,
		 char joined[OPTION_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < o->n_lower; i++) {
		const char *name = each[i] + skip;
		size_t n = strlen(name), colon = len > 0;

		if (len + colon + n >= OPTION_MAX)
			return false;
		if (colon)
			joined[len] = ':';
		memcpy(joined + len + colon, name, n + 1);
		len += colon + n;
	}
	return true;
}

/*
 * All layers in one option where they fit, which more than a dozen do only by names
 * below FDS (*ret_below); else one option each, since Linux 6.7.
 */
static size_t lower_options(const struct overlay *o, char joined[OPTION_MAX], char each[][FD_PATH],
			    bool *ret_below, struct vfs_option *ret)
{
	bool whole;

	for (size_t i = 0; i < o->n_lower; i++)
		fd_self_path(each[i], FD_PATH, o->lower[i], NULL);
	whole = join(o, each, 0, joined);
	*ret_below = !whole && join(o, each, strlen(FDS), joined);
	if (whole || *ret_below) {
		ret[0] = (struct vfs_option){ "lowerdir", joined };
		return 1;
	}
	for (size_t i = 0; i < o->n_lower; i++)
		ret[i] = (struct vfs_option){ "lowerdir+", each[i] };
	return o->n_lower;
}

/* The caller is back where it was. */
static int new_below_fds(const struct vfs_option *options, uint64_t attr, struct err *e)
{
	_cleanup_close_ int back = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd, r;

	if (back < 0 || chdir(FDS) < 0)
		return err_sys(e, errno, "enter " FDS);
	fd = vfs_new("overlay", options, attr, e);
	if (fchdir(back) == 0)
		return fd;
	r = err_sys(e, errno, "leave " FDS);
	fd_close(fd);
	return r;
}

int overlay_mount(const struct overlay *o, bool trusted, struct err *e)
{
	char joined[OPTION_MAX], each[OVERLAY_LAYERS][FD_PATH], upper[FD_PATH], work[FD_PATH];
	uint64_t attr = trusted ? 0 : MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	struct vfs_option options[OVERLAY_LAYERS + 4];
	bool below;
	size_t n = lower_options(o, joined, each, &below, options);
	int fd;

	if (o->upper >= 0) {
		fd_self_path(upper, FD_PATH, o->upper, NULL);
		fd_self_path(work, FD_PATH, o->work, NULL);
		options[n++] = (struct vfs_option){ "upperdir", upper };
		options[n++] = (struct vfs_option){ "workdir", work };
	}
	if (o->userxattr)
		options[n++] = (struct vfs_option){ "userxattr", NULL };
	options[n] = (struct vfs_option){ NULL };
	fd = below ? new_below_fds(options, attr, e) : vfs_new("overlay", options, attr, e);
	if (fd == -ENODEV)
		err_hint(e, "modprobe overlay, or write through with --rootfs-rw");
	else if (fd == -ELOOP)
		err_hint(e, "no layer may be given twice, nor lie in another or in --upper");
	else if (fd == -EINVAL)
		err_hint(e, "an overlay cannot be the third on top of another, nor lie on every "
			    "file system: --rootfs-rw binds instead");
	return fd;
}

void overlay_close(struct overlay *o)
{
	for (size_t i = 0; i < o->n_lower; i++)
		close(o->lower[i]);
	fd_close(o->upper);
	fd_close(o->work);
}
