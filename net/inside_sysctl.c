/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings that a lab file gives to a node. */
#include <errno.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "net/inside_real.h"
#include "net/sysctl.h"

/*
 * As sysctl(8): in a key whose first separator is a dot, dots are slashes and slashes
 * (of an interface's name) are dots.
 */
int inside_sysctl_path(const char *key, char buf[INSIDE_SYSCTL_LEN], struct err *e)
{
	bool dots = key[strcspn(key, "./")] == '.';

	if (strncmp(key, "net", 3) != 0 || (key[3] != '.' && key[3] != '/')) {
		err_hint(e, "a node's settings are those of its network: net.*");
		return err_set(e, EINVAL, "sysctl %s is none of the network", key);
	}
	if (str_fmt(buf, INSIDE_SYSCTL_LEN, "%s", key + 4) < 0)
		return err_set(e, EINVAL, "sysctl %.40s...: the name is too long", key);
	for (char *p = buf; dots && *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	return 0;
}

static int set_path(const char *path, const char *value, struct err *e)
{
	int r = sysctl_set(path, value, e);

	if (r == -ENOENT)
		err_hint(e, "this kernel, or a network namespace, has no such setting");
	return r;
}

int inside_sysctl_set(const struct topo_pair *p, struct err *e)
{
	char path[INSIDE_SYSCTL_LEN];
	int r = inside_sysctl_path(p->left, path, e);

	if (r >= 0)
		r = set_path(path, p->right, e);
	return r < 0 ? err_wrap(e, r, "sysctl.%u", p->num) : 0;
}

int inside_sysctl_back(const struct topo_node *n, const struct topo_pair *p, struct err *e)
{
	char path[INSIDE_SYSCTL_LEN];
	const char *ours;

	for (size_t i = 0; i < n->n_sysctls; i++)
		if (!strcmp(n->sysctls[i].left, p->left))
			return 0;
	if (inside_sysctl_path(p->left, path, NULL) < 0)
		return 0;
	ours = inside_setting(n, path);
	return ours ? set_path(path, ours, e) : 0;
}

int inside_sysctls(const struct topo_pair *v, size_t n, bool defaults, struct err *e)
{
	char path[INSIDE_SYSCTL_LEN];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		r = inside_sysctl_path(v[i].left, path, e);
		if (r < 0)
			return err_wrap(e, r, "sysctl.%u", v[i].num);
		if (!!strstr(path, "/default/") == defaults)
			r = inside_sysctl_set(&v[i], e);
	}
	return r;
}
