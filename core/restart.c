/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/restart.h"

#define FIRST_MS  100
#define MOST_MS	  60000
#define STABLE_MS 10000

bool restart_wanted(enum ct_restart policy, uint32_t max, int status, uint32_t restarts)
{
	if (policy == RESTART_ON_FAILURE)
		return status != 0 && (!max || restarts < max);
	return policy != RESTART_NO;
}

int restart_delay(int *delay, uint64_t ran_ms)
{
	if (!*delay || ran_ms >= STABLE_MS)
		*delay = FIRST_MS;
	else
		*delay = *delay > MOST_MS / 2 ? MOST_MS : *delay * 2;
	return *delay;
}
