/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp - the default system call filter, compiled at build time from
 * core/seccomp_default.list and embedded as a search tree of at most 150 BPF
 * instructions.
 */
#ifndef CT_CORE_SECCOMP_H
#define CT_CORE_SECCOMP_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct sock_filter;

/* What a filter depends on. */
struct seccomp_want {
	uint64_t caps; /* more calls with some of them, as in docker's profile */
	bool packet_sockets; /* AF_PACKET sockets may be made */
	bool listener; /* signals to pid 1 are notified (core/notify.h) */
};

/*
 * Installs the filter on the calling thread; no_new_privs must be set. Returns
 * the listener's descriptor, close-on-exec, when one was wanted and the kernel
 * gives it (there can be one in a chain of filters); else -1 in *ret_listener.
 */
int seccomp_install(const struct seccomp_want *want, int *ret_listener, struct err *e);

/* A program made elsewhere, that of a profile (core/seccomp_profile.h). */
struct seccomp_custom {
	const struct sock_filter *insns;
	uint16_t n;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* */
	bool listener; /* signals to pid 1 are notified where the program lets them through */
};
int seccomp_install_custom(const struct seccomp_custom *want, int *ret_listener, struct err *e);

/* For a reaper (core/init.h): nothing but waiting, signalling and ending. */
int seccomp_install_reaper(struct err *e);

#endif
