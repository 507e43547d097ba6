/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl - the kernel's network settings below /proc/sys/net, in the calling
 * namespace or (through netns_do) in another one.
 *
 * Nothing that somebody mounted over /proc or a part of it is ever read or
 * written (CVE-2025-52881), and a value that stands already is not written
 * again.
 */
#ifndef CT_NET_SYSCTL_H
#define CT_NET_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

struct err;

struct sysctl {
	const char *path; /* below /proc/sys/net: "ipv4/ip_forward" */
	const char *value;
};

/* -ENOENT when the kernel lacks it. */
int sysctl_get(const char *path, char *buf, size_t size, struct err *e);
int sysctl_set(const char *path, const char *value, struct err *e);
/* Sets every one in the namespace (-1: the caller's); those the kernel lacks are passed over. */
int sysctl_apply(int netns_fd, const struct sysctl *table, size_t n, struct err *e);
/* Whether the kernel has IPv6 at all: without, no message may name AF_INET6. */
bool sysctl_has_ipv6(void);

#endif
