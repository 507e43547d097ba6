/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset_def - what our tables consist of: their chains, sets and rules as
 * tables, and which elements a network, an attachment and a published port
 * have in each set. For net/ruleset.c, which brings them into the kernel, and
 * net/ruleset_digest.c, which compares.
 */
#ifndef CT_NET_RULESET_DEF_H
#define CT_NET_RULESET_DEF_H

#include <stdbool.h>
#include <stddef.h>

#include "net/nft.h"

struct ruleset_spec;

enum ruleset_table { RULESET_INET, RULESET_BRIDGE, RULESET_TABLES };
extern const struct nft_where ruleset_where[RULESET_TABLES];

extern const struct nft_chain_spec ruleset_user; /* the administrator's, in RULESET_INET */

enum { RULESET_CHAINS = 16 };
struct ruleset_chain {
	enum ruleset_table table;
	struct nft_chain_spec spec;
};
extern const struct ruleset_chain ruleset_chains[RULESET_CHAINS]; /* ours */

enum ruleset_set_id {
	RULESET_ICC,
	RULESET_NO_ICC,
	RULESET_ROUTED,
	RULESET_OPEN,
	RULESET_HOST,
	RULESET_MASQ4,
	RULESET_MASQ6,
	RULESET_OWN4,
	RULESET_OWN6,
	RULESET_PTP,
	RULESET_ICC4,
	RULESET_ICC6,
	RULESET_NO_ICC4,
	RULESET_NO_ICC6,
	RULESET_LINK4,
	RULESET_LINK6,
	RULESET_UNGUARDED,
	RULESET_P4ANY,
	RULESET_P4IP,
	RULESET_P4RNG,
	RULESET_P6ANY,
	RULESET_P6IP,
	RULESET_P6RNG,
	RULESET_PORT_MAC,
	RULESET_PORT_IP4,
	RULESET_PORT_IP6,
	RULESET_PORT_ND6,
	RULESET_SETS
};
enum { RULESET_MAC_LEN = 8 }; /* of a MAC in a key, padded */
struct ruleset_set {
	enum ruleset_table table;
	enum { OF_NET = 1, OF_LINK = 2, OF_PORT = 4 } of; /* what has elements in it */
	struct nft_set_spec spec;
};
extern const struct ruleset_set ruleset_sets[RULESET_SETS];

/* Index by name, -1 when it is none of ours. */
int ruleset_find_chain(enum ruleset_table table, const char *name);
int ruleset_find_set(enum ruleset_table table, const char *name);

/* Tables, chains and sets, where missing; the bridge table only with guard. */
void ruleset_put_frame(struct nft_batch *b, bool guard);
/* net/ruleset_rule.c: every rule, into chains that are empty or flushed before. */
void ruleset_put_rules(struct nft_batch *b, bool guard, unsigned refuse);

/* net/ruleset_elem.c: the elements of all that the spec names in one of the sets. */
void ruleset_put_elems(struct nft_batch *b, unsigned set, const struct ruleset_spec *s);
void ruleset_del_elems(struct nft_batch *b, unsigned set, const struct ruleset_spec *s);
/* Takes away every element its networks may have, whatever their options are and
 * whether or not they are there. */
void ruleset_drop_net_elems(struct nft_batch *b, const struct ruleset_spec *s);

#endif
