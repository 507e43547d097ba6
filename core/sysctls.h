/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctls - settings of the kernel that belong to one namespace, for a container
 * whose namespace it is.
 */
#ifndef CT_CORE_SYSCTLS_H
#define CT_CORE_SYSCTLS_H

struct ct_spec;
struct err;
struct strv;

/*
 * "net.ipv4.ip_forward=1" or "net/ipv4/ip_forward=1", split at the first '='. The name
 * must be of a namespaced setting, the value one line (CVE-2022-0811). Adds
 * "net/ipv4/ip_forward=1" to *ret. -EINVAL, -EPERM for one of the host's.
 */
int sysctls_parse(const char *word, struct strv *ret, struct err *e);
/*
 * In the container's namespaces, with SYS_ADMIN and its root not entered yet: writes
 * all of spec's through a procfs of our own, which nobody else can see or mount over.
 * -EPERM for one whose namespace is not the container's own.
 */
int sysctls_apply(const struct ct_spec *spec, struct err *e);

#endif
