/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/persist.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "core/base/cleanup.h"
#include "core/base/crash.h"
#include "core/base/err.h"
#include "core/ns.h"
#include "core/spec.h"

/* The last of the kinds, and beyond them the network's. */
static const char *wish(const struct ct_spec *spec, size_t i, const char **ret_name)
{
	*ret_name = i < CT_NS_KINDS ? ns_kinds[i].name : "net";
	return i < CT_NS_KINDS ? spec->ns[i].persist : spec->netns_persist;
}

static int bind_over(const char *file, const char *name, pid_t pid, struct err *e)
{
	int fd = open(file, O_RDONLY | O_CREAT | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0444);
	char source[48];

	if (fd < 0)
		return err_sys(e, errno, "make %s", file);
	close(fd);
	crash_point("persist", "file");
	snprintf(source, sizeof(source), "/proc/%d/ns/%s", (int)pid, name);
	if (mount(source, file, NULL, MS_BIND, NULL) == 0)
		return 0;
	fd = err_sys(e, errno, "keep the %s namespace at %s", name, file);
	if (fd == -EINVAL && !strcmp(name, "mnt"))
		err_hint(e, "a mount namespace is kept on a private mount: mount --make-private");
	return fd;
}

int persist_all(const struct ct_spec *spec, pid_t pid, struct err *e)
{
	const char *name, *file;
	int r = 0;

	for (size_t i = 0; i <= CT_NS_KINDS; i++) {
		file = wish(spec, i, &name);
		r = file ? bind_over(file, name, pid, e) : 0;
		if (r >= 0)
			continue;
		while (i-- > 0) {
			file = wish(spec, i, &name);
			if (file)
				umount2(file, MNT_DETACH);
		}
		break;
	}
	return r;
}
