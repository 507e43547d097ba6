/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/newnet.h"

#include <fcntl.h>
#include <sched.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/ns.h"

int newnet_enter(struct err *e)
{
	int r = ns_unshare(CLONE_NEWNET, "a network namespace", e);

	if (r < 0)
		err_hint(e, "see /proc/sys/user/max_net_namespaces");
	return r;
}

int newnet_make(struct err *e)
{
	_cleanup_close_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd = -1;
	int r;

	if (own < 0)
		return err_sys(e, errno, "open /proc/self/ns/net");
	r = newnet_enter(e);
	if (r < 0)
		return r;
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "open the network namespace");
	r = ns_enter(own, CLONE_NEWNET, "the network namespace of the caller", e);
	return r < 0 ? r : take_fd(&fd);
}
