/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_filter - `--filter KEY=VALUE` of ctnet ls and prune. Several of one key
 * are alternatives, but for labels, all of which must be there; different keys
 * must all fit.
 */
#ifndef CT_CLI_NET_FILTER_H
#define CT_CLI_NET_FILTER_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct network;
struct strv;

/* Setter for a row of options: a struct strv; the word is checked. */
int net_filter_add(void *strv, const char *word, struct err *e);
/* n_containers: those that are on the network. */
bool net_filter_match(const struct strv *filters, const struct network *n, size_t n_containers);

#endif
