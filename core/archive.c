/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An archive is the work of strangers, and libarchive a parser in C: so a process
 * does it that sees nothing but the directory it unpacks into (a root of its own,
 * no network, no descriptor but the archive), that has the few capabilities which
 * make files of other owners, and whose end is the end of it.
 *
 * Formats and filters are named one by one: some of libarchive's filters execute
 * programs, which would be the archive's own after the change of root.
 */
#include "core/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/ns.h"
#include "core/report.h"
#include "core/spawn.h"
#include "core/vfs.h"

#define BLOCK ((size_t)128 * 1024)

#define CAP(c) (1U << (c))
/* all below 32 */
#define KEPT (CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER) | CAP(CAP_FSETID))

/* ---- unpacking ---- */

struct unpacking {
	struct archive *from, *to;
};

static int said(struct archive *a, const char *what, struct err *e)
{
	int num = archive_errno(a);
	const char *text = archive_error_string(a);

	if (num == ENOSPC || num == EDQUOT)
		return err_sys(e, num, "%s", what);
	return err_set(e, -EINVAL, "%s: %s", what, text ? text : "it is not a tar archive");
}

/* ARCHIVE_WARN of a filter says that it would be a program. */
static int open_source(struct unpacking *u, int fd, struct err *e)
{
	u->from = archive_read_new();
	if (!u->from)
		return err_sys(e, -ENOMEM, "read the archive");
	if (archive_read_support_format_tar(u->from) != ARCHIVE_OK ||
	    archive_read_support_filter_gzip(u->from) != ARCHIVE_OK ||
	    archive_read_support_filter_bzip2(u->from) != ARCHIVE_OK ||
	    archive_read_support_filter_xz(u->from) != ARCHIVE_OK ||
	    archive_read_support_filter_zstd(u->from) != ARCHIVE_OK)
		return err_set(e, -ENOTSUP, "libarchive lacks gzip, bzip2, xz or zstd");
	if (archive_read_open_fd(u->from, fd, BLOCK) != ARCHIVE_OK)
		return said(u->from, "read the archive", e);
	return 0;
}

static int open_target(struct unpacking *u, struct err *e)
{
	u->to = archive_write_disk_new();
	if (!u->to)
		return err_sys(e, -ENOMEM, "write files");
	archive_write_disk_set_options(
		u->to, ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
			       ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
			       ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
	return 0;
}

static int copy_data(struct unpacking *u, const char *path, struct err *e)
{
	const void *block;
	size_t len;
	la_int64_t at;
	int r;

	while ((r = archive_read_data_block(u->from, &block, &len, &at)) == ARCHIVE_OK)
		if (archive_write_data_block(u->to, block, len, at) < ARCHIVE_OK)
			return said(u->to, path, e);
	return r == ARCHIVE_EOF ? 0 : said(u->from, path, e);
}

static bool left_out(struct archive_entry *entry)
{
	mode_t type = archive_entry_filetype(entry);

	return !archive_entry_hardlink(entry) && type != S_IFREG && type != S_IFDIR &&
	       type != S_IFLNK && type != S_IFIFO;
}

/* The last word of an entry is its finish, which sets owner and mode: a file that was cut short. */
static int unpack_entry(struct unpacking *u, struct archive_entry *entry, struct err *e)
{
	const char *path = archive_entry_pathname(entry);
	int r;

	if (!path)
		return err_set(e, -EINVAL, "a name in it is no UTF-8");
	if (left_out(entry)) {
		log_trace("archive: %s is left out", path);
		return 0;
	}
	if (archive_write_header(u->to, entry) < ARCHIVE_OK)
		return said(u->to, path, e);
	r = copy_data(u, path, e);
	if (r >= 0 && archive_write_finish_entry(u->to) < ARCHIVE_OK)
		r = said(u->to, path, e);
	return r;
}

/* ARCHIVE_WARN of a header: a name or an attribute it cannot show, which is looked at above. */
static int unpack_all(struct unpacking *u, struct err *e)
{
	struct archive_entry *entry;
	size_t n = 0;
	int r;

	while ((r = archive_read_next_header(u->from, &entry)) == ARCHIVE_OK || r == ARCHIVE_WARN) {
		r = unpack_entry(u, entry, e);
		if (r < 0)
			return r;
		n++;
	}
	if (r != ARCHIVE_EOF)
		return said(u->from, "read the archive", e);
	if (!n)
		return err_set(e, -EINVAL, "the archive is empty");
	/* times and modes of directories are set here, when nothing comes into them any more */
	if (archive_write_close(u->to) < ARCHIVE_OK)
		return said(u->to, "finish", e);
	return 0;
}

/* ---- the process ---- */

static int drop_capabilities(struct err *e)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = { { .effective = KEPT, .permitted = KEPT } }, had[2];

	if (syscall(SYS_capget, &h, had) < 0)
		return err_sys(e, errno, "look at capabilities");
	d[0].effective &= had[0].permitted;
	d[0].permitted &= had[0].permitted;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &h, d) < 0)
		return err_sys(e, errno, "drop capabilities");
	return 0;
}

/*
 * The directory becomes the root, through a mount of its own: nothing else is left
 * in this mount namespace.
 */
static int shut_in(int dir_fd, struct err *e)
{
	_cleanup_close_ int mnt = -1;
	int r;

	/* the working directory is what goes along into a new mount namespace */
	if (fchdir(dir_fd) < 0)
		return err_sys(e, errno, "enter the directory");
	r = ns_unshare(CLONE_NEWNS, "a mount namespace", e);
	if (r < 0)
		return r;
	r = mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ? -errno : 0;
	if (r >= 0)
		r = mnt = vfs_clone(AT_FDCWD, ".", false);
	if (r >= 0)
		r = vfs_attach(mnt, AT_FDCWD, ".");
	if (r >= 0 && fchdir(mnt) < 0)
		r = -errno;
	return r < 0 ? err_sys(e, r, "bind the directory") : 0;
}

static int enter(struct err *e)
{
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_sys(e, errno, "change the root");
	return drop_capabilities(e);
}

/* fds 3 and 4: the archive, the line; nothing else is kept. */
static int keep_descriptors(int archive_fd, int line, struct err *e)
{
	int a = fcntl(archive_fd, F_DUPFD, 10), l = fcntl(line, F_DUPFD, 10);

	if (a < 0 || l < 0 || dup2(a, 3) < 0 || dup2(l, 4) < 0 || close_range(5, ~0U, 0) < 0)
		return err_sys(e, errno, "arrange descriptors");
	return 0;
}

static _Noreturn void unpacker(int archive_fd, int dir_fd, int line)
{
	struct unpacking u = { .from = NULL };
	struct err e = ERR_INIT;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "ct-unpack");
	umask(022); /* of directories that no entry names */
	setlocale(LC_CTYPE, "C.UTF-8");
	r = shut_in(dir_fd, &e);
	if (r >= 0)
		r = keep_descriptors(archive_fd, line, &e);
	if (r >= 0) {
		line = 4;
		r = enter(&e);
	}
	if (r >= 0)
		r = open_source(&u, 3, &e);
	if (r >= 0)
		r = open_target(&u, &e);
	if (r >= 0)
		r = unpack_all(&u, &e);
	report_send(line, r, &e, -1);
	_exit(0);
}

int archive_unpack(int archive_fd, int dir_fd, struct err *e)
{
	const struct spawn how = { .flags = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID,
				   .cgroup_fd = -1 };
	_cleanup_close_ int ours = -1, its = -1, pidfd = -1;
	int sv[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sv) < 0)
		return err_sys(e, errno, "make a socket pair");
	ours = sv[0];
	its = sv[1];
	pid = spawn_clone(&how, &pidfd, e);
	if (pid == 0)
		unpacker(archive_fd, dir_fd, its);
	if (pid < 0)
		return pid;
	fd_close(take_fd(&its));
	r = report_take(ours, NULL, e);
	spawn_wait(pidfd);
	return r == -ECHILD ? err_set(e, -ECHILD, "the process that unpacks died") : r;
}
