/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount_opts - the options of a mount, whichever way it is written: behind
 * --volume and --tmpfs, or as keys of --mount. And what all mounts of a
 * container must be together.
 */
#ifndef CT_CLI_MOUNT_OPTS_H
#define CT_CLI_MOUNT_OPTS_H

#include <stdbool.h>

struct ct_mount;
struct ct_spec;
struct err;
struct strv;

/*
 * One word, NAME or NAME=VALUE. m->fstype must be set: options are of binds, of a
 * tmpfs, or of both. -EINVAL with a suggestion. Texts are kept in owned.
 */
int mount_opt_set(struct ct_mount *m, const char *word, struct strv *owned, struct err *e);
/* Several, with commas between. */
int mount_opts_set(struct ct_mount *m, const char *list, struct strv *owned, struct err *e);

/* Adds it; the place in the container must be absolute, below /, and not have one yet. */
int mount_push(struct ct_spec *spec, const struct ct_mount *m, struct err *e);
/* A path of the caller's made absolute; NULL without memory. Kept in owned. */
const char *mount_source(const char *path, struct strv *owned);
/* Those above before those below, whichever way they were given; else the order stays. */
void mounts_sort(struct ct_spec *spec);

#endif
