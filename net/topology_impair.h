/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_impair - what a wire of a lab does to packets, one value for each
 * direction: set from the words of a lab file, laid over each other, written.
 */
#ifndef CT_NET_TOPOLOGY_IMPAIR_H
#define CT_NET_TOPOLOGY_IMPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;

/* Where it stands in the file; for what was generated, where its generator does. */
struct topo_pos {
	unsigned line, col;
};

enum topo_param {
	TOPO_RATE, /* bit/s */
	TOPO_DELAY, /* ns, one way */
	TOPO_JITTER, /* ns */
	TOPO_LOSS, /* shares: billionths, 1000000000 is 100 % */
	TOPO_DUP,
	TOPO_REORDER,
	TOPO_CORRUPT,
	TOPO_QUEUE, /* see queue_unit */
	TOPO_PARAMS,
};
#define TOPO_SHARE_ALL 1000000000U

enum topo_queue_unit { TOPO_QUEUE_PACKETS, TOPO_QUEUE_BYTES, TOPO_QUEUE_NS };

struct topo_impair {
	unsigned has; /* 1 << enum topo_param: was given, 0 included */
	uint64_t v[TOPO_PARAMS];
	enum topo_queue_unit queue_unit;
	struct topo_pos at;
};

enum topo_dir { TOPO_AB, TOPO_BA, TOPO_DIRS };

/*
 * "rate", "delay.ab" ...: sets one or both directions. -ENOENT, without a
 * message, when key is none of them; -EINVAL.
 */
int impair_set(struct topo_impair dirs[TOPO_DIRS], const char *key, const char *value,
	       struct err *e);
/*
 * What has values in over replaces those of under. A delay that is taken away takes along
 * what only it carries, jitter and reorder, or each would have to be named with it.
 */
void impair_lay(struct topo_impair *under, const struct topo_impair *over);
/* What no queueing discipline could do: jitter without delay ... -EINVAL. */
int impair_check(const struct topo_impair *i, struct err *e);
/* Whether anything is to be done to packets: something is there that is not zero. */
bool impair_any(const struct topo_impair *i);
bool impair_same(const struct topo_impair *a, const struct topo_impair *b);

/* The name of a parameter, NULL past the end; its value as a lab file has it. */
const char *impair_name(enum topo_param p);
#define IMPAIR_STRLEN 32
const char *impair_value(const struct topo_impair *i, enum topo_param p, char buf[IMPAIR_STRLEN]);
/* "delay 10ms loss 0.5%"; the whole of one direction. */
void impair_write(FILE *f, const struct topo_impair *i);

/* ---- values with units, for those who print or read them ---- */

int topo_parse_share(const char *s, uint32_t *ret, struct err *e); /* "0.5%", 0 */
const char *topo_share_str(uint64_t share, char buf[IMPAIR_STRLEN]);
const char *topo_rate_str(uint64_t bps, char buf[IMPAIR_STRLEN]);
const char *topo_time_str(uint64_t ns, char buf[IMPAIR_STRLEN]);
const char *topo_size_str(uint64_t bytes, char buf[IMPAIR_STRLEN]);

#endif
