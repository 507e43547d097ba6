/* SPDX-License-Identifier: GPL-2.0-or-later */
/* route_text - routes and neighbours as `ip -o` prints them. */
#ifndef CT_NET_ROUTE_TEXT_H
#define CT_NET_ROUTE_TEXT_H

#include <stdbool.h>

#include "core/base/inet.h"
#include "net/nl.h"

struct route_text_query {
	uint8_t family;
	struct ip_prefix dst; /* with exact and length 0: default */
	bool exact; /* the route of that prefix in the main table, else as a packet would find it */
};
/*
 * ip -o route show exact DST; ip -o route get DST, without its second line. Several: one
 * a line. 1: *ret is allocated; 0: there is none, and *ret is "".
 */
int route_text(struct nl *nl, const struct route_text_query *q, char **ret, struct err *e);
/* ip neigh show ADDR */
int neigh_text(struct nl *nl, const struct ip_addr *a, char **ret, struct err *e);

#endif
