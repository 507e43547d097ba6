/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is namespaced stands in a table, with the namespace; all else is the
 * host's, whatever the kernel would say to a write. Sources: ipc/ipc_sysctl.c, ipc/mq_sysctl.c,
 * kernel/utsname_sysctl.c, kernel/ucount.c, net/sysctl_net.c.
 *
 * The name is cut at the first '=', so that none can be smuggled in a value, and has
 * a small alphabet, so that it is a path of plain names (CVE-2022-0811).
 */
#include "core/sysctls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/spec.h"
#include "core/vfs.h"

#define NET CT_NS_KINDS /* not in enum ct_ns_kind */

/* name ends in '/': all below it */
static const struct setting {
	const char *name;
	int ns;
} settings[] = {
	{ "net/", NET },
	{ "fs/mqueue/", CT_NS_IPC },
	{ "kernel/auto_msgmni", CT_NS_IPC },
	{ "kernel/msg_next_id", CT_NS_IPC },
	{ "kernel/msgmax", CT_NS_IPC },
	{ "kernel/msgmnb", CT_NS_IPC },
	{ "kernel/msgmni", CT_NS_IPC },
	{ "kernel/sem", CT_NS_IPC },
	{ "kernel/sem_next_id", CT_NS_IPC },
	{ "kernel/shm_next_id", CT_NS_IPC },
	{ "kernel/shm_rmid_forced", CT_NS_IPC },
	{ "kernel/shmall", CT_NS_IPC },
	{ "kernel/shmmax", CT_NS_IPC },
	{ "kernel/shmmni", CT_NS_IPC },
	{ "kernel/domainname", CT_NS_UTS },
	{ "user/", CT_NS_USER },
};

static const struct space {
	const char *name, *option;
} spaces[] = {
	[CT_NS_IPC] = { "IPC", "--ipc" },
	[CT_NS_UTS] = { "host name", "--uts" },
	[CT_NS_USER] = { "user", "--userns" },
	[NET] = { "network", "--net" },
};

static const struct setting *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const char *known = settings[i].name;
		size_t n = strlen(known);

		if (known[n - 1] == '/' ? len > n && !strncmp(name, known, n)
					: len == n && !strncmp(name, known, n))
			return &settings[i];
	}
	return NULL;
}

/*
 * As sysctl(8): the first separator tells which one it is; where it is '.', a
 * '/' stands for a dot in a name (net.ipv4.conf.eth0/1.forwarding).
 */
static void to_path(char *name)
{
	bool dots = name[strcspn(name, "./")] == '.';

	for (; dots && *name; name++)
		*name = *name == '.' ? '/' : *name == '/' ? '.' : *name;
}

static bool is_path(const char *name)
{
	size_t len = strlen(name);

	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!*part || *part == '/' || (*part == '.' && !strncmp(part, "..", 2)) ||
		    !strncmp(part, "./", 2))
			return false;
	}
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_-./@") == len;
}

int sysctls_parse(const char *word, struct strv *ret, struct err *e)
{
	_cleanup_free_ char *copy = strdup(word);
	char *value = copy ? strchr(copy, '=') : NULL;
	int r;

	if (!copy)
		return -ENOMEM;
	if (!value || value == copy)
		return err_set(e, -EINVAL, "'%.100s' is not NAME=VALUE", word);
	*value++ = '\0';
	if (value[strcspn(value, "\n\r")] || strlen(value) > 4096)
		return err_set(e, -EINVAL, "the value of %.100s is not one line", copy);
	to_path(copy);
	if (!is_path(copy))
		return err_set(e, -EINVAL, "'%.100s' is no name of a setting", word);
	if (!strcmp(copy, "kernel/hostname")) {
		err_hint(e, "that is --hostname");
		return err_set(e, -EINVAL, "%s is not set in this way", copy);
	}
	if (find(copy, strlen(copy)))
		return strv_add_take(ret, str_printf("%s=%s", copy, value));
	r = err_set(e, -EPERM, "%.100s is not namespaced: it would be set for the whole host",
		    copy);
	err_hint(e, "set it with sysctl(8) on the host");
	return r;
}

/* New, or another container's; a joined one is set by who owns it. */
static bool is_own(const struct ct_spec *spec, int ns)
{
	if (ns == NET)
		return spec->netns == NETNS_NEW;
	if (ns == CT_NS_USER)
		return spec->ns[ns].mode == CT_NS_NEW;
	return spec->ns[ns].mode == CT_NS_DEFAULT || spec->ns[ns].mode == CT_NS_NEW;
}

static int check(const struct ct_spec *spec, const char *word, struct err *e)
{
	_cleanup_(strv_free) struct strv one = { 0 };
	const struct setting *s;
	int r = sysctls_parse(word, &one, e);

	if (r < 0 || !one.n)
		return r;
	s = find(one.v[0], strcspn(one.v[0], "="));
	if (!s || is_own(spec, s->ns))
		return 0;
	r = err_set(e, -EPERM, "%.100s: the container has no %s namespace of its own", word,
		    spaces[s->ns].name);
	err_hint(e, s->ns == CT_NS_USER ? "--userns auto makes one" : "leave out %s",
		 spaces[s->ns].option);
	return r;
}

/* Nothing is mounted in this procfs and nothing there leads out; the kernel is to agree. */
static int open_setting(int proc, const char *name)
{
	char path[512];
	struct open_how how = { .flags = O_WRONLY | O_CLOEXEC,
				.resolve =
					RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV };
	int r = str_fmt(path, sizeof(path), "sys/%s", name);

	if (r < 0)
		return r;
	r = (int)syscall(SYS_openat2, proc, path, &how, sizeof(how));
	return r < 0 ? -errno : r;
}

static int apply(int proc, const char *word, struct err *e)
{
	_cleanup_(strv_free) struct strv one = { 0 };
	_cleanup_close_ int fd = -1;
	char *value;
	int r = sysctls_parse(word, &one, e);

	if (r < 0 || !one.n)
		return r;
	value = strchr(one.v[0], '=');
	*value++ = '\0';
	fd = open_setting(proc, one.v[0]);
	if (fd == -ENOENT)
		return err_set(e, fd, "%s: this kernel has no such setting", one.v[0]);
	if (fd < 0)
		return err_sys(e, fd, "%s", one.v[0]);
	r = fd_write_all(fd, value, strlen(value));
	return r < 0 ? err_sys(e, r, "%s=%.60s", one.v[0], value) : 0;
}

int sysctls_open(const struct ct_spec *spec, int *ret_proc, struct err *e)
{
	*ret_proc = -1;
	if (!spec->sysctls.n)
		return 0;
	*ret_proc =
		vfs_new("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, e);
	return *ret_proc < 0 ? err_wrap(e, *ret_proc, "a procfs for the settings") : 0;
}

int sysctls_apply(const struct ct_spec *spec, int proc, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < spec->sysctls.n; i++) {
		r = check(spec, spec->sysctls.v[i], e);
		if (r >= 0)
			r = apply(proc, spec->sysctls.v[i], e);
	}
	return r;
}
