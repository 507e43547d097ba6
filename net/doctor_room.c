/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of the kernel that fill up. */
#include "net/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/dir.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "net/link.h"

/* net/bridge/br_private.h: BR_PORT_BITS is 10, and port 0 is none */
#define BRIDGE_PORTS_MAX 1023

/* From here on a table counts as nearly full. */
static bool nearly(long long used, long long max)
{
	return used >= max - max / 10;
}

static int count_port(const struct link_info *l, void *ctx)
{
	unsigned *n = ctx;

	(void)l;
	(*n)++;
	return 0;
}

int doctor_bridge_ports(struct doctor *d, struct err *e)
{
	static const char cure[] = "ctnet create NAME --driver ptp, or more than one network";
	unsigned most = 0;
	int r = 0;

	for (size_t i = 0; i < d->n_nets && r >= 0; i++) {
		const char *name = d->nets[i].name;
		struct link_info l;
		unsigned n = 0;

		/* not realised, or not a bridge */
		if (link_get(&d->net->rt, name, &l, NULL) < 0 || strcmp(l.kind, "bridge") != 0)
			continue;
		r = link_list(&d->net->rt, l.index, count_port, &n, e);
		if (n >= BRIDGE_PORTS_MAX)
			doctor_say(d, DOCTOR_FAIL, cure,
				   "bridge %s is full: it has all the %d ports a bridge can have",
				   name, BRIDGE_PORTS_MAX);
		else if (nearly(n, BRIDGE_PORTS_MAX))
			doctor_say(d, DOCTOR_WARN, cure, "bridge %s is nearly full: %u of %d ports",
				   name, n, BRIDGE_PORTS_MAX);
		most = n > most ? n : most;
	}
	if (r >= 0 && !d->said)
		doctor_say(d, DOCTOR_OK, NULL, "at most %u of %d ports of a bridge are taken", most,
			   BRIDGE_PORTS_MAX);
	return r;
}

/* The entries of a neighbour table, of all namespaces together: the first column, hexadecimal. */
static long long neighbours(const char *path)
{
	_cleanup_free_ char *text = NULL;
	const char *line;

	if (file_read_at(AT_FDCWD, path, 65536, &text, NULL) < 0)
		return -1;
	line = strchr(text, '\n');
	return line ? strtoll(line + 1, NULL, 16) : -1;
}

int doctor_neighbours(struct doctor *d, struct err *e)
{
	static const struct {
		const char *name, *key, *path, *stat;
	} tables[] = {
		{ "ARP", "net.ipv4.neigh.default.gc_thresh3",
		  "/proc/sys/net/ipv4/neigh/default/gc_thresh3", "/proc/net/stat/arp_cache" },
		{ "NDP", "net.ipv6.neigh.default.gc_thresh3",
		  "/proc/sys/net/ipv6/neigh/default/gc_thresh3", "/proc/net/stat/ndisc_cache" },
	};

	(void)e;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		long long max = doctor_number(tables[i].path, -1);
		long long used = neighbours(tables[i].stat);
		char cure[96];

		/* the limit is one for all namespaces and seen only in the first */
		if (max <= 0 || used < 0 || !nearly(used, max))
			continue;
		snprintf(cure, sizeof(cure), "sysctl -w %s=%lld", tables[i].key, max * 4);
		doctor_say(d, DOCTOR_WARN, cure,
			   "the %s table, which all namespaces share, has %lld of %lld entries",
			   tables[i].name, used, max);
	}
	if (!d->said)
		doctor_say(d, DOCTOR_OK, NULL, "the tables have room");
	return 0;
}

int doctor_conntrack(struct doctor *d, struct err *e)
{
	long long max = doctor_number("/proc/sys/net/netfilter/nf_conntrack_max", -1);
	long long used = doctor_number("/proc/sys/net/netfilter/nf_conntrack_count", 0);
	char cure[96];

	(void)e;
	if (max < 0) {
		doctor_say(d, DOCTOR_OK, NULL, "nothing is tracked here yet");
		return 0;
	}
	snprintf(cure, sizeof(cure), "sysctl -w net.netfilter.nf_conntrack_max=%lld", max * 4);
	if (max && used >= max)
		doctor_say(d, DOCTOR_FAIL, cure,
			   "the connection table is full (%lld): new connections are dropped", max);
	else if (max && nearly(used, max))
		doctor_say(d, DOCTOR_WARN, cure, "%lld of %lld tracked connections", used, max);
	else
		doctor_say(d, DOCTOR_OK, NULL, "%lld of %lld tracked connections", used, max);
	return 0;
}

/* Descriptors of one process that are inotify instances. */
static unsigned inotify_of(int proc, const char *pid)
{
	struct strv fds = { 0 };
	char path[300], target[64];
	_cleanup_close_ int dir = -1;
	unsigned n = 0;

	snprintf(path, sizeof(path), "%s/fd", pid);
	dir = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || dir_names(dir, &fds) < 0)
		return 0;
	for (size_t i = 0; i < fds.n; i++) {
		ssize_t len = readlinkat(dir, fds.v[i], target, sizeof(target) - 1);

		if (len < 0)
			continue;
		target[len] = '\0';
		n += !strcmp(target, "anon_inode:inotify");
	}
	strv_free(&fds);
	return n;
}

/* Counted over all users, since a limit that is near for one is worth a word. */
int doctor_inotify(struct doctor *d, struct err *e)
{
	static const char key[] = "fs.inotify.max_user_instances";
	long long max = doctor_number("/proc/sys/fs/inotify/max_user_instances", -1);
	_cleanup_close_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct strv pids = { 0 };
	long long used = 0;
	char cure[96];
	int r;

	r = proc < 0 ? -errno : dir_names(proc, &pids);
	if (r < 0)
		return err_sys(e, r, "read /proc");
	for (size_t i = 0; i < pids.n; i++)
		if (pids.v[i][0] >= '0' && pids.v[i][0] <= '9')
			used += inotify_of(proc, pids.v[i]);
	strv_free(&pids);
	snprintf(cure, sizeof(cure), "sysctl -w %s=%lld", key, max * 4);
	if (max > 0 && nearly(used, max))
		doctor_say(
			d, DOCTOR_WARN, cure,
			"%lld inotify instances, and a user may have %lld: containers that watch "
			"files fail",
			used, max);
	else
		doctor_say(d, DOCTOR_OK, NULL, "%lld inotify instances; a user may have %lld", used,
			   max);
	return 0;
}
