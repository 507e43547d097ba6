/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * persist - namespaces that outlive their processes: bound over files of the
 * user's, as unshare(1) and ip-netns(8) do. They are the user's from then on:
 * umount(8) ends them.
 */
#ifndef CT_CORE_PERSIST_H
#define CT_CORE_PERSIST_H

#include <sys/types.h>

struct ct_spec;
struct err;

/* Those of spec, as process pid has them; files that are missing are made. All or none. */
int persist_all(const struct ct_spec *spec, pid_t pid, struct err *e);

#endif
