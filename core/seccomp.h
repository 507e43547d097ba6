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

/*
 * Installs the filter on the calling thread; no_new_privs must be set. Which
 * calls are let through besides depends on the capabilities (mount with
 * SYS_ADMIN, ...) as in docker's profile; packet_sockets lets AF_PACKET
 * sockets be made.
 */
int seccomp_install(uint64_t caps, bool packet_sockets, struct err *e);

#endif
