/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules are read from the last to the first: each kind of access (read, write,
 * mknod) is decided by the last rule that names it for the device; without one it
 * is allowed. That is what the program of v2 does.
 *
 * The v1 list is poorer: it is "all" or "nothing", and exceptions, of which only one
 * with the very same numbers is taken back. Rules that it cannot say go to the program.
 *
 * Kernel: Documentation/admin-guide/cgroup-v1/devices.rst, security/device_cgroup.c.
 */
#include "core/cgroup_devices.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/bpf_device.h"
#include "core/cgroup_tree.h"
#include "core/spec.h"

/* Speaks of every device and every access. */
static bool is_whole(const struct ct_device_rule *r)
{
	return r->type == 'a' && r->major < 0 && r->minor < 0 && strchr(r->access, 'r') &&
	       strchr(r->access, 'w') && strchr(r->access, 'm');
}

static bool meet(int64_t a, int64_t b)
{
	return a < 0 || b < 0 || a == b;
}

/* Whether taking back rule "late" from the exception "early" is more than v1 understands. */
static bool takes_a_part(const struct ct_device_rule *early, const struct ct_device_rule *late)
{
	bool types = early->type == 'a' || late->type == 'a' || early->type == late->type;
	bool same = early->type == late->type && early->major == late->major &&
		    early->minor == late->minor;

	return types && !same && meet(early->major, late->major) &&
	       meet(early->minor, late->minor) && strpbrk(early->access, late->access);
}

static bool list_can_say(const struct ct_limits *l)
{
	size_t first = 0;

	for (size_t i = 0; i < l->n_devices; i++)
		if (is_whole(&l->devices[i]))
			first = i;
	for (size_t i = first + 1; i < l->n_devices; i++)
		for (size_t k = first + 1; k < i; k++)
			if (l->devices[i].allow == l->devices[first].allow &&
			    l->devices[k].allow != l->devices[first].allow &&
			    takes_a_part(&l->devices[k], &l->devices[i]))
				return false;
	return is_whole(&l->devices[first]);
}

const struct cg_tree *cg_devices_tree(const struct cg_trees *trees, const struct ct_limits *l)
{
	if (!l->n_devices || !list_can_say(l))
		return NULL;
	return cg_tree_of(trees, CG_DEVICES);
}

static void format_number(int64_t n, char *buf, size_t size)
{
	if (n < 0)
		snprintf(buf, size, "*");
	else
		snprintf(buf, size, "%lld", (long long)n);
}

static int write_rule(const struct cg_tree *t, const char *path, int fd,
		      const struct ct_device_rule *r, char type, struct err *e)
{
	const char *file = r->allow ? "devices.allow" : "devices.deny";
	char major[24], minor[24], text[80];
	int n;

	format_number(r->major, major, sizeof(major));
	format_number(r->minor, minor, sizeof(minor));
	if (type == 'a')
		snprintf(text, sizeof(text), "a");
	else
		snprintf(text, sizeof(text), "%c %s:%s %s", type, major, minor, r->access);
	n = file_write_at(fd, file, text);
	if (n >= 0)
		return 0;
	err_sys(e, n, "%s: write %s to %s/%s/%s", CG_DEVICES_OPTION, text, t->mount, path, file);
	if (n == -EPERM)
		err_hint(e, "a group above does not allow that device");
	return n;
}

int cg_devices_list(const struct cg_tree *t, const char *path, int group_fd,
		    const struct ct_limits *l, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < l->n_devices; i++) {
		const struct ct_device_rule *rule = &l->devices[i];

		if (rule->type != 'a' || is_whole(rule)) {
			r = write_rule(t, path, group_fd, rule, rule->type, e);
			continue;
		}
		/* of 'a' the kernel heeds nothing else: so it is said of either type */
		r = write_rule(t, path, group_fd, rule, 'b', e);
		if (r >= 0)
			r = write_rule(t, path, group_fd, rule, 'c', e);
	}
	return r;
}

int cg_devices_program(int v2_fd, const struct ct_limits *l, struct err *e)
{
	int r;

	if (v2_fd < 0) {
		r = err_set(e, -ENOTSUP, "%s: nothing here can hold rules for devices",
			    CG_DEVICES_OPTION);
		err_hint(e, "mount -t cgroup2 none /sys/fs/cgroup, or the v1 controller devices");
		return r;
	}
	r = bpf_device_attach(v2_fd, l->devices, l->n_devices, e);
	return r < 0 ? err_wrap(e, r, "%s", CG_DEVICES_OPTION) : 0;
}
