/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's root as a container's: one overlay over / and one over every real
 * file system mounted below it, because a lower layer shows submounts empty.
 *
 *	upper	what the container writes
 *	fresh	new directories where hidden ones were: /root, /home, /run, /tmp
 *	veil	whiteouts over what is to be hidden, in directories that look like
 *		the host's own
 *	/	the host
 *	skel	mount points, when nothing can be written
 *
 * Hiding by whiteout costs no mount, and what is hidden cannot be uncovered
 * from inside: a removed veil is one more whiteout in the upper layer.
 */
#include "core/rootfs.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/log.h"
#include "core/base/str.h"
#include "core/inroot.h"
#include "core/mountinfo.h"
#include "core/overlay.h"
#include "core/spec.h"
#include "core/vfs.h"

/* New and empty in the container. */
static const struct {
	const char *name;
	mode_t mode;
} fresh[] = {
	{ "root", 0700 },
	{ "home", 0755 },
	{ "run", 0755 },
	{ "tmp", 01777 },
};

/* Words separated by blanks, below one directory each. */
static const struct {
	const char *dir, *names;
} secret[] = {
	{ "", "root home run tmp lost+found" },
	{ "etc", "shadow shadow- gshadow gshadow- sudoers sudoers.d krb5.keytab ipsec.secrets "
		 "wireguard openvpn letsencrypt swanctl ctnet doas.conf cryptsetup-keys.d "
		 "crypttab.d netplan wpa_supplicant rancher kubernetes" },
	{ "etc/ssh", "ssh_host_rsa_key ssh_host_ecdsa_key ssh_host_ed25519_key ssh_host_dsa_key" },
	{ "etc/ssl", "private" },
	{ "etc/pki/tls", "private" },
	{ "etc/security", "opasswd" },
	{ "etc/ppp", "pap-secrets chap-secrets" },
	{ "etc/ipsec.d", "private" },
	{ "etc/NetworkManager", "system-connections" },
	{ "etc/mysql", "debian.cnf" },
	{ "etc/bind", "rndc.key" },
	{ "etc/docker", "key.json" },
	{ "etc/postfix", "sasl_passwd sasl_passwd.db" },
	{ "etc/exim4", "passwd.client" },
	{ "var", "backups mail tmp" },
	{ "var/spool", "cron mail" },
	{ "var/lib", "docker containers ctnet containerd kubelet lxc lxd incus private sss "
		     "cloud" },
	{ "var/lib/NetworkManager", "secret_key" },
	{ "var/lib/systemd", "random-seed credential.secret" },
	{ "var/lib/samba", "private" },
};

/* What is mounted with these is the kernel's, or ours to give anew. */
static const char *const pseudo[] = {
	"proc",	      "sysfs",	    "devtmpfs",	   "devpts",	"mqueue",   "cgroup",
	"cgroup2",    "debugfs",    "tracefs",	   "bpf",	"pstore",   "configfs",
	"securityfs", "fusectl",    "binfmt_misc", "hugetlbfs", "efivarfs", "autofs",
	"nsfs",	      "rpc_pipefs", "selinuxfs",   "overlay",
};

struct host {
	const struct ct_spec *spec;
	struct rootfs *fs;
	int veil, fresh, skel, upper, work; /* -1: none */
};

static void host_close(struct host *h)
{
	fd_close(h->veil);
	fd_close(h->fresh);
	fd_close(h->skel);
	fd_close(h->upper);
	fd_close(h->work);
}

/* As lstat(2), seen with the container's ids. */
static int host_stat(const struct host *h, const char *path, struct stat *ret)
{
	const char *rest = path;
	int tree = trees_host(&h->fs->trees, path, &rest);

	return fstatat(tree < 0 ? AT_FDCWD : tree, rest, ret, AT_SYMLINK_NOFOLLOW);
}

/*
 * The directory of the veil for one of the host's, with the look of that one
 * on every level: where layers merge, the topmost decides. -ENOENT when the
 * host has no such directory.
 */
static int veil_dir(const struct host *h, int veil_fd, const char *path)
{
	_cleanup_close_ int at = openat(veil_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char host[PATH_MAX] = "/", name[NAME_MAX + 1];
	size_t len = 1;

	for (const char *p = path; at >= 0 && *p;) {
		size_t n = strcspn(p, "/");
		struct stat st;
		int next;

		if (n > NAME_MAX || len + n + 2 > sizeof(host))
			return -ENAMETOOLONG;
		memcpy(name, p, n);
		name[n] = '\0';
		len += (size_t)snprintf(host + len, sizeof(host) - len, "%s/", name);
		p += n + (p[n] == '/');
		host[len - 1] = '\0'; /* a symbolic link is not followed */
		if (host_stat(h, host, &st) < 0 || !S_ISDIR(st.st_mode))
			return -ENOENT;
		host[len - 1] = '/';
		if (mkdirat(at, name, st.st_mode & 07777) == 0) {
			if ((st.st_uid || st.st_gid) &&
			    fchownat(at, name, st.st_uid, st.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
				return -errno;
		} else if (errno != EEXIST) {
			return -errno;
		}
		next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
	}
	/* a whiteout on the way: hidden with all that is below */
	if (at < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	return take_fd(&at);
}

static int whiteout(int dir_fd, const char *name)
{
	return mknodat(dir_fd, name, S_IFCHR, 0) < 0 && errno != EEXIST ? -errno : 0;
}

static int veil_names(const struct host *h, int veil_fd, const char *dir, const char *names)
{
	_cleanup_close_ int at = veil_dir(h, veil_fd, dir);
	char name[NAME_MAX + 1];
	int r = at;

	for (const char *p = names; r >= 0 && *p;) {
		size_t n = strcspn(p, " ");

		memcpy(name, p, n);
		name[n] = '\0';
		r = whiteout(at, name);
		p += n + (p[n] == ' ');
	}
	return r == -ENOENT ? 0 : r;
}

/* Our own state, wherever --root put it. */
static int veil_state(const struct host *h)
{
	char link[32], path[PATH_MAX], *slash;
	_cleanup_close_ int at = -1;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", h->fs->state);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 1 || path[0] != '/')
		return 0;
	path[n] = '\0';
	slash = strrchr(path, '/');
	*slash = '\0';
	at = veil_dir(h, h->veil, path[0] ? path + 1 : "");
	if (at < 0)
		return at == -ENOENT ? 0 : at;
	return whiteout(at, slash + 1); /* a name that may hold blanks */
}

static int veil_make(struct host *h, struct err *e)
{
	int r = h->veil = rootfs_scratch_dir(h->fs, "veil", 0755, e);

	if (r >= 0)
		r = h->fresh = rootfs_scratch_dir(h->fs, "fresh", 0755, e);
	if (r < 0)
		return r;
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(secret); i++)
		r = veil_names(h, h->veil, secret[i].dir, secret[i].names);
	if (r >= 0 && h->fs->state >= 0)
		r = veil_state(h);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(fresh); i++)
		r = mkdirat(h->fresh, fresh[i].name, fresh[i].mode) < 0 ? -errno : 0;
	if (r >= 0) {
		_cleanup_close_ int var = veil_dir(h, h->fresh, "var");

		/* /var/tmp is hidden with what others left there, and used by many */
		r = var < 0 || mkdirat(var, "tmp", 01777) == 0 ? 0 : -errno;
	}
	return r < 0 ? err_sys(e, r, "hide files of the host") : 0;
}

/* Adds the part of a layer that lies below path; a layer without it adds nothing. */
static void layer_add(struct overlay *o, int layer_fd, const char *path)
{
	int fd = layer_fd < 0
			 ? -1
			 : openat(layer_fd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		o->lower[o->n_lower++] = fd;
}

static int numbered_dir(int parent_fd, unsigned n)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "%u", n);
	if (mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* One file system of the host, n its number, path without the leading slash. */
static int host_overlay(const struct host *h, const char *path, unsigned n, struct err *e)
{
	_cleanup_(overlay_close) struct overlay o = { .upper = -1, .work = -1 };
	const char *below = *path ? path : ".";
	char host[PATH_MAX];
	int fd;

	layer_add(&o, h->fresh, below);
	layer_add(&o, h->veil, below);
	if (str_fmt(host, sizeof(host), "/%s", path) < 0)
		return -ENAMETOOLONG;
	fd = trees_host_at(&h->fs->trees, host);
	fd = fd < 0 ? open(host, O_PATH | O_DIRECTORY | O_CLOEXEC) : rootfs_place(h->fs, fd);
	if (fd < 0)
		return err_sys(e, errno, "open %s", host);
	o.lower[o.n_lower++] = fd;
	layer_add(&o, h->skel, below);
	if (h->upper >= 0) {
		o.upper = numbered_dir(h->upper, n);
		o.work = numbered_dir(h->work, n);
		if (o.upper < 0 || o.work < 0)
			return err_sys(e, errno, "make an upper layer");
	}
	o.userxattr = h->fs->trees.n;
	return overlay_mount(&o, h->spec->privileged, e);
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && (path[n] == '/' || !path[n]);
}

/* The mount that a lookup of its target arrives at, not one covered by another. */
static bool visible(const struct mount_info *m)
{
	struct statx sx;

	return statx(AT_FDCWD, m->target, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
		     STATX_TYPE | STATX_MNT_ID, &sx) == 0 &&
	       S_ISDIR(sx.stx_mode) && sx.stx_mnt_id == m->id;
}

bool rootfs_host_shows(const struct mount_info *m)
{
	static const char *const ours[] = { "/proc", "/sys", "/dev" };

	if (!strcmp(m->target, "/"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(pseudo); i++)
		if (!strcmp(m->fstype, pseudo[i]))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (below(m->target, ours[i]))
			return false;
	return visible(m);
}

/* Whether it belongs into this container. */
static bool wanted(const struct host *h, const struct mount_info *m)
{
	if (!rootfs_host_shows(m))
		return false;
	if (h->veil < 0)
		return true;
	/* on or below a whiteout there is nothing to mount on */
	for (const char *p = m->target + 1; *p;) {
		size_t n = (size_t)(p - m->target - 1) + strcspn(p, "/");
		char path[PATH_MAX];
		struct stat st;

		if (n >= sizeof(path))
			return false;
		memcpy(path, m->target + 1, n);
		path[n] = '\0';
		if (fstatat(h->veil, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode))
			return false;
		p = m->target + 1 + n;
		p += *p == '/';
	}
	return true;
}

/*
 * A file system that overlay cannot use is shown read-only, one that the
 * container's tree has no place for not at all: both are the safe side.
 */
static int submount(const struct host *h, const struct mount_info *m, unsigned n)
{
	struct err e = ERR_INIT;
	_cleanup_close_ int mnt = host_overlay(h, m->target + 1, n, &e);
	int r = 0;

	if (mnt < 0) {
		log_trace("%s: %s; shown read-only", m->target, e.msg);
		mnt = vfs_clone(AT_FDCWD, m->target, false);
		if (mnt >= 0)
			r = vfs_attr(mnt, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
				     false);
		if (mnt < 0 || r < 0)
			return 0;
	}
	r = vfs_attach(mnt, h->fs->root, m->target + 1);
	if (r < 0)
		log_trace("%s is left out: %s", m->target, strerror(-r));
	return 0;
}

static void cleanup_mountinfo(struct mountinfo *m)
{
	mountinfo_free(m);
}

static int submounts(const struct host *h, struct err *e)
{
	_cleanup_(cleanup_mountinfo) struct mountinfo mi = { 0 };
	int r = mountinfo_load(AT_FDCWD, "/proc/self/mountinfo", &mi, e);

	for (size_t i = 0; r >= 0 && i < mi.n; i++)
		if (wanted(h, &mi.v[i]))
			r = submount(h, &mi.v[i], (unsigned)i + 1);
	return r;
}

static int skeleton_make(struct host *h, struct err *e)
{
	const struct ct_spec *spec = h->spec;

	h->skel = rootfs_scratch_dir(h->fs, "skeleton", 0755, e);
	return h->skel < 0 ? h->skel : rootfs_skeleton(spec, h->skel, e);
}

int rootfs_host(const struct ct_spec *spec, struct rootfs *fs, struct err *e)
{
	_cleanup_(host_close) struct host h = { spec, fs, -1, -1, -1, -1, -1 };
	int r = 0;

	if (spec->rootfs_rw)
		return err_set(e, -EINVAL, "the host's root is never written through");
	if (!spec->host_root_all)
		r = veil_make(&h, e);
	if (r >= 0 && spec->read_only)
		r = skeleton_make(&h, e);
	if (r >= 0 && !spec->read_only)
		r = rootfs_upper(spec, fs, &h.upper, &h.work, e);
	if (r >= 0)
		r = rootfs_attach(fs, host_overlay(&h, "", 0, e), e);
	return r < 0 ? r : submounts(&h, e);
}
