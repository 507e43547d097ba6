/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever is not for us is let go on, and the kernel judges it as if nobody
 * had looked. What the sender says is only its arguments, which the kernel
 * copied; who it is we read from our own /proc and then ask whether it still
 * waits, so a pid that was used again cannot lend its rights.
 */
#include "core/notify.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "core/base/cleanup.h"
#include "core/base/fd.h"
#include "core/target.h"

static int signal_of(const struct seccomp_data *d)
{
	uint64_t sig = d->nr == SYS_tgkill ? d->args[2] : d->args[1];

	/* tgkill(1, 1, sig): the second 1 is the thread, pid 1's first */
	if (d->nr == SYS_tgkill && d->args[1] != 1)
		return 0;
	return sig > 0 && sig <= (uint64_t)SIGRTMAX ? (int)sig : 0;
}

static bool same_namespace(uint32_t a, pid_t b, const char *kind)
{
	char path[48];
	struct stat x, y;

	snprintf(path, sizeof(path), "/proc/%u/ns/%s", a, kind);
	if (stat(path, &x) < 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)b, kind);
	return stat(path, &y) == 0 && x.st_ino == y.st_ino;
}

struct ids {
	uint32_t real, effective, saved;
	uint64_t caps;
};

static const char *field(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line ? line + strlen(key) : NULL;
}

static bool ids_read(uint32_t pid, struct ids *ret)
{
	_cleanup_free_ char *status = NULL;
	const char *uids, *caps;
	char path[48], *end;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	if (file_read_at(AT_FDCWD, path, 16384, &status, NULL) < 0)
		return false;
	uids = field(status, "\nUid:");
	caps = field(status, "\nCapEff:");
	if (!uids || !caps)
		return false;
	ret->real = (uint32_t)strtoul(uids, &end, 10);
	ret->effective = (uint32_t)strtoul(end, &end, 10);
	ret->saved = (uint32_t)strtoul(end, &end, 10);
	ret->caps = strtoull(caps, NULL, 16);
	return true;
}

/* kill(2): CAP_KILL, or a real or effective uid that is pid 1's real or saved one. */
static bool may_signal(uint32_t sender, pid_t init)
{
	struct ids s, t;

	if (!ids_read(sender, &s) || !ids_read((uint32_t)init, &t))
		return false;
	/* held in a user namespace of its own it counts for nothing outside */
	if (s.caps & 1ULL << CAP_KILL && same_namespace(sender, init, "user"))
		return true;
	return s.real == t.real || s.real == t.saved || s.effective == t.real ||
	       s.effective == t.saved;
}

static bool is_ours(const struct seccomp_notif *n, const struct target *init, int sig)
{
	return init->is_init && sig && n->pid && same_namespace(n->pid, init->pid, "pid") &&
	       may_signal(n->pid, init->pid);
}

void notify_answer(int listener, struct target *init)
{
	struct seccomp_notif n = { 0 };
	struct seccomp_notif_resp resp = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
	int sig;

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) < 0)
		return;
	resp.id = n.id;
	sig = signal_of(&n.data);
	if (is_ours(&n, init, sig) && ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id) == 0 &&
	    target_end(init, sig))
		resp.flags = 0;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}
