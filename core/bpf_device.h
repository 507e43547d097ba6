/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpf_device - rules for devices as a program that the kernel asks at each open
 * and mknod of a device by a process of a v2 group.
 */
#ifndef CT_CORE_BPF_DEVICE_H
#define CT_CORE_BPF_DEVICE_H

#include <stddef.h>

struct bpf_insn;
struct ct_device_rule;
struct err;

/*
 * The program: what no rule names is allowed, else the last rule that names the
 * device and the kind of access decides. *ret is owned; its length, or -ENOMEM.
 */
int bpf_device_assemble(const struct ct_device_rule *rules, size_t n, struct bpf_insn **ret);
/*
 * Attaches it to the group whose directory is given; it goes with the group, and
 * counts beside those of groups above. -ENOTSUP: the kernel has no such programs.
 */
int bpf_device_attach(int group_fd, const struct ct_device_rule *rules, size_t n, struct err *e);

#endif
