/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attack: a command that is `#!/proc/self/exe` makes us the interpreter, in
 * the container; a descriptor of /proc/PID/exe taken then is opened for writing
 * once nobody runs the file any more.
 *
 * A runner runs it as long as its container lives, and the kernel refuses to
 * write to a file that runs (ETXTBSY; some versions from 6.11 on do not, which
 * one open tells). Who enters a running container and leaves before it, possibly
 * from another file after an upgrade, has no such cover: it runs from a detached
 * read-only clone of its own mount, which no mount namespace holds, so nobody
 * can make it writable. That costs an exec.
 */
#include "core/self.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/vfs.h"

#define SELF "/proc/self/exe"

static bool is_read_only(void)
{
	struct statvfs st;

	return statvfs(SELF, &st) == 0 && (st.f_flag & ST_RDONLY);
}

static bool is_busy(void)
{
	_cleanup_close_ int fd = open(SELF, O_WRONLY | O_CLOEXEC);

	return fd < 0 && errno == ETXTBSY;
}

int self_protect(char *const *argv, bool outlived, struct err *e)
{
	_cleanup_close_ int fd = -1;
	const char *name = argv[0] ? strrchr(argv[0], '/') : NULL;
	int r;

	if (!outlived && is_busy())
		return 0;
	if (is_read_only()) {
		/* execveat(2) names a process after the descriptor */
		prctl(PR_SET_NAME, name ? name + 1 : argv[0] ? argv[0] : "ct");
		return 0;
	}
	fd = open_tree(AT_FDCWD, SELF, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	r = fd < 0 ? -errno : vfs_attr(fd, MOUNT_ATTR_RDONLY, false);
	if (r == -EPERM)
		return 0; /* who cannot make mounts enters no container either */
	if (r < 0)
		return err_sys(e, r, "make this program's file read-only");
	log_trace("run again from a read-only mount");
	execveat(fd, "", argv, environ, AT_EMPTY_PATH);
	return err_sys(e, errno, "run this program again");
}
