/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources: Documentation/userspace-api/lsm.rst; security/apparmor/lsm.c
 * (apparmor_setprocattr: "exec NAME"); security/selinux/hooks.c. Since Linux 5.8 each
 * module has its own directory below attr, before that one file was for all.
 */
#include "core/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/fd.h"
#include "core/base/str.h"
#include "core/vfs.h"

struct module {
	const char *name, *title, *enabled, *own, *legacy, *prefix, *hint;
};

static const struct module apparmor = {
	"apparmor",
	"AppArmor",
	"/sys/module/apparmor/parameters/enabled",
	"thread-self/attr/apparmor/exec",
	"thread-self/attr/exec",
	"exec ",
	"boot a kernel with CONFIG_SECURITY_APPARMOR and \"apparmor\" in lsm=",
};
static const struct module selinux = {
	"selinux",
	"SELinux",
	"/sys/fs/selinux/enforce",
	"thread-self/attr/selinux/exec",
	"thread-self/attr/exec",
	"",
	"boot a kernel with CONFIG_SECURITY_SELINUX and \"selinux\" in lsm=, and load a policy",
};

/* "lockdown,capability,landlock": whole words. */
static bool lists(const char *text, const char *word)
{
	size_t len = strlen(word), n;

	for (; *text; text += n + (text[n] == ',')) {
		n = strcspn(text, ",\n");
		if (n == len && !strncmp(text, word, len))
			return true;
		if (text[n] == '\n')
			break;
	}
	return false;
}

static bool is_active(const struct module *m)
{
	_cleanup_free_ char *list = NULL, *state = NULL;

	if (file_read_at(AT_FDCWD, "/sys/kernel/security/lsm", 4096, &list, NULL) >= 0)
		return lists(list, m->name);
	/* securityfs is not mounted everywhere */
	return file_read_at(AT_FDCWD, m->enabled, 16, &state, NULL) >= 0 &&
	       (state[0] == 'Y' || m == &selinux);
}

static int check(const struct module *m, const char *label, struct err *e)
{
	int r;

	if (!label || is_active(m))
		return 0;
	r = err_set(e, -ENOTSUP, "%s is not active in this kernel: no label %.100s", m->title,
		    label);
	err_hint(e, "%s", m->hint);
	return r;
}

int lsm_check(const struct lsm_labels *l, struct err *e)
{
	int r = check(&apparmor, l->apparmor, e);

	return r < 0 ? r : check(&selinux, l->selinux, e);
}

static int apply(const struct module *m, const char *label, int proc, struct err *e)
{
	char text[512];
	int r = str_fmt(text, sizeof(text), "%s%s", m->prefix, label);

	if (r >= 0)
		r = file_write_at(proc, m->own, text);
	if (r == -ENOENT)
		r = file_write_at(proc, m->legacy, text);
	if (r >= 0)
		return 0;
	r = err_sys(e, r, "set the %s label %.100s", m->title, label);
	if (r == -ENOENT || r == -EINVAL)
		err_hint(e, "is it loaded?");
	return r;
}

int lsm_apply(const struct lsm_labels *l, struct err *e)
{
	_cleanup_close_ int proc = -1;
	int r = 0;

	if (!l->apparmor && !l->selinux)
		return 0;
	proc = vfs_new("proc", NULL, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, e);
	if (proc < 0)
		return err_wrap(e, proc, "a procfs for the security label");
	if (l->apparmor)
		r = apply(&apparmor, l->apparmor, proc, e);
	if (r >= 0 && l->selinux)
		r = apply(&selinux, l->selinux, proc, e);
	return r;
}
