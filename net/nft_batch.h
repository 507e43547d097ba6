/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_batch - the inside of a batch, for the files that add messages to it:
 * nft.c, nft_set.c, nft_expr.c. libnftnl writes through a pointer and knows no
 * end, so a message is begun with room for the largest one it can build.
 */
#ifndef CT_NET_NFT_BATCH_H
#define CT_NET_NFT_BATCH_H

#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct nft_batch;

/*
 * Begins a message (an NFT_MSG_ number) and returns its header, or NULL when
 * the batch is NULL or broken. label names it in errors and trace.
 */
struct nlmsghdr *nft_msg_begin(struct nft_batch *b, uint16_t type, uint8_t family, uint16_t flags,
			       const char *label, ...) __attribute__((format(printf, 5, 6)));
/* The message is complete. */
void nft_msg_end(struct nft_batch *b, const struct nlmsghdr *msg);

/* Keeps the first error; accepts NULL. */
void nft_batch_fail(struct nft_batch *b, int r);

#endif
