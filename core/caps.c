/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/caps.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/base/err.h"
#include "core/base/str.h"

#define BIT(cap) (1ULL << (cap))

/* capabilities(7), in the order of their numbers */
static const char *const names[] = {
	[CAP_CHOWN] = "CHOWN",
	[CAP_DAC_OVERRIDE] = "DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH] = "DAC_READ_SEARCH",
	[CAP_FOWNER] = "FOWNER",
	[CAP_FSETID] = "FSETID",
	[CAP_KILL] = "KILL",
	[CAP_SETGID] = "SETGID",
	[CAP_SETUID] = "SETUID",
	[CAP_SETPCAP] = "SETPCAP",
	[CAP_LINUX_IMMUTABLE] = "LINUX_IMMUTABLE",
	[CAP_NET_BIND_SERVICE] = "NET_BIND_SERVICE",
	[CAP_NET_BROADCAST] = "NET_BROADCAST",
	[CAP_NET_ADMIN] = "NET_ADMIN",
	[CAP_NET_RAW] = "NET_RAW",
	[CAP_IPC_LOCK] = "IPC_LOCK",
	[CAP_IPC_OWNER] = "IPC_OWNER",
	[CAP_SYS_MODULE] = "SYS_MODULE",
	[CAP_SYS_RAWIO] = "SYS_RAWIO",
	[CAP_SYS_CHROOT] = "SYS_CHROOT",
	[CAP_SYS_PTRACE] = "SYS_PTRACE",
	[CAP_SYS_PACCT] = "SYS_PACCT",
	[CAP_SYS_ADMIN] = "SYS_ADMIN",
	[CAP_SYS_BOOT] = "SYS_BOOT",
	[CAP_SYS_NICE] = "SYS_NICE",
	[CAP_SYS_RESOURCE] = "SYS_RESOURCE",
	[CAP_SYS_TIME] = "SYS_TIME",
	[CAP_SYS_TTY_CONFIG] = "SYS_TTY_CONFIG",
	[CAP_MKNOD] = "MKNOD",
	[CAP_LEASE] = "LEASE",
	[CAP_AUDIT_WRITE] = "AUDIT_WRITE",
	[CAP_AUDIT_CONTROL] = "AUDIT_CONTROL",
	[CAP_SETFCAP] = "SETFCAP",
	[CAP_MAC_OVERRIDE] = "MAC_OVERRIDE",
	[CAP_MAC_ADMIN] = "MAC_ADMIN",
	[CAP_SYSLOG] = "SYSLOG",
	[CAP_WAKE_ALARM] = "WAKE_ALARM",
	[CAP_BLOCK_SUSPEND] = "BLOCK_SUSPEND",
	[CAP_AUDIT_READ] = "AUDIT_READ",
	[CAP_PERFMON] = "PERFMON",
	[CAP_BPF] = "BPF",
	[CAP_CHECKPOINT_RESTORE] = "CHECKPOINT_RESTORE",
};

static const char *name_at(const void *ctx, size_t i)
{
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

const char *caps_name(unsigned cap)
{
	return name_at(NULL, cap);
}

/*
 * docker's default set: moby, daemon/pkg/oci/caps/defaults.go. NET_RAW is in
 * it; where it is dropped is the caller's decision.
 */
uint64_t caps_default(void)
{
	return BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FSETID) | BIT(CAP_FOWNER) |
	       BIT(CAP_MKNOD) | BIT(CAP_NET_RAW) | BIT(CAP_SETGID) | BIT(CAP_SETUID) |
	       BIT(CAP_SETFCAP) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
	       BIT(CAP_SYS_CHROOT) | BIT(CAP_KILL) | BIT(CAP_AUDIT_WRITE);
}

/* The highest capability of the running kernel; needs no /proc. */
static unsigned last_cap(void)
{
	unsigned low = CAP_AUDIT_READ, high = 64; /* low is known to every kernel we run on */

	while (high - low > 1) {
		unsigned mid = (low + high) / 2;

		if (prctl(PR_CAPBSET_READ, mid, 0, 0, 0) < 0)
			high = mid;
		else
			low = mid;
	}
	return low;
}

/* Also those that have no name here yet: --privileged means all. */
uint64_t caps_all(void)
{
	return UINT64_MAX >> (63 - last_cap());
}

/* Any case, with or without "cap_"; -EINVAL names the nearest. */
int caps_parse(const char *word, uint64_t *ret, struct err *e)
{
	char upper[32];
	const char *bare = strncasecmp(word, "cap_", 4) == 0 ? word + 4 : word, *near;
	size_t n = strlen(bare);

	if (strcasecmp(bare, "all") == 0 && bare == word) {
		*ret = caps_all();
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcasecmp(bare, names[i]) == 0) {
			*ret = BIT(i);
			return 0;
		}
	}
	err_set(e, -EINVAL, "unknown capability '%s'", word);
	for (size_t i = 0; n < sizeof(upper) && i <= n; i++)
		upper[i] = (char)toupper((unsigned char)bare[i]);
	near = n < sizeof(upper) ? str_nearest(upper, name_at, NULL) : NULL;
	if (near)
		err_hint(e, "did you mean %s? (capabilities(7) lists them, ALL is all of them)",
			 near);
	else
		err_hint(e, "capabilities(7) lists them, ALL is all of them");
	return -EINVAL;
}

static int drop_bounding(uint64_t mask, struct err *e)
{
	unsigned last = last_cap();

	for (unsigned cap = 0; cap <= last; cap++) {
		int r;

		if (mask & BIT(cap) || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		r = -errno;
		/* without SETPCAP nothing can be dropped, and what is gone need not be */
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
			return err_sys(e, r, "drop capability %s from the bounding set",
				       caps_name(cap) ? caps_name(cap) : "(unnamed)");
	}
	return 0;
}

/* What the caller's caller chose would change what root, or a change of user, means. */
static int clear_securebits(struct err *e)
{
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

	if (bits <= 0)
		return 0;
	if (prctl(PR_SET_SECUREBITS, 0, 0, 0, 0) < 0)
		return err_sys(e, errno, "clear securebits 0x%x of the caller", (unsigned)bits);
	return 0;
}

/* The permitted set outlives the change of user when something ambient will need it. */
static int become_user(const struct caps_want *w, struct err *e)
{
	/* a user namespace with setgroups "deny" refuses also to set none */
	if (setgroups(w->n_groups, w->groups) < 0 &&
	    (w->n_groups || errno != EPERM || getgroups(0, NULL) != 0))
		return err_sys(e, errno,
			       w->n_groups ? "set supplementary groups"
					   : "drop supplementary groups");
	if (setresgid(w->gid, w->gid, w->gid) < 0)
		return err_sys(e, errno, "become group %u", w->gid);
	if (w->uid && w->ambient && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(e, errno, "set PR_SET_KEEPCAPS");
	if (setresuid(w->uid, w->uid, w->uid) < 0)
		return err_sys(e, errno, "become user %u", w->uid);
	return 0;
}

/* Permitted and effective become mask as far as they are held. *ret: ambient, likewise. */
static int set_held(uint64_t mask, uint64_t ambient, uint64_t *ret, struct err *e)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	*ret = 0;
	if (syscall(SYS_capget, &h, d) < 0)
		return err_sys(e, errno, "read capabilities");
	for (unsigned i = 0; i < ARRAY_SIZE(d); i++) {
		d[i].permitted &= (uint32_t)(mask >> (32 * i));
		d[i].effective = d[i].permitted;
		d[i].inheritable = d[i].permitted & (uint32_t)(ambient >> (32 * i));
		*ret |= (uint64_t)d[i].inheritable << (32 * i);
	}
	if (syscall(SYS_capset, &h, d) < 0)
		return err_sys(e, errno, "set capabilities");
	return 0;
}

static int raise_ambient(uint64_t mask, struct err *e)
{
	for (unsigned cap = 0; mask; cap++, mask >>= 1)
		if (mask & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return err_sys(e, errno, "make capability %s ambient",
				       caps_name(cap) ? caps_name(cap) : "(unnamed)");
	return 0;
}

/*
 * The bounding set needs SETPCAP and the ids SETUID and SETGID, so they come
 * before the sets are cut down. Another user than root gets none but the ambient
 * ones, as with docker: neither the change of user nor a later exec gives any. A
 * change of user also clears the parent-death signal and the dumpable flag
 * (prctl(2)): set them again after.
 * Source: capabilities(7), kernel/cred.c (commit_creds).
 */
int caps_become(const struct caps_want *w, struct err *e)
{
	uint64_t ambient = w->ambient & w->mask;
	int r = clear_securebits(e);

	if (r == 0)
		r = drop_bounding(w->mask, e);
	if (r == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		r = err_sys(e, errno, "clear ambient capabilities");
	if (r == 0)
		r = become_user(w, e);
	if (r == 0)
		r = set_held(w->uid == 0 ? w->mask : ambient, ambient, &ambient, e);
	/* it goes with an exec too, but then the command had it */
	if (r == 0 && w->uid && w->ambient && prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		r = err_sys(e, errno, "clear PR_SET_KEEPCAPS");
	return r == 0 ? raise_ambient(ambient, e) : r;
}

int caps_reduce(uint64_t mask, struct err *e)
{
	uint64_t none;

	return set_held(mask, 0, &none, e);
}
