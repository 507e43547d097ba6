/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userns_lease - which block of ids is whose: see userns.h. Private to userns.c.
 */
#ifndef CT_CORE_USERNS_LEASE_H
#define CT_CORE_USERNS_LEASE_H

#include <stdint.h>

struct err;

/* One of n blocks for the calling process; returns its number. -EUSERS: all are taken. */
int32_t userns_lease(int root_fd, uint32_t n, struct err *e);
void userns_unlease(int root_fd, uint32_t block);

#endif
