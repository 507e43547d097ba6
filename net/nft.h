/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft - nftables transactions, any table: a sticky batch of messages built
 * with libnftnl, sent as one atomic transaction that carries the generation it
 * was made for; and the dumps that read a table back.
 *
 * nft_<object>_<verb> collects into a batch, whose first failure is kept and
 * refused by nft_commit, so no check stands behind each call. Rules are built
 * with the words of net/nft_expr.h. Which chains and sets ctnet has is not
 * known here: see net/ruleset.h.
 */
#ifndef CT_NET_NFT_H
#define CT_NET_NFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/nl.h"

struct err;
struct nft_batch;

struct nft_batch *nft_batch_new(void); /* NULL: no memory; accepted by all below */
void nft_batch_free(struct nft_batch *b); /* accepts NULL */
static inline void cleanup_nft_batch(struct nft_batch **b)
{
	nft_batch_free(*b);
}
#define _cleanup_nft_batch_ __attribute__((cleanup(cleanup_nft_batch)))

/* What broke the batch: 0, -ENOMEM, -EMSGSIZE; nft_commit reports it too. */
int nft_batch_error(const struct nft_batch *b);
/* Every message of the batch, in order; stops at and returns the first nonzero of fn. */
int nft_batch_walk(const struct nft_batch *b, nl_reply_fn *fn, void *ctx);

/* The current generation of the namespace's ruleset. */
int nft_generation(struct nl *nl, uint32_t *ret, struct err *e);

/* Sends the transaction. genid 0: whatever generation; else -ERESTART when the
 * ruleset changed since (the caller reads again and retries). */
int nft_commit(struct nl *nl, struct nft_batch *b, uint32_t genid, struct err *e);

/* Where the objects are: family NFPROTO_INET or NFPROTO_BRIDGE, and a table. */
struct nft_where {
	uint8_t family;
	const char *table;
};

void nft_table_add(struct nft_batch *b, const struct nft_where *w);
void nft_table_del(struct nft_batch *b, const struct nft_where *w);

/* hook < 0: a regular chain. type "filter", "nat"; prio as nft(8). policy accept. */
struct nft_chain_spec {
	const char *name, *type;
	int hook, prio;
};
void nft_chain_add(struct nft_batch *b, const struct nft_where *w, const struct nft_chain_spec *c);
void nft_chain_flush(struct nft_batch *b, const struct nft_where *w, const char *chain);
void nft_chain_del(struct nft_batch *b, const struct nft_where *w, const char *chain);

/*
 * Types of set keys and data, as nft's datatype numbers; a concatenation packs
 * them 6 bits each (NFT_CONCAT2), every field padded to 4 bytes.
 */
enum nft_type {
	NFT_TYPE_VERDICT = 1,
	NFT_TYPE_INTEGER = 4,
	NFT_TYPE_IPADDR = 7,
	NFT_TYPE_IP6ADDR = 8,
	NFT_TYPE_ETHERADDR = 9,
	NFT_TYPE_INET_PROTO = 12,
	NFT_TYPE_INET_SERVICE = 13,
	NFT_TYPE_IFNAME = 41,
};
#define NFT_CONCAT2(a, b)    ((uint32_t)(a) << 6 | (b))
#define NFT_CONCAT3(a, b, c) (NFT_CONCAT2(a, b) << 6 | (c))

struct nft_set_spec {
	const char *name;
	uint32_t key_type, data_type; /* data_type 0: a set */
	uint32_t key_len, data_len; /* bytes; of a verdict: 0 */
	bool interval;
	uint8_t fields[2]; /* lengths of what an interval's key is a concatenation of */
	bool nd_target; /* ifname . integer, which nft knows as `typeof iifname . @th,64,128` */
};
void nft_set_add(struct nft_batch *b, const struct nft_where *w, const struct nft_set_spec *s);
void nft_set_flush(struct nft_batch *b, const struct nft_where *w, const char *set);
void nft_set_del(struct nft_batch *b, const struct nft_where *w, const char *set);

/* One element; in an interval set it reaches to the key before key_end, or to
 * the end of the space when has_end is false. Where the key is a concatenation
 * key_end is the last key itself. */
struct nft_elem {
	uint8_t key[32], key_end[32], data[32]; /* lengths are the set's */
	bool has_end;
	int verdict; /* NF_DROP, NF_ACCEPT, NFT_JUMP ...; data_type verdict only */
	const char *chain; /* of a verdict NFT_JUMP, NFT_GOTO */
	char comment[72]; /* the owner; may be empty */
};
/* Adding what is there changes nothing; deleting what is not is -ENOENT at the commit. */
void nft_elems_add(struct nft_batch *b, const struct nft_where *w, const struct nft_set_spec *s,
		   const struct nft_elem *elems, size_t n);
void nft_elems_del(struct nft_batch *b, const struct nft_where *w, const struct nft_set_spec *s,
		   const struct nft_elem *elems, size_t n);

/* Reads one family's objects; see net/nft_dump.c. */
struct nft_dump {
	uint16_t type; /* NFT_MSG_GETCHAIN, GETRULE, GETSET, GETSETELEM */
	const char *object; /* chain of GETRULE (or NULL: all), set of GETSETELEM */
	nl_reply_fn *fn; /* gets each message of the table, once the dump is whole */
	void *ctx;
};
int nft_dump(struct nl *nl, const struct nft_where *w, const struct nft_dump *d, struct err *e);
/* Users (chains, sets, ...) and flags of the table; -ENOENT. Either may be NULL. */
int nft_table_get(struct nl *nl, const struct nft_where *w, uint32_t *ret_use, uint32_t *ret_flags,
		  struct err *e);

#endif
