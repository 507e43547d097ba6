/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_spot - room on a picture: what is taken already, and which of several spots
 * for a label hides least.
 */
#ifndef CT_NET_TOPOLOGY_SPOT_H
#define CT_NET_TOPOLOGY_SPOT_H

#include <stddef.h>

/* A rectangle by its middle; a line. */
struct spot {
	double x, y, w, h;
};
struct spot_line {
	double ax, ay, bx, by;
};

struct spots {
	struct spot *taken;
	struct spot_line *lines;
	size_t n_taken, n_lines, room_taken, room_lines;
};

/* Without memory the picture is only less tidy. */
void spot_take(struct spots *s, const struct spot *at);
void spot_line(struct spots *s, const struct spot_line *at);
/* The best of n, earlier ones preferred; it is taken then. */
const struct spot *spot_best(struct spots *s, const struct spot *of, size_t n);
void spots_free(struct spots *s);

#endif
