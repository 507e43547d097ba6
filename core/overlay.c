/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/overlay.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/vfs.h"

#define FD_PATH	   28 /* "/proc/self/fd/2147483647" */
#define OPTION_MAX 256 /* what fsconfig(2) takes as one string */

/* The new length; OPTION_MAX when it does not fit. */
static size_t join(char joined[OPTION_MAX], size_t len, const char *path)
{
	size_t n = strlen(path), colon = len > 0;

	if (len + colon + n >= OPTION_MAX)
		return OPTION_MAX;
	if (colon)
		joined[len] = ':';
	memcpy(joined + len + colon, path, n + 1);
	return len + colon + n;
}

/* All layers in one option where they fit, else one option each (since Linux 6.7). */
static size_t lower_options(const struct overlay *o, char joined[OPTION_MAX], char each[][FD_PATH],
			    struct vfs_option *ret)
{
	size_t len = 0;

	for (size_t i = 0; i < o->n_lower; i++) {
		fd_self_path(each[i], FD_PATH, o->lower[i], NULL);
		if (len < OPTION_MAX)
			len = join(joined, len, each[i]);
	}
	if (len < OPTION_MAX) {
		ret[0] = (struct vfs_option){ "lowerdir", joined };
		return 1;
	}
	for (size_t i = 0; i < o->n_lower; i++)
		ret[i] = (struct vfs_option){ "lowerdir+", each[i] };
	return o->n_lower;
}

int overlay_mount(const struct overlay *o, bool trusted, struct err *e)
{
	char joined[OPTION_MAX], each[OVERLAY_LAYERS][FD_PATH], upper[FD_PATH], work[FD_PATH];
	struct vfs_option options[OVERLAY_LAYERS + 4];
	size_t n = lower_options(o, joined, each, options);
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
	fd = vfs_new("overlay", options, trusted ? 0 : MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, e);
	if (fd == -ENODEV)
		err_hint(e, "modprobe overlay, or write through with --rootfs-rw");
	else if (fd == -ELOOP)
		err_hint(e, "no layer may be given twice, nor lie in another or in --upper");
	else if (fd == -EINVAL && n > OVERLAY_LAYERS / 4)
		err_hint(e, "more than a dozen layers need Linux 6.7");
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
