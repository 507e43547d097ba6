/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart - whether a container that has ended is started again, and when.
 */
#ifndef CT_CORE_RESTART_H
#define CT_CORE_RESTART_H

#include <stdbool.h>
#include <stdint.h>

#include "core/spec.h"

/* status: of the end. restarts: how many there were. */
bool restart_wanted(enum ct_restart policy, uint32_t max, int status, uint32_t restarts);
/*
 * Milliseconds to wait: 100, doubled each time up to a minute, and 100 again after
 * a start that lasted ten seconds. *delay: the last one, 0 at first.
 */
int restart_delay(int *delay, uint64_t ran_ms);

#endif
