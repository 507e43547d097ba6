/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/topology_math.h"

/* Newton's iteration, from above, until it no longer falls. */
double topo_sqrt(double x)
{
	double r = x > 1 ? x : 1;

	if (x <= 0)
		return 0;
	for (;;) {
		double next = (r + x / r) / 2;

		if (next >= r)
			return r;
		r = next;
	}
}

/* Brought into [-pi/2, pi/2], where ten terms of the series are exact. */
double topo_sin(double x)
{
	double term, sum;

	while (x > TOPO_PI)
		x -= 2 * TOPO_PI;
	while (x < -TOPO_PI)
		x += 2 * TOPO_PI;
	if (x > TOPO_PI / 2)
		x = TOPO_PI - x;
	if (x < -TOPO_PI / 2)
		x = -TOPO_PI - x;
	term = sum = x;
	for (int i = 1; i <= 10; i++) {
		term *= -x * x / ((2 * i) * (2 * i + 1));
		sum += term;
	}
	return sum;
}

double topo_cos(double x)
{
	return topo_sin(x + TOPO_PI / 2);
}

/* Halves the interval in which the sine is x: one bit a step. */
double topo_asin(double x)
{
	double low = 0, high = TOPO_PI / 2;

	for (int i = 0; i < 60; i++) {
		double mid = (low + high) / 2;

		if (topo_sin(mid) < x)
			low = mid;
		else
			high = mid;
	}
	return low;
}
