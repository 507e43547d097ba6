/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory of a topology: blocks that are freed as a whole, arrays that
 * double in them, and the look-ups by name.
 */
#include "net/topology_build.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/cleanup.h"

#define BLOCK_SIZE (64UL * 1024)

void *topo_alloc(struct topo_build *b, size_t size)
{
	struct topo_data *d = b->t->data;
	struct topo_block *block = d->blocks;
	void *p;

	size = (size + 15) & ~(size_t)15;
	if (!block || size > block->size - block->used) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;

		block = calloc(1, sizeof(*block) + room);
		if (!block) {
			b->oom = true;
			return NULL;
		}
		block->size = room;
		block->next = d->blocks;
		d->blocks = block;
	}
	p = block->bytes + block->used;
	block->used += size;
	return p;
}

const char *topo_keep(struct topo_build *b, const char *s, size_t len)
{
	char *p = topo_alloc(b, len + 1);

	if (p)
		memcpy(p, s, len);
	return p;
}

const char *topo_printf(struct topo_build *b, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(buf))
		n = (int)strnlen(buf, sizeof(buf) - 1);
	return topo_keep(b, buf, (size_t)n);
}

/* Doubles at powers of two; what an array leaves behind is smaller than what it becomes. */
void *topo_grow(struct topo_build *b, void *array, size_t *n, size_t size)
{
	void **v = array;

	if (!(*n & (*n + 1))) {
		void *p = topo_alloc(b, 2 * (*n + 1) * size);

		if (!p)
			return NULL;
		if (*n)
			memcpy(p, *v, *n * size);
		*v = p;
	}
	return (char *)*v + (*n)++ * size;
}

void topo_data_free(struct topo_data *d)
{
	if (!d)
		return;
	for (struct topo_block *block = d->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	for (size_t i = 0; i < TOPO_WHATS; i++)
		free(d->index[i].slots);
	ini_free(&d->ini);
	free(d);
}

int topo_no_memory(struct topo_build *b, struct err *e)
{
	b->oom = true;
	return err_sys(e, ENOMEM, "lab");
}

/* ---- names ---- */

/* FNV-1a; owner tells interfaces of one name apart. */
static uint32_t hash(const char *name, uint32_t owner)
{
	uint32_t h = 2166136261U ^ owner * 2654435761U;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619U;
	return h ^ h >> 15;
}

static const char *name_of(const struct topology *t, enum topo_what what, uint32_t i,
			   uint32_t *ret_owner)
{
	*ret_owner = 0;
	switch (what) {
	case TOPO_NODES:
		return t->nodes[i].name;
	case TOPO_LINKS:
		return t->links[i].name;
	case TOPO_NETS:
		return t->nets[i].name;
	case TOPO_PROFILES:
		return t->profiles[i].name;
	default:
		*ret_owner = t->ifaces[i].node;
		return t->ifaces[i].name;
	}
}

static void place(const struct topology *t, struct topo_index *x, enum topo_what what, uint32_t i)
{
	uint32_t owner;
	const char *name = name_of(t, what, i, &owner);
	size_t at = hash(name, owner) & (x->size - 1);

	while (x->slots[at] != TOPO_NONE)
		at = (at + 1) & (x->size - 1);
	x->slots[at] = i;
}

static int index_double(const struct topology *t, struct topo_index *x, enum topo_what what)
{
	struct topo_index wide = { .size = x->size ? 2 * x->size : 64 };

	wide.slots = malloc(wide.size * sizeof(*wide.slots));
	if (!wide.slots)
		return -ENOMEM;
	memset(wide.slots, 0xff, wide.size * sizeof(*wide.slots));
	for (size_t i = 0; i < x->size; i++)
		if (x->slots[i] != TOPO_NONE)
			place(t, &wide, what, x->slots[i]);
	wide.n = x->n;
	free(x->slots);
	*x = wide;
	return 0;
}

void topo_index_add(struct topo_build *b, enum topo_what what, uint32_t i)
{
	struct topo_index *x = &b->t->data->index[what];

	if (2 * (x->n + 1) > x->size && index_double(b->t, x, what) < 0) {
		b->oom = true;
		return;
	}
	place(b->t, x, what, i);
	x->n++;
}

static uint32_t find(const struct topology *t, enum topo_what what, uint32_t owner,
		     const char *name)
{
	const struct topo_index *x = t->data ? &t->data->index[what] : NULL;

	if (!x || !x->size)
		return TOPO_NONE;
	for (size_t at = hash(name, owner) & (x->size - 1); x->slots[at] != TOPO_NONE;
	     at = (at + 1) & (x->size - 1)) {
		uint32_t has;
		const char *n = name_of(t, what, x->slots[at], &has);

		if (has == owner && !strcmp(n, name))
			return x->slots[at];
	}
	return TOPO_NONE;
}

uint32_t topo_index_find(const struct topology *t, enum topo_what what, const char *name)
{
	return find(t, what, 0, name);
}

uint32_t topology_node(const struct topology *t, const char *name)
{
	return find(t, TOPO_NODES, 0, name);
}

uint32_t topology_link(const struct topology *t, const char *name)
{
	return find(t, TOPO_LINKS, 0, name);
}

uint32_t topology_net(const struct topology *t, const char *name)
{
	return find(t, TOPO_NETS, 0, name);
}

uint32_t topology_profile(const struct topology *t, const char *name)
{
	return find(t, TOPO_PROFILES, 0, name);
}

uint32_t topology_iface(const struct topology *t, uint32_t node, const char *ifname)
{
	return find(t, TOPO_IFACES, node, ifname);
}
