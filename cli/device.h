/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device - the --device and --device-cgroup-rule options.
 */
#ifndef CT_CLI_DEVICE_H
#define CT_CLI_DEVICE_H

struct ct_device_rule;
struct ct_spec;
struct err;
struct strv;

/*
 * SRC[:DST][:rwm]: a device of the host, or a directory with all devices in it.
 * What it is, is looked at now. Added to the spec; strings are kept in owned.
 */
int device_add(struct ct_spec *spec, struct strv *owned, const char *word, struct err *e);
/* "TYPE MAJOR:MINOR ACCESS" as in the kernel's devices.allow: "c 10:* rw", "a". */
int device_rule_add(struct ct_spec *spec, const char *word, struct err *e);

#endif
