/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fabric_parts - parts of the kernel that labs use, looked for where nothing is: in
 * a scratch network namespace. For fabric_need.c only.
 */
#ifndef CT_NET_FABRIC_PARTS_H
#define CT_NET_FABRIC_PARTS_H

#include <stdbool.h>

struct err;

#define PART_NETEM  (1U << 0)
#define PART_TBF    (1U << 1)
#define PART_LOSS   (1U << 2) /* a filter that loses packets */
#define PART_WIRE   (1U << 3) /* clsact, redirect */
#define PART_IFB    (1U << 4)
#define PART_BRIDGE (1U << 5)
#define PART_VETH   (1U << 6)
#define PART_NAT    (1U << 7) /* of nftables */
#define PART_COUNT  8

/* Which of them are there; modules are loaded if need be. */
int parts_ask(unsigned parts, unsigned *ret_has, struct err *e);
/* What lacks, and what would provide it; of one part. */
const char *parts_cure(unsigned part);

/* The parts of which one is enough for a word of `needs`; false: it is none of ours. */
bool parts_of_word(const char *word, unsigned *ret);
/* Other words: kinds of link, protocols, "bin:NAME". */
bool parts_other(const char *word, const char **ret_why);

#endif
