/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shared hosts file of a network. It is bind-mounted into containers that
 * run, so its inode stays for as long as the network does.
 */
#include "net/names.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "net/hosts_file.h"
#include "net/names_own.h"
#include "net/network.h"
#include "net/store.h"

const char names_hosts_head[] = "127.0.0.1\tlocalhost\n"
				"::1\tlocalhost ip6-localhost ip6-loopback\n"
				"ff02::1\tip6-allnodes\n"
				"ff02::2\tip6-allrouters\n";

int names_check(const char *what, const char *name, struct err *e)
{
	size_t n = strlen(name), label = 0;
	int r = 0;

	if (n == 0 || n > 253)
		r = -EINVAL;
	for (size_t i = 0; i < n && r == 0; i++) {
		if (name[i] == '.') {
			r = label == 0 ? -EINVAL : 0;
			label = 0;
		} else if (!isascii(name[i]) ||
			   (!isalnum((unsigned char)name[i]) && !strchr("-_", name[i])) ||
			   ++label > 63) {
			r = -EINVAL;
		}
	}
	if (r < 0 || label == 0 || !isalnum((unsigned char)name[0])) {
		err_set(e, EINVAL, "\"%s\" is no %s", name, what);
		err_hint(e, "use letters, digits, - and _, at most 63 between dots");
		return -EINVAL;
	}
	return 0;
}

/*
 * What a new file begins with: the head, and "10.88.0.1 _gateway bridge0-gateway"
 * for each gateway. _gateway is the word of systemd's resolver, and no
 * container's name begins so.
 */
static char *first_text(struct net *net, const char *network)
{
	_cleanup_network_ struct network n = { 0 };
	char *text = strdup(names_hosts_head), ip[IP_STRLEN];

	if (!network_defined(net, network) || network_load(net, network, &n, NULL) < 0)
		return text;
	for (size_t i = 0; text && i < n.n_subnets; i++) {
		char *longer;

		if (!ip_is_set(&n.subnets[i].gateway))
			continue;
		longer = str_printf("%s%s\t_gateway %s-gateway\n", text,
				    ip_str(&n.subnets[i].gateway, ip), n.name);
		free(text);
		text = longer;
	}
	return text;
}

/* A new one gets its text in one write: others may be about to do the same. */
static int open_file(struct net *net, const char *network, bool create)
{
	_cleanup_close_ int dir = net_dir(net, "hosts", create), fd = -1;
	_cleanup_free_ char *text = NULL;
	struct stat st;
	int r;

	if (dir < 0)
		return dir;
	fd = openat(dir, network, O_RDWR | O_NOFOLLOW | O_CLOEXEC | (create ? O_CREAT : 0), 0644);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size > 0)
		return take_fd(&fd);
	/* read in containers by any user, whatever our umask */
	if (fchmod(fd, 0644) < 0)
		return -errno;
	text = first_text(net, network);
	r = text ? fd_write_all(fd, text, strlen(text)) : -ENOMEM;
	return r < 0 ? r : take_fd(&fd);
}

int names_open_hosts(struct net *net, const char *network, struct err *e)
{
	_cleanup_close_ int rw = open_file(net, network, true);
	_cleanup_close_ int dir = net_dir(net, "hosts", false);
	int fd = rw < 0 ? rw : dir;

	if (fd >= 0) {
		fd = openat(dir, network, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd < 0)
		err_sys(e, fd, "hosts file of network %s", network);
	return fd;
}

int names_join(struct net *net, const char *network, const struct ip_addr *a,
	       const char *const *names, size_t n)
{
	_cleanup_close_ int fd = open_file(net, network, true);
	int r = fd < 0 ? fd : hosts_file_put(fd, a, names, n);

	return r < 0 ? r : names_own_join(net, network, a, names, n);
}

int names_leave(struct net *net, const char *network, const struct ip_addr *a)
{
	_cleanup_close_ int fd = open_file(net, network, false);
	int r = fd == -ENOENT ? 0 : fd;

	if (fd >= 0)
		r = hosts_file_clear(fd, a);
	return r < 0 ? r : names_own_leave(net, network, a);
}

void names_drop(struct net *net, const char *network)
{
	_cleanup_close_ int dir = net_dir(net, "hosts", false);

	if (dir >= 0)
		unlinkat(dir, network, 0);
	names_own_forget(net, network);
}
