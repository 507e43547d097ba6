/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/log.h"
#include "core/base/proc.h"
#include "net/note.h"

#define NOTE_BOOT "boot"
#define NOTE_LOCK "lock"

/*
 * "BOOTID COOKIE". The cookie (socket(7) SO_NETNS_COOKIE, Linux 5.14) is never
 * given to a second namespace of one boot; 0 on older kernels.
 */
static int identity(struct net *net, char *buf, size_t size)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);
	char boot[37];
	int r = boot_id(boot);

	if (r < 0)
		return r;
	if (getsockopt(net->rt.fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) < 0 &&
	    errno != ENOPROTOOPT)
		return -errno;
	return str_fmt(buf, size, "%s %" PRIx64, boot, cookie);
}

static int wipe(int state_fd)
{
	_cleanup_closedir_ DIR *d = NULL;
	struct dirent *ent;
	int r = 0, fd = openat(state_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return -ENOMEM;
	}
	while (r >= 0 && (ent = dir_next(d, &r))) {
		if (!strcmp(ent->d_name, ".") || !strcmp(ent->d_name, "..") ||
		    !strcmp(ent->d_name, NOTE_LOCK))
			continue;
		r = ent->d_type == DT_DIR ? dir_remove_at(state_fd, ent->d_name)
					  : note_del(state_fd, ent->d_name);
	}
	return r;
}

/* 1: it is this boot's and this namespace's. What cannot be told is no reason to wipe. */
static int is_own(int state_fd, const char *want)
{
	char have[64];
	int r = note_get(state_fd, NOTE_BOOT, have, sizeof(have));

	if (note_is_none(r))
		return 0;
	return r < 0 ? r : !strcmp(have, want);
}

/* State of an earlier boot or namespace counts for nothing. */
static int own_state(struct net *net)
{
	_cleanup_close_ int lock = -1;
	char want[64];
	int r = identity(net, want, sizeof(want));

	if (r >= 0)
		r = is_own(net->state_fd, want);
	if (r)
		return r < 0 ? r : 0;
	lock = lock_acquire_at(net->state_fd, NOTE_LOCK);
	if (lock < 0)
		return lock;
	/* another process may have done it while we waited */
	r = is_own(net->state_fd, want);
	if (r)
		return r < 0 ? r : 0;
	log_trace("state: new boot or namespace, starting afresh");
	r = wipe(net->state_fd);
	return r < 0 ? r : note_set(net->state_fd, NOTE_BOOT, want);
}

static int open_state(struct net *net, int root_fd)
{
	_cleanup_close_ int base = dir_open_at(root_fd, "net", true);
	struct stat st;
	char name[24];
	int r;

	if (base < 0)
		return base;
	if (stat("/proc/thread-self/ns/net", &st) < 0)
		return -errno;
	r = str_fmt(name, sizeof(name), "%ju", (uintmax_t)st.st_ino);
	if (r < 0)
		return r;
	net->state_fd = dir_open_at(base, name, true);
	return net->state_fd < 0 ? net->state_fd : own_state(net);
}

/*
 * Opens the calling thread's network namespace for management: sockets, the
 * definitions, the runtime state. On failure net is as NET_INIT.
 */
int net_open(struct net *net, int root_fd, const struct net_config *config, struct err *e)
{
	int r;

	*net = (struct net)NET_INIT;
	net->config = config;
	r = nl_open(&net->rt, NETLINK_ROUTE, e);
	if (r >= 0)
		r = nl_open(&net->nft, NETLINK_NETFILTER, e);
	if (r >= 0)
		r = dir_open_private(config->defs_dir, true, &net->defs_fd, e);
	if (r >= 0) {
		r = open_state(net, root_fd);
		if (r < 0)
			err_sys(e, r, "open the network state");
	}
	if (r < 0)
		net_close(net);
	return r < 0 ? r : 0;
}

void net_close(struct net *net)
{
	nl_close(&net->rt);
	nl_close(&net->nft);
	fd_close(take_fd(&net->defs_fd));
	fd_close(take_fd(&net->state_fd));
}

/* Waits for it. The descriptor, or -errno. */
int net_lock(struct net *net, struct err *e)
{
	int fd = lock_acquire_at(net->state_fd, NOTE_LOCK);

	if (fd < 0)
		err_sys(e, fd, "lock the networks");
	return fd;
}

/* path may have several levels; nobody but us writes below state_fd. */
int net_dir(struct net *net, const char *path, bool create)
{
	int fd = openat(net->state_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && create) {
		int r = dir_make_at(net->state_fd, path, 0700);

		if (r < 0)
			return r;
		fd = openat(net->state_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	return fd < 0 ? -errno : fd;
}

int net_dir_of(struct net *net, const char *what, const char *network, bool create)
{
	char path[64];
	int r = str_fmt(path, sizeof(path), "%s/%s", what, network);

	return r < 0 ? r : net_dir(net, path, create);
}

/*
 * The socket's namespace is asked, not the caller's; an ioctl of any socket
 * reaches the device layer, and costs a tenth of a netlink exchange.
 */
uint32_t net_link_index(struct net *net, const char *name)
{
	struct ifreq ifr = { 0 };

	if (str_fmt(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name) < 0 ||
	    ioctl(net->rt.fd, SIOCGIFINDEX, &ifr) < 0)
		return 0;
	return (uint32_t)ifr.ifr_ifindex;
}
