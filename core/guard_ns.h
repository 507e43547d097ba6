/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guard_ns - the namespaces a guard lives in. Most are made with it; those of
 * others are joined by it, and a user namespace, to which all that are new shall
 * belong, comes between: what is the host's can be joined only before.
 *
 *	guard -> runner		"I am in the user namespace", or the error
 *	runner -> guard		the trees (core/trees.h), once the ids are mapped
 *
 * In its user namespace the guard stays the host's uid 0, which has no name there:
 * the owner of cgroup.procs, and so a process that may bear another into the
 * container's group, which nothing inside may. What it builds belongs to the
 * container's root, by the file system ids (setfsuid(2)).
 */
#ifndef CT_CORE_GUARD_NS_H
#define CT_CORE_GUARD_NS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/trees.h"

struct ct_spec;
struct err;

/* What a guard is born with: CLONE_NEW*. */
uint64_t guard_ns_birth(const struct ct_spec *spec);
/* Whether guard_ns_settle() has anything to do. */
bool guard_ns_special(const struct ct_spec *spec);
/*
 * In the guard: joins and makes the others. Where spec has a user namespace the
 * error has been told on the line, 1 is returned and *e is as it was.
 */
int guard_ns_settle(int line, const struct ct_spec *spec, struct trees *ret, struct err *e);
/* There, with everything built: whose the first process is born as. */
int guard_ns_bear(const struct ct_spec *spec, struct err *e);
/* In that process: the container's root, for good. */
int guard_ns_born(const struct ct_spec *spec, struct err *e);

/* It dies with its parent, and nobody may look into it. Both are lost with a change of ids. */
void guard_ns_hold(const struct ct_spec *spec);

#endif
