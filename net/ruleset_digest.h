/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ruleset_digest - a fingerprint of each chain and set of ours, the same for
 * the messages we would send and for those the kernel answers with, so that
 * "is it all there" is one comparison.
 */
#ifndef CT_NET_RULESET_DIGEST_H
#define CT_NET_RULESET_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "net/nft.h"
#include "net/ruleset_def.h"

struct err;

struct ruleset_digest {
	uint64_t chain[RULESET_CHAINS]; /* of the rules, in order */
	uint64_t set[RULESET_SETS]; /* of the elements, in any order */
	bool asleep[RULESET_TABLES]; /* the table is dormant or not there */
	bool guard; /* wanted: the bridge table must be there */
};

/* Of what a batch would make, starting from nothing. */
int ruleset_digest_batch(const struct nft_batch *b, struct ruleset_digest *ret);
/* Of what the kernel holds. */
int ruleset_digest_kernel(struct nl *nft, struct ruleset_digest *ret, struct err *e);
/* Rules of a guard that is not wanted do no harm while they find no element. */
bool ruleset_digest_match(const struct ruleset_digest *want, const struct ruleset_digest *have);

#endif
