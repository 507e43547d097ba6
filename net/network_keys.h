/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * network_keys - the keys of a definition file, each with its parser. The
 * options of `ctnet create` are the same words.
 */
#ifndef CT_NET_NETWORK_KEYS_H
#define CT_NET_NETWORK_KEYS_H

#include "net/network.h"

/* A network while it is read: a gateway may stand before its subnet. */
struct network_draft {
	struct network n;
	struct ip_addr gateways[NETWORK_SUBNETS_MAX];
	size_t n_gateways;
};

enum network_key_shape {
	KEY_ONE,
	KEY_LIST, /* items apart by blanks or commas, or KEY.1, KEY.2, ... */
	KEY_WHOLE, /* numbered, and a value may hold blanks */
};

struct network_key {
	const char *name;
	enum network_key_shape shape;
	int (*set)(struct network_draft *d, const char *v, struct err *e);
};

/* "subnet.2" is the key subnet; NULL: unknown. */
const struct network_key *network_key_find(const char *name);

#endif
