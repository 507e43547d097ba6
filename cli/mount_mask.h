/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount_mask - which paths are masked or read-only, where that is not as usual:
 * --mask, --unmask, and the same words behind --security-opt.
 */
#ifndef CT_CLI_MOUNT_MASK_H
#define CT_CLI_MOUNT_MASK_H

struct err;
struct strv;
struct ct_spec;

/* PATH[:PATH..], absolute, added to list; of unmask also ALL and patterns as of fnmatch(3). */
int mount_mask_parse(struct strv *list, const char *word, struct err *e);
/*
 * Fills spec's lists when anything was said: the usual ones (none when privileged)
 * without those that unmask names, and with those that mask names.
 */
int mount_mask_apply(struct ct_spec *spec, const struct strv *mask, const struct strv *unmask,
		     struct err *e);

#endif
