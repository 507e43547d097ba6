/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl - the kernel's network settings below /proc/sys/net, in the calling
 * namespace or (through netns_do) in another one.
 *
 * Writes go through a procfs of our own (fsopen "proc"), never through a
 * /proc that somebody may have mounted over (CVE-2025-52881), and a value that
 * stands already is not written again.
 */
#ifndef CT_NET_SYSCTL_H
#define CT_NET_SYSCTL_H

#include <stddef.h>

struct err;

struct sysctl {
	const char *path;	/* below /proc/sys/net: "ipv4/ip_forward" */
	const char *value;
};

/* -ENOENT when the kernel lacks it. */
int sysctl_get(const char *path, char *buf, size_t size, struct err *e);
int sysctl_set(const char *path, const char *value, struct err *e);
/* Sets every one in the namespace; those the kernel lacks are passed over. */
int sysctl_apply(int netns_fd, const struct sysctl *table, size_t n, struct err *e);

#endif
