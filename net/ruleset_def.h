/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset_def - what table inet ctnet consists of: its chains, sets and rules
 * as tables, and which elements a network has in each set. For net/ruleset.c,
 * which brings them into the kernel, and net/ruleset_digest.c, which compares.
 */
#ifndef CT_NET_RULESET_DEF_H
#define CT_NET_RULESET_DEF_H

#include <stdbool.h>
#include <stddef.h>

#include "net/nft.h"

struct ruleset_net;

enum { RULESET_CHAINS = 4, RULESET_SETS = 6 };

extern const struct nft_where ruleset_where;
extern const struct nft_chain_spec ruleset_user; /* the administrator's */
extern const struct nft_chain_spec ruleset_chains[RULESET_CHAINS]; /* ours */
extern const struct nft_set_spec ruleset_sets[RULESET_SETS];

/* Index by name, -1 when it is none of ours. */
int ruleset_find_chain(const char *name);
int ruleset_find_set(const char *name);

/* Table, chains and sets, where missing. */
void ruleset_put_frame(struct nft_batch *b);
/* Every rule, into chains that are empty or flushed before. */
void ruleset_put_rules(struct nft_batch *b, unsigned refuse);
/* The elements of these networks in one of the sets. */
void ruleset_put_elems(struct nft_batch *b, unsigned set, const struct ruleset_net *nets, size_t n);
/* Takes away every element the network may have, whatever its options are and
 * whether or not they are there. */
void ruleset_drop_elems(struct nft_batch *b, const struct ruleset_net *net);

#endif
