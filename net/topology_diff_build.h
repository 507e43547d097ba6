/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * topology_diff_build - what the parts of topology_diff share: the changes found so
 * far, and items: what a node or the lab says, as keys with values that are
 * compared by sorting and merging. Nobody else includes it.
 */
#ifndef CT_NET_TOPOLOGY_DIFF_BUILD_H
#define CT_NET_TOPOLOGY_DIFF_BUILD_H

#include "net/topology_diff.h"

struct topo_differ {
	const struct topology *o, *n;
	const struct topo_standing *s;
	uint32_t *new_of; /* by old node: the same in n; TOPO_NONE: it goes */
	uint32_t *old_of; /* by new node; TOPO_NONE: it comes */
	bool *anew; /* by new node: it is replaced */
	uint32_t *iface_old; /* by new iface: the same in o, on the same wire; TOPO_NONE */
	bool *iface_stays; /* by old iface */
	struct topo_change *v;
	size_t n_v;
	bool oom;
};

void topo_differ_add(struct topo_differ *d, struct topo_change c, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Whether the old object is as it is described; v: a member of d->s. */
enum topo_stands topo_stands(const uint8_t *v, uint32_t i);

/* ---- items ---- */

struct topo_item {
	enum topo_change_what what;
	uint32_t num, at; /* at: in which order they were put */
	char *key, *value; /* value NULL: the key says all */
};
struct topo_items {
	struct topo_item *v;
	size_t n;
	bool oom;
};
/* Take key and value; NULL is memory that lacked. A key put again replaces. */
void topo_items_put(struct topo_items *x, enum topo_change_what what, uint32_t num, char *key,
		    char *value);
void topo_items_put_key(struct topo_items *x, enum topo_change_what what, char *key);
void topo_items_free(struct topo_items *x);

/*
 * Calls fn for every key that is on one side only or has another value there; text:
 * "key old -> new", "key added", "key gone". o or n NULL: not on that side.
 */
typedef void topo_item_fn(void *ctx, const struct topo_item *o, const struct topo_item *n,
			  const char *text);
int topo_items_compare(struct topo_items *o, struct topo_items *n, topo_item_fn *fn, void *ctx);

/* ---- the parts, in this order ---- */

void topo_diff_nodes(struct topo_differ *d); /* which stay, go, come, are replaced */
void topo_diff_wires(struct topo_differ *d); /* links, members, nets, bridges */
void topo_diff_settings(struct topo_differ *d); /* of nodes that stay as they are */
void topo_diff_file(struct topo_differ *d); /* names; tests, scenarios, what counts later */

#endif
