/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_math - the four functions of libm that pictures and distances need.
 * libm itself would be one more shared object to load at each start of a
 * program that otherwise computes with integers (its static archive does not
 * go into a position-independent program).
 */
#ifndef CT_NET_TOPOLOGY_MATH_H
#define CT_NET_TOPOLOGY_MATH_H

double topo_sqrt(double x); /* x >= 0 */
double topo_sin(double x); /* |x| up to some turns */
double topo_cos(double x);
double topo_asin(double x); /* 0 to 1 */

#define TOPO_PI 3.14159265358979323846

#endif
