/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newnet - making a network namespace: half a millisecond of the kernel's time.
 * Runner and guard have about as much to do, but for a container that joins
 * networks, where the runner makes links: then the guard makes the namespace.
 */
#ifndef CT_CORE_NEWNET_H
#define CT_CORE_NEWNET_H

struct err;

/* Moves the caller into a new one; lo is down: whoever attaches networks sets it up. */
int newnet_enter(struct err *e);
/*
 * Makes one and comes back to the caller's own; returns a descriptor.
 * The caller must have a single thread, and end when this fails: it may be in
 * either.
 */
int newnet_make(struct err *e);

#endif
