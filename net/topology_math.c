/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/topology_math.h"

#include <stdint.h>
#include <string.h>

/*
 * Newton's iteration. Half the exponent, from the bits of IEEE 754, is within some
 * percent; each step doubles the digits that are right.
 */
double topo_sqrt(double x)
{
	uint64_t bits;
	double r;

	if (x <= 0)
		return 0;
	memcpy(&bits, &x, sizeof(bits));
	bits = (bits >> 1) + (1023ULL << 51);
	memcpy(&r, &bits, sizeof(r));
	for (int i = 0; i < 4; i++)
		r = (r + x / r) / 2;
	return r;
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
