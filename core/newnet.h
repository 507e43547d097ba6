/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newnet - making a network namespace: half a millisecond of the kernel's time,
 * which the runner spends while the guard builds the root file system.
 */
#ifndef CT_CORE_NEWNET_H
#define CT_CORE_NEWNET_H

struct err;

/*
 * Makes one, lo up, and comes back to the caller's own; returns a descriptor.
 * The caller must have a single thread, and end when this fails: it may be in
 * either.
 */
int newnet_make(struct err *e);

#endif
