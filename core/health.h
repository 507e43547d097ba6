/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health - a command run in a container every now and then that tells whether it
 * is well: status 0. "starting" until the first success; "unhealthy" after so many
 * failures in a row, those of the start period not counted.
 */
#ifndef CT_CORE_HEALTH_H
#define CT_CORE_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

struct ct_health;
struct ct_info;

struct health {
	const struct ct_health *spec;
	int root_fd;
	struct ct_info *info; /* info->health is the result */
	/* private */
	int probe; /* pidfd of the command's runner, -1: none runs */
	uint64_t started, next, give_up; /* CLOCK_MONOTONIC, nanoseconds */
	uint32_t failures;
};

/*
 * The container has started, and its record says "starting"; without a command
 * nothing is ever looked at.
 */
void health_start(struct health *h);
/* A descriptor to poll for reading, -1: none; *timeout (milliseconds, -1: for ever) is lowered. */
int health_wait_for(const struct health *h, int *timeout);
/* After each turn. True: the result is another than before. */
bool health_turn(struct health *h);
/* The container has ended: no result any more. */
void health_stop(struct health *h);

#endif
