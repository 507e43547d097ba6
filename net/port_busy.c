/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which program of the host has a port, as `ss -ltunp` finds it: the socket
 * through sock_diag(7), its owner by the inode among everybody's descriptors.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/parse.h"
#include "net/nl.h"
#include "net/port_real.h"

/* Linux 6.8: TCP_BOUND_INACTIVE, sockets that are bound and do not listen */
#define TCP_STATES_BOUND (1u << 10 | 1u << 13)

struct socket_search {
	const struct port_spec *s;
	uint32_t inode;
};

/* The unspecified address stands for all of its family; that of IPv6 mostly for both. */
static bool covers(const struct inet_diag_msg *m, const struct ip_addr *want)
{
	struct ip_addr a = { .family = m->idiag_family };

	memcpy(a.b, m->id.idiag_src, ip_len(&a));
	return !ip_is_set(want) || ip_is_any(&a) || ip_is_any(want) || ip_eq(&a, want);
}

static int on_socket(const struct nlmsghdr *msg, void *ctx)
{
	struct socket_search *f = ctx;
	const struct inet_diag_msg *m = nl_msg_extra(msg, sizeof(*m));

	if (!f->inode && m && ntohs(m->id.idiag_sport) == f->s->host_port &&
	    covers(m, &f->s->host_ip))
		f->inode = m->idiag_inode;
	return 0;
}

static uint32_t find_socket(const struct port_spec *s)
{
	static const uint8_t families[] = { AF_INET6, AF_INET };
	_cleanup_nl_ struct nl nl = NL_INIT;
	struct socket_search f = { .s = s };

	if (nl_open(&nl, NETLINK_SOCK_DIAG, NULL) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(families) && !f.inode; i++) {
		_cleanup_nl_req_ struct nl_req q;
		struct inet_diag_req_v2 *d;

		nl_req_init(&q);
		d = nl_msg(&q, SOCK_DIAG_BY_FAMILY, 0, sizeof(*d), "list sockets");
		d->sdiag_family = families[i];
		d->sdiag_protocol = s->proto;
		d->idiag_states = s->proto == IPPROTO_TCP ? TCP_STATES_BOUND : UINT32_MAX;
		nl_dump(&nl, &q, on_socket, &f, NULL);
	}
	return f.inode;
}

static bool has_socket(int proc, const char *pid, const char *want)
{
	_cleanup_closedir_ DIR *d = NULL;
	char path[32], link[64];
	struct dirent *ent;
	int fd;

	if (str_fmt(path, sizeof(path), "%s/fd", pid) < 0)
		return false;
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		fd_close(fd);
		return false;
	}
	while ((ent = readdir(d))) {
		ssize_t n = readlinkat(dirfd(d), ent->d_name, link, sizeof(link) - 1);

		link[n < 0 ? 0 : n] = '\0';
		if (!strcmp(link, want))
			return true;
	}
	return false;
}

/* The first process that has it open; "" when none is seen from here. */
static void find_process(uint32_t inode, char pid[16])
{
	_cleanup_closedir_ DIR *d = opendir("/proc");
	char want[32];
	struct dirent *ent;

	pid[0] = '\0';
	snprintf(want, sizeof(want), "socket:[%u]", inode);
	while (d && (ent = readdir(d)))
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    has_socket(dirfd(d), ent->d_name, want)) {
			(void)!str_fmt(pid, 16, "%s", ent->d_name);
			return;
		}
}

static void name_process(const char *pid, char *buf, size_t size)
{
	_cleanup_free_ char *comm = NULL;
	char path[32];
	size_t len = 0;

	buf[0] = '\0';
	if (str_fmt(path, sizeof(path), "/proc/%s/comm", pid) < 0 ||
	    file_read_at(AT_FDCWD, path, 64, &comm, &len) < 0)
		return;
	snprintf(buf, size, "%.*s", (int)strcspn(comm, "\n"), comm);
	for (char *p = buf; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

int port_busy(const struct port_spec *s, struct err *e)
{
	char text[PORT_STRLEN], pid[16] = "", comm[32] = "";
	uint32_t inode = find_socket(s);

	if (inode)
		find_process(inode, pid);
	if (pid[0])
		name_process(pid, comm, sizeof(comm));
	if (!strcmp(comm, "ct-ports"))
		return -EAGAIN;
	if (comm[0])
		return err_set(e, EADDRINUSE, "port %s is in use by %s (pid %s)", port_str(s, text),
			       comm, pid);
	return err_set(e, EADDRINUSE, "port %s is in use by another program of the host",
		       port_str(s, text));
}
