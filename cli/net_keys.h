/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net_keys - what can be said of one attachment: the keys of
 * `--net NET:KEY=VALUE,...` and the options of `ctnet connect`, which are the
 * same words with the same setters.
 */
#ifndef CT_CLI_NET_KEYS_H
#define CT_CLI_NET_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/inet.h"
#include "core/base/str.h"

struct err;
struct net_attach;

/* Who decides whether an interface has the default route. */
enum net_route { ROUTE_AUTO, ROUTE_YES, ROUTE_NO };

/* One attachment as the user wants it. */
struct run_net {
	char *network; /* owned */
	char *ifname; /* owned; NULL: the next free one of eth0, eth1, ... */
	struct ip_addr ip, ip6;
	struct mac_addr mac;
	struct strv aliases;
	uint32_t metric; /* 0: the kernel's default */
	uint64_t rate_in, rate_out; /* bits per second; 0: no limit */
	enum net_route route;
};

void run_net_free(struct run_net *n); /* accepts { 0 } and freed ones */

/* Setters for rows of options; n is the struct run_net. */
int net_key_ip(void *n, const char *value, struct err *e);
int net_key_ip6(void *n, const char *value, struct err *e);
int net_key_mac(void *n, const char *value, struct err *e);
int net_key_ifname(void *n, const char *value, struct err *e);
int net_key_alias(void *n, const char *value, struct err *e);
int net_key_metric(void *n, const char *value, struct err *e);
int net_key_rate_in(void *n, const char *value, struct err *e);
int net_key_rate_out(void *n, const char *value, struct err *e);
int net_key_default_route(void *n, const char *value, struct err *e); /* NULL: yes */

/*
 * Applies words as "ip=10.88.0.9" and "default-route"; one that is said twice,
 * but for alias, is refused.
 */
int net_keys_apply(struct run_net *n, const struct strv *words, struct err *e);

/* The part of an attachment that follows from the words; it borrows from n. */
void net_keys_fill(const struct run_net *n, struct net_attach *a);

#endif
