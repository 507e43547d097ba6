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
 * A procfs of our own to write them through, which nobody else can see or mount over;
 * in the container's pid namespace, with SYS_ADMIN and its root not entered yet. -1
 * when there is nothing to write.
 */
int sysctls_open(const struct ct_spec *spec, int *ret_proc, struct err *e);
/*
 * In the container's namespaces, when its links are there. -EPERM for a setting whose
 * namespace is not the container's own.
 */
int sysctls_apply(const struct ct_spec *spec, int proc, struct err *e);

#endif
